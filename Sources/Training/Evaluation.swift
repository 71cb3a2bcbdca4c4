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
  private let source: any EpisodeSource
  private let workers: [WorkerMemory]
  private let slots: AlignedBuffer
  private let noise: RandomStream

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
    self.steps = steps
    source = configuration.heldOutEpisodes(split, queryCount: queryCount)
    let layout = source.layout
    let plan = configuration.setup(layout)
      .evaluationPlan(configuration.values, steps: steps)
    self.plan = plan
    workers = team.workspaces.map { workspace in
      WorkerMemory(workspace, episodeCount: layout.count, noiseCount: plan.noiseCount)
    }
    slots = AlignedBuffer(count: plan.resultCount * episodes)
    noise = configuration.heldOutNoise(split)
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
    for memory in workers { memory.take(parameters: state.parameters, settings: settings) }
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
    source.load(step: 0, episode: episode, into: memory.episode)
    if plan.noiseCount > 0 {
      var stream = noise.split(UInt64(episode))
      stream.fillNormal(memory.noise, at: 0, count: plan.noiseCount)
    }
    memory.workspace.bind(.results, to: slots, at: episode * plan.resultCount)
    plan.plan.program.replay(in: memory.workspace)
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

extension RunConfiguration {
  /// The episodes of a split besides meta-training, or those of a file in their place; every method with
  /// this seed sees the same.
  func heldOutEpisodes(_ split: MetaSplit, queryCount: Int) -> any EpisodeSource {
    if let heldOut { return heldOut }
    return SampledEpisodes(
      distribution,
      split: split,
      layout: distribution.layout(shot: shot, queryShot: queryCount),
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
      isClassification: distribution.isClassification
    )
  }
}
