import Events
import Files
import Recording
import Training

/// The file that makes a comparison again, with what somebody changed while it was trained.
package struct LiveChanges {
  /// A value that was changed on the way.
  package struct Change: Sendable, Equatable {
    package let step: Int
    package let run: RunID
    package let id: String
    package let value: Double

    package init(step: Int, run: RunID, id: String, value: Double) {
      (self.step, self.run, self.id, self.value) = (step, run, id, value)
    }
  }

  let configurations: [RunConfiguration]
  let others: [(name: String, value: String?)]
  let out: String

  /// - Parameters:
  ///   - configurations: The runs as they were begun.
  ///   - others: Options of the command that are no training options, as they were given.
  ///   - out: Where new run directories are to go.
  package init(
    _ configurations: [RunConfiguration],
    others: [(name: String, value: String?)],
    out: String
  ) {
    (self.configurations, self.others, self.out) = (configurations, others, out)
  }

  /// Writes the file into the folder of the runs; the outcome's text is the command that names it.
  package func save(_ changes: [Change]) -> ScreenFiles.Outcome {
    guard let text = text(changes, commit: BuildCommit.found()) else {
      return .init(
        text:
          "changes of a run that goes on or of a branch are in its directory; go on with it, or "
          + "branch from it",
        isProblem: true
      )
    }
    let file = ScreenFiles(folder: out).save(configuration: text)
    guard !file.isProblem else { return file }
    return .init(text: "metatop --config \(file.text.shellQuoted)", isProblem: false)
  }

  /// The file's text, with the commit that trained; nil where it would be other runs: of a branch, of a
  /// run that goes on, and where the seeds of a method were changed differently.
  package func text(_ changes: [Change], commit: String?) -> String? {
    guard configurations.allSatisfy({ $0.resume == nil }) else { return nil }
    var runs = configurations
    for index in runs.indices {
      runs[index].changes += changes.filter { $0.run == RunID(index) }
        .map { RunConfiguration.Change(step: $0.step, id: $0.id, value: $0.value) }
    }
    for (index, run) in runs.enumerated() {
      let first = runs.first { $0.method.descriptor.id == run.method.descriptor.id } ?? runs[index]
      guard first.changes == run.changes else { return nil }
    }
    var options = TrainingOptions()
    options.out = out
    options.threads = runs.first?.threads
    if let initial = runs.first?.initial { options.initial = initial.path }
    options.initialMissing = runs.first?.initialRules.drawsMissing == true ? true : nil
    options.initialHead = runs.first?.initialRules.drawsHead == true ? true : nil
    options.episodes = runs.first?.options[OptionName.episodes.rawValue]
    let file = PrintedConfiguration(options: options, runs: runs, others: others)
    return "# commit \(commit ?? "unknown")\n" + file.text
  }
}
