import Events
import Files
import Glibc
import Recording

/// Looks again and again at a sweep's directories, of this machine or another: read-only, without
/// locks.
package struct SweepWatcher {
  package let plan: SweepPlan
  package let directory: SweepDirectory
  /// Ends that were seen; they do not change any more.
  private var outcomes: [SweepResults.Outcome?]
  private let totals: [String: Int]
  /// What explains the scores, and of how many ends that was found.
  private var importance: (ends: Int, shares: [SweepSnapshot.Share]) = (0, [])

  private var curves = SweepCurves()
  private let queue: SlurmQueue?
  /// Where the sweep is made by this process.
  private let control: SweepControl?

  /// What a snapshot is made of.
  private struct Findings: Equatable {
    var progress: [SweepPlan.Combination: Double] = [:]
    var running: [SweepPlan.Combination: Int] = [:]
    var folders: [SweepPlan.Combination: [String]] = [:]
    var decisions = SweepDecisions()
    var isPaused = false
    var urgent: [SweepPlan.Combination] = []
    var queue: [Int: SlurmQueue.Task] = [:]
  }

  /// What was found the last time.
  private var last: (findings: Findings, snapshot: SweepSnapshot)?

  package init(_ plan: SweepPlan, _ directory: SweepDirectory, _ control: SweepControl? = nil) {
    self.plan = plan
    self.control = control
    queue = control == nil ? SlurmQueue(directory) : nil
    self.directory = directory
    outcomes = plan.runs.map { _ in nil }
    totals = Dictionary(
      plan.methods.map { ($0.id, $0.options["steps"].flatMap { Int($0) } ?? 1) }
    ) { first, _ in first }
  }

  /// Where the sweep stands now.
  package mutating func look() -> SweepSnapshot {
    var found = Findings()
    var begun: [(index: Int, directory: RunDirectory, isEnded: Bool)] = []
    for (index, run) in plan.runs.enumerated() {
      let own = directory.run(run)
      if outcomes[index] == nil { outcomes[index] = SweepResults.Outcome(own) }
      guard outcomes[index] == nil else {
        found.progress[run.combination, default: 0] += 1
        found.folders[run.combination, default: []].append(own.path)
        begun.append((index, own, true))
        continue
      }
      guard let state = state(own) else { continue }
      found.progress[run.combination, default: 0] += state.share
      found.folders[run.combination, default: []].append(own.path)
      if state.isAlive { found.running[run.combination, default: 0] += 1 }
      begun.append((index, own, false))
    }
    found.decisions = control?.decisions ?? SweepDecisions(reading: directory)
    found.isPaused = control?.isPaused ?? false
    found.urgent = control?.urgentOnes ?? []
    found.queue = queue?.known ?? [:]
    let hasNews = curves.read(begun)
    if let last, last.findings == found, !hasNews { return last.snapshot }
    let results = SweepResults(plan, outcomes: outcomes, stops: found.decisions.stopped)
    let ends = outcomes.count { $0 != nil }
    if ends != importance.ends { importance = (ends, Self.shares(results)) }
    let snapshot = snapshot(results, found)
    last = (found, snapshot)
    return snapshot
  }

  /// How far a run is that has not ended; nil when it has not begun.
  private func state(_ run: RunDirectory) -> (share: Double, isAlive: Bool)? {
    guard let bytes = try? SystemFile.read(run.state, limit: 1 << 20),
      let document = try? JSONView(bytes),
      let step = document["step"]?.double, let total = document["total"]?.double, total > 0
    else { return nil }
    let isAlive =
      document["status"]?.string == RunStatus.running.rawValue
      && RunWriter(document)?.isAlive() ?? false
    // The meta-test is still to come.
    return (min(step / total, 0.99), isAlive)
  }

  private func snapshot(_ results: SweepResults, _ found: Findings) -> SweepSnapshot {
    let seeds = Double(plan.seeds.count)
    let places = Dictionary(grouping: plan.runs.indices) { plan.runs[$0].combination }
    let rows = results.rows.map { row in
      let own = row.combination
      return SweepSnapshot.Row(
        method: plan.method(own.method)?.name ?? own.method,
        methodID: own.method,
        values: plan.ids.map { id in own.values.first { $0.id == id }?.text ?? "" },
        ended: row.tests.count,
        running: found.running[own] ?? 0,
        diverged: row.diverged,
        progress: (found.progress[own] ?? 0) / seeds,
        validation: Self.mean(row.validation, row.validationHalf),
        test: Self.mean(row.test, row.testHalf),
        difference: Self.mean(results.difference(row), nil),
        isBaseline: own == results.baseline?.combination,
        isApart: results.isApart(row),
        folders: found.folders[own] ?? [],
        stopped: row.missing > 0 ? found.decisions.stopped[own]?.text : nil,
        queue: (places[own] ?? []).compactMap { found.queue[plan.runs[$0].index] }.summary,
        isUrgent: found.urgent.contains(own),
        curve: curves.mean(places[own] ?? [])
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
      running: found.running.values.reduce(0, +),
      total: plan.runs.count,
      progress: weighted(found.progress),
      stopped: results.rows.reduce(0) { sum, row in
        sum + (found.decisions.stopped[row.combination] == nil ? 0 : row.missing)
      },
      queued: found.queue.values.count { $0.state == "pending" },
      isPaused: found.isPaused,
      isHalving: found.decisions.isHalving,
      nextRung: nextRung(found.decisions),
      verdict: results.line,
      isApart: results.rows.first.map(results.isApart) ?? false
    )
  }

  /// Where halving compares next: `rung 2/4 at step 500`, of the method that is least far.
  private func nextRung(_ decisions: SweepDecisions) -> String? {
    let halving = SweepHalving(plan: plan, directory: directory)
    let next = plan.methods.compactMap { method in
      halving.next(method, decisions).map { (halving.rungs(method).count, $0.rung, $0.step) }
    }
    return next.min { $0.1 < $1.1 }.map { "rung \($0.1)/\($0.0) at step \($0.2)" }
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
