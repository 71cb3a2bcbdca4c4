import Kernels
import MetaLearning
import Synchronization

/// The machinery of one run's outer steps: memory for the meta-batch, and the phases in which the
/// workers fill and empty it. Nothing here allocates once it is made.
///
/// `@unchecked Sendable`: each worker has its own `WorkerMemory`; slots are written by the worker
/// that claimed the episode; everything else is written by worker 0 between barriers.
final class OuterStep: @unchecked Sendable {
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
  private let nextEpisode = Atomic<Int>(0)
  private var chunkNorms: [Double]
  private let noise: RandomStream

  /// Hyperparameters that are inputs, one to a cache line; worker 0 writes them between steps.
  let settings: AlignedBuffer
  private(set) var outcome = StepOutcome()

  init(
    setup: EpisodeSetup,
    values: HyperparameterValues,
    state: ParameterState,
    source: any EpisodeSource,
    metaBatchSize: Int,
    seed: UInt64,
    workerCount: Int
  ) {
    self.state = state
    self.source = source
    self.metaBatchSize = metaBatchSize
    plan = setup.trainingPlan(values)
    probePlan = setup.probePlan(values)
    stride = plan.program.resultCount
    probeStride = probePlan.program.resultCount
    slots = AlignedBuffer(count: stride * metaBatchSize)
    probeSlots = AlignedBuffer(count: probeStride * metaBatchSize)
    let noiseCount = max(plan.noiseCount, probePlan.noiseCount)
    workers = (0..<workerCount).map { _ in
      WorkerMemory(episodeCount: source.layout.count, noiseCount: noiseCount)
    }
    settings = AlignedBuffer(count: values.descriptors.count * cacheLineFloats)
    chunkNorms = Array(repeating: 0, count: state.chunks.count)
    noise = RandomStream(seed: seed).split(StreamLabel.noise.rawValue)
    for memory in workers {
      memory.workspace.requireArena(max(plan.program.arenaCount, probePlan.program.arenaCount))
    }
  }

  /// What one outer step found, before its update.
  struct StepOutcome {
    var queryLoss: Float = 0
    var supportLoss: Float = 0
    var metaGradientNorm: Float = 0
    var isFinite = true
  }

  // MARK: Phases. All workers call each, with a barrier between.

  /// Replays the plan on the episodes this worker claims.
  func replayEpisodes(step: Int, worker: Int, withProbes: Bool) {
    let memory = workers[worker]
    memory.workspace.bind(.parameters, to: state.parameters)
    memory.workspace.bind(.settings, to: settings)
    while true {
      let episode = nextEpisode.add(1, ordering: .relaxed).oldValue
      guard episode < metaBatchSize else { return }
      source.load(step: step, episode: episode, into: memory.episode)
      drawNoise(step: step, episode: episode, memory)
      memory.workspace.bind(.results, to: slots, at: episode * stride)
      plan.program.replay(in: memory.workspace)
      if withProbes {
        memory.workspace.bind(.results, to: probeSlots, at: episode * probeStride)
        probePlan.program.replay(in: memory.workspace)
      }
    }
  }

  private func drawNoise(step: Int, episode: Int, _ memory: WorkerMemory) {
    let count = max(plan.noiseCount, probePlan.noiseCount)
    guard count > 0 else { return }
    var stream = noise.split(UInt64(step)).split(UInt64(episode))
    stream.fillNormal(memory.noise, at: 0, count: count)
  }

  /// Averages this worker's chunks of the gradient over the meta-batch, in episode order.
  func averageGradient(worker: Int) {
    let scale = 1 / Float(metaBatchSize)
    for index in Swift.stride(from: worker, to: state.chunks.count, by: workers.count) {
      chunkNorms[index] = state.gradient.sumSlots(
        of: slots,
        stride: stride,
        slotCount: metaBatchSize,
        range: state.chunks[index].range,
        scale: scale
      )
    }
  }

  /// Worker 0: losses, the gradient's norm, and whether they are numbers.
  func conclude() {
    nextEpisode.store(0, ordering: .relaxed)
    let bodyAndHeadEnd = state.layout.bodyAndHeadEnd
    var square = 0.0
    var everything = 0.0
    for (index, chunk) in state.chunks.enumerated() {
      everything += chunkNorms[index]
      if chunk.range.lowerBound < bodyAndHeadEnd { square += chunkNorms[index] }
    }
    let losses = plan.outputs.suffix(2).map(\.lowerBound)
    outcome.queryLoss = mean(of: slots, stride, at: losses[0])
    outcome.supportLoss = mean(of: slots, stride, at: losses[1])
    outcome.metaGradientNorm = Float(square.squareRoot())
    outcome.isFinite = everything.isFinite && outcome.queryLoss.isFinite
  }

  private func mean(of buffer: AlignedBuffer, _ stride: Int, at offset: Int) -> Float {
    var sum: Float = 0
    for episode in 0..<metaBatchSize { sum += buffer[episode * stride + offset] }
    return sum / Float(metaBatchSize)
  }

  /// Adam on this worker's chunks; `rates` by group, 0 leaves a group as it is.
  func update(worker: Int, rate: (String) -> Float) {
    for index in Swift.stride(from: worker, to: state.chunks.count, by: workers.count) {
      let chunk = state.chunks[index]
      state.lastGood.copy(from: state.parameters, range: chunk.range)
      let learningRate = rate(chunk.group)
      guard learningRate > 0 else { continue }
      AdamUpdate(learningRate: learningRate).apply(
        to: state.parameters,
        gradient: state.gradient,
        firstMoment: state.firstMoment,
        secondMoment: state.secondMoment,
        range: chunk.range,
        step: state.updates + 1
      )
    }
  }

  /// Averages of every probe output over the meta-batch.
  func probeAverages() -> [[Float]] {
    probePlan.outputs.map { range in
      range.map { mean(of: probeSlots, probeStride, at: $0) }
    }
  }
}

/// One worker's memory for one run.
///
/// `@unchecked Sendable`: used by the worker whose number it has, by nobody else.
final class WorkerMemory: @unchecked Sendable {
  let workspace = Workspace()
  let episode: AlignedBuffer
  let noise: AlignedBuffer

  init(episodeCount: Int, noiseCount: Int) {
    episode = AlignedBuffer(count: episodeCount)
    noise = AlignedBuffer(count: max(noiseCount, 1))
    workspace.bind(.episode, to: episode)
    workspace.bind(.noise, to: noise)
  }
}
