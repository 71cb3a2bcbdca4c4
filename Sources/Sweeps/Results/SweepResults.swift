import Events
import Files
import Recording

/// What the runs of a sweep came to, read from their directories.
package struct SweepResults {
  /// One run's end.
  package struct Outcome: Equatable {
    package let status: RunStatus
    /// Share of right answers where there are classes, else a loss; nil when it was not measured.
    package let test: Double?
    /// Half the 95 % interval over episodes.
    let testHalf: Double?
    let validation: Double?
    let validationHalf: Double?
    let isAccuracy: Bool
  }

  /// A combination with its seeds.
  package struct Row {
    package let combination: SweepPlan.Combination
    /// By seed.
    var tests: [UInt64: Double] = [:]
    var validations: [UInt64: Double] = [:]
    /// Over episodes, of a single seed.
    var testHalf: Double?
    var validationHalf: Double?
    var diverged = 0
    /// Runs that did not come to their end.
    package var missing = 0

    package var test: SeedMean? { SeedMean(tests.sortedValues) }
    var validation: SeedMean? { SeedMean(validations.sortedValues) }
  }

  package let plan: SweepPlan
  /// Best first.
  package let rows: [Row]
  let isAccuracy: Bool
  /// Whether meta-validations decided the order; else the tests themselves did.
  let isChosenByValidation: Bool
  /// What the others are compared with.
  package let baseline: Row?
  /// Combinations that are not made to their end, and why.
  let stops: [SweepPlan.Combination: SweepDecisions.Stop]

  package init(_ plan: SweepPlan, _ directory: SweepDirectory) {
    self.init(
      plan,
      outcomes: plan.runs.map { Outcome(directory.run($0)) },
      stops: SweepDecisions(reading: directory).stopped
    )
  }

  /// Outcomes are one for each run of the plan; nil where it has not ended.
  package init(
    _ plan: SweepPlan,
    outcomes: [Outcome?],
    stops: [SweepPlan.Combination: SweepDecisions.Stop] = [:]
  ) {
    self.plan = plan
    self.stops = stops
    let isAccuracy = outcomes.contains { $0?.isAccuracy == true }
    var rows = plan.combinations.map { Row(combination: $0) }
    let places = Dictionary(
      uniqueKeysWithValues: rows.enumerated().map { ($0.element.combination, $0.offset) }
    )
    for (run, outcome) in zip(plan.runs, outcomes) {
      guard let place = places[run.combination] else { continue }
      guard let outcome else {
        rows[place].missing += 1
        continue
      }
      if outcome.status == .diverged {
        rows[place].diverged += 1
        continue
      }
      rows[place].tests[run.seed] = outcome.test
      rows[place].validations[run.seed] = outcome.validation
      if plan.seeds.count == 1 {
        rows[place].testHalf = outcome.testHalf
        rows[place].validationHalf = outcome.validationHalf
      }
    }
    let byValidation = rows.allSatisfy { $0.tests.count == $0.validations.count }
    let isChosenByValidation = byValidation && rows.contains { !$0.validations.isEmpty }
    func rank(_ row: Row) -> Double {
      let mean = isChosenByValidation ? row.validation?.mean : row.test?.mean
      guard let mean, mean.isFinite else {
        // Of the stopped, those first that came farthest.
        guard case .halving(let rung, _, _) = stops[row.combination] else { return -.infinity }
        return -1e15 + Double(rung)
      }
      // With a diverged seed the mean of the others says too much.
      return (isAccuracy ? mean : -mean) - (row.diverged > 0 ? 1e12 : 0)
    }
    let ranked = rows.map { (row: $0, rank: rank($0)) }
    self.rows = ranked.enumerated()
      .sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }
      .map(\.element.row)
    let comparedWith = plan.comparedWith
    baseline = rows.first { $0.combination == comparedWith }
    self.isAccuracy = isAccuracy
    self.isChosenByValidation = isChosenByValidation
  }

  /// Tests minus the baseline's, seed by seed, which had the same episodes.
  func difference(_ row: Row, error: Double = 0.05) -> SeedMean? {
    guard let baseline, baseline.combination != row.combination else { return nil }
    let pairs = row.tests.sorted { $0.key < $1.key }.compactMap { seed, value in
      baseline.tests[seed].map { value - $0 }
    }
    return SeedMean(pairs, error: error)
  }

  /// How many combinations are compared with the baseline.
  var comparisons: Int {
    guard let baseline, !baseline.tests.isEmpty else { return 0 }
    return rows.count { !$0.tests.isEmpty && $0.combination != baseline.combination }
  }
}

extension SweepResults {
  /// Whether a combination is told apart from the baseline with an interval that holds for all
  /// comparisons together (Bonferroni).
  func isApart(_ row: Row) -> Bool {
    guard comparisons > 0, let all = difference(row, error: 0.05 / Double(comparisons)),
      let half = all.half
    else { return false }
    return abs(all.mean) > half
  }

  /// The best against the baseline in one line; empty while no run has ended.
  var line: String {
    guard let best = rows.first, let test = best.test else { return "" }
    let (scale, digits, unit) = isAccuracy ? (100.0, 2, " %") : (1.0, 4, "")
    let words = plan.words(best.combination)
    let begin = "best: \(words), test \(fixed(test.mean * scale, digits))\(unit)"
    guard let baseline, comparisons > 0 else { return begin }
    guard baseline.combination != best.combination else { return "\(begin), the baseline itself" }
    let count = comparisons == 1 ? "1 comparison" : "\(comparisons) comparisons"
    guard let all = difference(best, error: 0.05 / Double(comparisons)), let half = all.half else {
      return "\(begin); one seed each: not told apart, chance alone may have chosen"
    }
    let number = signed(all.mean * scale, digits)
    let apart = isApart(best) ? "told apart" : "not told apart"
    return "\(begin); against the baseline \(number) ± \(fixed(half * scale, digits)) over "
      + "\(count) (Bonferroni): \(apart)"
  }
}

extension SweepResults.Outcome {
  /// Reads a run's summary; nil when it has not ended.
  package init?(_ directory: RunDirectory) {
    guard let bytes = try? SystemFile.read(directory.summary, limit: 1 << 20),
      let summary = try? JSONView(bytes),
      let status = summary["status"]?.string.flatMap(RunStatus.init(rawValue:)),
      status == .diverged || status == .finished && summary["test_loss"] != nil
    else { return nil }
    let isAccuracy = summary["test_accuracy"] != nil
    let kind = isAccuracy ? "accuracy" : "loss"
    self.init(
      status: status,
      test: summary["test_\(kind)"]?.double,
      testHalf: summary["test_ci95"]?.double,
      validation: summary["validation_\(kind)"]?.double,
      validationHalf: summary["validation_ci95"]?.double,
      isAccuracy: isAccuracy
    )
  }
}

extension [UInt64: Double] {
  /// In the order of their seeds, so that sums have the same bits every time.
  fileprivate var sortedValues: [Double] { sorted { $0.key < $1.key }.map(\.value) }
}
