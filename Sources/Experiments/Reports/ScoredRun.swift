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

  /// The run of a directory, with its data where they are now.
  package init(
    _ path: String,
    _ kind: CheckpointKind,
    _ policy: DataPolicy,
    workers: Int
  ) throws(ConfigurationError) {
    let stored = StoredRun(path: path, origin: "evaluate", cores: workers, policy: policy)
    var (run, point) = try stored.read(kind)
    run.notes.forEach(complain)
    run.threads = workers
    guard run.supervised == nil else {
      throw ConfigurationError(
        .badData,
        "evaluate: \(path) does not train on episodes; its summary.json has its accuracy"
      )
    }
    guard run.holdsOut else {
      throw ConfigurationError(
        .badData,
        "evaluate: \(path) was trained on a file of episodes that holds nothing out; train it with "
          + "--validation-episodes FILE to have something to evaluate on"
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

  /// As many episodes as were asked for, or as usual; no more than a file has that takes their place.
  package static func count(_ asked: Int?, _ ready: [ReadyRun]) throws(ConfigurationError) -> Int {
    guard let limit = ready.compactMap({ $0.run.heldOut?.count }).min() else { return asked ?? 600 }
    if let asked, asked > limit {
      throw ConfigurationError(
        .usage,
        "--episodes: the file of --validation-episodes has \(limit); use \(limit) or fewer"
      )
    }
    return asked ?? min(600, limit)
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
    let origin = distribution.isSampled ? distribution.name : "a file"
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
