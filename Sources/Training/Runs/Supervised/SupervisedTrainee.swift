import Events
import Files
import Kernels
import MetaLearning
import Models

/// Networks on labelled pictures, with one φ that all share (Ryu et al., NeurIPS 2020).
///
/// An outer step is one batch for each task: its θ takes an Adam step on the training half, and in
/// joint training φ takes one with the average of the tasks' gradients on their held-out halves. Each
/// task is one worker's, so a run has the same bits with any number of them.
///
/// `@unchecked Sendable`: networks are touched by the worker that claimed their task; everything else
/// by the leader between phases.
final class SupervisedTrainee: Trainee, @unchecked Sendable {
  private let training: SupervisedTraining
  private(set) var values: HyperparameterValues
  private(set) var networks: [TaskNetwork]
  private let totalSteps: Int
  private let seed: UInt64
  private let team: WorkerTeam
  private var workers: [WorkerMemory]
  private var prediction: Prediction
  private let gradient: AlignedBuffer
  private var disagreement: Float = 0
  /// Of the step that is being made.
  private var current = (step: 0, move: TaskNetwork.Move(rules: [], rate: 0), isProbed: false)
  private var job: WorkerTeam.Job = { _, _ in }

  let settings: AlignedBuffer

  init(
    _ training: SupervisedTraining,
    _ values: HyperparameterValues,
    totalSteps: Int,
    seed: UInt64,
    team: WorkerTeam
  ) {
    self.totalSteps = totalSteps
    self.training = training
    self.values = values
    self.seed = seed
    self.team = team
    settings = AlignedBuffer(count: values.settingCount)
    let networks = Self.networks(training, values, seed: seed, states: nil)
    self.networks = networks
    workers = Self.workers(networks, team)
    prediction = Prediction(networks, seed: seed, team: team)
    gradient = AlignedBuffer(count: networks.map(\.state.layout.count).max() ?? 0)
    job = { [unowned self] task, worker in
      networks[task].step(
        current.step,
        current.move,
        withProbes: current.isProbed,
        workers[worker]
      )
    }
  }

  private static func networks(
    _ training: SupervisedTraining,
    _ values: HyperparameterValues,
    seed: UInt64,
    states: [ParameterState]?
  ) -> [TaskNetwork] {
    var plans: [String: TaskNetwork.Plans] = [:]
    let networks = training.tasks.enumerated().map { index, task in
      let setup = training.setup(task, values)
      let key = task.model.name + " \(task.model.outputCount)"
      let own =
        plans[key]
        ?? TaskNetwork.Plans(setup, learnsShared: training.method.isJoint)
      plans[key] = own
      return TaskNetwork(
        task,
        setup,
        own,
        state: states?[index]
          ?? ParameterState(layout: setup.parameters, seed: seed &+ UInt64(index) &* 7919),
        source: BatchSource(training.recorded, task: index, seed: seed)
      )
    }
    if states == nil { share(networks) }
    return networks
  }

  /// One φ for all at the start: the first network's.
  private static func share(_ networks: [TaskNetwork]) {
    guard let range = networks[0].sharedRange else { return }
    let phi = networks[0].state.parameters.values(range)
    for network in networks.dropFirst() {
      guard let own = network.sharedRange else { continue }
      network.state.parameters.write(phi, at: own.lowerBound)
    }
  }

  private static func workers(_ networks: [TaskNetwork], _ team: WorkerTeam) -> [WorkerMemory] {
    team.workspaces.map { workspace in
      WorkerMemory(
        workspace,
        episodeCount: networks.map(\.plans.layout.count).max() ?? 1,
        noiseCount: networks.map(\.plans.noiseCount).max() ?? 0
      )
    }
  }

  var updates: Int { networks[0].state.updates }
  var operationsPerStep: Int { networks.reduce(0) { $0 + $1.plans.operationCount } }

  // MARK: Steps

  func takeWorkspaces() {
    let arena = networks.flatMap { $0.plans.all.map(\.plan.program.arenaCount) }.max() ?? 0
    for memory in workers {
      memory.take(parameters: networks[0].state.parameters, settings: settings)
      memory.workspace.requireArena(arena)
    }
  }

  func makeStep(_ step: Int, withProbes: Bool, team: WorkerTeam) -> StepOutcome? {
    let rate = Float(values.outerLearningRate(step: step, totalSteps: totalSteps))
    let rules = training.method.rules(networks[0].state.layout, values)
    current = (step, TaskNetwork.Move(rules: rules, rate: rate), withProbes)
    team.share(networks.count, job)
    var outcome = StepOutcome(
      queryLoss: mean { $0.loss },
      supportLoss: mean { $0.trainingLoss },
      queryAccuracy: mean { $0.accuracy },
      metaGradientNorm: Float(networks.reduce(0) { $0 + $1.gradientSquare(nil) }.squareRoot()),
      isFinite: true
    )
    outcome.isFinite =
      outcome.queryLoss.isFinite && outcome.supportLoss.isFinite
      && outcome.metaGradientNorm.isFinite
    if training.method.isJoint { outcome.metaGradientNorm = combine(outcome.isFinite) }
    outcome.isFinite = outcome.isFinite && outcome.metaGradientNorm.isFinite
    return outcome
  }

  private func mean(_ value: (TaskNetwork) -> Float) -> Float {
    networks.reduce(0) { $0 + value($1) } / Float(networks.count)
  }

  /// Averages φ's gradients in the order of the tasks and takes its step in every network.
  ///
  /// - Returns: the average's norm.
  private func combine(_ isFinite: Bool) -> Float {
    let gradients = SharedGradients(
      networks.compactMap { network in network.sharedRange.map { network.shared.values($0) } }
    )
    disagreement = gradients.disagreement
    guard isFinite, gradients.norm.isFinite else { return Float(gradients.norm) }
    for network in networks {
      guard let range = network.sharedRange else { continue }
      gradient.write(gradients.average, at: range.lowerBound)
      network.updateShared(gradient, current.move)
    }
    return Float(gradients.norm)
  }

  var isFinite: Bool { networks.allSatisfy { $0.state.isFinite } }

  func restoreLastGood() {
    for network in networks { network.state.restoreLastGood() }
  }

  // MARK: What was measured

  func probes(settings: [String: Double]) -> StepProbes {
    let layers = training.tasks[0].model.layers
    let norms = layers.map { layer in
      Float(
        (networks.reduce(0) { $0 + $1.gradientSquare(layer) } / Double(networks.count))
          .squareRoot()
      )
    }
    return StepProbes(
      supportLosses: [mean { $0.trainingLoss }],
      queryLosses: [mean { $0.loss }],
      innerGradientNorms: norms,
      values: training.method.probeValues(
        SharedGradients.sites(networks),
        taskLosses: networks.map(\.loss),
        disagreement: disagreement,
        settings
      )
    )
  }

  func snapshot(run _: RunID, step _: Int, task _: Int) -> RunEvent? { nil }

  func change(_ values: HyperparameterValues, isRetraced: Bool) {
    self.values = values
    guard isRetraced else { return }
    networks = Self.networks(training, values, seed: seed, states: networks.map(\.state))
    workers = Self.workers(networks, team)
    prediction = Prediction(networks, seed: seed, team: team)
  }

  // MARK: Predictions

  /// Draws that the end's predictions average, and the numbers of draws it reports, 100 as published.
  private static let finalSamples = 100

  func evaluate(isMetaTest: Bool, shouldStop: @Sendable () -> Bool) -> ValidationReport? {
    let isNoisy = training.method.regularizer.isNoisy
    let wanted = isNoisy ? values.integer(SupervisedMethod.samples.id) : 1
    let samples = isNoisy && isMetaTest ? max(wanted, Self.finalSamples) : wanted
    return prediction.score(
      samples: samples,
      settings: settings,
      team: team,
      shouldStop: shouldStop
    )
  }

  // MARK: Checkpoints

  /// A single network under the names of any run; several below `task1.`, `task2.`, …, and φ, which
  /// they share, once.
  func tensorFile(metadata: [String: String]) -> TensorFile {
    let files = networks.map { $0.state.tensorFile(metadata: metadata) }
    guard files.count > 1 else { return files[0] }
    let shared = files[0].renamed { Self.isShared($0) ? $0 : nil }
    return files.enumerated().reduce(shared) { all, next in
      let (index, own) = next
      let tensors = own.renamed { name in
        Self.isShared(name) ? nil : SupervisedTraining.prefix(index) + name
      }
      .tensors
      return TensorFile(tensors: all.tensors + tensors, metadata: metadata)
    }
  }

  /// φ goes into every network, body and head into those the file has.
  func load(_ file: TensorFile, _ rules: InitialRules) throws(SafetensorsError) -> InitialReport {
    guard networks.count > 1 else { return try networks[0].state.load(own(0, in: file), rules) }
    try checkCount(file, rules)
    var report = InitialReport()
    var unused = Set(file.names)
    for (index, network) in networks.enumerated() {
      let prefix = SupervisedTraining.prefix(index)
      let loaded = try network.state.load(own(index, in: file), rules)
      // φ is drawn once, in the first network, whose the others share.
      let drawn = { (name: String) in Self.isShared(name) ? name : prefix + name }
      report.groups += loaded.groups.map(drawn).filter { !report.groups.contains($0) }
      report.drawn += loaded.drawn.map(drawn).filter { !report.drawn.contains($0) }
      unused.formIntersection(loaded.unused.flatMap { [$0, prefix + $0] })
    }
    report.unused = file.names.filter(unused.contains)
    Self.share(networks)
    return report
  }

  /// A file of networks for other tasks is mostly the wrong file.
  private func checkCount(_ file: TensorFile, _ rules: InitialRules) throws(SafetensorsError) {
    let count = networks.indices.filter { index in
      file.names.contains { $0.hasPrefix(SupervisedTraining.prefix(index)) }
    }
    .count
    guard count > 0, count < networks.count, !rules.drawsMissing else { return }
    throw SafetensorsError(
      path: file.path,
      reason:
        "has networks of \(count) tasks, and this run has \(networks.count); put the others in, "
        + "or give --initial-missing draw to have them drawn"
    )
  }

  func restore(_ file: TensorFile, updates: Int) throws(SafetensorsError) {
    for (index, network) in networks.enumerated() {
      try network.state.restore(own(index, in: file), updates: updates)
    }
  }

  private func own(_ task: Int, in file: TensorFile) -> TensorFile {
    SupervisedTraining.own(task, of: networks.count, in: file)
  }

  /// Whether a stored tensor is φ, or a moment of its optimizer.
  private static func isShared(_ name: String) -> Bool {
    name.split(separator: ".").first { $0 != "optimizer" && !$0.hasSuffix("_moment") }
      == SupervisedSetup.sharedGroup[...]
  }
}
