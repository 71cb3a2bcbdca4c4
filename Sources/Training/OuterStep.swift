import Kernels
import MetaLearning
import Models

/// One run's outer steps: memory for the meta-batch, and the phases that fill and empty it.
///
/// Nothing here allocates once it is made.
///
/// `@unchecked Sendable`: each worker has its own `WorkerMemory`; slots and chunks are written by
/// the worker that claimed them; everything else is written by the leader between phases.
final class OuterStep: @unchecked Sendable {
  private let setup: EpisodeSetup
  let state: ParameterState
  let source: any EpisodeSource
  let metaBatchSize: Int
  let plan: EpisodePlan
  let probePlan: EpisodePlan
  private let slots: AlignedBuffer
  private let probeSlots: AlignedBuffer
  private let stride: Int
  private let probeStride: Int
  private let workers: [WorkerMemory]
  private let chunkNorms: DoubleBuffer
  private let bodyAndHeadEnd: Int
  private var step = 0
  private var isProbed = false
  private var rate: Float = 0
  /// Groups of the layout that the optimizer updates; the others stay as they are.
  var isTrained: [Bool]
  // Made once, so that a step allocates no closure.
  private var replayJob: WorkerTeam.Job = { _, _ in }
  private var averageJob: WorkerTeam.Job = { _, _ in }
  private var updateJob: WorkerTeam.Job = { _, _ in }
  private let noise: RandomStream

  /// Hyperparameters that are inputs, one to a cache line; worker 0 writes them between steps.
  let settings: AlignedBuffer

  init(
    setup: EpisodeSetup,
    values: HyperparameterValues,
    state: ParameterState,
    source: any EpisodeSource,
    metaBatchSize: Int,
    seed: UInt64,
    team: WorkerTeam
  ) {
    self.setup = setup
    self.state = state
    self.source = source
    self.metaBatchSize = metaBatchSize
    plan = setup.trainingPlan(values)
    probePlan = setup.probePlan(values)
    stride = plan.resultCount
    probeStride = probePlan.resultCount
    slots = AlignedBuffer(count: stride * metaBatchSize)
    probeSlots = AlignedBuffer(count: probeStride * metaBatchSize)
    let noiseCount = max(plan.noiseCount, probePlan.noiseCount)
    workers = team.workspaces.map { workspace in
      WorkerMemory(workspace, episodeCount: source.layout.count, noiseCount: noiseCount)
    }
    settings = AlignedBuffer(count: values.settingCount)
    chunkNorms = DoubleBuffer(count: state.chunks.count)
    bodyAndHeadEnd = state.layout.bodyAndHeadEnd
    isTrained = setup.trainedGroups(values)
    noise = RandomStream(seed: seed).split(StreamLabel.noise.rawValue)
    replayJob = { [unowned self] episode, worker in replayEpisode(episode, worker: worker) }
    averageJob = { [unowned self] index, _ in averageChunk(index) }
    updateJob = { [unowned self] index, _ in updateChunk(index) }
  }

  /// Takes the team's workspaces for the next turn: other runs, and evaluations, had them.
  func takeWorkspaces() {
    let programs = [plan.plan.program, probePlan.plan.program]
    for memory in workers {
      memory.take(parameters: state.parameters, settings: settings)
      memory.workspace.requireArena(programs.map(\.arenaCount).max() ?? 0)
    }
  }

  // MARK: Phases, shared by the team

  /// Replays the plan on every episode of the meta-batch.
  func replayEpisodes(step: Int, withProbes: Bool, team: WorkerTeam) {
    self.step = step
    isProbed = withProbes
    team.share(metaBatchSize, replayJob)
  }

  private func replayEpisode(_ episode: Int, worker: Int) {
    let memory = workers[worker]
    source.load(step: step, episode: episode, into: memory.episode)
    drawNoise(step: step, episode: episode, memory)
    memory.workspace.bind(.results, to: slots, at: episode * stride)
    plan.plan.program.replay(in: memory.workspace)
    if isProbed {
      memory.workspace.bind(.results, to: probeSlots, at: episode * probeStride)
      probePlan.plan.program.replay(in: memory.workspace)
    }
  }

  /// A longer draw begins with the same numbers, so probes change no run.
  private func drawNoise(step: Int, episode: Int, _ memory: WorkerMemory) {
    let count = isProbed ? max(plan.noiseCount, probePlan.noiseCount) : plan.noiseCount
    guard count > 0 else { return }
    var stream = noise.split(UInt64(step)).split(UInt64(episode))
    stream.fillNormal(memory.noise, at: 0, count: count)
  }

  /// Averages the gradient over the meta-batch, in episode order.
  func averageGradient(team: WorkerTeam) {
    team.share(state.chunks.count, averageJob)
  }

  private func averageChunk(_ index: Int) {
    chunkNorms[index] = state.gradient.sumSlots(
      of: slots,
      stride: stride,
      slotCount: metaBatchSize,
      range: state.chunks[index].range,
      scale: 1 / Float(metaBatchSize)
    )
  }

  /// Losses, the gradient's norm, and whether they are numbers.
  func conclude() -> StepOutcome {
    var (square, everything) = (0.0, 0.0)
    for (index, chunk) in state.chunks.enumerated() {
      everything += chunkNorms[index]
      if chunk.range.lowerBound < bodyAndHeadEnd { square += chunkNorms[index] }
    }
    let scalars = setup.parameters.specifications.count
    let queryLoss = mean(of: slots, stride, at: plan.outputs[scalars].lowerBound)
    let supportLoss = mean(of: slots, stride, at: plan.outputs[scalars + 1].lowerBound)
    let accuracy =
      setup.isClassification
      ? mean(of: slots, stride, at: plan.outputs[scalars + 2].lowerBound) : nil
    return StepOutcome(
      queryLoss: queryLoss,
      supportLoss: supportLoss,
      queryAccuracy: accuracy,
      metaGradientNorm: Float(square.squareRoot()),
      isFinite: everything.isFinite && queryLoss.isFinite && supportLoss.isFinite
    )
  }

  private func mean(of buffer: AlignedBuffer, _ stride: Int, at offset: Int) -> Float {
    var sum: Float = 0
    for episode in 0..<metaBatchSize { sum += buffer[episode * stride + offset] }
    return sum / Float(metaBatchSize)
  }

  /// Adam at the outer learning rate `rate`.
  func update(rate: Float, team: WorkerTeam) {
    self.rate = rate
    team.share(state.chunks.count, updateJob)
    state.updates += 1
  }

  private func updateChunk(_ index: Int) {
    let chunk = state.chunks[index]
    state.lastGood.copy(from: state.parameters, range: chunk.range)
    if state.isStatistic[chunk.group] {
      state.parameters.subtract(
        state.gradient,
        range: chunk.range,
        scale: RunningStatistics.momentum
      )
      return
    }
    guard isTrained[chunk.group], rate > 0 else { return }
    AdamUpdate(learningRate: rate).apply(
      to: state.parameters,
      gradient: state.gradient,
      firstMoment: state.firstMoment,
      secondMoment: state.secondMoment,
      range: chunk.range,
      step: state.updates + 1
    )
  }

  /// Averages of every probe output over the meta-batch.
  func probeAverages() -> [[Float]] {
    probePlan.outputs.map { range in
      range.map { mean(of: probeSlots, probeStride, at: $0) }
    }
  }
}

/// One worker's episode and noise for one run, and the workspace it shares with other runs.
///
/// `@unchecked Sendable`: used by the worker whose number it has, by nobody else.
final class WorkerMemory: @unchecked Sendable {
  let workspace: Workspace
  let episode: AlignedBuffer
  let noise: AlignedBuffer

  init(_ workspace: Workspace, episodeCount: Int, noiseCount: Int) {
    self.workspace = workspace
    episode = AlignedBuffer(count: episodeCount)
    noise = AlignedBuffer(count: max(noiseCount, 1))
  }

  /// Makes the workspace this run's until another takes it.
  func take(parameters: AlignedBuffer, settings: AlignedBuffer) {
    workspace.bind(.parameters, to: parameters)
    workspace.bind(.settings, to: settings)
    workspace.bind(.episode, to: episode)
    workspace.bind(.noise, to: noise)
  }
}
