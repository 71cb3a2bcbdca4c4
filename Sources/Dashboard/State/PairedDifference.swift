import CellGrid
import Glibc

/// How two methods differ on the episodes that both have seen, with the uncertainty of the mean.
///
/// Step t of both saw the same meta-batch, so what is hard about it cancels. The buckets of the two
/// histories stand for the same steps; each gives one difference of means d_i (a batch mean), and
/// each point is the mean of `count` neighbours with d̄ ± t₀.₉₇₅ · s/√count.
enum PairedDifference {
  /// Neighbouring batches behind one point.
  static let count = 32
  /// Student's t, 97.5 %, for `count` − 1 degrees of freedom.
  static let quantile = 2.0395

  /// Points of `minuend` − `subtrahend`, by rising step; low and high are the interval's ends.
  static func samples(_ minuend: SeriesHistory, _ subtrahend: SeriesHistory) -> [LineChart.Sample] {
    let pairs = batches(minuend, subtrahend)
    guard pairs.count >= count else { return [] }
    var (sum, squares) = (0.0, 0.0)
    var samples: [LineChart.Sample] = []
    samples.reserveCapacity(pairs.count - count + 1)
    for (index, pair) in pairs.enumerated() {
      sum += pair.difference
      squares += pair.difference * pair.difference
      if index >= count {
        let old = pairs[index - count].difference
        sum -= old
        squares -= old * old
      }
      guard index >= count - 1 else { continue }
      let first = pairs[index - count + 1].step
      samples.append(sample(at: (first + pair.step) / 2, sum, squares))
    }
    return samples
  }

  private static func sample(at step: Double, _ sum: Double, _ squares: Double) -> LineChart.Sample
  {
    let n = Double(count)
    let mean = sum / n
    let variance = max(0, (squares - sum * mean) / (n - 1))
    let half = quantile * (variance / n).squareRoot()
    return LineChart.Sample(
      x: step,
      low: Float(mean - half),
      high: Float(mean + half),
      value: Float(mean)
    )
  }

  /// One difference for each stretch of steps that both have heard of completely.
  private static func batches(
    _ first: SeriesHistory,
    _ second: SeriesHistory
  ) -> [(step: Double, difference: Double)] {
    let shift = max(first.shift, second.shift)
    let pairs = zip(first.coarsened(to: shift), second.coarsened(to: shift)).enumerated()
    return pairs.compactMap { index, pair -> (step: Double, difference: Double)? in
      guard pair.0.count > 0, pair.0.count == pair.1.count, pair.0.bad + pair.1.bad == 0 else {
        return nil
      }
      let step = Double(index << shift) + Double((1 << shift) + 1) / 2
      return (step, Double(pair.0.mean) - Double(pair.1.mean))
    }
  }
}

extension SeriesHistory {
  /// The buckets at a larger stride.
  fileprivate func coarsened(to shift: Int) -> [Bucket] {
    guard shift > self.shift else { return buckets }
    let group = 1 << (shift - self.shift)
    return stride(from: 0, to: buckets.count, by: group).map { start in
      buckets[start..<Swift.min(start + group, buckets.count)]
        .reduce(Bucket()) { $0.merged(with: $1) }
    }
  }

  private func stride(from start: Int, to end: Int, by step: Int) -> StrideTo<Int> {
    Swift.stride(from: start, to: end, by: step)
  }
}
