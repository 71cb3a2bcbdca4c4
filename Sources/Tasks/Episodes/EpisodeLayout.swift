import Kernels

/// Where an episode's support and query set lie in its memory; every part starts a cache line.
///
/// Inputs come first, so that a sampler can draw them all at once.
package struct EpisodeLayout: Sendable, Equatable {
  /// Examples in the support set: K, or N·K in classification.
  package let supportCount: Int
  package let queryCount: Int
  /// The shape of one example's input, `[1]` for a sinusoid.
  package let inputShape: [Int]
  /// Numbers in one example's target.
  package let targetCount: Int
  /// How the sets lie in memory where they are nodes of a graph, which no single example's shape says.
  package let nodes: NodeLayout?

  package init(
    supportCount: Int,
    queryCount: Int,
    inputShape: [Int],
    targetCount: Int,
    nodes: NodeLayout? = nil
  ) {
    self.nodes = nodes
    self.supportCount = supportCount
    self.queryCount = queryCount
    self.inputShape = inputShape
    self.targetCount = targetCount
  }

  private var inputSize: Int { inputShape.reduce(1, *) }
  package var supportInputs: Int { 0 }
  package var queryInputs: Int { paddedCount(nodes?.support.count ?? supportCount * inputSize) }
  package var supportTargets: Int {
    queryInputs + paddedCount(nodes?.query.count ?? queryCount * inputSize)
  }
  package var queryTargets: Int { supportTargets + paddedCount(supportCount * targetCount) }
  /// Floats of the whole episode.
  package var count: Int { queryTargets + paddedCount(queryCount * targetCount) }
}

extension EpisodeLayout {
  /// Whether an episode in memory fits the shapes of this layout, where there are several.
  package func holds(_ buffer: AlignedBuffer) -> Bool {
    guard let nodes else { return true }
    return nodes.support.holds(buffer, at: supportInputs)
      && nodes.query.holds(buffer, at: queryInputs)
  }

  /// The number of rows that each set's first layer is computed for.
  package var supportRows: Int { nodes?.support.seenRows ?? supportCount }
  package var queryRows: Int { nodes?.query.seenRows ?? queryCount }
}

/// The disjoint parts of a task distribution.
package enum MetaSplit: UInt64, Sendable, CaseIterable {
  case metaTrain = 1
  case metaValidation = 2
  case metaTest = 3

  /// The name a person reads.
  package var title: String {
    switch self {
    case .metaTrain: "meta-train"
    case .metaValidation: "meta-validation"
    case .metaTest: "meta-test"
    }
  }
}
