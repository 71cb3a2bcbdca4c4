import Events
import Glibc
import Tasks
import Training

/// Looks again and again at a sweep's directories, of this machine or another: read-only, without
/// locks.
struct SweepWatcher {
  let plan: SweepPlan
  let directory: SweepDirectory
  /// Ends that were seen; they do not change any more.
  private var outcomes: [SweepResults.Outcome?]
  private let totals: [String: Int]
  /// What explains the scores, and of how many ends that was found.
  private var importance: (ends: Int, shares: [SweepSnapshot.Share]) = (0, [])

  /// What was found the last time, and from what.
  private var last:
    (
      progress: [SweepPlan.Combination: Double], running: [SweepPlan.Combination: Int],
      snapshot: SweepSnapshot
    )?

  init(_ plan: SweepPlan, _ directory: SweepDirectory) {
    self.plan = plan
    self.directory = directory
    outcomes = plan.runs.map { _ in nil }
    totals = Dictionary(
      plan.methods.map { ($0.id, $0.options["steps"].flatMap { Int($0) } ?? 1) }
    ) { first, _ in first }
  }

  /// Where the sweep stands now.
  mutating func look() -> SweepSnapshot {
    var progress: [SweepPlan.Combination: Double] = [:]
    var running: [SweepPlan.Combination: Int] = [:]
    var folders: [SweepPlan.Combination: [String]] = [:]
    for (index, run) in plan.runs.enumerated() {
      let own = directory.run(run)
      if outcomes[index] == nil { outcomes[index] = SweepResults.Outcome(own) }
      guard outcomes[index] == nil else {
        progress[run.combination, default: 0] += 1
        folders[run.combination, default: []].append(own.path)
        continue
      }
      guard let state = state(own) else { continue }
      progress[run.combination, default: 0] += state.share
      folders[run.combination, default: []].append(own.path)
      if state.isAlive { running[run.combination, default: 0] += 1 }
    }
    if let last, last.progress == progress, last.running == running { return last.snapshot }
    let results = SweepResults(plan, outcomes: outcomes)
    let ends = outcomes.count { $0 != nil }
    if ends != importance.ends { importance = (ends, Self.shares(results)) }
    let found = snapshot(results, progress, running, folders)
    last = (progress, running, found)
    return found
  }

  /// How far a run is that has not ended; nil when it has not begun.
  private func state(_ run: RunDirectory) -> (share: Double, isAlive: Bool)? {
    guard let bytes = try? SystemFile.read(run.state, limit: 1 << 20),
      let document = try? JSONReader.parse(bytes),
      let step = document["step"]?.double, let total = document["total"]?.double, total > 0
    else { return nil }
    let isAlive =
      document["status"]?.string == RunStatus.running.rawValue
      && RunWriter(document)?.isAlive() ?? false
    // The meta-test is still to come.
    return (min(step / total, 0.99), isAlive)
  }

  private func snapshot(
    _ results: SweepResults,
    _ progress: [SweepPlan.Combination: Double],
    _ running: [SweepPlan.Combination: Int],
    _ folders: [SweepPlan.Combination: [String]]
  ) -> SweepSnapshot {
    let seeds = Double(plan.seeds.count)
    let rows = results.rows.map { row in
      SweepSnapshot.Row(
        method: plan.method(row.combination.method)?.name ?? row.combination.method,
        values: plan.ids.map { id in row.combination.values.first { $0.id == id }?.text ?? "" },
        ended: row.tests.count,
        running: running[row.combination] ?? 0,
        diverged: row.diverged,
        progress: (progress[row.combination] ?? 0) / seeds,
        validation: Self.mean(row.validation, row.validationHalf),
        test: Self.mean(row.test, row.testHalf),
        difference: Self.mean(results.difference(row), nil),
        isBaseline: row.combination == results.baseline?.combination,
        folders: folders[row.combination] ?? []
      )
    }
    return SweepSnapshot(
      name: plan.name,
      task: plan.methods.first?.options["task"] ?? "",
      folder: directory.path,
      axes: plan.ids,
      seeds: plan.seeds.count,
      rows: rows,
      importance: importance.shares,
      isAccuracy: results.isAccuracy,
      isChosenByValidation: results.isChosenByValidation,
      ended: outcomes.count { $0 != nil },
      running: running.values.reduce(0, +),
      total: plan.runs.count,
      progress: weighted(progress)
    )
  }

  /// The share of all outer steps that are made.
  private func weighted(_ progress: [SweepPlan.Combination: Double]) -> Double {
    let made = plan.combinations.reduce(0.0) { sum, combination in
      sum + (progress[combination] ?? 0) * Double(totals[combination.method] ?? 1)
    }
    return plan.steps > 0 ? made / Double(plan.steps) : 0
  }

  private static func shares(_ results: SweepResults) -> [SweepSnapshot.Share] {
    results.plan.methods.flatMap { method in
      (Importance(method.id, results)?.shares ?? []).map { share in
        SweepSnapshot.Share(
          method: method.name,
          id: share.id,
          share: share.share,
          low: share.interval?.lowerBound,
          high: share.interval?.upperBound
        )
      }
    }
  }

  private static func mean(_ mean: SeedMean?, _ episodes: Double?) -> SweepSnapshot.Mean? {
    mean.map { SweepSnapshot.Mean(mean: $0.mean, half: $0.half ?? episodes) }
  }
}
