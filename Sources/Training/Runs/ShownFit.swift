import Events
import Kernels
import MetaLearning
import Tasks

/// The regression episode that a run shows: one of meta-validation's, with a dense query set.
struct ShownFit {
  private let replay: ShownReplay
  private let source: any EpisodeSource

  /// Plans the curves; nil unless a number is mapped to a number.
  init?(_ configuration: RunConfiguration) {
    let split = MetaSplit.metaValidation
    source = configuration.heldOutEpisodes(split, queryCount: FitSnapshot.pointCount)
    guard !configuration.distribution.isClassification, source.layout.inputShape == [1],
      source.layout.targetCount == 1
    else { return nil }
    replay = ShownReplay(configuration, of: source, noise: configuration.heldOutNoise(split)) {
      $0.fitPlan(configuration.values)
    }
  }

  /// What the parameters as they are make of it, in a workspace that nobody else uses meanwhile.
  func snapshot(
    _ state: ParameterState,
    settings: AlignedBuffer,
    in workspace: Workspace,
    run: RunID,
    step: Int,
    task: Int
  ) -> FitSnapshot {
    let layout = source.layout
    let episode = task == 0 ? nil : task
    let replayed = replay.make(state, settings: settings, in: workspace, episode: episode)
    let target = pairs(
      replayed.episode,
      layout.queryInputs,
      layout.queryTargets,
      layout.queryCount
    )
    let order = target.indices.sorted { target[$0].x < target[$1].x }
    let outputs = replayed.outputs
    let points = outputs.count / 2
    return FitSnapshot(
      run: run,
      step: step,
      task: task,
      support: pairs(
        replayed.episode,
        layout.supportInputs,
        layout.supportTargets,
        layout.supportCount
      ),
      target: order.map { target[$0] },
      fits: outputs[..<points].map { fit in order.map { fit[$0] } },
      supportLosses: outputs[points...].map { $0[0] }
    )
  }

  private func pairs(
    _ episode: AlignedBuffer,
    _ inputs: Int,
    _ targets: Int,
    _ count: Int
  ) -> [FitSnapshot.Point] {
    zip(episode.values(inputs..<inputs + count), episode.values(targets..<targets + count))
      .map { FitSnapshot.Point(x: $0, y: $1) }
  }
}
