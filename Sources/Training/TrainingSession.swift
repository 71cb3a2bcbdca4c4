import Events
import Kernels
import MetaLearning
import Tasks

/// One run: its parameters, its plans, and where it stands.
///
/// Owned by the comparison's queue; the team's workers enter only inside `run`.
/// `@unchecked Sendable`: it is handed to that queue once and used from there alone; inside a
/// turn, workers follow the phases of `OuterStep`.
final class TrainingSession: @unchecked Sendable {
  let id: RunID
  private(set) var configuration: RunConfiguration
  let setup: EpisodeSetup
  let state: ParameterState
  private(set) var status = RunStatus.running
  /// Outer steps made.
  private(set) var step = 0
  /// Seconds spent in turns.
  private(set) var seconds = 0.0
  /// Smoothed seconds an outer step takes; decides the length of turns.
  private(set) var stepSeconds = 0.001
  private let team: WorkerTeam
  private let save: @Sendable (RunID, CheckpointKind, TensorFile) -> Void
  private let post: @Sendable (RunEvent) -> Void
  private let isStopRequested: @Sendable () -> Bool
  private var outer: OuterStep
  /// Groups of which the file of initial parameters had nothing; nil without a file.
  private let freshGroups: [String]?
  /// The best meta-validation so far.
  private var best: ValidationReport?
  private var lastSave = 0.0
  private var isSingleStep = false
  private var validation: Evaluation?
  private var shown: ShownEpisode?
  private var turnStart = 0.0
  private var isTurnOver = false

  init(
    id: RunID,
    configuration: RunConfiguration,
    team: WorkerTeam,
    save: @escaping @Sendable (RunID, CheckpointKind, TensorFile) -> Void,
    post: @escaping @Sendable (RunEvent) -> Void,
    isStopRequested: @escaping @Sendable () -> Bool = { false }
  ) throws(SafetensorsError) {
    self.id = id
    self.configuration = configuration
    self.team = team
    self.save = save
    self.post = post
    self.isStopRequested = isStopRequested
    let source = configuration.source
    setup = EpisodeSetup(
      method: configuration.method,
      model: configuration.model,
      layout: source.layout,
      isClassification: configuration.distribution.isClassification
    )
    state = ParameterState(layout: setup.parameters, seed: configuration.seed)
    if let initial = configuration.initial {
      freshGroups = try state.load(initial)
    } else {
      freshGroups = nil
    }
    outer = OuterStep(
      setup: setup,
      values: configuration.values,
      state: state,
      source: source,
      metaBatchSize: configuration.metaBatchSize,
      seed: configuration.seed,
      team: team
    )
    writeSettings()
  }

  var isActive: Bool { status == .running }
  var description: RunDescription { configuration.description(id: id) }

  func setStatus(_ status: RunStatus) {
    guard self.status != status else { return }
    self.status = status
    post(.statusChanged(id, status, step: step))
  }

  /// Says that the run exists, and what it begins with.
  func begin() {
    post(.started(description))
    if configuration.evaluateEvery > 0 { postSnapshot() }
    guard let file = configuration.initial, let freshGroups else { return }
    let rest =
      freshGroups.isEmpty
      ? "" : "; initialised here: " + freshGroups.joined(separator: ", ")
    post(.note(id, "parameters from \(file.path)\(rest)"))
  }

  // MARK: Outer steps

  /// Makes at most `limit` outer steps; `shouldStop` is asked between two steps.
  func run(limit: Int, shouldStop: @Sendable () -> Bool) {
    guard isActive, limit > 0 else { return }
    turnStart = monotonicSeconds()
    let first = step
    isTurnOver = false
    let end = min(step + limit, configuration.totalSteps)
    outer.takeWorkspaces()
    team.perform { while !isTurnOver { makeStep(end: end, shouldStop: shouldStop) } }
    let spent = monotonicSeconds() - turnStart
    seconds += spent
    if step > first { stepSeconds = 0.5 * stepSeconds + 0.5 * spent / Double(step - first) }
    if isActive, step >= configuration.totalSteps { setStatus(.finished) }
  }

  /// One outer step of a paused run, measured in full.
  func singleStep() {
    guard status == .paused else { return }
    status = .running
    isSingleStep = true
    run(limit: 1) { true }
    isSingleStep = false
    concludeTurn()
    if status == .running { status = .paused }
  }

  /// One outer step; called by the team's leader.
  private func makeStep(end: Int, shouldStop: () -> Bool) {
    let hasProbes = isSingleStep || isProbed(step + 1)
    outer.replayEpisodes(step: step, withProbes: hasProbes, team: team)
    outer.averageGradient(team: team)
    let outcome = outer.conclude()
    if outcome.isFinite { outer.update(rate: outerRate, team: team) }
    finishStep(outcome, hasProbes: hasProbes)
    isTurnOver = !isActive || step >= end || isValidated(step) || shouldStop()
  }

  /// Probes are dense at the beginning, where the curves move.
  private func isProbed(_ step: Int) -> Bool {
    guard configuration.probeEvery > 0 else { return false }
    return step % configuration.probeEvery == 0 || step <= 10
      || (step <= 10 * configuration.probeEvery
        && step % max(configuration.probeEvery / 10, 1) == 0)
  }

  private func finishStep(_ outcome: OuterStep.StepOutcome, hasProbes: Bool) {
    var report = StepReport(
      run: id,
      step: step + 1,
      seconds: seconds + monotonicSeconds() - turnStart,
      queryLoss: outcome.queryLoss,
      supportLoss: outcome.supportLoss,
      metaGradientNorm: outcome.metaGradientNorm,
      queryAccuracy: outcome.queryAccuracy
    )
    if hasProbes {
      report.probes = setup.probes(
        from: outer.probeAverages(),
        configuration.values,
        settings: currentSettings
      )
    }
    step += 1
    post(.step(report))
    if outcome.isFinite {
      writeSettings()
    } else {
      state.restoreLastGood()
      setStatus(.diverged)
    }
  }

  // MARK: Hyperparameters

  /// Changes a value between two turns; structural ones retrace the graphs.
  ///
  /// - Throws: the sentence that says why the value is not taken.
  func setHyperparameter(_ id: String, to value: Double) throws(HyperparameterError) {
    var values = configuration.values
    try values.set(id, to: value)
    guard isActive || status == .paused else {
      throw HyperparameterError("\(id): the run has ended (\(status.rawValue))")
    }
    guard values != configuration.values else { return }
    configuration.values = values
    validation = nil
    shown = nil
    if values.descriptor(id)?.isStructural == true {
      outer = OuterStep(
        setup: setup,
        values: values,
        state: state,
        source: outer.source,
        metaBatchSize: configuration.metaBatchSize,
        seed: configuration.seed,
        team: team
      )
    }
    outer.isTrained = setup.trainedGroups(values)
    writeSettings()
  }

  private var currentSettings: [String: Double] {
    let ids = configuration.values.descriptors.map(\.id)
    return Dictionary(uniqueKeysWithValues: ids.map { ($0, currentValue($0)) })
  }

  /// A hyperparameter at the next step.
  private func currentValue(_ id: String) -> Double {
    configuration.method.scheduledValue(
      id,
      configuration.values,
      step: step,
      totalSteps: configuration.totalSteps
    ) ?? configuration.values.number(id)
  }

  /// The outer learning rate of the next step.
  private var outerRate: Float {
    Float(
      configuration.values.outerLearningRate(step: step, totalSteps: configuration.totalSteps)
    )
  }

  /// Writes the graph's inputs for the next step.
  private func writeSettings() {
    for (index, descriptor) in configuration.values.descriptors.enumerated() {
      let offset = configuration.values.settingOffset(index)
      outer.settings[offset] = Float(currentValue(descriptor.id))
    }
  }

  // MARK: Evaluation

  private func isValidated(_ step: Int) -> Bool {
    configuration.evaluateEvery > 0 && step % configuration.evaluateEvery == 0
  }

  /// What follows a turn: meta-validation when its last step asks for it, and the end of the run.
  func concludeTurn() {
    if isValidated(step), status != .diverged { validate() }
    switch status {
    case .finished:
      if let report = metaTest() { post(.validation(report)) }
      saveAtEnd()
    case .diverged: saveAtEnd()
    case .running, .paused, .stopped: break
    }
  }

  func stop() {
    guard isActive || status == .paused else { return }
    setStatus(.stopped)
    saveAtEnd()
  }

  /// Shows what the model as it is makes of one episode, where there are pictures to show.
  private func postSnapshot() {
    shown = shown ?? ShownEpisode(configuration)
    guard let shown else { return }
    let snapshot = shown.snapshot(
      state,
      settings: outer.settings,
      in: team.workspaces[0],
      run: id,
      step: step
    )
    post(.episode(snapshot))
  }

  private func validate() {
    let evaluation =
      validation
      ?? evaluation(split: .metaValidation, curve: \.validationCurve)
    validation = evaluation
    guard let report = report(evaluation, isMetaTest: false) else { return }
    post(.validation(report))
    postSnapshot()
    if report.isFinite, best.map({ report.isBetter(than: $0) }) ?? true {
      best = report
      save(id, .best, checkpoint())
    }
    if monotonicSeconds() - lastSave > Self.secondsBetweenSaves { saveLast() }
  }

  /// Scores the parameters as they are on meta-test episodes; nil when told to stop meanwhile.
  func metaTest() -> ValidationReport? {
    report(
      evaluation(split: .metaTest, curve: \.testCurve),
      isMetaTest: true
    )
  }

  // MARK: Checkpoints

  private static let secondsBetweenSaves = 30.0

  private func saveAtEnd() {
    saveLast()
    if best == nil { save(id, .best, checkpoint()) }
  }

  private func saveLast() {
    save(id, .last, checkpoint())
    lastSave = monotonicSeconds()
  }

  private func checkpoint() -> TensorFile {
    state.tensorFile(metadata: [
      "format": "pt", "method": configuration.method.descriptor.id,
      "task": configuration.distribution.name, "model": configuration.model.name,
      "step": String(step), "updates": String(state.updates),
      "seed": String(configuration.seed),
    ])
  }

  private func evaluation(split: MetaSplit, curve: KeyPath<TaskDefaults, Int>) -> Evaluation {
    let innerSteps = configuration.values.integer(StandardHyperparameters.innerSteps.id)
    let isTest = split == .metaTest
    return Evaluation(
      configuration,
      split: split,
      episodes: isTest ? configuration.testEpisodes : configuration.evaluationEpisodes,
      steps: max(innerSteps, configuration.distribution.defaults[keyPath: curve]),
      queryCount: configuration.distribution.isClassification ? configuration.queryShot : 100,
      team: team
    )
  }

  private func report(_ evaluation: Evaluation, isMetaTest: Bool) -> ValidationReport? {
    let scores = evaluation.run(
      state,
      settings: outer.settings,
      team: team,
      shouldStop: isStopRequested
    )
    guard let scores else { return nil }
    let innerSteps = configuration.values.integer(StandardHyperparameters.innerSteps.id)
    return ValidationReport(
      run: id,
      step: step,
      loss: scores.loss(after: innerSteps),
      lossConfidence95: scores.lossConfidence95(after: innerSteps),
      accuracy: scores.accuracy(after: innerSteps),
      accuracyConfidence95: scores.accuracyConfidence95(after: innerSteps),
      lossByInnerStep: scores.losses.indices.map { scores.loss(after: $0) },
      accuracyByInnerStep: scores.accuracies.indices.compactMap { scores.accuracy(after: $0) },
      episodes: evaluation.episodes,
      isMetaTest: isMetaTest
    )
  }
}

extension ValidationReport {
  fileprivate var isFinite: Bool { loss.isFinite && (accuracy ?? 0).isFinite }

  /// By accuracy where there are classes, as the papers choose; by loss else, and between equals.
  func isBetter(than other: Self) -> Bool {
    if let own = accuracy, let others = other.accuracy, own != others { return own > others }
    return loss < other.loss
  }
}
