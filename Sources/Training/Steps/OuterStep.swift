import Kernels
import MetaLearning
import Models
import Synchronization
import Tasks

/// One run's outer steps: memory for the meta-batch, and the phases that fill and empty it.
///
/// Nothing here allocates once it is made.
///
/// `@unchecked Sendable`: each worker has its own `WorkerMemory`; slots and chunks are written by
/// the worker that claimed them; everything else is written by the leader between phases.
final class OuterStep: @unchecked Sendable {
  let setup: EpisodeSetup
  var values: HyperparameterValues
  /// Which of the method's graphs these are.
  let stage: Int
  let state: ParameterState
  let source: any EpisodeSource
  let metaBatchSize: Int
  /// By the source's layouts, the smallest first.
  private let plans: [EpisodePlan]
  private let probePlans: [EpisodePlan]
  /// Of the layout that holds every episode.
  var plan: EpisodePlan { plans[plans.count - 1] }
  /// Of the points on the way where `trajectory` is nil, else of its end alone.
  var probePlan: EpisodePlan { probePlans[probePlans.count - 1] }
  let trajectory: TrajectoryPlans?
  let points: [Int]
  let slots: AlignedBuffer
  let probeSlots: AlignedBuffer
  let stride: Int
  let probeStride: Int
  let workers: [WorkerMemory]
  /// One for each worker; for each episode where they go side by side.
  let runners: [TrajectoryRunner]
  /// Nil where no meta-parameter moves within an outer step.
  let lockstep: Lockstep?
  /// Nil where the meta-gradient is not measured against the exact one.
  let quality: QualityMeasure?
  let chunkNorms: DoubleBuffer
  /// Nil where nobody asks for them.
  private let chunkProducts: DoubleBuffer?
  private var weights: [Float] = []
  private let bodyAndHeadEnd: Int
  var step = 0
  private(set) var isProbed = false
  /// Whether each group moves in the update at hand.
  var isMoving: [Bool]
  /// What scales the averaged gradient before the update.
  var gradientScale: Float = 1
  var rates: [Float]
  private(set) var rules: [UpdateRule]
  let groupNames: [String]
  /// Whether the meta-batch's gradients are combined by weights.
  private let isWeighted: Bool
  var limit: GradientLimit
  // Made once, so that a step allocates no closure.
  private var replayJob: WorkerTeam.Job = { _, _ in }
  private var productJob: WorkerTeam.Job = { _, _ in }
  private var averageJob: WorkerTeam.Job = { _, _ in }
  var updateJob: WorkerTeam.Job = { _, _ in }
  private let isStopRequested: @Sendable () -> Bool
  /// An episode of the present step was left out, so the step counts for nothing.
  private let isGivenUp = Atomic(false)
  private let noise: RandomStream
  let minibatches: RandomStream

  /// Hyperparameters and what is derived from them, one to a cache line; the trainee's.
  let settings: AlignedBuffer

  init(
    setup: EpisodeSetup,
    values: HyperparameterValues,
    stage: Int = 0,
    state: ParameterState,
    source: any EpisodeSource,
    metaBatchSize: Int,
    seed: UInt64,
    settings: AlignedBuffer,
    team: WorkerTeam
  ) {
    self.setup = setup
    (self.values, self.stage) = (values, stage)
    self.state = state
    self.source = source
    self.metaBatchSize = metaBatchSize
    self.settings = settings
    let size = source.minibatchSize
    let trajectory = setup.trainingPlans(values, stage: stage, minibatchSize: size)
    self.trajectory = trajectory
    points = trajectory.map { Trajectory.points($0.trajectory.steps) } ?? []
    let layouts = trajectory == nil ? source.layouts : [source.layout]
    let made = Self.plans(setup, layouts, values, stage, trajectory)
    (plans, probePlans) = (made.map(\.plan), made.map(\.probe))
    let draws = made[made.count - 1].draws
    let (plan, probePlan) = (plans[plans.count - 1], probePlans[probePlans.count - 1])
    stride = plan.resultCount
    probeStride = probePlan.resultCount + points.count * (trajectory?.score.resultCount ?? 0)
    slots = AlignedBuffer(count: stride * metaBatchSize)
    probeSlots = AlignedBuffer(count: probeStride * metaBatchSize)
    let noiseCount = trajectory?.draws.count ?? probePlans.map(\.noiseCount).max() ?? 0
    workers = team.workspaces.map { workspace in
      WorkerMemory(workspace, episodeCount: source.layout.count, noiseCount: noiseCount)
    }
    let runnerCount = trajectory?.online == nil ? team.workspaces.count : metaBatchSize
    runners = TrajectoryRunner.several(runnerCount, trajectory, layout: source.layout)
    lockstep = trajectory?.online.map { _ in
      Lockstep(setup, values, state.layout, episodes: metaBatchSize, floats: source.layout.count)
    }
    let measure = QualityMeasure.Subject(setup: setup, values: values, stage: stage, draws: draws)
    quality = QualityMeasure(measure, trajectory, training: plan, metaBatchSize: metaBatchSize)
    chunkNorms = DoubleBuffer(count: state.chunks.count)
    isWeighted = setup.method.weighsEpisodes(values)
    chunkProducts =
      isWeighted || setup.method.measuresProducts
      ? DoubleBuffer(count: state.chunks.count * metaBatchSize * metaBatchSize) : nil
    limit = setup.method.gradientLimit(values)
    bodyAndHeadEnd = state.layout.bodyAndHeadEnd
    groupNames = state.layout.groups.map(\.name)
    rules = setup.rules(values, stage: stage)
    rates = groupNames.map { _ in 0 }
    isMoving = groupNames.map { _ in true }
    isStopRequested = Self.stopRequest(of: team, state, isWhole: lockstep != nil)
    noise = RandomStream(seed: seed).split(StreamLabel.noise.rawValue)
    minibatches = RandomStream(seed: seed).split(StreamLabel.minibatches.rawValue)
    makeJobs()
  }

  private func makeJobs() {
    replayJob = { [unowned self] episode, worker in replayEpisode(episode, worker: worker) }
    productJob = { [unowned self] index, _ in multiplyChunk(index) }
    averageJob = { [unowned self] index, _ in averageChunk(index) }
    updateJob = { [unowned self] index, _ in updateChunk(index) }
  }

  /// The training and the probe plan of each layout, which draw the same.
  private static func plans(
    _ setup: EpisodeSetup,
    _ layouts: [EpisodeLayout],
    _ values: HyperparameterValues,
    _ stage: Int,
    _ trajectory: TrajectoryPlans?
  ) -> [(plan: EpisodePlan, probe: EpisodePlan, draws: DrawLayout)] {
    layouts.map { layout in
      let (draws, own) = (DrawLayout(), setup.with(layout, values))
      return (
        trajectory?.end ?? own.trainingPlan(values, stage: stage, draws: draws),
        trajectory?.probe ?? own.probePlan(values, stage: stage, draws: draws),
        draws
      )
    }
  }

  /// What changes within a step cannot be taken back: then every step is made whole.
  private static func stopRequest(
    of team: WorkerTeam,
    _ state: ParameterState,
    isWhole: Bool
  ) -> @Sendable () -> Bool {
    if isWhole || state.lasting != nil { return { false } }
    return team.isStopRequested
  }

  /// Takes over what other values change without another graph.
  func change(_ values: HyperparameterValues) {
    self.values = values
    rules = setup.rules(values, stage: stage)
    limit = setup.method.gradientLimit(values)
  }

  /// Takes the team's workspaces for the next turn: other runs, and evaluations, had them.
  func takeWorkspaces() {
    let all = plans + probePlans + (trajectory?.all ?? []) + [quality?.plan].compactMap { $0 }
    let programs = all.map(\.plan.program)
    for memory in workers {
      memory.take(parameters: state.parameters, settings: settings)
      memory.workspace.requireArena(programs.map(\.arenaCount).max() ?? 0)
    }
  }

  // MARK: Phases, shared by the team

  /// Replays the plan on every episode of the meta-batch; false where the step was given up between
  /// two of them, which leaves everything as it was before.
  func replayEpisodes(step: Int, of totalSteps: Int, withProbes: Bool, team: WorkerTeam) -> Bool {
    self.step = step
    isGivenUp.store(false, ordering: .relaxed)
    isProbed = withProbes
    if let lockstep {
      replayRounds(lockstep, of: totalSteps, team: team)
      return true
    }
    startLasting()
    if trajectory?.trajectory.lasting == .run {
      // Each goes on from what the one before left.
      for episode in 0..<metaBatchSize { replayJob(episode, 0) }
    } else {
      team.share(metaBatchSize, replayJob)
    }
    return !isGivenUp.load(ordering: .relaxed)
  }

  private func replayEpisode(_ episode: Int, worker: Int) {
    guard !isStopRequested() else { return isGivenUp.store(true, ordering: .relaxed) }
    let memory = workers[worker]
    source.load(step: step, episode: episode, into: memory.episode)
    let place = trajectory == nil ? source.place(of: memory.episode) : 0
    let (plan, probePlan) = (plans[place], probePlans[place])
    memory.draw(
      trajectory?.draws ?? (isProbed ? probePlan : plan).draws,
      noise.split(UInt64(step)).split(UInt64(episode)),
      recorded: source.draws(step: step, episode: episode)
    )
    if let trajectory { follow(trajectory, episode, memory, runners[worker]) }
    memory.workspace.bind(.results, to: slots, at: episode * stride)
    plan.plan.program.replay(in: memory.workspace)
    if isProbed {
      memory.workspace.bind(.results, to: probeSlots, at: episode * probeStride)
      probePlan.plan.program.replay(in: memory.workspace)
      measureQuality(episode, memory, trajectory == nil ? nil : runners[worker])
    }
  }

  /// The exact gradient of an episode, where the meta-gradient is measured against it.
  private func measureQuality(
    _ episode: Int,
    _ memory: WorkerMemory,
    _ runner: TrajectoryRunner?
  ) {
    guard let quality else { return }
    if let runner, let trajectory, let exact = trajectory.exact {
      let (draws, steps) = (draws(of: episode), trajectory.trajectory.length(at: step))
      if trajectory.trajectory.lasting == .task {
        // As if the task had begun at the meta-parameters as they are now, all its steps on the examples at hand.
        runner.run(memory, from: nil, beginning: trajectory.start, steps: steps, draws) { _ in }
      }
      runner.goBack(memory, exact, draws, steps: steps)
    }
    memory.workspace.bind(.results, to: quality.slots, at: episode * quality.stride)
    quality.plan.plan.program.replay(in: memory.workspace)
  }

  /// Where an episode's minibatches come from.
  func draws(of episode: Int) -> TrajectoryRunner.Draws {
    .init(
      source: source,
      step: step,
      episode: episode,
      stream: minibatches.split(UInt64(step)).split(UInt64(episode))
    )
  }

  // MARK: Replayed inner loops

  /// Makes an episode's inner steps, and scores the points on the way when it is probed.
  private func follow(
    _ trajectory: TrajectoryPlans,
    _ episode: Int,
    _ memory: WorkerMemory,
    _ runner: TrajectoryRunner
  ) {
    let origin = state.lasting?.buffer(episode)
    let draws = self.draws(of: episode)
    runner.run(
      memory,
      from: origin,
      beginning: trajectory.begin,
      steps: trajectory.trajectory.steps,
      points: isProbed ? points : [],
      draws
    ) { point in
      let place =
        episode * probeStride + probePlan.resultCount + point * trajectory.score.resultCount
      memory.workspace.bind(.results, to: probeSlots, at: place)
      trajectory.score.plan.program.replay(in: memory.workspace)
    }
    if let origin { runner.store(in: origin) }
    if let backward = trajectory.backward { runner.goBack(memory, backward, draws) }
  }

  /// Gives every lasting state its beginning, from the meta-parameters of the run's first step.
  func startLasting() {
    guard let trajectory, let lasting = state.lasting, !lasting.isStarted else { return }
    for buffer in lasting.buffers {
      runners[0].run(
        workers[0],
        from: buffer,
        beginning: trajectory.start,
        steps: 0,
        .init(source: source, step: 0, episode: 0, stream: minibatches)
      ) { _ in }
      runners[0].store(in: buffer)
    }
    lasting.isStarted = true
  }

  /// Moves the state of every task after the meta-parameters.
  func followUpdate(team: WorkerTeam) {
    guard trajectory?.follow != nil, let lasting = state.lasting else { return }
    team.share(lasting.buffers.count) { [self] task, worker in
      runners[worker].follow(workers[worker], previous: state.lastGood, lasting.buffers[task])
    }
  }

  // MARK: The meta-gradient

  /// Combines the gradients of the meta-batch, in episode order: by their mean, or as the method
  /// weighs them.
  func averageGradient(team: WorkerTeam) {
    if chunkProducts != nil, isWeighted || isProbed {
      team.share(state.chunks.count, productJob)
    }
    if isWeighted {
      weights = setup.method.episodeWeights(products, values).map { Float($0) }
      precondition(weights.count == metaBatchSize, "\(weights.count) weights for \(metaBatchSize)")
    }
    team.share(state.chunks.count, averageJob)
  }

  /// The inner products of the episodes' gradients in one chunk.
  private func multiplyChunk(_ index: Int) {
    guard let chunkProducts else { return }
    let (group, range) = state.chunks[index]
    let start = index * metaBatchSize * metaBatchSize
    for first in 0..<metaBatchSize {
      for second in 0...first {
        let product =
          rules[group].isGradient
          ? slots.product(
            at: first * stride + range.lowerBound,
            and: second * stride + range.lowerBound,
            count: range.count
          ) : 0
        chunkProducts[start + first * metaBatchSize + second] = product
        chunkProducts[start + second * metaBatchSize + first] = product
      }
    }
  }

  /// Summed in the order of the chunks, so they do not depend on the number of workers.
  var products: EpisodeProducts {
    guard let chunkProducts else { return EpisodeProducts(count: 0, []) }
    let count = metaBatchSize * metaBatchSize
    let sums = (0..<count).map { pair in
      state.chunks.indices.reduce(0.0) { $0 + chunkProducts[$1 * count + pair] }
    }
    return EpisodeProducts(count: metaBatchSize, sums)
  }

  private func averageChunk(_ index: Int) {
    let (group, range) = state.chunks[index]
    if isWeighted, rules[group].isGradient {
      for (episode, weight) in weights.enumerated() {
        let start = episode * stride
        slots.scale(
          start + range.lowerBound..<start + range.upperBound,
          by: weight * Float(metaBatchSize)
        )
      }
    }
    chunkNorms[index] = state.gradient.sumSlots(
      of: slots,
      stride: stride,
      slotCount: metaBatchSize,
      range: range,
      scale: 1 / Float(metaBatchSize)
    )
  }

  /// Losses, the gradient's norm, and whether they are numbers.
  func conclude() -> StepOutcome {
    var (square, everything) = (0.0, 0.0)
    for (index, chunk) in state.chunks.enumerated() {
      everything += chunkNorms[index]
      let isReported = lockstep?.isOnline[chunk.group] ?? (chunk.range.lowerBound < bodyAndHeadEnd)
      if isReported { square += chunkNorms[index] }
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

  func mean(of buffer: AlignedBuffer, _ stride: Int, at offset: Int) -> Float {
    var sum: Float = 0
    for episode in 0..<metaBatchSize { sum += buffer[episode * stride + offset] }
    return sum / Float(metaBatchSize)
  }
}
