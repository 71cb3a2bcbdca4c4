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
}
