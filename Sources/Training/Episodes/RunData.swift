import Files
import Tasks

/// What a run is trained on, as its `data.json` keeps it: sets of pictures, graphs, and files.
///
/// Tasks that are generated have nothing here, because they cannot change.
package struct RunData: Sendable, Equatable {
  /// A file that was given: a copy elsewhere is the same, another content is not.
  package struct File: Sendable, Equatable {
    package let path: String
    package let sha256: String

    package init(path: String, sha256: String) {
      (self.path, self.sha256) = (path, sha256)
    }
  }

  /// Several in a joint run.
  package var sets: [ImageSetRecord]
  package var episodes: File?
  package var validation: File?
  package var initial: File?

  package init(sets: [ImageSetRecord] = [], episodes: File? = nil, initial: File? = nil) {
    (self.sets, self.episodes, self.initial) = (sets, episodes, initial)
  }

  package var isEmpty: Bool { sets.isEmpty && files.isEmpty }

  /// By the option that gave them.
  private var files: [(name: String, file: File)] {
    [("episodes", episodes), ("validation-episodes", validation), ("initial", initial)]
      .compactMap { name, file in file.map { (name, $0) } }
  }

  /// No record of ours is longer; what is was not written by us.
  package static let longestDocument = 64 << 20

  // MARK: Writing

  package var json: JSONValue {
    let files = files.map { name, file in
      JSONField(name, ["path": .string(file.path.printable), "sha256": .string(file.sha256)])
    }
    return .object([
      JSONField("format", 1),
      JSONField("sets", .array(sets.map(\.json))),
      JSONField("files", .object(files)),
    ])
  }

  // MARK: Comparing

  /// What is otherwise now than in the record of a run, or of a sweep; nil when that cannot be read.
  ///
  /// A file that is not read this time is not compared.
  package func changes(since record: JSONView) -> DataChanges? {
    guard record["format"]?.integer == 1, record["sets"]?.isArray == true else { return nil }
    var changes = DataChanges()
    var recorded = record.elements("sets")
    for set in sets {
      guard let before = recorded.next() else {
        if set.isGraph {
          changes.unknown.append("graphs")
          continue
        }
        changes.split.append("\(set.name.printable) is new")
        continue
      }
      guard let own = set.changes(since: before) else { return nil }
      changes = changes + own
    }
    while let gone = recorded.next() {
      changes.split.append("\((gone["name"]?.string ?? "a data set").printable) is left out")
    }
    for (name, file) in files {
      guard let before = record["files"]?[name]?["sha256"]?.string,
        before != file.sha256
      else { continue }
      changes.content.append(
        "another file of --\(name) (SHA-256 \(file.sha256.prefix(12))… instead of "
          + "\(before.prefix(12).printable)…)"
      )
    }
    return changes
  }
}

extension RunData {
  /// What is otherwise in a set of pictures than when a record was written, where that has the set; nil
  /// when it is no record.
  package static func changes(of set: ImageSetRecord, since record: JSONView) -> DataChanges? {
    for before in record.elements("sets") where before["name"]?.string == set.name.printable {
      return set.changes(since: before)
    }
    return record["sets"]?.isArray == true ? DataChanges() : nil
  }
}

extension String.SubSequence {
  fileprivate var printable: String { String(self).printable }
}
