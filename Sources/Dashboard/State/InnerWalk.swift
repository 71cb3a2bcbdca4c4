import Events

/// One moment of an outer step, as it is walked through.
enum InnerPhase: Equatable, Sendable {
  /// The inner update from step k to k + 1.
  case inner(Int)
  /// The adapted weights are judged on the query set.
  case query
  case metaGradient
  /// What the second head adds to the body's gradient.
  case coLearner
  /// What multiplies the features.
  case perturbation
  case update
}

extension RunState {
  /// The moments of an outer step of this method, in order.
  var innerPhases: [InnerPhase] {
    let inner = (0..<max(fit?.innerSteps ?? adaptationSteps ?? 1, 0)).map { InnerPhase.inner($0) }
    var phases: [InnerPhase] = hasPerturbation ? [.perturbation] : []
    phases += inner + [.query, .metaGradient]
    if hasCoLearner { phases.append(.coLearner) }
    return phases + [.update]
  }
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
    let isOn = (focused?.values["first-order"] ?? 0) != 0
    return setEverywhere("first-order") { _ in isOn ? 0 : 1 }
  }

  /// γ to zero, or back to what it was before, else to its default.
  mutating func toggleCoLearner() -> [DashboardEffect] {
    let isOn = runs.contains { ($0.values["gamma"] ?? 0) != 0 && $0.hasCoLearner }
    let before = undoable
    return setEverywhere("gamma") { run in
      guard !isOn else { return 0 }
      return before.last { $0.run == run.id && $0.id == "gamma" && $0.value != 0 }?.value
        ?? run.hyperparameter("gamma")?.defaultValue ?? 0
    }
  }

  private mutating func setEverywhere(
    _ id: String,
    _ value: (RunState) -> Double
  )
    -> [DashboardEffect]
  {
    var effects: [DashboardEffect] = []
    for run in runs where !run.isOver {
      guard let descriptor = run.hyperparameter(id) else { continue }
      effects += change(descriptor, to: value(run), run: run.id)
    }
    return effects
  }
}
