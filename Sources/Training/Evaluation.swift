import Events
import Kernels
import MetaLearning
import Tasks

/// Meta-validation or meta-test of a run: held-out episodes, adapted and scored, no update.
///
/// `@unchecked Sendable`: each worker has its own memory and writes the slots it claims.
final class Evaluation: @unchecked Sendable {
  let episodes: Int
  private let steps: Int
  private let plan: EpisodePlan
  private let source: SampledEpisodes
  private let workers: [WorkerMemory]
  private let slots: AlignedBuffer
  private let noise: RandomStream
  /// The episode that is shown as pictures; nil where there are none.
  private let shown: ShownEpisode?

  /// Plans the adaptation over `steps` inner steps, each scored on `queryCount` query examples.
  init(
    _ configuration: RunConfiguration,
    split: MetaSplit,
    episodes: Int,
    steps: Int,
    queryCount: Int,
    workerCount: Int
  ) {
    self.episodes = episodes
    self.steps = steps
    let layout = configuration.distribution.layout(
      shot: configuration.shot,
      queryShot: queryCount
    )
    source = SampledEpisodes(
      configuration.distribution,
      split: split,
      layout: layout,
      seed: configuration.seed
    )
    let setup = EpisodeSetup(
      method: configuration.method,
      model: configuration.model,
      layout: layout,
      isClassification: configuration.distribution.isClassification
    )
    let plan = setup.evaluationPlan(configuration.values, steps: steps)
    self.plan = plan
    shown =
      split == .metaValidation
      ? ShownEpisode(setup, configuration.values, source.images(step: 0, episode: 0)) : nil
    let noiseCount = max(plan.noiseCount, shown?.plan.noiseCount ?? 0)
    workers = (0..<workerCount).map { _ in
      WorkerMemory(episodeCount: layout.count, noiseCount: noiseCount)
    }
    slots = AlignedBuffer(count: plan.resultCount * episodes)
    noise = RandomStream(seed: configuration.seed).split(StreamLabel.noise.rawValue)
      .split(split.rawValue)
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
    let stride = plan.resultCount
    for memory in workers {
      memory.workspace.bind(.parameters, to: state.parameters)
      memory.workspace.bind(.settings, to: settings)
    }
    team.perform {
      for start in Swift.stride(from: 0, to: episodes, by: Self.blockSize) where !shouldStop() {
        let count = min(Self.blockSize, episodes - start)
        team.share(count) { [self] in score(start + $0, worker: $1) }
      }
    }
    guard !shouldStop() else { return nil }
    let columns = plan.outputs.map { output in
      (0..<episodes).map { slots[$0 * stride + output.lowerBound] }
    }
    return Scores(
      losses: Array(columns[...steps]),
      accuracies: Array(columns[(steps + 1)...])
    )
  }

  private func score(_ episode: Int, worker: Int) {
    let memory = workers[worker]
    load(episode, plan.noiseCount, memory)
    memory.workspace.bind(.results, to: slots, at: episode * plan.resultCount)
    plan.plan.program.replay(in: memory.workspace)
  }

  private func load(_ episode: Int, _ noiseCount: Int, _ memory: WorkerMemory) {
    source.load(step: 0, episode: episode, into: memory.episode)
    guard noiseCount > 0 else { return }
    var stream = noise.split(UInt64(episode))
    stream.fillNormal(memory.noise, at: 0, count: noiseCount)
  }

  /// What the parameters as they are make of episode 0's pictures; nil where there are none.
  ///
  /// Called between two phases, when no worker is in its memory.
  func snapshot(_ state: ParameterState, settings: AlignedBuffer) -> EpisodeSnapshot? {
    guard let shown else { return nil }
    let memory = workers[0]
    memory.workspace.bind(.parameters, to: state.parameters)
    memory.workspace.bind(.settings, to: settings)
    load(0, shown.plan.noiseCount, memory)
    return shown.snapshot(memory)
  }

  /// What every episode scored after 0, 1, … inner steps.
  struct Scores: Sendable {
    let losses: [[Float]]
    /// Empty in regression.
    let accuracies: [[Float]]

    func loss(after step: Int) -> Float { Self.mean(losses[min(step, losses.count - 1)]) }

    func accuracy(after step: Int) -> Float? {
      accuracies.isEmpty ? nil : Self.mean(accuracies[min(step, accuracies.count - 1)])
    }

    func lossConfidence95(after step: Int) -> Float {
      Self.confidence95(losses[min(step, losses.count - 1)])
    }

    func accuracyConfidence95(after step: Int) -> Float? {
      accuracies.isEmpty ? nil : Self.confidence95(accuracies[min(step, accuracies.count - 1)])
    }

    /// 1.96 standard errors over episodes (methods 0.6).
    private static func confidence95(_ scores: [Float]) -> Float {
      guard scores.count > 1 else { return .infinity }
      let mean = Double(mean(scores))
      let square = scores.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      return Float(1.96 * (square / Double(scores.count - 1) / Double(scores.count)).squareRoot())
    }

    private static func mean(_ scores: [Float]) -> Float {
      Float(scores.reduce(0.0) { $0 + Double($1) } / Double(scores.count))
    }
  }
}
