import MetaLearning
import Recording

/// Successive halving: at each rung the better half of a method's combinations goes on.
///
/// Each method has a ladder of its own, so that every method comes to its end with its best values.
/// The rungs lie at 1/2, 1/4, 1/8 … of the outer steps, as many as it takes to come from all
/// combinations to one or two (Jamieson and Talwalkar 2016, with the factor 2).
struct SweepHalving {
  let plan: SweepPlan
  let directory: SweepDirectory

  package init(plan: SweepPlan, directory: SweepDirectory) {
    self.plan = plan
    self.directory = directory
  }

  /// Where a method's combinations are compared, in outer steps, the first rung first.
  func rungs(_ method: SweepPlan.Method) -> [Int] {
    let steps = method.options["steps"].flatMap { Int($0) } ?? 1
    var count = plan.combinations.count { $0.method == method.id }
    var rungs: [Int] = []
    while count > 1, steps >> (rungs.count + 1) > 0 {
      rungs.insert(steps >> (rungs.count + 1), at: 0)
      count = (count + 1) / 2
      if count == 1 { break }
    }
    return rungs
  }

  /// The rung that a method's runs are on their way to; nil when that is their end.
  func next(_ method: SweepPlan.Method, _ decisions: SweepDecisions) -> (rung: Int, step: Int)? {
    guard decisions.isHalving else { return nil }
    let (rungs, decided) = (rungs(method), decisions.rungs[method.id] ?? 0)
    guard decided < rungs.count else { return nil }
    return (decided + 1, rungs[decided])
  }

  /// What follows at a method's next rung from the scores there.
  func decide(
    _ method: SweepPlan.Method,
    _ decisions: SweepDecisions
  ) -> [SweepDecisions.Decision] {
    guard let (rung, step) = next(method, decisions) else { return [] }
    let alive = plan.combinations.filter {
      $0.method == method.id && decisions.stopped[$0] == nil
    }
    let ranked = alive.map { ($0, score($0, at: step)) }.enumerated()
      .sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }.map(\.element.0)
    let losing = ranked.dropFirst((ranked.count + 1) / 2)
    let rungs = rungs(method).count
    return losing.map { .stop($0, .halving(rung: rung, rungs: rungs, step: step)) }
      + [.rung(method: method.id, rung)]
  }

  /// The mean over seeds of the last meta-validation up to a step, the lower the better; infinite
  /// where a seed has diverged or was never measured.
  private func score(_ combination: SweepPlan.Combination, at step: Int) -> Double {
    let scores = plan.runs.filter { $0.combination == combination }.map { run in
      score(directory.run(run), at: step)
    }
    return scores.reduce(0, +) / Double(max(scores.count, 1))
  }

  private func score(_ run: RunDirectory, at step: Int) -> Double {
    var log = RecordedLog(run.metrics)
    var last: Double?
    while let value = try? log.view() {
      guard let own = value["step"]?.integer else { continue }
      guard own <= step else { break }
      guard let loss = value["validation_loss"]?.double else { continue }
      last = value["validation_accuracy"]?.double.map { -$0 } ?? loss
    }
    return last.flatMap { $0.isFinite ? $0 : nil } ?? .infinity
  }
}
