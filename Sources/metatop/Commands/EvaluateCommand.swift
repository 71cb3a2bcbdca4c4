import ArgumentParser
import Experiments
import Files
import MetaLearning
import Recording
import Training

/// `metatop evaluate`: meta-test of recorded runs, on the same episodes.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Meta-test runs' checkpoints on a fixed set of episodes; several are compared in pairs."
  )

  @Argument(
    help: ArgumentHelp("Run directories, and sweeps for all their runs.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @Option(parsing: .unconditional, help: "Meta-test episodes (default 600).")
  var episodes: String?

  @Option(parsing: .unconditional, help: "Names the episodes, whatever seed trained (default 0).")
  var seed: String?

  @Option(
    parsing: .unconditional,
    help: "Inner steps up to which all are scored (default the run's)."
  )
  var innerSteps: String?

  @Option(help: "Which checkpoint: best, last, or an outer step as in 500.")
  var checkpoint = "best"

  @Option(parsing: .unconditional, help: "Workers; results do not depend on their number.")
  var threads: String?

  @OptionGroup var data: RecordedDataOptions

  @Flag(help: "Print one JSON line for each run, then one for each pair.")
  var json = false

  mutating func run() throws {
    let asked = try whole("episodes", episodes, 2...1_000_000)
    let seed = try UInt64(whole("seed", seed, 0...Int.max) ?? 0)
    let steps = try whole("inner-steps", innerSteps, 0...100)
    guard let kind = CheckpointKind(checkpoint) else {
      throw usage(
        "--checkpoint: \"\(checkpoint.printable)\" is not allowed; use best, last, or an outer step as "
          + "in 500"
      )
    }
    let workers = try whole("threads", threads, 1...1_024) ?? availableCores()
    let scored: [ScoredRun]
    let count: Int
    do throws(ConfigurationError) {
      let selection = try RunSelection(runs, command: "evaluate")
      // Everything is read before anything is computed.
      let policy = try data.policy()
      let ready = try selection.map { (run) throws(ConfigurationError) in
        try ReadyRun(run.path, kind, policy, workers: workers)
      }
      try ReadyRun.checkComparable(ready)
      count = try ReadyRun.count(asked, ready)
      scored = try ready.map { (run) throws(ConfigurationError) in
        try run.score(episodes: count, steps: steps, seed: seed)
      }
    } catch {
      throw Failure(error)
    }
    let report = EvaluationReport(runs: scored, episodes: count, seed: seed, checkpoint: kind)
    try say(json ? report.lines : report.text, "scores")
  }

  private func whole(
    _ option: String,
    _ text: String?,
    _ range: ClosedRange<Int>
  ) throws(Failure) -> Int? {
    guard let text else { return nil }
    do {
      return try wholeNumber(text, range)
    } catch {
      throw usage("--\(option): \(error.reason)")
    }
  }

  private func usage(_ sentence: String) -> Failure {
    Failure(status: Failure.usage, sentence: sentence)
  }
}
