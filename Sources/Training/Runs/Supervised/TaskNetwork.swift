import Kernels
import MetaLearning
import Models
import Tasks

/// One task's network while it trains: its parameters, its plans, and what the last step found.
///
/// `@unchecked Sendable`: a step of it is made by one worker; the leader reads it between phases.
final class TaskNetwork: @unchecked Sendable {
  let task: SupervisedTraining.Task
  let setup: SupervisedSetup
  let state: ParameterState
  /// The θ pass's results: body and head's gradient, running averages, loss and accuracy.
  let own: AlignedBuffer
  /// The φ pass's results, laid out alike.
  let shared: AlignedBuffer
  let plans: Plans
  private let source: BatchSource
  private let siteNames: [String]

  /// The plans of a network; tasks of one shape and one number of classes share them.
  struct Plans: Sendable {
    let training: EpisodePlan
    /// Nil where φ does not learn.
    let shared: EpisodePlan?
    let probe: EpisodePlan
    let layout: EpisodeLayout

    init(_ setup: SupervisedSetup, learnsShared: Bool) {
      training = setup.trainingPlan()
      shared = learnsShared ? setup.sharedPlan() : nil
      probe = setup.probePlan()
      layout = setup.layout(batch: setup.batch)
    }

    /// Of one step, without probes.
    var operationCount: Int {
      training.plan.operationCount + (shared?.plan.operationCount ?? 0)
    }
    var all: [EpisodePlan] { [training, probe] + (shared.map { [$0] } ?? []) }
    var noiseCount: Int { all.map(\.noiseCount).max() ?? 0 }
  }

  init(
    _ task: SupervisedTraining.Task,
    _ setup: SupervisedSetup,
    _ plans: Plans,
    state: ParameterState,
    source: BatchSource
  ) {
    let sites = (plans.probe.draws.sites, plans.training.draws.sites)
    precondition(sites.0 == sites.1, "probes read the training pass's noise")
    self.task = task
    self.setup = setup
    self.plans = plans
    self.state = state
    self.source = source
    siteNames = setup.model.sites.map(\.name)
    own = AlignedBuffer(count: plans.training.resultCount)
    shared = AlignedBuffer(count: plans.shared?.resultCount ?? cacheLineFloats)
    probes = AlignedBuffer(count: plans.probe.resultCount)
  }

  /// What the sites did in the last step that was probed.
  let probes: AlignedBuffer

  // MARK: One step

  /// How a step moves each group of the parameters.
  struct Move {
    var rules: [UpdateRule]
    var rate: Float
  }

  /// θ learns from a batch of the training half; φ's gradient is taken on one of the held-out half.
  func step(_ step: Int, _ move: Move, withProbes: Bool, _ memory: WorkerMemory) {
    state.lastGood.copy(from: state.parameters)
    memory.workspace.bind(.parameters, to: state.parameters)
    load(.training, step, memory)
    draw(plans.training, .training, step, memory)
    replay(plans.training, into: own, memory)
    // On the same batch, under the same noise, before θ moves.
    if withProbes, plans.probe.resultCount > 0 { replay(plans.probe, into: probes, memory) }
    guard isFinite else { return }
    update(move)
    guard let plan = plans.shared else { return }
    load(.heldOut, step, memory)
    draw(plan, .heldOut, step, memory)
    replay(plan, into: shared, memory)
    for (group, range) in responses {
      state.move(range, of: group, by: move.rules[group], rate: move.rate, along: shared)
    }
  }

  private func load(_ half: BatchHalf, _ step: Int, _ memory: WorkerMemory) {
    let (layout, isHeldOut) = (plans.layout, half == .heldOut)
    let images = isHeldOut ? task.heldOut : task.training
    images.write(
      source.batch(of: images, count: setup.batch, half, step: step),
      into: memory.episode,
      inputs: isHeldOut ? layout.queryInputs : layout.supportInputs,
      targets: isHeldOut ? layout.queryTargets : layout.supportTargets
    )
  }

  private func draw(
    _ plan: EpisodePlan,
    _ half: BatchHalf,
    _ step: Int,
    _ memory: WorkerMemory
  ) {
    source.draw(plan, sites: siteNames, half, step: step, into: memory)
  }

  private func replay(
    _ plan: EpisodePlan,
    into results: AlignedBuffer,
    _ memory: WorkerMemory
  ) {
    memory.workspace.bind(.results, to: results)
    plan.plan.program.replay(in: memory.workspace)
  }

  /// Moves θ and the running averages.
  private func update(_ move: Move) {
    state.updates += 1
    for (index, group) in state.layout.groups.enumerated()
    where group.name != SupervisedSetup.sharedGroup {
      state.move(index, by: move.rules[index], rate: move.rate, along: own)
    }
  }

  /// φ's own step, with the gradient that is in `gradient`; the same in every network.
  func updateShared(_ gradient: AlignedBuffer, _ move: Move) {
    guard let group = sharedGroup else { return }
    state.move(group, by: move.rules[group], rate: move.rate, along: gradient)
  }

  // MARK: What it found

  /// φ, padding included; nil where there is none.
  var sharedRange: Range<Int>? { sharedGroup.map { state.layout.groups[$0].range } }

  private var sharedGroup: Int? {
    state.layout.groups.firstIndex { $0.name == SupervisedSetup.sharedGroup }
  }

  /// The running averages that follow φ's pass too.
  private var responses: [(group: Int, range: Range<Int>)] {
    let prefix = "\(RunningStatistics.group).\(SupervisedSetup.sharedGroup)."
    let layout = state.layout
    guard let group = layout.groups.firstIndex(where: { $0.name == RunningStatistics.group }) else {
      return []
    }
    return layout.specifications.indices.filter {
      layout.specifications[$0].name.hasPrefix(prefix)
    }
    .map { (group, layout.range($0)) }
  }

  var trainingLoss: Float { scalar(plans.training, 0, own) }
  var trainingAccuracy: Float { scalar(plans.training, 1, own) }
  /// On the held-out batch; on the training batch where there is none.
  var loss: Float { plans.shared.map { scalar($0, 0, shared) } ?? trainingLoss }
  var accuracy: Float { plans.shared.map { scalar($0, 1, shared) } ?? trainingAccuracy }

  private func scalar(_ plan: EpisodePlan, _ index: Int, _ results: AlignedBuffer) -> Float {
    results[plan.outputs[plan.outputs.count - 2 + index].lowerBound]
  }

  /// Whether θ's gradient and loss are numbers.
  private var isFinite: Bool { trainingLoss.isFinite && gradientSquare(nil).isFinite }

  /// ‖∇L‖² of the training loss by one layer, or by all.
  func gradientSquare(_ layer: String?) -> Double {
    var sum = 0.0
    for (index, specification) in state.layout.specifications.enumerated()
    where specification.group == "body" || specification.group == "head" {
      guard layer == nil || specification.layer == layer else { continue }
      for place in state.layout.range(index) { sum += Double(own[place]) * Double(own[place]) }
    }
    return sum
  }
}
