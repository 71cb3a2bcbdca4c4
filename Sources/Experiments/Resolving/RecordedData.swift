import Files
import Recording
import Tasks
import Training

/// The `data.json` of a run directory or a sweep's folder, compared with what is there now.
package struct RecordedData {
  package let path: String
  /// Begins the sentences: `--resume`, or the command's name.
  package let origin: String
  /// How sentences call what was recorded: the path of its folder.
  let owner: String

  package init(path: String, origin: String, owner: String) {
    self.path = path
    self.origin = origin
    self.owner = owner
  }

  /// What a comparison came to when it refused nothing.
  package struct Outcome {
    /// Sentences for a person.
    package var notes: [String] = []
    /// Changes that somebody accepted.
    package var accepted: [String] = []
    /// Nil where nobody can say.
    package var isSame: Bool?

    package init(notes: [String] = [], accepted: [String] = [], isSame: Bool? = nil) {
      self.notes = notes
      self.accepted = accepted
      self.isSame = isSame
    }
  }

  /// The record; nil where there is none, because an earlier version did not write it.
  func document() throws(ConfigurationError) -> JSONView? {
    guard SystemFile.size(path) != nil else { return nil }
    do {
      return try JSONView(try SystemFile.read(path, limit: RunData.longestDocument))
    } catch {
      throw damaged("\(error)")
    }
  }

  /// A record of an earlier version lacks something.
  private func before(_ what: String) -> String {
    "\(owner) was recorded before metatop kept \(what), so nobody can say whether its data are still the "
      + "same"
  }

  private func damaged(_ reason: String) -> ConfigurationError {
    ConfigurationError(.badData, "\(origin): \(path): is damaged (\(reason)); put it back")
  }

  /// Refuses another split, and other pictures or files unless they are accepted.
  package func compare(_ data: RunData, _ policy: DataPolicy) throws(ConfigurationError) -> Outcome
  {
    guard !data.isEmpty else { return Outcome(isSame: true) }
    guard let record = try document() else {
      return Outcome(notes: [before("what a run is trained on")])
    }
    return try judge(data.changes(since: record), policy)
  }

  /// The same for one set of pictures, where the record has that: another run may have seen it.
  package func compare(
    _ set: ImageSetRecord,
    acceptsChanges: Bool
  ) throws(ConfigurationError) -> Outcome {
    guard let record = try document() else { return Outcome() }
    let changes = RunData.changes(of: set, since: record)
    return try judge(changes, DataPolicy(acceptsChanges: acceptsChanges))
  }

  private func judge(
    _ changes: DataChanges?,
    _ policy: DataPolicy
  ) throws(ConfigurationError) -> Outcome {
    guard let changes else { throw damaged("it is no record of data") }
    guard changes.split.isEmpty else {
      throw ConfigurationError(
        .badData,
        "\(origin): \(owner): the classes are not split as they were when it was trained: "
          + (changes.split + changes.content).joined(separator: "; ")
          + "; put the data back, or name their folder by --data"
      )
    }
    let unknown = changes.unknown.map { before($0) }
    guard !changes.content.isEmpty else {
      return Outcome(notes: unknown, isSame: unknown.isEmpty ? true : nil)
    }
    let text = changes.content.joined(separator: "; ")
    guard policy.acceptsChanges else {
      throw ConfigurationError(
        .badData,
        "\(origin): \(owner): the data have changed since it was trained: \(text); put them back, name "
          + "their folder by --data, or give --data-changed accept"
      )
    }
    return Outcome(
      notes: unknown + [
        "\(owner): accepted that the data have changed since it was trained: \(text)"
      ],
      accepted: changes.content,
      isSame: false
    )
  }
}
