import Events

/// Outer steps a second of each run and of all, measured once a second so that digits stand still.
struct RateMeter: Sendable {
  private var measuredAt: Double?
  private var steps: [RunID: Int] = [:]
  private var rates: [RunID: ExponentialMean] = [:]

  /// Measures when a second has passed since the last time; says whether it did.
  mutating func tick(now: Double, runs: [RunState]) -> Bool {
    guard let before = measuredAt else {
      measuredAt = now
      remember(runs)
      return false
    }
    let passed = now - before
    guard passed >= 1 else { return false }
    for run in runs { measure(run, passed) }
    measuredAt = now
    remember(runs)
    return true
  }

  /// Steps a second, or nil before two measurements.
  func rate(_ run: RunState) -> Double? {
    guard let mean = rates[run.id], !mean.isEmpty else { return nil }
    return mean.value
  }

  private mutating func measure(_ run: RunState, _ passed: Double) {
    // A run that appeared since has an unknown start; a paused one keeps its last rate.
    guard let before = steps[run.id], run.status == .running else { return }
    // A recording that went back has made no steps.
    guard run.step >= before else {
      rates[run.id] = nil
      return
    }
    rates[run.id, default: ExponentialMean(weight: 0.7)].add(Double(run.step - before) / passed)
  }

  private mutating func remember(_ runs: [RunState]) {
    for run in runs { steps[run.id] = run.step }
  }
}
