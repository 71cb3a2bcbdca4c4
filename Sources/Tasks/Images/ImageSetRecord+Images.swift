import Files
import Kernels

extension ImageSetRecord {
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

  /// The part of each stored class, where examples are parted.
  private static func parts(_ splits: ClassSplits) -> [Int: MetaSplit] {
    guard splits.kind == .examples else { return [:] }
    let members = MetaSplit.allCases.flatMap { split in splits[split].map { ($0.index, split) } }
    return Dictionary(members) { first, _ in first }
  }
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
