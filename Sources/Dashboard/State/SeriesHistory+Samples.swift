import CellGrid
import Glibc

extension SeriesHistory {
  /// The curve for a chart: smoothed by `weight` a step, with the raw envelope.
  ///
  /// An exponential mean started at 0 is too small at first; dividing by 1 − weight^n takes the
  /// bias out, as Adam does. Where a value was not finite the curve has a gap.
  func samples(smoothing weight: Double) -> [LineChart.Sample] {
    let stride = Double(self.stride)
    let decay = weight == 0 ? 0 : pow(weight, stride)
    var middle = (1 - stride) / 2
    var mean = 0.0
    var mass = 0.0
    // Written in place: thousands of samples a frame, for which appending took longest.
    return Array(unsafeUninitializedCapacity: buckets.count) { samples, count in
      for bucket in buckets {
        middle += stride
        guard bucket.count > 0 || bucket.bad > 0 else { continue }
        if bucket.count > 0 {
          mean = decay * mean + (1 - decay) * Double(bucket.mean)
          mass = decay * mass + (1 - decay)
        }
        let value = bucket.bad > 0 || mass == 0 ? Float.nan : Float(mean / mass)
        samples.initializeElement(
          at: count,
          to: LineChart.Sample(x: middle, low: bucket.low, high: bucket.high, value: value)
        )
        count += 1
      }
    }
  }
}
