import Events
import MetaLearning

/// Which outer steps measure the probes.
///
/// Within a share of the run's computing time where one is given: the first 20 steps find what a
/// measurement costs, and the distances that follow from it stay for the rest of the run, for a resumed
/// one, too. Near the beginning, where the curves move, up to 4 % are spent, which the rest makes up for.
/// Three of the first 20 steps measure in any case, so a run of a few hundred steps may take more.
struct ProbeSchedule: Sendable {
  /// Steps between two measurements, at least; 0 for none.
  private let every: Int
  private let totalSteps: Int
  /// Of computing time; nil where the distance is as given, whatever it costs.
  private let share: Double?
  /// Nil until the cost of a measurement is known.
  private(set) var pace: ProbePace?
  /// Seconds of the first steps, without and with probes.
  private var plain: [Double] = []
  private var probed: [Double] = []

  /// Steps that find out what a measurement costs, and those of them that measure.
  private static let trialSteps = 20
  private static let trial = [1, 10, 20]
  /// What is spent near the beginning, and later.
  private static let earlyShare = 0.04
  private static let lateShare = 0.025

  init(
    every: Int,
    totalSteps: Int,
    share: Double? = nil,
    cost: Double? = nil
  ) {
    self.every = every
    self.totalSteps = totalSteps
    self.share = every > 0 ? share : nil
    if self.share != nil { pace = cost.map { pace(cost: $0) } }
  }

  /// Whether outer step `step` (1, 2, …) measures; `isWatched` where somebody looks at what is measured.
  func isDue(_ step: Int, isWatched: Bool = false) -> Bool {
    guard every > 0 else { return false }
    guard share != nil else {
      return step % every == 0 || step <= 10
        || (step <= 10 * every && step % max(every / 10, 1) == 0)
    }
    guard let pace else {
      return step > Self.trialSteps ? probed.isEmpty : Self.trial.contains(step)
    }
    if isWatched, step % pace.watchedEvery == 0 { return true }
    let distance = pace.early.flatMap { step <= $0.until ? $0.every : nil } ?? pace.every
    return distance.map { step % $0 == 0 } ?? false
  }

  /// Whether the seconds of the next step are asked for.
  var isTrying: Bool { share != nil && pace == nil }

  /// Takes down what outer step `step` took; the pace if that decides it.
  mutating func note(_ step: Int, seconds: Double, hasProbes: Bool) -> ProbePace? {
    guard isTrying else { return nil }
    if hasProbes { probed.append(seconds) } else { plain.append(seconds) }
    guard step >= Self.trialSteps, !plain.isEmpty, !probed.isEmpty else { return nil }
    // The first of all finds every memory cold, and whatever interrupts one makes it longer.
    let measured = probed.dropFirst(probed.count > 1 ? 1 : 0).min() ?? 0
    // Of two the smaller, so of the steps without probes one of the shorter, too.
    let ordinary = max(plain.sorted()[plain.count / 4], 1e-9)
    pace = pace(cost: max((measured - ordinary) / ordinary, 0.05))
    return pace
  }

  private func pace(cost: Double) -> ProbePace {
    let share = share ?? ProbePace.share
    let (total, trials) = (Double(totalSteps), Double(Self.trial.count))
    // What is left after the first steps' measurements, in outer steps.
    let left = share * total - trials * cost
    let watched = Self.distance(cost / ProbePace.watchedShare)
    guard left >= cost else {
      return ProbePace(cost: cost, every: nil, early: nil, watchedEvery: watched)
    }
    let late = Self.distance(max(cost / Self.lateShare, total * cost / left, Double(every)))
    let early = Self.distance(max(cost / Self.earlyShare, Double(every) / 10))
    // What the early ones take beyond the late ones' pace is what those leave.
    let spare = left - total * cost / Double(late)
    let until = min(spare / (cost / Double(early) - cost / Double(late)), 20 * Double(late))
    return ProbePace(
      cost: cost,
      every: late,
      early: early < late && until >= Double(2 * early)
        ? .init(every: early, until: Int(until)) : nil,
      watchedEvery: watched
    )
  }

  /// The next of 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, …: what was measured a little differently is mostly
  /// the same.
  private static func distance(_ least: Double) -> Int {
    for small in [1, 2, 3, 4, 5, 6, 8] where Double(small) >= least { return small }
    var power = 1
    while power < 100_000_000 {
      for factor in [10, 12, 15, 20, 25, 30, 40, 50, 60, 80]
      where Double(factor * power) >= least { return factor * power }
      power *= 10
    }
    return 10 * power
  }
}

extension RunConfiguration {
  /// A run that goes on keeps its distances; so does a branch.
  var probeSchedule: ProbeSchedule {
    ProbeSchedule(
      every: probeEvery,
      totalSteps: totalSteps,
      share: probeShare,
      cost: resume?.probeCost
    )
  }
}
