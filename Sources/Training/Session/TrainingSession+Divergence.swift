import Events

/// What a session says and does about numbers that leave their band.
extension TrainingSession {
  /// Updates left out one after another before a run that may go on ends after all.
  static let mostDropped = 100

  /// What is no finite number, as the note about it says.
  enum NoNumber: String {
    case stored = "it begins with a parameter or a moment of the optimizer that is no finite number"
    case updated =
      "an update left a parameter or a moment of the optimizer that is no finite number"
  }

  /// The end of a run whose parameters went wrong outside of a step's loss and gradient.
  func diverge(_ reason: NoNumber) {
    trainee.restoreLastGood()
    wantsPause = policy == .pause
    post(.note(id, reason.rawValue))
    setStatus(.diverged)
    if reason == .stored { saveAtEnd() }
  }

  /// Looks at a finite step's numbers.
  func watch(_ report: StepReport) {
    guard let alarm = divergenceWatch.note(report, innerRate: Float(innerRate)) else { return }
    post(.diverging(alarm))
    wantsPause = policy == .pause
  }

  /// A step whose loss or gradient is no finite number: its update was not made.
  func concludeDivergence(_ report: StepReport) {
    dropped += 1
    // Said once for all that follow one another.
    if dropped == 1 {
      _ = divergenceWatch.note(report, innerRate: Float(innerRate))
      let diagnosis = trainee.diagnose(step - 1, settings: currentSettings, team: team)
      post(.diverging(divergenceWatch.divergence(report, diagnosis)))
      if let diagnosis { advise(diagnosis.probes) }
    }
    if policy == .goOn, dropped < Self.mostDropped { return }
    if policy == .goOn {
      post(.note(id, "\(dropped) updates in a row were no finite numbers, so it ends"))
    }
    trainee.restoreLastGood()
    wantsPause = policy == .pause
    setStatus(.diverged)
  }

  /// Says what the method has to say of a step's probes, once until it says something else.
  func advise(_ probes: StepProbes) {
    let keys = begun.method.declaredProbes(for: begun.model, trainee.values).map(\.key)
    let measured = Dictionary(zip(keys, probes.values)) { first, _ in first }
    guard let sentence = begun.method.advice(measured, trainee.values) else {
      advice = nil
      return
    }
    guard sentence != advice else { return }
    advice = sentence
    post(.note(id, sentence))
  }

  /// α as it is now; 1 where the method has no such number, so that norms are watched as they are.
  private var innerRate: Double {
    trainee.values.descriptors.first { $0.role == .innerRate }
      .map { trainee.values.number($0.id) } ?? 1
  }
}
