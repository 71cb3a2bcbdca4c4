import Files
import Kernels

/// What a set of pictures, or a graph, was when something was trained on it: its classes with a digest of
/// each one's decoded pictures or nodes, and the lists of its split, so that a later look can say what has
/// changed.
package struct ImageSetRecord: Sendable, Equatable {
  struct Member: Sendable, Equatable {
    /// In a split by examples a class stands once for each part, and its part is named.
    let name: String
    /// The class whose pictures these are.
    let kind: String
    /// Pictures, or nodes that episodes may draw.
    let imageCount: Int
    let digest: String
  }

  /// A part of the split: its classes in order, and the quarter turns in which each is drawn.
  struct Part: Sendable, Equatable {
    let classes: [Int]
    let turns: [Int]
  }

  /// What its classes are of.
  enum Content: Sendable, Equatable {
    case pictures(ImageShape)
    case graph(nodes: Int, edges: Int, features: Int, sha256: String)
  }

  /// The task's name, a folder's path from the root on; not compared, because a folder may move.
  package let name: String
  let content: Content
  let members: [Member]
  let parts: [Part]

  /// Nil where pictures are drawn on demand, and so cannot change.
  package init?(_ task: ImageTask, named name: String) {
    let collection = task.collection
    let parts = Self.parts(task.splits)
    var members: [Member] = []
    for (index, kind) in collection.classes.enumerated() {
      guard let digest = collection.digest(ofClass: index) else { return nil }
      members.append(
        Member(
          name: parts[index].map { "\(kind.name) in \($0.title)" } ?? kind.name,
          kind: kind.name,
          imageCount: kind.imageCount,
          digest: digest.hexadecimal
        )
      )
    }
    self.name = name
    content = .pictures(collection.shape)
    self.members = members
    self.parts = MetaSplit.allCases.map { Part(task.splits[$0]) }
  }

  /// Of a graph, of whose classes each has the nodes that episodes may draw.
  init(_ task: NodeTask, named name: String) {
    let graph = task.stored.graph
    self.name = name
    content = .graph(
      nodes: graph.nodeCount,
      edges: graph.edgeCount,
      features: graph.featureCount,
      sha256: graph.sha256
    )
    members = zip(task.stored.classNames, task.members).map { kind, nodes in
      var digest = Fingerprint()
      for node in nodes { digest.add((0..<4).map { UInt8(truncatingIfNeeded: node >> (8 * $0)) }) }
      return Member(
        name: kind,
        kind: kind,
        imageCount: nodes.count,
        digest: digest.value.hexadecimal
      )
    }
    parts = MetaSplit.allCases.map { Part(classes: task.classes[$0] ?? [], turns: [0]) }
  }

  /// Whether an earlier version did not record such sets.
  package var isGraph: Bool {
    if case .graph = content { true } else { false }
  }

  /// The part of each stored class, where examples are parted.
  private static func parts(_ splits: ClassSplits) -> [Int: MetaSplit] {
    guard splits.kind == .examples else { return [:] }
    let members = MetaSplit.allCases.flatMap { split in splits[split].map { ($0.index, split) } }
    return Dictionary(members) { first, _ in first }
  }

  /// The keys of the splits in the record, in their order.
  static let splitNames = MetaSplit.allCases.map { String($0.title.dropFirst("meta-".count)) }
}

extension ImageSetRecord.Part {
  /// A class that is drawn in several turns stands in the split that often, one after the other.
  fileprivate init(_ members: [EpisodeClass]) {
    var classes: [Int] = []
    for member in members where classes.last != member.index { classes.append(member.index) }
    self.classes = classes
    turns = members.prefix { $0.index == members.first?.index }.map(\.quarterTurns)
  }
}

extension ImageSetRecord {
  /// The record as it is written beside a run.
  package var json: JSONValue {
    let splits = zip(Self.splitNames, parts).map { name, part in
      JSONField(
        name,
        [
          "turns": .array(part.turns.map { .integer($0) }),
          "classes": .array(part.classes.map { .string(members[$0].name) }),
        ]
      )
    }
    return .object([
      JSONField("name", .string(name.printable)),
      contentField,
      JSONField(
        "classes",
        .array(members.map { [.string($0.name), .integer($0.imageCount), .string($0.digest)] })
      ),
      JSONField("splits", .object(splits)),
    ])
  }

  private var contentField: JSONField {
    switch content {
    case .pictures(let shape):
      JSONField("shape", [.integer(shape.height), .integer(shape.width), .integer(shape.channels)])
    case .graph(let nodes, let edges, let features, let sha256):
      JSONField(
        "graph",
        [
          "nodes": .integer(nodes), "edges": .integer(edges), "features": .integer(features),
          "sha256": .string(sha256),
        ]
      )
    }
  }
}

/// How data differ from what was recorded of them, as parts of a sentence.
package struct DataChanges: Sendable, Equatable {
  /// Classes that are gone, new, or in another part: what was held out may have been trained on.
  package var split: [String] = []
  /// Other pictures in the same classes, or another file.
  package var content: [String] = []
  /// What an earlier version did not record, so that nobody can say whether it is the same.
  package var unknown: [String] = []

  package init() {}

  package var isEmpty: Bool { split.isEmpty && content.isEmpty }

  package static func + (first: Self, second: Self) -> Self {
    var sum = first
    sum.split += second.split
    sum.content += second.content
    sum.unknown += second.unknown
    return sum
  }
}
