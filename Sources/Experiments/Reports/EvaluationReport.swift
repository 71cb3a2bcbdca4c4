import Events
import Files
import MetaLearning
import Recording
import Training

/// Scores as tables for people, or lines of JSON.
package struct EvaluationReport {
  package let runs: [ScoredRun]
  package let episodes: Int
  package let seed: UInt64
  let checkpoint: CheckpointKind
  /// What they are called side by side; their directories' names are long.
  private let names: [String]

  package init(runs: [ScoredRun], episodes: Int, seed: UInt64, checkpoint: CheckpointKind) {
    self.runs = runs
    self.episodes = episodes
    self.seed = seed
    self.checkpoint = checkpoint
    names = RunNames.names(
      of: runs.enumerated().map { $1.run.description(id: RunID($0)) }
    )
  }

  private static let columns = 80
  private static let interval = "1.96 standard errors over episodes"

  private var pairs: [(first: Int, second: Int, comparison: PairedComparison)] {
    runs.indices.flatMap { first in
      runs.indices.dropFirst(first + 1).map { second in
        let (a, b) = (runs[first], runs[second])
        return (first, second, PairedComparison(a.measure(a.point), b.measure(b.point)))
      }
    }
  }

  // MARK: For people

  package var text: String {
    // A file's episodes are no meta-test, and have no seed.
    let isRecorded = runs[0].run.heldOut != nil
    let which = isRecorded ? "held-out" : "meta-test"
    let head =
      "\(episodes) \(which) \(runs[0].episode)\(isRecorded ? "" : ", seed \(seed)"); "
      + "± is \(Self.interval)"
    let parts = zip(runs, names).map { run, name in
      let about =
        "\(name), \(checkpoint.title) checkpoint, outer step \(run.step), \(run.run.model.name)"
        + conditions(run)
      let lines = [run.name] + Wrapped.lines(about, width: Self.columns, indent: 2)
      return "\n" + lines.map { $0 + "\n" }.joined() + table(run)
    }
    let beginning = Wrapped.lines(head, width: Self.columns, hanging: 2).map { $0 + "\n" }
    return beginning.joined() + parts.joined() + pairsText
  }

  private func conditions(_ run: ScoredRun) -> String {
    let id = ConvolutionHyperparameters.statistics.id
    guard run.run.values.descriptor(id) != nil else { return "" }
    return ", batch-norm \(run.run.values.choice(id))"
  }

  private func table(_ run: ScoredRun) -> String {
    let isClassification = !run.scores.accuracies.isEmpty
    let head =
      "  inner steps" + (isClassification ? "      accuracy, %" : "") + "               loss"
    let rows = zip(run.scores.losses.indices, run.scores.points).map { step, innerSteps in
      let loss = EpisodeMean(run.scores.losses[step])
      let accuracy = isClassification ? EpisodeMean(run.scores.accuracies[step]) : nil
      let mark = step == run.point ? " ←" : ""
      let number = String(innerSteps)
      return "  " + String(repeating: " ", count: 11 - number.count) + number
        + (accuracy.map { cell($0.mean * 100, $0.confidence95 * 100, 2, 17) } ?? "")
        + cell(loss.mean, loss.confidence95, 4, 19) + mark
    }
    return ([head] + rows).joined(separator: "\n") + "\n"
  }

  private func cell(_ mean: Double, _ half: Double, _ digits: Int, _ width: Int) -> String {
    let text = "\(fixed(mean, digits)) ± \(fixed(half, digits))"
    return String(repeating: " ", count: max(width - text.count, 1)) + text
  }

  private var pairsText: String {
    guard runs.count > 1 else { return "" }
    let isClassification = !runs[0].scores.accuracies.isEmpty
    let (scale, digits) = isClassification ? (100.0, 2) : (1, 4)
    let rows = pairs.map { first, second, pair in
      let difference = pair.difference
      return [
        "\(names[first]) − \(names[second])",
        "\(signed(difference.mean * scale, digits)) ± "
          + fixed(difference.confidence95 * scale, digits),
        "\(pair.larger)", "\(pair.smaller)", "\(episodes - pair.larger - pair.smaller)",
        pair.signTest < 0.0001 ? "< 0.0001" : fixed(pair.signTest, 4),
      ]
    }
    let unit = isClassification ? "points" : "of loss"
    let table = TextTable(
      head: ["difference", unit, "larger", "smaller", "equal", "sign test p"],
      rows: rows
    )
    return "\non the same episodes, after each one's own inner steps\n"
      + table.text(width: Self.columns)
  }

  // MARK: For programs

  package var lines: String {
    let all = runs.map(line) + pairs.map(line)
    return String(decoding: all.flatMap { $0.encoded() }, as: UTF8.self)
  }

  private func line(_ run: ScoredRun) -> JSONValue {
    let own = run.point
    let loss = EpisodeMean(run.scores.losses[own])
    let isClassification = !run.scores.accuracies.isEmpty
    let accuracy = isClassification ? EpisodeMean(run.scores.accuracies[own]) : nil
    let statistics = ConvolutionHyperparameters.statistics.id
    let hasStatistics = run.run.values.descriptor(statistics) != nil
    func means(_ all: [[Float]]) -> JSONValue { .array(all.map { .number(EpisodeMean($0).mean) }) }
    return [
      "run": .string(run.name),
      "method": .string(run.run.method.descriptor.id),
      "task": .string(run.run.distribution.name),
      "split": run.run.description(id: .init(0)).task.split.map { .string($0) } ?? .null,
      "checkpoint": .string(checkpoint.text),
      "step": .integer(run.step),
      "inner_steps": .integer(run.scores.points[own]),
      "test_loss": .number(loss.mean),
      "test_accuracy": accuracy.map { .number($0.mean) } ?? .null,
      "test_ci95": .number(accuracy?.confidence95 ?? loss.confidence95),
      "test_episodes": .integer(episodes),
      "seed": .integer(Int(seed)),
      "scored_inner_steps": .array(run.scores.points.map { .integer($0) }),
      "loss_by_inner_step": means(run.scores.losses),
      "accuracy_by_inner_step": means(run.scores.accuracies),
      "batch_norm": hasStatistics ? .string(run.run.values.choice(statistics)) : .null,
      "data_changed": run.run.hasSameData.map { .bool(!$0) } ?? .null,
      "interval": .string(Self.interval),
    ]
  }

  private func line(
    _ pair: (first: Int, second: Int, comparison: PairedComparison)
  ) -> JSONValue {
    [
      "first": .string(runs[pair.first].name),
      "second": .string(runs[pair.second].name),
      "difference": .number(pair.comparison.difference.mean),
      "ci95": .number(pair.comparison.difference.confidence95),
      "larger": .integer(pair.comparison.larger),
      "smaller": .integer(pair.comparison.smaller),
      "sign_test_p": .number(pair.comparison.signTest),
    ]
  }
}
