import ArgumentParser
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
      let ready = try selection.map { (run) throws(ConfigurationError) in
        try prepared(run.path, kind, workers)
      }
      try checkComparable(ready)
      count = try self.count(asked, ready)
      scored = try ready.map { (run) throws(ConfigurationError) in
        try score(run, count, steps, seed)
      }
    } catch {
      throw Failure(error)
    }
    let report = EvaluationReport(runs: scored, episodes: count, seed: seed, checkpoint: kind)
    try say(json ? report.lines : report.text, "scores")
  }

  /// A run with the checkpoint that is to be scored.
  private func prepared(
    _ path: String,
    _ kind: CheckpointKind,
    _ workers: Int
  ) throws(ConfigurationError) -> ReadyRun {
    let policy = try data.policy()
    let stored = StoredRun(path: path, origin: "evaluate", cores: workers, policy: policy)
    var (run, point) = try stored.read(kind)
    run.notes.forEach(complain)
    run.threads = workers
    guard run.supervised == nil else {
      throw ConfigurationError(
        .badData,
        "evaluate: \(path) does not train on episodes; its summary.json has its accuracy"
      )
    }
    guard run.holdsOut else {
      throw ConfigurationError(
        .badData,
        "evaluate: \(path) was trained on a file of episodes that holds nothing out; train it with "
          + "--validation-episodes FILE to have something to evaluate on"
      )
    }
    return ReadyRun(name: stored.directory.name, run: run, point: point)
  }

  /// As many episodes as were asked for, or as usual; no more than a file has that takes their place.
  private func count(_ asked: Int?, _ ready: [ReadyRun]) throws(ConfigurationError) -> Int {
    guard let limit = ready.compactMap({ $0.run.heldOut?.count }).min() else { return asked ?? 600 }
    if let asked, asked > limit {
      throw ConfigurationError(
        .usage,
        "--episodes: the file of --validation-episodes has \(limit); use \(limit) or fewer"
      )
    }
    return asked ?? min(600, limit)
  }

  private func score(
    _ ready: ReadyRun,
    _ count: Int,
    _ steps: Int?,
    _ seed: UInt64
  ) throws(ConfigurationError) -> ScoredRun {
    do throws(SafetensorsError) {
      let scores = try CheckpointScores(
        ready.run,
        ready.point.checkpoint,
        episodes: count,
        steps: steps,
        seed: seed
      )
      return ScoredRun(name: ready.name, run: ready.run, step: ready.point.step, scores: scores)
    } catch {
      throw ConfigurationError(.badData, "evaluate: \(error)")
    }
  }

  /// Pairs need the same episodes.
  private func checkComparable(_ ready: [ReadyRun]) throws(ConfigurationError) {
    for other in ready.dropFirst() where other.episode != ready[0].episode {
      throw ConfigurationError(
        .badData,
        "evaluate: \(ready[0].name) has \(ready[0].episode) and \(other.name) "
          + "\(other.episode); give runs on the same episodes"
      )
    }
  }

  private func whole(
    _ option: String,
    _ text: String?,
    _ range: ClosedRange<Int>
  ) throws(Failure) -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw usage(
        "--\(option): \"\(text.printable)\" is not allowed; use a whole number from "
          + "\(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }

  private func usage(_ sentence: String) -> Failure {
    Failure(status: Failure.usage, sentence: sentence)
  }
}

/// A run with one of its checkpoints.
private struct ReadyRun {
  let name: String
  let run: RunConfiguration
  let point: ResumePoint

  var episode: String { run.episode }
}

extension RunConfiguration {
  /// What the episodes are, for people; equal where they are the same.
  fileprivate var episode: String {
    let way = way.map { "\($0)-way " } ?? ""
    let split = description(id: .init(0)).task.splitNote.map { " (\($0))" } ?? ""
    let origin = distribution.isSampled ? distribution.name : "a file"
    return "\(way)\(shot)-shot episodes of \(origin)\(split) with \(queryShot) query"
  }
}

/// A run's checkpoint and what it scored.
struct ScoredRun {
  let name: String
  let run: RunConfiguration
  let step: Int
  let scores: CheckpointScores

  var episode: String { run.episode }

  /// Inner steps of its own training.
  var innerSteps: Int { scores.reported }

  /// By what runs are compared: accuracy, in regression the loss.
  func measure(_ step: Int) -> [Float] {
    scores.accuracies.isEmpty ? scores.losses[step] : scores.accuracies[step]
  }
}
