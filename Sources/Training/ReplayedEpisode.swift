import Kernels
import MetaLearning

/// The first episode of a source, and what a method makes of it with the parameters as they are.
struct ReplayedEpisode {
  let episode: AlignedBuffer
  /// The query set's outputs at each point shown, then the support losses.
  let outputs: [[Float]]
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
    _ unrolled: (EpisodeSetup) -> EpisodePlan
  ) {
    let setup = configuration.setup(source.layout)
    let trajectory = setup.trajectoryPlans(configuration.values, .outputs, isTraining: false)
    (self.source, self.noise, self.trajectory) = (source, noise, trajectory)
    plan = trajectory?.score ?? unrolled(setup)
    let steps = trajectory?.trajectory.evaluationSteps ?? 0
    points = onlyEnds ? [0, steps] : Trajectory.points(steps)
  }

  /// Makes the episode in a workspace that nobody else uses meanwhile.
  func make(
    _ state: ParameterState,
    settings: AlignedBuffer,
    in workspace: Workspace
  ) -> ReplayedEpisode {
    let draws = trajectory?.draws ?? plan.draws
    let memory = WorkerMemory(
      workspace,
      episodeCount: source.layout.count,
      noiseCount: draws.count
    )
    let results = AlignedBuffer(count: plan.resultCount)
    source.load(step: 0, episode: 0, into: memory.episode)
    memory.take(parameters: state.parameters, settings: settings)
    memory.draw(draws, noise.split(0))
    guard let trajectory else {
      workspace.bind(.results, to: results)
      plan.plan.program.replay(in: workspace)
      return ReplayedEpisode(
        episode: memory.episode,
        outputs: plan.outputs.map { results.values($0) }
      )
    }
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
        episode: 0,
        stream: noise.split(StreamLabel.minibatches.rawValue)
      )
    ) { _ in
      workspace.bind(.results, to: results)
      plan.plan.program.replay(in: workspace)
      found.append(plan.outputs.map { results.values($0) })
    }
    return ReplayedEpisode(
      episode: memory.episode,
      outputs: found.map { $0[0] } + found.map { $0[1] }
    )
  }
}
