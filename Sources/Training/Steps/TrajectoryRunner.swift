import Glibc
import Kernels
import MetaLearning
import Tasks

/// Replays the inner loop of an episode: one worker's buffers for the state, and the order of plans.
///
/// `@unchecked Sendable`: used by the worker whose number it has, by nobody else.
final class TrajectoryRunner: @unchecked Sendable {
  private let plans: TrajectoryPlans
  private let layout: EpisodeLayout
  private var current: AlignedBuffer
  private var other: AlignedBuffer
  private let minibatch: AlignedBuffer?
  /// The state before each step, where a way back needs them.
  private let history: AlignedBuffer?
  /// An earlier minibatch with the query set.
  private let earlier: AlignedBuffer?
  private var adjoint: AlignedBuffer
  private var otherAdjoint: AlignedBuffer
  private var rows: [Int] = []
  /// The pass over the pool that is being dealt out.
  private var shuffle = (number: -1, stream: RandomStream(seed: 0), order: [Int]())

  init(_ plans: TrajectoryPlans, layout: EpisodeLayout) {
    self.plans = plans
    self.layout = layout
    current = AlignedBuffer(count: plans.stateCount)
    other = AlignedBuffer(count: plans.stateCount)
    minibatch = plans.minibatch.map { AlignedBuffer(count: $0.count) }
    let ways = [plans.backward, plans.exact].compactMap { $0 }
    let steps = ways.isEmpty ? 0 : plans.trajectory.longest ?? plans.trajectory.steps
    history = steps > 0 ? AlignedBuffer(count: max(steps * plans.state.count, 1)) : nil
    earlier = plans.online?.layout.map { AlignedBuffer(count: $0.count) }
    let count = ways.map(\.adjointCount).max() ?? 1
    (adjoint, otherAdjoint) = (AlignedBuffer(count: count), AlignedBuffer(count: count))
  }

  /// As many as wanted; none where no inner loop is replayed.
  static func several(
    _ count: Int,
    _ plans: TrajectoryPlans?,
    layout: EpisodeLayout
  ) -> [TrajectoryRunner] {
    plans.map { plans in (0..<count).map { _ in TrajectoryRunner(plans, layout: layout) } } ?? []
  }

  /// Where an inner loop's minibatches come from.
  struct Draws {
    let source: any EpisodeSource
    let step: Int
    let episode: Int
    let stream: RandomStream
  }

  /// Makes `steps` steps from what `begin` makes of `origin`, and calls `point` with the workspace
  /// bound to the state at each of the points 0, 1, … that lie on the way.
  ///
  /// The workspace is bound to the episode, its noise and the state at the end afterwards.
  func run(
    _ memory: WorkerMemory,
    from origin: AlignedBuffer?,
    beginning: EpisodePlan,
    steps: Int,
    points: [Int] = [],
    _ draws: Draws,
    point: (Int) -> Void
  ) {
    begin(memory, from: origin, beginning)
    var next = 0
    for step in 0...steps {
      if next < points.count, points[next] == step {
        point(next)
        next += 1
      }
      guard step < steps else { break }
      advance(memory, step, draws)
    }
  }

  /// Makes the state that an episode begins with, and binds it.
  func begin(_ memory: WorkerMemory, from origin: AlignedBuffer?, _ beginning: EpisodePlan) {
    let workspace = memory.workspace
    workspace.bind(.state, to: origin ?? other)
    workspace.bind(.results, to: current)
    beginning.plan.program.replay(in: workspace)
    workspace.bind(.state, to: current)
  }

  /// Makes one step from the state as it is; the workspace is bound to the episode and the state behind it
  /// afterwards.
  func advance(_ memory: WorkerMemory, _ step: Int, _ draws: Draws) {
    let workspace = memory.workspace
    workspace.bind(.state, to: current)
    history?.copy(
      from: current,
      at: 0,
      count: plans.state.count,
      to: step * plans.state.count
    )
    bindMinibatch(memory, step, draws)
    workspace.bind(.results, to: other)
    plans.step.plan.program.replay(in: workspace)
    swap(&current, &other)
    workspace.bind(.state, to: current)
    if minibatch != nil { workspace.bind(.episode, to: memory.episode) }
  }

  /// Goes back over the steps just made; the workspace is bound to the end's state and to the adjoint at the
  /// beginning afterwards.
  ///
  /// `steps` are as many as an episode's where nothing is said; `parameters` says which meta-parameters a step was
  /// made with, where they moved meanwhile.
  func goBack(
    _ memory: WorkerMemory,
    _ backward: BackwardPlans,
    _ draws: Draws,
    steps: Int? = nil,
    parameters: ((_ step: Int) -> AlignedBuffer)? = nil
  ) {
    guard let history else { return }
    let steps = steps ?? plans.trajectory.steps
    let workspace = memory.workspace
    workspace.bind(.state, to: current)
    if let parameters { workspace.bind(.parameters, to: parameters(steps - 1)) }
    workspace.bind(.adjoint, to: otherAdjoint)
    workspace.bind(.results, to: adjoint)
    backward.depart.plan.program.replay(in: workspace)
    for step in (0..<steps).reversed() {
      bindMinibatch(memory, step, draws)
      if let parameters { workspace.bind(.parameters, to: parameters(step)) }
      workspace.bind(.state, to: history, at: step * plans.state.count)
      workspace.bind(.adjoint, to: adjoint)
      workspace.bind(.results, to: otherAdjoint)
      backward.back.plan.program.replay(in: workspace)
      swap(&adjoint, &otherAdjoint)
    }
    workspace.bind(.episode, to: memory.episode)
    workspace.bind(.state, to: current)
    workspace.bind(.adjoint, to: adjoint)
  }

  private func bindMinibatch(_ memory: WorkerMemory, _ step: Int, _ draws: Draws) {
    guard let minibatch, let small = plans.minibatch else { return }
    fill(minibatch, small, memory.episode, step, draws)
    memory.workspace.bind(.episode, to: minibatch)
  }

  /// Binds the minibatch of an inner step with the whole query set.
  func bindWithQuery(_ memory: WorkerMemory, _ step: Int, _ draws: Draws) {
    guard let earlier, let small = plans.online?.layout else { return }
    fill(earlier, small, memory.episode, step, draws)
    let numbers = [
      (layout.queryInputs, small.queryInputs, layout.inputShape.reduce(layout.queryCount, *)),
      (layout.queryTargets, small.queryTargets, layout.queryCount * layout.targetCount),
    ]
    for (from, to, count) in numbers {
      earlier.copy(from: memory.episode, at: from, count: count, to: to)
    }
    memory.workspace.bind(.episode, to: earlier)
  }

  /// An inner step i ≤ `step` by weights `decay`^(step − i), or the one that the file of episodes has.
  func earlierStep(_ step: Int, decay: Double, _ draws: Draws) -> Int {
    let recorded = draws.source.draws(step: draws.step, episode: draws.episode)
    if let numbers = recorded?.numbers(named: "star"), numbers.count > step {
      return min(max(Int(numbers[numbers.startIndex + step]), 0), step)
    }
    var generator = RandomDraws(draws.stream.split(Self.earlierLabel).split(UInt64(step)))
    // Back by geometric steps: by k with weight decay^k, cut off at the beginning.
    let weights = (0...step).map { pow(decay, Double($0)) }
    var rest = Double(generator.uniform()) * weights.reduce(0, +)
    for (back, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return step - back }
    }
    return step
  }

  /// Copies the state as it is now.
  func store(in buffer: AlignedBuffer) {
    buffer.copy(from: current, range: 0..<plans.state.count)
  }

  /// Moves a task's state after an update of the meta-parameters.
  func follow(_ memory: WorkerMemory, previous: AlignedBuffer, _ state: AlignedBuffer) {
    guard let follow = plans.follow else { return }
    memory.workspace.bind(.previous, to: previous)
    memory.workspace.bind(.state, to: state)
    memory.workspace.bind(.results, to: current)
    follow.plan.program.replay(in: memory.workspace)
    state.copy(from: current, range: 0..<plans.state.count)
  }

  // MARK: Minibatches

  /// Copies one minibatch out of the pool: the support set, then perhaps the query set.
  private func fill(
    _ batch: AlignedBuffer,
    _ small: EpisodeLayout,
    _ episode: AlignedBuffer,
    _ step: Int,
    _ draws: Draws
  ) {
    chooseRows(small.supportCount, step, draws)
    let input = layout.inputShape.reduce(1, *)
    for (place, row) in rows.enumerated() {
      let isSupport = row < layout.supportCount
      let index = isSupport ? row : row - layout.supportCount
      let inputs = isSupport ? layout.supportInputs : layout.queryInputs
      let targets = isSupport ? layout.supportTargets : layout.queryTargets
      batch.copy(
        from: episode,
        at: inputs + index * input,
        count: input,
        to: small.supportInputs + place * input
      )
      batch.copy(
        from: episode,
        at: targets + index * layout.targetCount,
        count: layout.targetCount,
        to: small.supportTargets + place * layout.targetCount
      )
    }
  }

  /// The rows the file names, or the next ones of the shuffled pool.
  ///
  /// When that is used up it is shuffled again, and a minibatch may straddle two shuffles. Or different rows of the whole pool
  /// each time, or the query set's where the last minibatch stands apart.
  private func chooseRows(_ size: Int, _ step: Int, _ draws: Draws) {
    if let recorded = draws.source.minibatch(step: draws.step, episode: draws.episode, step) {
      rows = recorded
      return
    }
    guard let minibatches = plans.trajectory.minibatches else { return }
    let isTraining = plans.end != nil
    rows.removeAll(keepingCapacity: true)
    if minibatches.hasTail, isTraining, step == plans.trajectory.steps - 1 {
      var generator = RandomDraws(draws.stream.split(Self.tailLabel))
      let order = Array(generator.sample(layout.queryCount, below: layout.queryCount))
      for place in 0..<size { rows.append(layout.supportCount + order[place % order.count]) }
      return
    }
    let usesQuery = minibatches.usesQuery && isTraining
    let pool = layout.supportCount + (usesQuery ? layout.queryCount : 0)
    if minibatches.isReplaced {
      var generator = RandomDraws(draws.stream.split(UInt64(step)))
      rows.append(contentsOf: generator.sample(size, below: pool))
      return
    }
    for place in step * size..<(step + 1) * size {
      if place % pool == 0 || shuffle.number != place / pool || shuffle.stream != draws.stream {
        var generator = RandomDraws(draws.stream.split(UInt64(place / pool)))
        let order = generator.sample(pool, below: pool)
        shuffle = (place / pool, draws.stream, Array(order))
      }
      rows.append(shuffle.order[place % pool])
    }
  }

  /// No number of a step or a shuffle.
  private static let tailLabel = UInt64.max
  private static let earlierLabel = UInt64.max - 1
}
