import Events

/// Walking through an outer step, and its switches.
extension DashboardState {
  /// To the next moment; behind the last of a paused run the engine makes another outer step.
  mutating func walkOn() -> [DashboardEffect] {
    guard let run = focused else { return [] }
    focus(.innerLoop)
    guard walk + 1 >= run.innerPhases.count else {
      walk += 1
      return []
    }
    walk = 0
    return run.status == .paused ? [.send(.singleStep)] : []
  }

  /// Seconds a moment stays in slow motion, from the slowest pace to the fastest: a formula and some
  /// thirty words take about six to read.
  static let paces: [Double] = [16, 10, 6, 4, 2, 1]

  var secondsPerMoment: Double { Self.paces[slowMotionPace] }

  mutating func toggleSlowMotion() {
    isSlowMotion.toggle()
    momentAt = now
    focus(.innerLoop)
    if isSlowMotion { say("\(Int(secondsPerMoment)) s a moment; [ slower, ] faster, S stops") }
  }

  mutating func changePace(faster: Bool) {
    slowMotionPace = min(max(slowMotionPace + (faster ? 1 : -1), 0), Self.paces.count - 1)
    say("\(Int(secondsPerMoment)) s a moment")
  }

  mutating func walkBack() {
    guard let run = focused else { return }
    focus(.innerLoop)
    walk = walk > 0 ? min(walk, run.innerPhases.count - 1) - 1 : run.innerPhases.count - 1
  }

  /// Second-order terms in or out, of all running methods that know the switch.
  mutating func toggleFirstOrder() -> [DashboardEffect] {
    let own = focused?.hyperparameter(in: .firstOrder)
    let isOn = own.flatMap { focused?.values[$0.id] } ?? 0 != 0
    return setEverywhere({ $0.hyperparameter(in: .firstOrder) }, to: { _, _ in isOn ? 0 : 1 })
  }

  /// The part that can be switched off: the focused method's, else the first method's that has one.
  var partSwitch: HyperparameterDescriptor? { run { $0.partSwitch != nil }?.partSwitch }

  /// To its off value, or back to what it was before, else to its default; of all methods that have
  /// the same switch.
  mutating func togglePart() -> [DashboardEffect] {
    guard let part = partSwitch, let off = part.offValue else { return [] }
    let isOn = runs.contains { run in
      run.hyperparameter(part.id)?.offValue != nil && (run.values[part.id] ?? off) != off
    }
    let before = undoable
    return setEverywhere(
      { run in run.hyperparameter(part.id).flatMap { $0.offValue == nil ? nil : $0 } },
      to: { run, own in
        guard !isOn else { return off }
        return before.last { $0.run == run.id && $0.id == part.id && $0.value != off }?.value
          ?? own.defaultValue
      }
    )
  }

  private mutating func setEverywhere(
    _ descriptor: (RunState) -> HyperparameterDescriptor?,
    to value: (RunState, HyperparameterDescriptor) -> Double
  ) -> [DashboardEffect] {
    var effects: [DashboardEffect] = []
    for run in runs where !run.isOver {
      guard let own = descriptor(run) else { continue }
      effects += change(own, to: value(run, own), run: run.id)
    }
    return effects
  }
}
