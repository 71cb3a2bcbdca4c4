import Files
import Kernels
import MetaLearning
import Models
import Tasks

/// What a checkpoint makes of held-out episodes, one by one: adapted weights, and what they answer.
///
/// The episodes are those that `CheckpointScores` scores under the same seed.
package final class CheckpointEpisodes {
  /// The answers of one episode's query set.
  package struct Answers: Sendable {
    /// Of the classes, by label; nil where there are none.
    package let classes: [String]?
    /// Of the query examples; nil where nobody named them.
    package let examples: [String]?
    /// What would have been right, and what came out, one row an example: one-hot classes and their
    /// logits, or numbers.
    package let targets: [[Float]]
    package let outputs: [[Float]]
  }

  private let run: RunConfiguration
  private let trainee: EpisodicTrainee
  private let team = WorkerTeam(count: 1)
  private let source: any EpisodeSource
  private lazy var setup = run.setup(source.layout)
  private lazy var adapted = setup.adaptedPlan(run.values)
  private lazy var weights = replay(.weights) { [adapted] _ in adapted.plan }
  private lazy var answers = replay(.outputs) { [run] setup in
    setup.outputsPlan(run.values, steps: run.method.adaptationSteps(run.values))
  }

  /// `seed` names the episodes; throws when the checkpoint does not fit the run's network.
  package init(
    _ run: RunConfiguration,
    _ checkpoint: TensorFile,
    seed: UInt64
  ) throws(SafetensorsError) {
    var run = run
    run.seed = seed
    run.threads = 1
    self.run = run
    trainee = EpisodicTrainee(run, team: team)
    try trainee.load(checkpoint: checkpoint)
    trainee.writeSettings()
    let query = run.distribution.evaluationQuery(run.queryShot)
    source = run.heldOutEpisodes(.metaTest, queryCount: query)
  }

  private func replay(
    _ score: EpisodeSetup.Score,
    _ unrolled: (EpisodeSetup) -> EpisodePlan
  ) -> ShownReplay {
    ShownReplay(
      run,
      of: source,
      noise: run.heldOutNoise(.metaTest),
      onlyEnds: true,
      score: score,
      unrolled
    )
  }

  private func made(_ replay: ShownReplay, _ episode: Int) -> ReplayedEpisode {
    replay.make(
      trainee.state,
      settings: trainee.settings,
      in: team.workspaces[0],
      episode: episode
    )
  }

  /// Body and head as the run's own adaptation leaves them on episode number `episode` (0, 1, …), in a
  /// checkpoint's names and layouts, and whatever else of the method moved.
  ///
  /// What does not adapt stands there as it is, so the file is a network.
  package func adaptedWeights(_ episode: Int) -> TensorFile {
    let found = made(weights, episode).last
    var moved = Dictionary(uniqueKeysWithValues: zip(adapted.names, found))
    var file = TensorFile(metadata: [
      "format": "pt", "method": run.method.descriptor.id, "model": run.model.name,
      "task": run.distribution.name, "episode": String(episode + 1), "seed": String(run.seed),
      "adapted": adapted.names.joined(separator: ","),
    ])
    let layout = setup.parameters
    for (index, specification) in layout.specifications.enumerated() {
      let isNetwork = ["body", "head"].contains(specification.group)
      let own = moved.removeValue(forKey: specification.name)
      guard isNetwork || own != nil else { continue }
      let values = own ?? trainee.state.parameters.values(layout.range(index))
      // One row of a table of several is a tensor of another shape.
      let isWhole = values.count == specification.shape.count
      file.append(
        specification.storedName,
        shape: isWhole ? specification.storedShape : [values.count],
        floats: isWhole ? specification.reordered(values, toStored: true) : values
      )
    }
    for (name, shape) in zip(adapted.names, adapted.shapes) {
      if let values = moved[name] { file.append(name, shape: shape.dimensions, floats: values) }
    }
    return file
  }

  /// What the adapted weights answer on the query set of an episode.
  package func answers(_ episode: Int) -> Answers {
    let made = made(answers, episode)
    let layout = source.layout
    let targets = made.episode.values(
      layout.queryTargets..<layout.queryTargets + layout.queryCount * layout.targetCount
    )
    func rows(_ values: [Float]) -> [[Float]] {
      stride(from: 0, to: values.count, by: layout.targetCount).map {
        Array(values[$0..<$0 + layout.targetCount])
      }
    }
    let images = source.images(step: 0, episode: episode)
    let numbered = (0..<layout.targetCount).map { "class \($0)" }
    return Answers(
      classes: run.distribution.isClassification ? images?.classNames ?? numbered : nil,
      examples: images?.query.map(\.name),
      targets: rows(targets),
      outputs: rows(made.last[answersPlace(made.last.count)])
    )
  }

  /// A replayed inner loop tells the outputs and then a loss; an unrolled one the outputs of every point.
  private func answersPlace(_ count: Int) -> Int {
    setup.trajectory(run.values) == nil ? count - 1 : 0
  }
}
