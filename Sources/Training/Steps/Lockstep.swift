import Kernels
import MetaLearning

/// What a meta-batch needs whose episodes go side by side, while meta-parameters move after every inner step.
///
/// `@unchecked Sendable`: an episode's buffers are written by the worker that claimed it; the rest by the
/// leader between phases.
final class Lockstep: @unchecked Sendable {
  let method: any OnlineMethod
  /// By group.
  let isOnline: [Bool]
  let isFitted: [Bool]
  fileprivate let episodes: [AlignedBuffer]
  /// The meta-parameters before each inner step, where the exact gradient is asked for.
  fileprivate let snapshots: [AlignedBuffer]
  fileprivate let oneStep: AlignedBuffer
  fileprivate let stride: Int
  fileprivate(set) var norms: [Double] = []
  fileprivate(set) var oneStepQuality: GradientQuality?
  fileprivate var round = 0

  init(
    _ setup: EpisodeSetup,
    _ values: HyperparameterValues,
    _ layout: ParameterLayout,
    episodes count: Int,
    floats: Int
  ) {
    guard let method = setup.method as? any OnlineMethod else {
      preconditionFailure("\(setup.method.descriptor.id) moves nothing within an outer step")
    }
    self.method = method
    let online = method.onlineGroups(values)
    isOnline = layout.groups.map { online.contains($0.name) }
    isFitted = layout.groups.map { method.fittedGroups.contains($0.name) }
    episodes = (0..<count).map { _ in AlignedBuffer(count: floats) }
    let steps = setup.trajectory(values)?.steps ?? 0
    snapshots =
      setup.isQualityMeasured(values)
      ? (0..<steps).map { _ in AlignedBuffer(count: max(layout.count, 1)) } : []
    stride = max(layout.count, 1)
    oneStep = AlignedBuffer(count: snapshots.isEmpty ? 1 : stride * count)
  }
}

extension OuterStep {
  /// All rounds of an outer step: meta-parameters move after every one but the last, which is averaged and
  /// moved like any other step.
  func replayRounds(_ lockstep: Lockstep, of totalSteps: Int, team: WorkerTeam) {
    guard let trajectory, let online = trajectory.online else { return }
    prepareRates(step: step, totalSteps: totalSteps)
    lockstep.norms = []
    team.share(metaBatchSize) { [self] episode, _ in
      source.load(step: step, episode: episode, into: lockstep.episodes[episode])
    }
    if lockstep.method.isFitted(values, step: step) {
      team.share(metaBatchSize) { [self] in fit(lockstep, online, episode: $0, worker: $1) }
      isMoving = lockstep.isFitted
      if averaged(nil, team: team) { team.share(state.chunks.count, updateJob) }
    }
    isMoving = lockstep.isOnline
    let steps = trajectory.trajectory.steps
    for round in 0..<steps {
      lockstep.round = round
      if isProbed, !lockstep.snapshots.isEmpty {
        lockstep.snapshots[round].copy(from: state.parameters)
      }
      team.share(metaBatchSize) { [self] in makeRound(lockstep, online, episode: $0, worker: $1) }
      // The last round's is the outer step's own.
      guard averaged(lockstep, team: team), round < steps - 1 else { break }
      team.share(state.chunks.count, updateJob)
    }
    isMoving = lockstep.isFitted.map { !$0 }
    compare(lockstep, trajectory, team: team)
  }

  /// Averages what a phase left in the slots; false where a number is none.
  private func averaged(_ lockstep: Lockstep?, team: WorkerTeam) -> Bool {
    averageGradient(team: team)
    var (online, all) = (0.0, 0.0)
    for (index, chunk) in state.chunks.enumerated() {
      all += chunkNorms[index]
      if lockstep?.isOnline[chunk.group] ?? false { online += chunkNorms[index] }
    }
    lockstep?.norms.append(online.squareRoot())
    return all.isFinite
  }

  private func fit(_ lockstep: Lockstep, _ online: OnlinePlans, episode: Int, worker: Int) {
    guard let trajectory, let backward = trajectory.backward else { return }
    let (memory, runner, draws) = (workers[worker], runners[episode], self.draws(of: episode))
    memory.enter(lockstep.episodes[episode])
    let steps = trajectory.trajectory.steps
    runner.run(memory, from: nil, beginning: trajectory.begin, steps: steps, draws) { _ in }
    runner.goBack(memory, backward, draws)
    memory.workspace.bind(.results, to: slots, at: episode * stride)
    online.fit.plan.program.replay(in: memory.workspace)
  }

  /// One inner step of an episode, and what it has to say of the meta-parameters.
  private func makeRound(_ lockstep: Lockstep, _ online: OnlinePlans, episode: Int, worker: Int) {
    guard let trajectory else { return }
    let (memory, runner, draws) = (workers[worker], runners[episode], self.draws(of: episode))
    let (workspace, round) = (memory.workspace, lockstep.round)
    memory.enter(lockstep.episodes[episode])
    if round == 0 {
      runner.begin(memory, from: nil, trajectory.begin)
      score(trajectory, episode, at: 0, memory)
    }
    runner.advance(memory, round, draws)
    score(trajectory, episode, at: round + 1, memory)
    let isLast = round == trajectory.trajectory.steps - 1
    if isLast {
      workspace.bind(.results, to: slots, at: episode * stride)
      plan.plan.program.replay(in: workspace)
      if isProbed {
        workspace.bind(.results, to: probeSlots, at: episode * probeStride)
        probePlan.plan.program.replay(in: workspace)
      }
    }
    let decay = lockstep.method.lookBack(values)
    runner.bindWithQuery(memory, runner.earlierStep(round, decay: decay, draws), draws)
    workspace.bind(.results, to: slots, at: episode * stride)
    online.gradient.plan.program.replay(in: workspace)
    if isLast, isProbed, !lockstep.snapshots.isEmpty {
      runner.bindWithQuery(memory, round, draws)
      workspace.bind(.results, to: lockstep.oneStep, at: episode * lockstep.stride)
      online.oneStep.plan.program.replay(in: workspace)
    }
    memory.enter(lockstep.episodes[episode])
  }

  private func score(
    _ trajectory: TrajectoryPlans,
    _ episode: Int,
    at step: Int,
    _ memory: WorkerMemory
  ) {
    guard isProbed, let point = points.firstIndex(of: step) else { return }
    let place = probePlan.resultCount + point * trajectory.score.resultCount
    memory.workspace.bind(.results, to: probeSlots, at: episode * probeStride + place)
    trajectory.score.plan.program.replay(in: memory.workspace)
  }

  /// The exact gradient along this very way, back over the meta-parameters that each step was made with.
  private func compare(_ lockstep: Lockstep, _ trajectory: TrajectoryPlans, team: WorkerTeam) {
    guard isProbed, let quality, let exact = trajectory.exact, !lockstep.snapshots.isEmpty else {
      return
    }
    team.share(metaBatchSize) { [self] episode, worker in
      let memory = workers[worker]
      memory.enter(lockstep.episodes[episode])
      runners[episode].goBack(memory, exact, draws(of: episode)) { lockstep.snapshots[$0] }
      memory.workspace.bind(.results, to: quality.slots, at: episode * quality.stride)
      quality.plan.plan.program.replay(in: memory.workspace)
      memory.workspace.bind(.parameters, to: state.parameters)
    }
    let places = comparedPlaces
    lockstep.oneStepQuality = GradientQuality(
      own: means(lockstep.oneStep, lockstep.stride, places),
      exact: means(quality.slots, quality.stride, places)
    )
  }
}
