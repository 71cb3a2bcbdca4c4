import Events

/// One moment of an outer step, as it is walked through.
enum InnerPhase: Equatable, Sendable {
  /// The inner update from step k to k + 1.
  case inner(Int)
  /// Adaptation that is not made of steps.
  case adaptation
  /// The adapted weights are judged on the query set.
  case query
  case metaGradient
  case update
  /// One that the method declares.
  case declared(id: String, step: Int)
}

extension RunState {
  /// Inner steps that are walked through, at most; with more the middle ones are left out.
  private static let walkLimit = 100

  /// The moments of an outer step of this method, in order.
  var innerPhases: [InnerPhase] {
    func at(_ place: MomentDescription.Place, step: Int = 0) -> [InnerPhase] {
      description.moments.filter { $0.place == place }.map { .declared(id: $0.id, step: step) }
    }
    func or(_ usual: InnerPhase, _ declared: [InnerPhase]) -> [InnerPhase] {
      declared.isEmpty ? [usual] : declared
    }
    var inner: [InnerPhase] = []
    if isWalkedByStep {
      inner = walkedSteps.flatMap { or(.inner($0), at(.insteadOfInnerStep, step: $0)) }
    } else if isAdapting {
      inner = or(.adaptation, at(.insteadOfInnerStep))
    }
    let query = or(.query, at(.insteadOfQuery))
    let gradient = or(.metaGradient, at(.insteadOfGradient))
    let update = or(.update, at(.insteadOfUpdate))
    return at(.first) + inner + query + gradient + at(.afterGradient) + update
  }

  private var isWalkedByStep: Bool {
    if case .innerSteps = description.adaptation { true } else { false }
  }

  /// Inner steps before the adapted weights stand.
  var walkedSteps: [Int] {
    let count = fit?.innerSteps ?? adaptationSteps ?? 1
    guard count > Self.walkLimit else { return Array(0..<max(count, 0)) }
    return Array(0..<Self.walkLimit / 2) + Array(count - Self.walkLimit / 2..<count)
  }

  func moment(_ id: String) -> MomentDescription? { description.moments.first { $0.id == id } }
}

extension DashboardState {
  /// The moment that is shown of the focused method's outer step.
  var innerPhase: InnerPhase? {
    guard let phases = focused?.innerPhases else { return nil }
    return phases[min(walk, phases.count - 1)]
  }

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
