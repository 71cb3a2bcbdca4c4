import Events
import Files
import Kernels
import MetaLearning
import Tasks

/// A meta-learner on episodes: an outer step is a meta-batch of them.
///
/// `@unchecked Sendable`: used on the comparison's queue; inside a turn, workers follow the phases
/// of `OuterStep`.
final class EpisodicTrainee: Trainee, @unchecked Sendable {
  /// As the run began; what can be changed since is `values`.
  private let begun: RunConfiguration
  private let setup: EpisodeSetup
  let state: ParameterState
  private let team: WorkerTeam
  let settings: AlignedBuffer
  private(set) var outer: OuterStep
  private var validation: Evaluation?
  private var shown: ShownEpisode?
  private var fit: ShownFit?
  private var map: ShownMap?

  init(_ configuration: RunConfiguration, team: WorkerTeam) {
    begun = configuration
    self.team = team
    let source = configuration.source
    setup = configuration.setup(source.layout)
    state = ParameterState(layout: setup.parameters, seed: configuration.seed)
    state.lasting = LastingState(
      setup.trajectory(configuration.values),
      taskCount: configuration.metaBatchSize
    )
    state.best = BestParameters(layout: setup.parameters, size: configuration.method.ensembleSize)
    settings = AlignedBuffer(count: setup.settingCount(configuration.values))
    map = ShownMap(configuration, state)
    outer = OuterStep(
      setup,
      configuration,
      stage: 0,
      state: state,
      source: source,
      settings: settings,
      team: team
    )
  }

  var values: HyperparameterValues { outer.values }

  /// As the run would begin now.
  private var configuration: RunConfiguration { begun.with(values) }

  var updates: Int { state.updates }
  var operationsPerStep: Int {
    let steps =
      outer.trajectory.map { plans in
        let back =
          plans.online?.gradient.plan.operationCount
          ?? plans.backward?.back.plan.operationCount ?? 0
        return (plans.step.plan.operationCount + back) * plans.trajectory.steps
      } ?? 0
    return (outer.plan.plan.operationCount + steps) * outer.metaBatchSize
  }

  func load(_ file: TensorFile, _ rules: InitialRules) throws(SafetensorsError) -> InitialReport {
    try state.load(file, rules)
  }

  /// Takes a checkpoint's parameters, of which none may be missing.
  func load(checkpoint file: TensorFile) throws(SafetensorsError) {
    let report = try state.load(file)
    try state.lasting?.restore(file, updates: 0)
    guard let group = report.groups.first else { return }
    throw SafetensorsError(
      path: file.path,
      reason:
        "has no parameters of \(group), which the run has; it is another run's, or was changed"
    )
  }

  func restore(_ file: TensorFile, updates: Int) throws(SafetensorsError) {
    try state.restore(file, updates: updates)
  }

  func tensorFile(metadata: [String: String]) -> TensorFile { state.tensorFile(metadata: metadata) }

  func takeWorkspaces() { outer.takeWorkspaces() }

  func makeStep(_ step: Int, withProbes: Bool, team: WorkerTeam) -> StepOutcome? {
    enterStage(of: step)
    let isMade = outer.replayEpisodes(
      step: step,
      of: begun.totalSteps,
      withProbes: withProbes,
      team: team
    )
    guard isMade else { return nil }
    outer.averageGradient(team: team)
    let outcome = outer.conclude()
    if outcome.isFinite {
      outer.update(step: step, totalSteps: begun.totalSteps, team: team)
      outer.followUpdate(team: team)
      map?.note(state, step: step)
    }
    return outcome
  }

  /// Traces the method's graphs of another stage, when the step is in one.
  private func enterStage(of step: Int) {
    let stage = setup.method.stage(
      values,
      step: step,
      totalSteps: begun.totalSteps
    )
    guard stage != outer.stage else { return }
    outer = outer(stage: stage, values)
    outer.takeWorkspaces()
  }

  private func outer(stage: Int, _ values: HyperparameterValues) -> OuterStep {
    OuterStep(
      setup,
      begun.with(values),
      stage: stage,
      state: state,
      source: outer.source,
      settings: settings,
      team: team
    )
  }

  func diagnose(_ step: Int, settings: [String: Double], team: WorkerTeam) -> StepDiagnosis? {
    // What lasts has gone on already.
    guard state.lasting == nil, outer.lockstep == nil,
      outer.replayEpisodes(step: step, of: begun.totalSteps, withProbes: true, team: team)
    else { return nil }
    let layout = state.layout
    let bad = layout.specifications.indices.first { !state.gradient.isFinite(layout.range($0)) }
    return StepDiagnosis(
      probes: probes(settings: settings),
      layers: begun.model.layers,
      gradient: bad.map { layout.specifications[$0].name }
    )
  }

  func gradient(_ step: Int, team: WorkerTeam) -> [Double]? {
    // What lasts would go on already.
    guard state.lasting == nil, outer.lockstep == nil,
      outer.replayEpisodes(step: step, of: begun.totalSteps, withProbes: false, team: team)
    else { return nil }
    outer.averageGradient(team: team)
    return state.gradient.values(0..<state.gradient.count).map(Double.init)
  }

  func probes(settings: [String: Double]) -> StepProbes { outer.probes(settings: settings) }

  var isFinite: Bool { state.isFinite }

  func restoreLastGood() { state.restoreLastGood() }

  func change(_ values: HyperparameterValues, isRetraced: Bool) {
    // A plain number is an input of every graph.
    guard isRetraced else { return outer.change(values) }
    (validation, shown, fit) = (nil, nil, nil)
    outer = outer(stage: outer.stage, values)
  }

  func snapshot(run: RunID, step: Int, task: Int) -> RunEvent? {
    guard begun.holdsOut else { return nil }
    let workspace = team.workspaces[0]
    if let map { return .map(map.snapshot(run: run, step: step)) }
    guard [.pictures, .nodes].contains(begun.distribution.kind) else {
      fit = fit ?? ShownFit(configuration)
      return fit.map {
        .fit(
          $0.snapshot(state, settings: settings, in: workspace, run: run, step: step, task: task)
        )
      }
    }
    shown = shown ?? ShownEpisode(configuration)
    return shown.flatMap {
      $0.snapshot(state, settings: settings, in: workspace, run: run, step: step, task: task)
    }.map { .episode($0) }
  }

  // MARK: Evaluation

  func evaluate(isMetaTest: Bool, shouldStop: @Sendable () -> Bool) -> ValidationReport? {
    if isMetaTest, let members = state.best?.parameters, members.count > 1 {
      return testedTogether(members, shouldStop)
    }
    let evaluation =
      isMetaTest
      ? evaluation(.metaTest, begun.testEpisodes, curve: \.testCurve)
      : validation
        ?? evaluation(.metaValidation, begun.evaluationEpisodes, curve: \.validationCurve)
    if !isMetaTest { validation = evaluation }
    let scores = evaluation.run(state, settings: settings, team: team, shouldStop: shouldStop)
    guard let scores else { return nil }
    let result = report(scores, evaluation.episodes)
    if !isMetaTest {
      state.best?.note(loss: result.loss, accuracy: result.accuracy, state.parameters)
    }
    return result
  }

  var testNote: String? {
    guard let count = state.best?.parameters.count, count > 1 else { return nil }
    return "meta-test averages the outputs of the \(count) best validated parameters"
  }

  /// The outputs of the best validated parameters, averaged.
  private func testedTogether(
    _ members: [AlignedBuffer],
    _ shouldStop: @Sendable () -> Bool
  ) -> ValidationReport? {
    let evaluation = EnsembleEvaluation(
      configuration,
      split: .metaTest,
      episodes: begun.testEpisodes,
      steps: evaluationSteps(\.testCurve),
      queryCount: begun.distribution.evaluationQuery(begun.queryShot),
      team: team
    )
    return evaluation.run(members, settings: settings, team: team, shouldStop: shouldStop)
      .map { report($0, begun.testEpisodes) }
  }

  private func evaluationSteps(_ curve: KeyPath<TaskDefaults, Int>) -> Int {
    begun.method.evaluationSteps(
      values,
      wanted: begun.distribution.defaults[keyPath: curve]
    )
  }

  /// Gives the plans the hyperparameters' own values, without schedules, and what is derived from
  /// them as at the run's end.
  func writeSettings() {
    let values = values
    for (index, descriptor) in values.descriptors.enumerated() {
      settings[values.settingOffset(index)] = Float(values.number(descriptor.id))
    }
    let total = begun.totalSteps
    for (index, id) in setup.method.derivedSettings(values).enumerated() {
      let value = setup.method.scheduledValue(id, values, step: total, totalSteps: total)
      settings[values.derivedOffset(index)] = Float(value ?? 0)
    }
  }

  /// Every meta-test episode's scores after 0, 1, … `steps` inner steps.
  func scores(episodes: Int, steps: Int) -> Evaluation.Scores {
    let query = begun.distribution.evaluationQuery(begun.queryShot)
    let evaluation = Evaluation(
      configuration,
      split: .metaTest,
      episodes: episodes,
      steps: steps,
      queryCount: query,
      team: team
    )
    writeSettings()
    guard let scores = evaluation.run(state, settings: settings, team: team) else {
      preconditionFailure("nobody could stop it")
    }
    return scores
  }

  private func evaluation(
    _ split: MetaSplit,
    _ episodes: Int,
    curve: KeyPath<TaskDefaults, Int>
  ) -> Evaluation {
    let distribution = begun.distribution
    return Evaluation(
      configuration,
      split: split,
      episodes: episodes,
      steps: evaluationSteps(curve),
      queryCount: distribution.evaluationQuery(begun.queryShot),
      team: team
    )
  }

  private func report(_ scores: Evaluation.Scores, _ episodes: Int) -> ValidationReport {
    let loss = scores.loss(after: scores.reported)
    let accuracy = scores.accuracy(after: scores.reported)
    return ValidationReport(
      loss: Float(loss.mean),
      lossConfidence95: Float(loss.confidence95),
      accuracy: accuracy.map { Float($0.mean) },
      accuracyConfidence95: accuracy.map { Float($0.confidence95) },
      lossByInnerStep: scores.losses.map { Float(EpisodeMean($0).mean) },
      accuracyByInnerStep: scores.accuracies.map { Float(EpisodeMean($0).mean) },
      episodes: episodes,
      scores: scores.byEpisode
    )
  }
}

extension OuterStep {
  fileprivate convenience init(
    _ setup: EpisodeSetup,
    _ configuration: RunConfiguration,
    stage: Int,
    state: ParameterState,
    source: any EpisodeSource,
    settings: AlignedBuffer,
    team: WorkerTeam
  ) {
    self.init(
      setup: setup,
      values: configuration.values,
      stage: stage,
      state: state,
      source: source,
      metaBatchSize: configuration.metaBatchSize,
      seed: configuration.seed,
      settings: settings,
      team: team
    )
  }
}
