import Files
import Kernels
import MetaLearning
import Tasks

/// One meta-test episode and what a checkpoint makes of it, for programs that want to check that
/// they read a checkpoint as metatop does.
package enum CheckpointEpisode {
  /// A file with `support.inputs` `[1, 1, N·K, channels, height, width]`, `support.targets`
  /// `[1, 1, N·K]`, the query set alike, and the query set's logits `[1, 1, queries, N]` before
  /// adaptation (`logits.before`) and after it (`logits.adapted`).
  ///
  /// The task must be a classification of images; `seed` names the episode.
  ///
  /// - Throws: when the checkpoint does not fit the run's network.
  package static func file(
    _ run: RunConfiguration,
    _ checkpoint: TensorFile,
    seed: UInt64
  ) throws(SafetensorsError) -> TensorFile {
    var run = run
    run.seed = seed
    run.threads = 1
    let team = WorkerTeam(count: 1)
    let trainee = EpisodicTrainee(run, team: team)
    try trainee.load(checkpoint: checkpoint)
    trainee.writeSettings()
    let source = run.heldOutEpisodes(.metaTest, queryCount: run.queryShot)
    let layout = source.layout
    let noise = run.heldOutNoise(.metaTest)
    let replay = ShownReplay(run, of: source, noise: noise, onlyEnds: true) {
      $0.predictionPlan(run.values)
    }
    let replayed = replay.make(
      trainee.state,
      settings: trainee.settings,
      in: team.workspaces[0]
    )

    let values = run.values
    let rateID = StandardHyperparameters.innerLearningRate.id
    let rate = values.descriptor(rateID) == nil ? "" : String(values.number(rateID))
    var file = TensorFile(metadata: [
      "format": "pt", "method": run.method.descriptor.id, "model": run.model.name,
      "seed": String(seed), "inner_steps": String(run.method.adaptationSteps(values)),
      "inner_lr": rate,
      "batch_norm": values.descriptor(ConvolutionHyperparameters.statistics.id) == nil
        ? "" : values.choice(ConvolutionHyperparameters.statistics.id),
    ])
    file.append("support", layout, replayed.episode, layout.supportCount, layout.supportInputs)
    file.append("query", layout, replayed.episode, layout.queryCount, layout.queryInputs)
    for (name, logits) in zip(["logits.before", "logits.adapted"], replayed.outputs) {
      file.append(
        name,
        shape: [1, 1, layout.queryCount, layout.targetCount],
        floats: logits
      )
    }
    return file
  }
}

extension TensorFile {
  /// One half of an episode; images go channels first into files, and lie channels last here.
  fileprivate mutating func append(
    _ name: String,
    _ layout: EpisodeLayout,
    _ episode: AlignedBuffer,
    _ count: Int,
    _ start: Int
  ) {
    let (height, width) = (layout.inputShape[0], layout.inputShape[1])
    let channels = layout.inputShape[2]
    let pixels = height * width
    let values = episode.values(start..<start + count * pixels * channels)
    let inputs = values.indices.map { index in
      let (image, place) = index.quotientAndRemainder(dividingBy: pixels * channels)
      return values[(image * pixels + place % pixels) * channels + place / pixels]
    }
    append("\(name).inputs", shape: [1, 1, count, channels, height, width], floats: inputs)
    // Examples lie class by class.
    let perClass = count / layout.targetCount
    let targets = (0..<count).map { $0 / perClass }
    append("\(name).targets", shape: [1, 1, count], integers: targets)
  }
}
