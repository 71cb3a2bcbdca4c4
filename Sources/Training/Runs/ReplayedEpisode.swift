import Kernels
import MetaLearning

/// An episode of a source, and what a method makes of it with the parameters as they are.
struct ReplayedEpisode {
  let episode: AlignedBuffer
  /// The query set's outputs at each point shown, then the support losses.
  let outputs: [[Float]]
  /// All outputs of the plan, of a replayed inner loop where that ends.
  let last: [[Float]]
}

/// How an episode is made for people to see: by one plan, or by replayed inner steps.
struct ShownReplay {
  private let plan: EpisodePlan
  private let trajectory: TrajectoryPlans?
  /// Inner steps at the points that are shown.
  private let points: [Int]
  private let source: any EpisodeSource
  private let noise: RandomStream

  /// `unrolled` makes the plan of a method that unrolls its inner loop.
  init(
    _ configuration: RunConfiguration,
    of source: any EpisodeSource,
    noise: RandomStream,
    onlyEnds: Bool = false,
    score: EpisodeSetup.Score = .outputs,
    _ unrolled: (EpisodeSetup) -> EpisodePlan
  ) {
    let setup = configuration.setup(source.layout)
    let trajectory = setup.trajectoryPlans(configuration.values, score, isTraining: false)
    (self.source, self.noise, self.trajectory) = (source, noise, trajectory)
    plan = trajectory?.score ?? unrolled(setup)
    let steps = trajectory?.trajectory.evaluationSteps ?? 0
    points = onlyEnds ? [0, steps] : Trajectory.points(steps)
  }

  /// Makes an episode, the first where none is named, in a workspace that nobody else uses meanwhile.
  func make(
    _ state: ParameterState,
    settings: AlignedBuffer,
    in workspace: Workspace,
    episode number: Int? = nil
  ) -> ReplayedEpisode {
    let episode = number ?? 0
    let draws = trajectory?.draws ?? plan.draws
    let memory = WorkerMemory(
      workspace,
      episodeCount: source.layout.count,
      noiseCount: draws.count
    )
    let results = AlignedBuffer(count: plan.resultCount)
    source.load(step: 0, episode: episode, into: memory.episode)
    memory.take(parameters: state.parameters, settings: settings)
    memory.draw(draws, noise.split(UInt64(episode)))
    guard let trajectory else {
      workspace.requireArena(plan.plan.program.arenaCount)
      workspace.bind(.results, to: results)
      plan.plan.program.replay(in: workspace)
      let outputs = plan.outputs.map { results.values($0) }
      return ReplayedEpisode(episode: memory.episode, outputs: outputs, last: outputs)
    }
    let minibatches = noise.split(StreamLabel.minibatches.rawValue)
    workspace.requireArena(trajectory.all.map(\.plan.program.arenaCount).max() ?? 0)
    var found: [[[Float]]] = []
    TrajectoryRunner(trajectory, layout: source.layout).run(
      memory,
      from: state.lasting?.shared,
      beginning: trajectory.start,
      steps: points.last ?? 0,
      points: points,
      .init(
        source: source,
        step: 0,
        episode: episode,
        // As evaluations draw them, where an episode is named.
        stream: number.map { minibatches.split(UInt64($0)) } ?? minibatches
      )
    ) { _ in
      workspace.bind(.results, to: results)
      plan.plan.program.replay(in: workspace)
      found.append(plan.outputs.map { results.values($0) })
    }
    return ReplayedEpisode(
      episode: memory.episode,
      outputs: found.compactMap(\.first) + found.compactMap { $0.dropFirst().first },
      last: found.last ?? []
    )
  }
}
