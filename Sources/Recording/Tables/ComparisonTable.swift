import Files

/// Runs in rows: the best of each task first, seeds folded into a mean.
package struct ComparisonTable {
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

    /// Larger is better; what is not a number, or of runs of which one diverged, is never best.
    var rank: Double {
      guard let mean, mean.value.isFinite, let first = scores.first else { return -.infinity }
      let value = first.isAccuracy ? mean.value : -mean.value
      return runs.contains { $0.status == .diverged } ? value - 1e12 : value
    }

    /// Outer steps made; with those asked for where they differ.
    var steps: String {
      let made = runs.compactMap(\.toldSteps)
      let asked = first.steps
      guard let least = made.min(), let most = made.max(), made.count == runs.count else {
        return String(asked)
      }
      let text = least == most ? String(least) : "\(least)…\(most)"
      return least == asked && most == asked ? String(asked) : "\(text) of \(asked)"
    }

    /// Mean of the outer steps made.
    var made: Double? {
      let made = runs.compactMap(\.toldSteps)
      return made.count == runs.count
        ? made.reduce(0) { $0 + Double($1) } / Double(max(made.count, 1)) : nil
    }

    var rate: Double? {
      let rates = runs.compactMap(\.stepsPerSecond)
      return rates.isEmpty ? nil : rates.reduce(0, +) / Double(rates.count)
    }

    /// `finished`, or for several runs that are not all alike `2 finished, 1 diverged`.
    var status: String {
      let all = RecordedSummary.Status.allCases.map { status in
        (status.rawValue, runs.count { $0.status == status })
      }
      let found = all.filter { $0.1 > 0 }
      return found.count == 1
        ? found[0].0 : found.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
  }

  private let groups: [Group]
  private let areSeedsApart: Bool
  /// Hyperparameters that not all runs have alike.
  private let varying: [String]

  package init(_ runs: [RecordedSummary], areSeedsApart: Bool) {
    self.areSeedsApart = areSeedsApart
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

  package func text(_ format: TextTable.Format) -> String {
    switch format {
    case .csv: data.csv
    case .json: data.json
    case .text, .markdown, .latex: table.text(format)
    }
  }

  // MARK: For people

  private var table: TextTable {
    let tasks = Set(groups.map(\.first.task))
    let models = Set(groups.map(\.first.model))
    // A column that would say the same of all runs is left out.
    let isOver = groups.allSatisfy { $0.status == RecordedSummary.Status.finished.rawValue }
    // A score on classes that were trained on is another kind of score, and says so.
    let hasTask = tasks.count > 1 || groups.contains { $0.first.isSplitByExamples }
    var head = ["method"] + (hasTask ? ["task"] : []) + (models.count > 1 ? ["model"] : [])
    head += varying
    let words = Set(head.indices)
    head +=
      [areSeedsApart ? "seed" : "seeds", "steps", "score", "±", "over", "steps/s"]
      + (isOver ? [] : ["status"])
    let rows = groups.map { group in
      [group.first.method] + (hasTask ? [group.first.task] : [])
        + (models.count > 1 ? [group.first.model] : [])
        + varying.map { group.first.hyperparameters[$0] ?? "–" } + numbers(group)
        + (isOver ? [] : [group.status])
    }
    let over = head.firstIndex(of: "over") ?? 0
    return TextTable(
      head: head,
      rows: rows,
      best: best,
      words: words.union([over] + (isOver ? [] : [head.count - 1]))
    )
  }

  /// The first of each task that has others behind it.
  private var best: Set<Int> {
    let ranked = groups.indices.filter { groups[$0].rank > -1e11 }
    let byTask = Dictionary(grouping: ranked) { groups[$0].first.task }
    return Set(
      byTask.values.compactMap { own in
        own.count > 1 ? own.max { groups[$0].rank < groups[$1].rank } : nil
      }
    )
  }

  private func numbers(_ group: Group) -> [String] {
    let rate = group.rate.map { fixed($0, 1) } ?? "–"
    let seeds = areSeedsApart ? group.first.seed : String(group.runs.count)
    let head = [seeds, group.steps]
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

  // MARK: For programs

  private var data: DataTable {
    let rows = groups.map { group -> [JSONValue] in
      let (first, scores) = (group.first, group.scores)
      let split = scores.allSatisfy(\.isTest) ? "test" : "validation"
      let beginning: [JSONValue] = [
        .string(first.method), .string(first.task), .string(first.model),
      ]
      let numbers: [JSONValue] = [
        .integer(group.runs.count), .integer(first.steps), .number(group.made),
        .number(group.mean?.value),
        .number(group.mean?.half),
        scores.isEmpty ? .null : .string(scores[0].isAccuracy ? "accuracy" : "loss"),
        scores.isEmpty ? .null : .string(split),
        scores.isEmpty ? .null : .string(scores.count > 1 ? "seeds" : "episodes"),
        .number(group.rate), .string(group.status),
        .array(group.runs.map { .string($0.name) }),
      ]
      return beginning + varying.map { first.values[$0] ?? .null } + numbers
    }
    let head =
      ["method", "task", "model"] + varying + [
        "seeds", "steps", "steps_made", "score", "ci95", "measure", "split", "over",
        "steps_per_second", "status",
        "runs",
      ]
    return DataTable(head: head, rows: rows)
  }
}

extension JSONValue {
  /// Null where there is none.
  fileprivate static func number(_ value: Double?) -> JSONValue {
    value.map { .number($0) } ?? .null
  }
}
