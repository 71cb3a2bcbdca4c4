import Files
import Glibc

/// What a checkpoint scores on each of a fixed set of meta-test episodes.
package struct CheckpointScores: Sendable {
  /// By point of the adaptation, then by episode.
  package let losses: [[Float]]
  /// Alike; empty in regression.
  package let accuracies: [[Float]]
  /// Inner steps at the points.
  package let points: [Int]
  /// The point where the run's own adaptation ends.
  package let reported: Int

  /// Adapts and scores the run's checkpoint on `episodes` episodes of meta-test, up to `steps`
  /// inner steps where that is given; throws when it does not fit the run's network.
  ///
  /// `seed` names the episodes: two runs scored with one seed see the same.
  package init(
    _ run: RunConfiguration,
    _ checkpoint: TensorFile,
    episodes: Int,
    steps: Int?,
    seed: UInt64
  ) throws(SafetensorsError) {
    var run = run
    run.seed = seed
    let team = WorkerTeam(count: run.threads)
    if let batches = run.batches {
      let trainee = BatchTrainee(run, batches, team: team)
      try trainee.load(checkpoint: checkpoint)
      trainee.writeSettings()
      guard let scores = trainee.scores(.metaTest, episodes, { false }) else {
        preconditionFailure("nobody could stop it")
      }
      (losses, accuracies) = (scores.losses, scores.accuracies)
      (points, reported) = (scores.points, scores.reported)
      return
    }
    let trainee = EpisodicTrainee(run, team: team)
    try trainee.load(checkpoint: checkpoint)
    let own = run.method.adaptationSteps(run.values)
    let scores = trainee.scores(episodes: episodes, steps: steps ?? own)
    (losses, accuracies) = (scores.losses, scores.accuracies)
    (points, reported) = (scores.points, scores.reported)
  }
}

/// A mean over episodes with its 95 % interval.
package struct EpisodeMean: Sendable, Equatable {
  /// Standard errors in half a 95 % interval of a normal distribution.
  static let standardErrors = 1.96

  package let mean: Double
  /// Half the interval.
  package let confidence95: Double

  package init(_ values: [Float]) {
    let count = Double(max(values.count, 1))
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    let square = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    self.mean = mean
    let error = values.count > 1 ? (square / (count - 1) / count).squareRoot() : .infinity
    confidence95 = Self.standardErrors * error
  }
}

/// Two checkpoints on the same episodes.
package struct PairedComparison: Sendable, Equatable {
  /// First minus second.
  package let difference: EpisodeMean
  package let larger: Int
  package let smaller: Int

  /// - Precondition: both have the same episodes in the same order.
  package init(_ first: [Float], _ second: [Float]) {
    precondition(first.count == second.count, "\(first.count) and \(second.count) episodes")
    difference = EpisodeMean(zip(first, second).map { $0 - $1 })
    larger = zip(first, second).count { $0 > $1 }
    smaller = zip(first, second).count { $0 < $1 }
  }

  /// The two-sided sign test: how likely so uneven a split is if neither is better.
  package var signTest: Double {
    let count = larger + smaller
    guard count > 0 else { return 1 }
    // The binomial distribution's lower tail, doubled; by logarithms, as 2^-count underflows.
    var tail = 0.0
    for index in 0...min(larger, smaller) {
      let ways =
        lgamma(Double(count + 1)) - lgamma(Double(index + 1)) - lgamma(Double(count - index + 1))
      tail += exp(ways - Double(count) * log(2))
    }
    return min(2 * tail, 1)
  }
}
