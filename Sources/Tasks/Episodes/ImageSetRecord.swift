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

  /// Whether an earlier version did not record such sets.
  package var isGraph: Bool {
    if case .graph = content { true } else { false }
  }

  /// The keys of the splits in the record, in their order.
  static let splitNames = MetaSplit.allCases.map { String($0.title.dropFirst("meta-".count)) }
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
