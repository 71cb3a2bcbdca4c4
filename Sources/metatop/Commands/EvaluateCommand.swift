import ArgumentParser
import MetaLearning
import Tasks
import Training

/// `metatop evaluate`: meta-test of recorded runs, on the same episodes.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Meta-test runs' checkpoints on a fixed set of episodes; several are compared in pairs."
  )

  @Argument(
    help: ArgumentHelp("Run directories.", valueName: "run"),
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

  @Flag(help: "Print one JSON line for each run, then one for each pair.")
  var json = false

  mutating func run() throws {
    let count = try whole("episodes", episodes, 2...1_000_000) ?? 600
    let seed = try UInt64(whole("seed", seed, 0...Int.max) ?? 0)
    let steps = try whole("inner-steps", innerSteps, 0...100)
    guard let kind = CheckpointKind(checkpoint) else {
      throw usage(
        "--checkpoint: \"\(checkpoint.printable)\" is not allowed; use best, last, or an outer step as "
          + "in 500"
      )
    }
    var scored: [ScoredRun] = []
    for path in runs {
      scored.append(try score(path, kind, count, steps, seed))
    }
    try checkComparable(scored)
    let report = EvaluationReport(runs: scored, episodes: count, seed: seed, checkpoint: kind)
    try say(json ? report.lines : report.text, "scores")
  }

  private func score(
    _ path: String,
    _ kind: CheckpointKind,
    _ count: Int,
    _ steps: Int?,
    _ seed: UInt64
  ) throws(Failure) -> ScoredRun {
    let workers = try whole("threads", threads, 1...1_024) ?? availableCores()
    let stored = StoredRun(path: path, origin: "evaluate", cores: workers)
    do throws(ConfigurationError) {
      var (run, point) = try stored.read(kind)
      run.threads = workers
      guard run.supervised == nil else {
        throw ConfigurationError(
          .badData,
          "evaluate: \(path) does not train on episodes; its summary.json has its accuracy"
        )
      }
      let own = run.values.integer(StandardHyperparameters.innerSteps.id)
      do throws(SafetensorsError) {
        let scores = try CheckpointScores(
          run,
          point.checkpoint,
          episodes: count,
          steps: steps ?? own,
          seed: seed
        )
        return ScoredRun(name: stored.directory.name, run: run, step: point.step, scores: scores)
      } catch {
        throw ConfigurationError(.badData, "evaluate: \(error)")
      }
    } catch {
      throw Failure(error)
    }
  }

  /// Pairs need the same episodes.
  private func checkComparable(_ scored: [ScoredRun]) throws(Failure) {
    for other in scored.dropFirst() where other.episode != scored[0].episode {
      throw Failure(
        status: Failure.badData,
        sentence: "evaluate: \(scored[0].name) has \(scored[0].episode) and \(other.name) "
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

/// A run's checkpoint and what it scored.
struct ScoredRun {
  let name: String
  let run: RunConfiguration
  let step: Int
  let scores: CheckpointScores

  /// What the episodes are, for people; equal where they are the same.
  var episode: String {
    let way = run.way.map { "\($0)-way " } ?? ""
    let split = run.description(id: .init(0)).task.splitNote.map { " (\($0))" } ?? ""
    return "\(way)\(run.shot)-shot episodes of \(run.distribution.name)\(split) with "
      + "\(run.queryShot) query"
  }

  /// Inner steps of its own training.
  var innerSteps: Int {
    min(run.values.integer(StandardHyperparameters.innerSteps.id), scores.losses.count - 1)
  }

  /// By what runs are compared: accuracy, in regression the loss.
  func measure(_ step: Int) -> [Float] {
    scores.accuracies.isEmpty ? scores.losses[step] : scores.accuracies[step]
  }
}
