import Kernels
import MetaLearning

/// The first episode of a source, and what a plan makes of it with the parameters as they are.
struct ReplayedEpisode {
  let episode: AlignedBuffer
  let results: AlignedBuffer

  /// Replays the plan in a workspace that nobody else uses meanwhile.
  init(
    _ plan: EpisodePlan,
    of source: any EpisodeSource,
    noise: RandomStream,
    _ state: ParameterState,
    settings: AlignedBuffer,
    in workspace: Workspace
  ) {
    let memory = WorkerMemory(
      workspace,
      episodeCount: source.layout.count,
      noiseCount: plan.noiseCount
    )
    results = AlignedBuffer(count: plan.resultCount)
    episode = memory.episode
    source.load(step: 0, episode: 0, into: memory.episode)
    var stream = noise.split(0)
    if plan.noiseCount > 0 { stream.fillNormal(memory.noise, at: 0, count: plan.noiseCount) }
    memory.take(parameters: state.parameters, settings: settings)
    memory.workspace.bind(.results, to: results)
    plan.plan.program.replay(in: memory.workspace)
  }
}
