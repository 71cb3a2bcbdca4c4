import Glibc

/// How much better one entrant of a comparison did than another, with what can be said for certain.
///
/// Both saw the same held-out episodes, so what is hard about an episode cancels: the mean of the
/// differences d_e, with the standard error s(d)/√n and Student's t of n − 1 degrees. With several seeds,
/// n counts the seeds and each gives one difference of means, for seeds are what would be drawn anew.
package struct ScoreDifference: Sendable, Equatable {
  /// What the differences are taken over.
  package enum Pairing: Sendable, Equatable {
    case episodes(Int)
    case seeds(Int)
    /// Other episodes, or a recording that holds no score for each.
    case unpaired
  }

  package let mean: Double
  package let error: Double
  package let degrees: Int
  package let pairing: Pairing

  /// Half the interval that misses the true difference with this probability.
  package func half(missing probability: Double) -> Double {
    guard error > 0 else { return 0 }
    return StudentT.quantile(1 - probability / 2, degrees: degrees) * error
  }

  package static prefix func - (difference: Self) -> Self {
    Self(
      mean: -difference.mean,
      error: difference.error,
      degrees: difference.degrees,
      pairing: difference.pairing
    )
  }
}

extension ScoreDifference {
  /// First minus second; nil where nothing can be said of the spread.
  package init?(
    _ first: [ValidationReport],
    _ second: [ValidationReport],
    seeds: [UInt64: (Int, Int)]
  ) {
    let pairs = seeds.sorted { $0.key < $1.key }.map { (first[$0.value.0], second[$0.value.1]) }
    if pairs.count > 1 {
      self.init(pairs.map { $0.scoreMean - $1.scoreMean }) { .seeds($0) }
    } else if let (own, other) = pairs.first, own.scores.count == other.scores.count,
      own.scores.count > 1
    {
      self.init(zip(own.scores, other.scores).map { Double($0) - Double($1) }) { .episodes($0) }
    } else {
      guard let own = first.first, let other = second.first else { return nil }
      self.init(unpaired: own, other)
    }
  }

  private init?(_ differences: [Double], _ pairing: (Int) -> Pairing) {
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    let square = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    guard mean.isFinite, square.isFinite, n > 1 else { return nil }
    self.init(
      mean: mean,
      error: (square / (n - 1) / n).squareRoot(),
      degrees: differences.count - 1,
      pairing: pairing(differences.count)
    )
  }

  /// From two means and their intervals: wider than it would be with pairs.
  private init?(unpaired own: ValidationReport, _ other: ValidationReport) {
    let errors = [own, other].map { Double($0.confidence95) / 1.96 }
    let mean = own.scoreMean - other.scoreMean
    let error = (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot()
    guard mean.isFinite, error.isFinite else { return nil }
    self.init(
      mean: mean,
      error: error,
      degrees: max(1, min(own.episodes, other.episodes) - 1),
      pairing: .unpaired
    )
  }
}

extension ValidationReport {
  /// What it is judged by: the accuracy where there is one, else the loss.
  package var scoreMean: Double { Double(accuracy ?? loss) }
}
