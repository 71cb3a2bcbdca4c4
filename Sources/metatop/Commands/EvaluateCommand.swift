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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Meta-test episodes (default 600), or a safetensors file whose episodes take their place.",
      valueName: "number|file"
    ),
    completion: .tensors
  )
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
    let scored: [ScoredRun]
    let asked: EpisodeRequest
    let count: Int
    do throws(ConfigurationError) {
      asked = try EpisodeRequest(
        checkpoint: checkpoint,
        episodes: episodes,
        seed: seed,
        threads: threads
      )
      let request = asked
      let steps = try EpisodeRequest.whole("inner-steps", innerSteps, 0...100)
      let selection = try RunSelection(runs, command: "evaluate")
      // Everything is read before anything is computed.
      let policy = try data.policy()
      let ready = try selection.map { (run) throws(ConfigurationError) in
        try ReadyRun(run.path, request, policy, command: "evaluate")
      }
      try ReadyRun.checkComparable(ready)
      let number = try ReadyRun.count(asked, ready)
      count = number
      scored = try ready.map { (run) throws(ConfigurationError) in
        try run.score(episodes: number, steps: steps, seed: request.seed)
      }
    } catch {
      throw Failure(error)
    }
    let report = EvaluationReport(
      runs: scored,
      episodes: count,
      seed: asked.seed,
      checkpoint: asked.checkpoint
    )
    try say(json ? report.lines : report.text, "scores")
  }
}
