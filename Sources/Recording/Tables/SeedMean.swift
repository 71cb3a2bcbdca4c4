import Events

/// A mean over seeds and its 95 % interval by Student's t, which few seeds need.
package struct SeedMean: Equatable {
  package let count: Int
  package let mean: Double
  /// Half the interval; nil for a single seed.
  package let half: Double?

  /// The mean of some values; `error` is the probability that the interval misses the true one.
  package init?(_ values: [Double], error: Double = 0.05) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    guard values.count > 1 else {
      half = nil
      return
    }
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (square / Double(values.count - 1) / Double(values.count)).squareRoot()
    half = StudentT.quantile(1 - error / 2, degrees: values.count - 1) * deviation
  }
}
