import Files
import Kernels

/// How a set of nodes, and of the graph what a two-layer network's output at them depends on, lies in
/// an episode's memory.
///
/// First some numbers about it (`NodeForm.headCount`), then sparse matrices. The network's first layer
/// is computed for the **seen** rows: the nodes and their neighbours. Where the features of neighbours
/// are asked for, the second layer is computed for those rows (**near**), and the first for their
/// neighbours as well. Where each node has a graph of its own, rows are those of all these graphs, one after
/// the other, and a node's output is the mean over its rows. Rows, and so shapes, are those of a bucket; how
/// much room there is does not depend on it.
package struct NodeForm: Sendable, Hashable {
  /// Nodes of the set.
  package let examples: Int
  /// Â from the nodes to the near rows, or to the seen ones where no others are near.
  package let near: SparseForm
  /// Which of the near rows the nodes are, or whose mean, and Â from near to seen rows; nil where the nodes
  /// alone have features.
  package let chosen: SparseForm?
  package let far: SparseForm?
  /// Â X at the seen rows.
  package let features: SparseForm
  /// X at the nodes; nil where nobody asks for it.
  package let own: SparseForm?

  /// What the forms must have room for.
  package struct Room: Sendable, Hashable {
    package var seen = 1
    package var near = 1
    package var nearEntries = 1
    package var farEntries = 1
    package var featureEntries = 1
    package var chosenEntries = 1
    package var ownEntries = 1

    package init() {}

    /// Why that is more than can be addressed, or nil; `count` are the nodes.
    package func obstacle(_ count: Int) -> String? {
      let most = [nearEntries, farEntries, featureEntries, chosenEntries, ownEntries].max() ?? 0
      // A set may get a cache line more.
      let limit = SparseForm.limit - 2 * cacheLineFloats
      guard most >= limit else { return nil }
      return
        "what \(plural(count, "node")) of an episode see may take \(grouped(most)) numbers, and there is "
        + "room for \(grouped(limit)); use a smaller --way, --shot or --query, or a graph with smaller "
        + "neighbourhoods"
    }

    package static func max(_ a: Self, _ b: Self) -> Self {
      var most = a
      most.seen = Swift.max(a.seen, b.seen)
      most.near = Swift.max(a.near, b.near)
      most.nearEntries = Swift.max(a.nearEntries, b.nearEntries)
      most.farEntries = Swift.max(a.farEntries, b.farEntries)
      most.featureEntries = Swift.max(a.featureEntries, b.featureEntries)
      most.chosenEntries = Swift.max(a.chosenEntries, b.chosenEntries)
      most.ownEntries = Swift.max(a.ownEntries, b.ownEntries)
      return most
    }
  }

  /// `seen` are the rows of the bucket, of which there may be fewer than there is room for; `near` the
  /// same of the near rows, nil where the nodes alone have features.
  ///
  /// Features are dense where every number of theirs is stored.
  package init(
    examples: Int,
    room: Room,
    seen: Int,
    near: Int?,
    hasOwn: Bool = false,
    featureCount: Int,
    isDense: Bool = false
  ) {
    self.examples = examples
    features = SparseForm(
      rows: seen,
      columns: featureCount,
      capacity: room.featureEntries,
      rowCapacity: room.seen,
      isFull: isDense
    )
    self.near = SparseForm(
      rows: examples,
      columns: near ?? seen,
      capacity: room.nearEntries,
      rowCapacity: examples
    )
    chosen = near.map {
      SparseForm(
        rows: examples,
        columns: $0,
        capacity: room.chosenEntries,
        rowCapacity: examples
      )
    }
    own =
      hasOwn
      ? SparseForm(
        rows: examples,
        columns: featureCount,
        capacity: room.ownEntries,
        rowCapacity: examples,
        isFull: isDense
      ) : nil
    far = near.map {
      SparseForm(rows: $0, columns: seen, capacity: room.farEntries, rowCapacity: room.near)
    }
  }

  /// Floats before the matrices: seen rows, near rows, nodes.
  package static let headCount = 16

  package var nearStart: Int { Self.headCount }
  package var chosenStart: Int { nearStart + near.count }
  package var farStart: Int { chosenStart + (chosen?.count ?? 0) }
  package var featureStart: Int { farStart + (far?.count ?? 0) }
  package var ownStart: Int { featureStart + features.count }
  /// Floats of the whole.
  package var count: Int { ownStart + (own?.count ?? 0) }
  /// Rows of the first layer.
  package var seenRows: Int { features.rows }

  /// Whether what lies in memory fits this bucket.
  package func holds(_ buffer: AlignedBuffer, at offset: Int) -> Bool {
    Int(buffer[offset]) <= seenRows && (far.map { Int(buffer[offset + 1]) <= $0.rows } ?? true)
  }
}

/// The forms of an episode's two sets.
///
/// One object, because a layout goes from hand to hand at each episode and is large.
package final class NodeLayout: Sendable, Hashable {
  package let support: NodeForm
  package let query: NodeForm

  package init(support: NodeForm, query: NodeForm) {
    (self.support, self.query) = (support, query)
  }

  package static func == (first: NodeLayout, second: NodeLayout) -> Bool {
    first === second || first.support == second.support && first.query == second.query
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(support)
    hasher.combine(query)
  }
}
