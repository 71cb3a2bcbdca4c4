import Events
import Kernels
import MetaLearning
import Tasks

/// Meta-validation or meta-test of a run: held-out episodes, adapted and scored, no update.
///
/// `@unchecked Sendable`: each worker has its own memory and writes the slots it claims.
final class Evaluation: @unchecked Sendable {
  let episodes: Int
  /// Inner steps at the points that are scored.
  private let points: [Int]
  /// The point that a run reports: where its own adaptation ends.
  private let reported: Int
  /// By the source's layouts; the last holds every episode.
  private let plans: [EpisodePlan]
  private var plan: EpisodePlan { plans[plans.count - 1] }
  private let trajectory: TrajectoryPlans?
  private let source: any EpisodeSource
  private let workers: [WorkerMemory]
  private let runners: [TrajectoryRunner]
  /// Floats of one episode's results, and of one point's where points are replayed one by one.
  private let stride: Int
  private let slots: AlignedBuffer
  private let noise: RandomStream
  private let minibatches: RandomStream

  /// Plans the adaptation over `steps` inner steps, each scored on `queryCount` query examples.
  init(
    _ configuration: RunConfiguration,
    split: MetaSplit,
    episodes: Int,
    steps: Int,
    queryCount: Int,
    team: WorkerTeam
  ) {
    self.episodes = episodes
    source = configuration.heldOutEpisodes(split, queryCount: queryCount)
    let layout = source.layout
    let setup = configuration.setup(layout)
    let values = configuration.values
    let trajectory = setup.trajectoryPlans(values, .evaluation, isTraining: false)
    self.trajectory = trajectory
    if let trajectory {
      let own = trajectory.trajectory.evaluationSteps
      points = Array(Set(Trajectory.points(max(steps, own)) + [own])).sorted()
      reported = points.firstIndex(of: own) ?? 0
    } else {
      points = Array(0...steps)
      reported = min(configuration.method.adaptationSteps(values), steps)
    }
    let plans =
      trajectory.map { [$0.score] }
      ?? source.layouts.map { setup.with($0, values).evaluationPlan(values, steps: steps) }
    self.plans = plans
    let plan = plans[plans.count - 1]
    stride = plan.resultCount * (trajectory == nil ? 1 : points.count)
    workers = team.workspaces.map { workspace in
      WorkerMemory(
        workspace,
        episodeCount: layout.count,
        noiseCount: trajectory?.draws.count ?? plans.map(\.noiseCount).max() ?? 0
      )
    }
    runners = team.workspaces.compactMap { _ in
      trajectory.map { TrajectoryRunner($0, layout: layout) }
    }
    slots = AlignedBuffer(count: stride * episodes)
    noise = configuration.heldOutNoise(split)
    minibatches = noise.split(StreamLabel.minibatches.rawValue)
  }

  /// Episodes between two looks at whether to stop.
  private static let blockSize = 16

  /// Scores the run's parameters; all workers of `team` share the episodes.
  ///
  /// - Returns: nil when `shouldStop` said so before the last episode.
  func run(
    _ state: ParameterState,
    settings: AlignedBuffer,
    team: WorkerTeam,
    shouldStop: @Sendable () -> Bool = { false }
  ) -> Scores? {
    for memory in workers {
      memory.take(parameters: state.parameters, settings: settings)
      memory.workspace.requireArena(trajectory?.all.map(\.plan.program.arenaCount).max() ?? 0)
    }
    team.perform {
      for start in Swift.stride(from: 0, to: episodes, by: Self.blockSize) where !shouldStop() {
        let count = min(Self.blockSize, episodes - start)
        team.share(count) { [self] in score(start + $0, state, worker: $1) }
      }
    }
    guard !shouldStop() else { return nil }
    return Scores(losses: columns(0), accuracies: columns(1), points: points, reported: reported)
  }

  /// Losses (0) or accuracies (1) by point, of every episode; empty where there are none.
  private func columns(_ kind: Int) -> [[Float]] {
    let places: [Int]
    if trajectory != nil {
      guard plan.outputs.count > kind else { return [] }
      places = points.indices.map { $0 * plan.resultCount + plan.outputs[kind].lowerBound }
    } else {
      let own = plan.outputs[min(kind * points.count, plan.outputs.count)...].prefix(points.count)
      places = own.map(\.lowerBound)
    }
    return places.map { place in (0..<episodes).map { slots[$0 * stride + place] } }
  }

  private func score(_ episode: Int, _ state: ParameterState, worker: Int) {
    let memory = workers[worker]
    source.load(step: 0, episode: episode, into: memory.episode)
    let plan = trajectory == nil ? plans[source.place(of: memory.episode)] : self.plan
    memory.draw(trajectory?.draws ?? plan.draws, noise.split(UInt64(episode)))
    guard let trajectory else {
      memory.workspace.bind(.results, to: slots, at: episode * stride)
      plan.plan.program.replay(in: memory.workspace)
      return
    }
    let stream = minibatches.split(UInt64(episode))
    runners[worker].run(
      memory,
      from: state.lasting?.shared,
      beginning: trajectory.start,
      steps: points.last ?? 0,
      points: points,
      .init(source: source, step: 0, episode: episode, stream: stream)
    ) { point in
      memory.workspace.bind(.results, to: slots, at: episode * stride + point * plan.resultCount)
      plan.plan.program.replay(in: memory.workspace)
    }
  }

  /// What every episode scored at each point of its adaptation.
  struct Scores: Sendable {
    let losses: [[Float]]
    /// Empty in regression.
    let accuracies: [[Float]]
    /// Inner steps at the points; 0, 1, … where every step is one.
    let points: [Int]
    /// The point where the run's own adaptation ends.
    let reported: Int

    /// What each episode is judged by, where the run's own adaptation ends.
    var byEpisode: [Float] {
      let columns = accuracies.isEmpty ? losses : accuracies
      return columns[min(reported, columns.count - 1)]
    }

    func loss(after step: Int) -> EpisodeMean {
      EpisodeMean(losses[min(step, losses.count - 1)])
    }

    func accuracy(after step: Int) -> EpisodeMean? {
      accuracies.isEmpty ? nil : EpisodeMean(accuracies[min(step, accuracies.count - 1)])
    }
  }
}

extension RunConfiguration {
  /// The episodes of a split besides meta-training, or those of a file in their place; every method with
  /// this seed sees the same.
  func heldOutEpisodes(_ split: MetaSplit, queryCount: Int) -> any EpisodeSource {
    let reading = method.graphReading(values)
    if let heldOut { return heldOut.reading(reading) }
    let task = distribution.reading(reading)
    return SampledEpisodes(
      task,
      split: split,
      layouts: task.layouts(shot: shot, queryShot: queryCount),
      seed: seed
    )
  }

  func heldOutNoise(_ split: MetaSplit) -> RandomStream {
    RandomStream(seed: seed).split(StreamLabel.noise.rawValue).split(split.rawValue)
  }

  func setup(_ layout: EpisodeLayout) -> EpisodeSetup {
    EpisodeSetup(
      method: method,
      model: model,
      layout: layout,
      values: values,
      isClassification: distribution.isClassification
    )
  }
}
