/// A mean over seeds and its 95 % interval by Student's t, which few seeds need.
struct SeedMean: Equatable {
  let count: Int
  let mean: Double
  /// Half the interval; nil for a single seed.
  let half: Double?

  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    guard values.count > 1 else {
      half = nil
      return
    }
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (square / Double(values.count - 1) / Double(values.count)).squareRoot()
    half = Self.quantile(values.count - 1) * error
  }

  /// t with a probability of 0.975 below it, for 1, 2, … degrees of freedom.
  private static func quantile(_ degrees: Int) -> Double {
    let table = [
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
      2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
      2.052, 2.048, 2.045, 2.042,
    ]
    // Beyond the table, its expansion about the normal quantile.
    return degrees <= table.count ? table[degrees - 1] : 1.96 + 2.4 / Double(degrees)
  }
}
