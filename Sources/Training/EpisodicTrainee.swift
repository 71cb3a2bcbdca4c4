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
  private var configuration: RunConfiguration
  private let setup: EpisodeSetup
  let state: ParameterState
  private let team: WorkerTeam
  private var outer: OuterStep
  private var validation: Evaluation?
  private var shown: ShownEpisode?
  private var fit: ShownFit?

  init(_ configuration: RunConfiguration, team: WorkerTeam) {
    self.configuration = configuration
    self.team = team
    let source = configuration.source
    setup = configuration.setup(source.layout)
    state = ParameterState(layout: setup.parameters, seed: configuration.seed)
    outer = OuterStep(setup, configuration, state: state, source: source, team: team)
  }

  var settings: AlignedBuffer { outer.settings }
  var updates: Int { state.updates }
  var operationsPerStep: Int { outer.plan.plan.operationCount * outer.metaBatchSize }

  func load(_ file: TensorFile, _ rules: InitialRules) throws(SafetensorsError) -> InitialReport {
    try state.load(file, rules)
  }

  /// Takes a checkpoint's parameters, of which none may be missing.
  func load(checkpoint file: TensorFile) throws(SafetensorsError) {
    let report = try state.load(file)
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

  func makeStep(_ step: Int, rate: Float, withProbes: Bool, team: WorkerTeam) -> StepOutcome {
    outer.replayEpisodes(step: step, withProbes: withProbes, team: team)
    outer.averageGradient(team: team)
    let outcome = outer.conclude()
    if outcome.isFinite { outer.update(rate: rate, team: team) }
    return outcome
  }

  func probes(settings: [String: Double]) -> StepProbes {
    setup.probes(from: outer.probeAverages(), configuration.values, settings: settings)
  }

  var isFinite: Bool { state.isFinite }

  func restoreLastGood() { state.restoreLastGood() }

  func change(_ values: HyperparameterValues, isRetraced: Bool) {
    configuration.values = values
    validation = nil
    shown = nil
    fit = nil
    if isRetraced {
      let source = outer.source
      outer = OuterStep(setup, configuration, state: state, source: source, team: team)
    }
    outer.isTrained = setup.trainedGroups(values)
  }

  func snapshot(run: RunID, step: Int) -> RunEvent? {
    let workspace = team.workspaces[0]
    guard configuration.distribution.isClassification else {
      fit = fit ?? ShownFit(configuration)
      return fit.map {
        .fit($0.snapshot(state, settings: settings, in: workspace, run: run, step: step))
      }
    }
    shown = shown ?? ShownEpisode(configuration)
    return shown.map {
      .episode($0.snapshot(state, settings: settings, in: workspace, run: run, step: step))
    }
  }

  // MARK: Evaluation

  private var innerSteps: Int {
    configuration.values.integer(StandardHyperparameters.innerSteps.id)
  }

  func evaluate(isMetaTest: Bool, shouldStop: @Sendable () -> Bool) -> Scoring? {
    let evaluation =
      isMetaTest
      ? evaluation(.metaTest, configuration.testEpisodes, curve: \.testCurve)
      : validation
        ?? evaluation(.metaValidation, configuration.evaluationEpisodes, curve: \.validationCurve)
    if !isMetaTest { validation = evaluation }
    let scores = evaluation.run(state, settings: settings, team: team, shouldStop: shouldStop)
    return scores.map { scoring($0, evaluation.episodes) }
  }

  /// Gives the plans the hyperparameters' own values, without schedules.
  func writeSettings() {
    for (index, descriptor) in configuration.values.descriptors.enumerated() {
      let value = configuration.values.number(descriptor.id)
      settings[configuration.values.settingOffset(index)] = Float(value)
    }
  }

  /// Every meta-test episode's scores after 0, 1, … `steps` inner steps.
  func scores(episodes: Int, steps: Int) -> Evaluation.Scores {
    let query = configuration.distribution.isClassification ? configuration.queryShot : 100
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
    let distribution = configuration.distribution
    return Evaluation(
      configuration,
      split: split,
      episodes: episodes,
      steps: max(innerSteps, distribution.defaults[keyPath: curve]),
      queryCount: distribution.isClassification ? configuration.queryShot : 100,
      team: team
    )
  }

  private func scoring(_ scores: Evaluation.Scores, _ episodes: Int) -> Scoring {
    Scoring(
      loss: scores.loss(after: innerSteps),
      lossConfidence95: scores.lossConfidence95(after: innerSteps),
      accuracy: scores.accuracy(after: innerSteps),
      accuracyConfidence95: scores.accuracyConfidence95(after: innerSteps),
      lossByInnerStep: scores.losses.indices.map { scores.loss(after: $0) },
      accuracyByInnerStep: scores.accuracies.indices.compactMap { scores.accuracy(after: $0) },
      count: episodes
    )
  }
}

extension OuterStep {
  fileprivate convenience init(
    _ setup: EpisodeSetup,
    _ configuration: RunConfiguration,
    state: ParameterState,
    source: any EpisodeSource,
    team: WorkerTeam
  ) {
    self.init(
      setup: setup,
      values: configuration.values,
      state: state,
      source: source,
      metaBatchSize: configuration.metaBatchSize,
      seed: configuration.seed,
      team: team
    )
  }
}
