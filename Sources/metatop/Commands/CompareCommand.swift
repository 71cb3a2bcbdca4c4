import ArgumentParser
import Tasks

/// `metatop compare`: one table of any runs.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "One table of recorded runs; those that differ in their seed alone become one row."
  )

  @Argument(
    help: ArgumentHelp("Run directories.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @Option(help: "The table: text, csv, markdown, latex or json.")
  var format = "text"

  @Flag(help: "A row for every run, also of those that differ in their seed alone.")
  var apart = false

  mutating func run() throws {
    let format = try TextTable.Format(format: format)
    var summaries: [RecordedSummary] = []
    for path in runs {
      do throws(ConfigurationError) {
        summaries.append(try RecordedSummary(path))
      } catch {
        throw Failure(error)
      }
    }
    let table = ComparisonTable(summaries, areSeedsApart: apart).table
    try say(table.text(format), "table")
  }
}

/// Runs in rows: the best of each task first, seeds folded into a mean.
struct ComparisonTable {
  /// Runs that differ in their seed alone.
  private struct Group {
    var runs: [RecordedSummary]
    var first: RecordedSummary { runs[0] }

    var scores: [RecordedSummary.Score] { runs.compactMap(\.score) }

    /// Mean and half the 95 % interval: over seeds when there are several, else over episodes.
    var mean: (value: Double, half: Double?)? {
      guard let first = scores.first else { return nil }
      guard scores.count > 1, let mean = SeedMean(scores.map(\.value)) else {
        return (first.value, first.half)
      }
      return (mean.mean, mean.half)
    }

    /// Larger is better.
    var rank: Double {
      guard let mean, let first = scores.first else { return -.infinity }
      return first.isAccuracy ? mean.value : -mean.value
    }
  }

  private let groups: [Group]
  /// Hyperparameters that not all runs have alike.
  private let varying: [String]

  init(_ runs: [RecordedSummary], areSeedsApart: Bool) {
    var groups: [(key: [String], group: Group)] = []
    for run in runs {
      let settings = run.hyperparameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let key =
        [run.method, run.task, run.model, String(run.steps)] + settings
        + (areSeedsApart ? [run.name] : [])
      // The same seed again is the same run again, not another sample.
      let index = groups.firstIndex { other in
        other.key == key && !other.group.runs.contains { $0.seed == run.seed }
      }
      if let index {
        groups[index].group.runs.append(run)
      } else {
        groups.append((key, Group(runs: [run])))
      }
    }
    self.groups = groups.map(\.group)
      .sorted { ($0.first.task, $1.rank) < ($1.first.task, $0.rank) }
    let ids = Set(runs.flatMap { $0.hyperparameters.keys })
    varying = ids.filter { id in
      Set(runs.compactMap { $0.hyperparameters[id] }).count > 1
    }.sorted()
  }

  var table: TextTable {
    let tasks = Set(groups.map(\.first.task))
    let models = Set(groups.map(\.first.model))
    // A score on classes that were trained on is another kind of score, and says so.
    let hasTask = tasks.count > 1 || groups.contains { $0.first.isSplitByExamples }
    var head = ["method"] + (hasTask ? ["task"] : []) + (models.count > 1 ? ["model"] : [])
    head += varying
    let words = Set(head.indices)
    head += ["seeds", "steps", "score", "±", "over", "steps/s"]
    let rows = groups.map { group in
      [group.first.method] + (hasTask ? [group.first.task] : [])
        + (models.count > 1 ? [group.first.model] : [])
        + varying.map { group.first.hyperparameters[$0] ?? "–" } + numbers(group)
    }
    var best: Set<Int> = []
    for task in tasks {
      let own = groups.indices.filter { groups[$0].first.task == task && groups[$0].mean != nil }
      if own.count > 1, let first = own.max(by: { groups[$0].rank < groups[$1].rank }) {
        best.insert(first)
      }
    }
    return TextTable(head: head, rows: rows, best: best, words: words.union([head.count - 2]))
  }

  private func numbers(_ group: Group) -> [String] {
    let rates = group.runs.compactMap(\.stepsPerSecond)
    let rate = rates.isEmpty ? "–" : fixed(rates.reduce(0, +) / Double(rates.count), 1)
    let head = [String(group.runs.count), String(group.first.steps)]
    guard let mean = group.mean, let score = group.scores.first else {
      return head + ["–", "–", "–", rate]
    }
    let (scale, digits) = score.isAccuracy ? (100.0, 2) : (1.0, 4)
    let unit = score.isAccuracy ? " %" : ""
    let what = group.scores.allSatisfy(\.isTest) ? "" : " (validation)"
    return head + [
      fixed(mean.value * scale, digits) + unit,
      mean.half.map { fixed($0 * scale, digits) } ?? "–",
      (group.scores.count > 1 ? "seeds" : "episodes") + what, rate,
    ]
  }
}
