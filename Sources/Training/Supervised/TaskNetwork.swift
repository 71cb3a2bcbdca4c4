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
  private let stream: RandomStream
  private let noise: RandomStream

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
    index: Int,
    seed: UInt64
  ) {
    self.task = task
    self.setup = setup
    self.plans = plans
    self.state = state
    let root = RandomStream(seed: seed)
    stream = root.split(StreamLabel.episodes.rawValue).split(UInt64(index))
    noise = root.split(StreamLabel.noise.rawValue).split(UInt64(index))
    own = AlignedBuffer(count: plans.training.resultCount)
    shared = AlignedBuffer(count: plans.shared?.resultCount ?? cacheLineFloats)
    probes = AlignedBuffer(count: plans.probe.resultCount)
  }

  /// What the sites did in the last step that was probed.
  let probes: AlignedBuffer

  // MARK: One step

  /// θ learns from a batch of the training half; φ's gradient is taken on one of the held-out half.
  func step(_ step: Int, rate: Float, weightDecay: Float, withProbes: Bool, _ memory: WorkerMemory)
  {
    state.lastGood.copy(from: state.parameters)
    memory.workspace.bind(.parameters, to: state.parameters)
    load(task.training, stream.split(UInt64(step)).split(1), isHeldOut: false, memory)
    replay(plans.training, noise.split(UInt64(step)).split(1), into: own, memory)
    guard isFinite else { return }
    update(rate, weightDecay)
    guard plans.shared != nil || withProbes else { return }
    load(task.heldOut, stream.split(UInt64(step)).split(2), isHeldOut: true, memory)
    let draws = noise.split(UInt64(step)).split(2)
    // Before φ's pass moves the sites' averages, though none is read here.
    if withProbes, plans.probe.resultCount > 0 { replay(plans.probe, draws, into: probes, memory) }
    guard let plan = plans.shared else { return }
    replay(plan, draws, into: shared, memory)
    for range in responses { average(range, shared) }
  }

  private func load(
    _ images: LabelledImages,
    _ stream: RandomStream,
    isHeldOut: Bool,
    _ memory: WorkerMemory
  ) {
    let layout = plans.layout
    images.write(
      images.batch(min(setup.batch, images.count), stream),
      into: memory.episode,
      inputs: isHeldOut ? layout.queryInputs : layout.supportInputs,
      targets: isHeldOut ? layout.queryTargets : layout.supportTargets
    )
  }

  private func replay(
    _ plan: EpisodePlan,
    _ draws: RandomStream,
    into results: AlignedBuffer,
    _ memory: WorkerMemory
  ) {
    memory.draw(plan.draws, draws)
    memory.workspace.bind(.results, to: results)
    plan.plan.program.replay(in: memory.workspace)
  }

  private func update(_ rate: Float, _ weightDecay: Float) {
    state.updates += 1
    for group in state.layout.groups where group.name == "body" || group.name == "head" {
      adam(group.range, own, rate, weightDecay)
    }
    for (index, specification) in state.layout.specifications.enumerated()
    where specification.group == RunningStatistics.group {
      average(state.layout.range(index), own)
    }
  }

  private func adam(
    _ range: Range<Int>,
    _ gradient: AlignedBuffer,
    _ rate: Float,
    _ weightDecay: Float
  ) {
    AdamUpdate(learningRate: rate, weightDecay: weightDecay).apply(
      to: state.parameters,
      gradient: gradient,
      firstMoment: state.firstMoment,
      secondMoment: state.secondMoment,
      range: range,
      step: state.updates
    )
  }

  private func average(_ range: Range<Int>, _ distances: AlignedBuffer) {
    state.parameters.subtract(distances, range: range, scale: RunningStatistics.momentum)
  }

  /// φ's own step, with the gradient that is in `gradient`; the same in every network.
  func updateShared(_ gradient: AlignedBuffer, rate: Float, weightDecay: Float) {
    if let range = sharedRange { adam(range, gradient, rate, weightDecay) }
  }

  // MARK: What it found

  /// φ, padding included; nil where there is none.
  var sharedRange: Range<Int>? {
    state.layout.groups.first { $0.name == SupervisedSetup.sharedGroup }?.range
  }

  private var responses: [Range<Int>] {
    let prefix = "\(RunningStatistics.group).\(SupervisedSetup.sharedGroup)."
    return state.layout.specifications.indices.filter {
      state.layout.specifications[$0].name.hasPrefix(prefix)
    }
    .map { state.layout.range($0) }
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
