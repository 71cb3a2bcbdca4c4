import Events
import Files
import MetaLearning
import Recording
import Training

/// A run with one of its checkpoints, to be scored.
package struct ReadyRun {
  package let name: String
  package let run: RunConfiguration
  let point: ResumePoint

  package var episode: String { run.episode }

  /// The run of a directory, with its data where they are now, or with the episodes that were asked for;
  /// `command` begins the sentences.
  package init(
    _ path: String,
    _ asked: EpisodeRequest,
    _ policy: DataPolicy,
    command: String
  ) throws(ConfigurationError) {
    let stored = StoredRun(path: path, origin: command, cores: asked.workers, policy: policy)
    var (run, point) = try stored.read(asked.checkpoint)
    run.notes.forEach(complain)
    run.threads = asked.workers
    guard run.supervised == nil else {
      throw ConfigurationError(
        .badData,
        "\(command): \(path) does not train on episodes; its summary.json has its accuracy"
      )
    }
    if let file = asked.file { try run.takeHeldOut(file) }
    guard run.holdsOut else {
      throw ConfigurationError(
        .badData,
        "\(command): \(path) was trained on a file of episodes that holds nothing out; give --episodes "
          + "FILE, or train it with --validation-episodes FILE"
      )
    }
    (name, self.run, self.point) = (stored.directory.name, run, point)
  }

  /// Scores the checkpoint on a number of meta-test episodes that `seed` names, with up to `steps`
  /// inner steps (nil: the run's own).
  package func score(
    episodes count: Int,
    steps: Int?,
    seed: UInt64
  ) throws(ConfigurationError) -> ScoredRun {
    do throws(SafetensorsError) {
      let scores = try CheckpointScores(
        run,
        point.checkpoint,
        episodes: count,
        steps: steps,
        seed: seed
      )
      return ScoredRun(name: name, run: run, step: point.step, scores: scores)
    } catch {
      throw ConfigurationError(.badData, "evaluate: \(error)")
    }
  }

  /// The same checkpoint on episodes one by one.
  func episodes(seed: UInt64) throws(SafetensorsError) -> CheckpointEpisodes {
    try CheckpointEpisodes(run, point.checkpoint, seed: seed)
  }

  /// As many episodes as were asked for, or as usual; no more than a file has that takes their place.
  package static func count(
    _ asked: EpisodeRequest,
    _ ready: [ReadyRun]
  ) throws(ConfigurationError) -> Int {
    let usual = 600
    guard let limit = ready.compactMap({ $0.run.heldOut?.count }).min() else {
      return asked.count ?? usual
    }
    if let count = asked.count, count > limit {
      throw ConfigurationError(
        .usage,
        "--episodes: the file of --validation-episodes has \(limit); use \(limit) or fewer"
      )
    }
    return asked.count ?? (asked.file == nil ? min(usual, limit) : limit)
  }

  /// Pairs need the same episodes.
  package static func checkComparable(_ ready: [ReadyRun]) throws(ConfigurationError) {
    for other in ready.dropFirst() where other.episode != ready[0].episode {
      throw ConfigurationError(
        .badData,
        "evaluate: \(ready[0].name) has \(ready[0].episode) and \(other.name) "
          + "\(other.episode); give runs on the same episodes"
      )
    }
  }
}

extension RunConfiguration {
  /// What the episodes are, for people; equal where they are the same.
  fileprivate var episode: String {
    let way = way.map { "\($0)-way " } ?? ""
    let split = description(id: .init(0)).task.splitNote.map { " (\($0))" } ?? ""
    let origin = distribution.isSampled && heldOut == nil ? distribution.name : "a file"
    return "\(way)\(shot)-shot episodes of \(origin)\(split) with \(queryShot) query"
  }
}

/// A run's checkpoint and what it scored.
package struct ScoredRun {
  package let name: String
  package let run: RunConfiguration
  package let step: Int
  let scores: CheckpointScores

  package var episode: String { run.episode }

  /// The scored point where its own adaptation ends.
  var point: Int { scores.reported }

  /// By what runs are compared: accuracy, in regression the loss.
  func measure(_ point: Int) -> [Float] {
    scores.accuracies.isEmpty ? scores.losses[point] : scores.accuracies[point]
  }
}
