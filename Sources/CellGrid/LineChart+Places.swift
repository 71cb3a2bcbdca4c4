extension LineChart {
  /// The horizontal axis: which share of the way each place of the window has.
  package struct Places: Sendable {
    package let isLogarithmic: Bool
    package let lower: Double
    package let upper: Double
    /// The left end on the axis' own scale, and the way from there to the right end.
    let base: Double
    let span: Double

    /// A logarithmic axis begins at `least` where the window would begin at nothing.
    package init(_ window: ClosedRange<Double>, least: Double?) {
      let begin = least.map { max(window.lowerBound, $0) } ?? window.lowerBound
      isLogarithmic = least != nil && begin > 0 && begin < window.upperBound
      lower = isLogarithmic ? begin : window.lowerBound
      upper = window.upperBound
      base = isLogarithmic ? decimalLogarithm(lower) : lower
      let end = isLogarithmic ? decimalLogarithm(upper) : upper
      span = max(end - base, .leastNormalMagnitude)
    }

    /// The way from the left end on the axis' own scale; what has no place lies far to the left.
    @inline(__always)
    func way(to x: Double) -> Double {
      guard isLogarithmic else { return x - base }
      return x > 0 ? decimalLogarithm(x) - base : -.greatestFiniteMagnitude
    }

    /// 0 at the left end, 1 at the right.
    package func share(of x: Double) -> Double { way(to: x) / span }

    package func place(at share: Double) -> Double {
      let value = base + share * span
      return isLogarithmic ? exponential10(value) : value
    }

    func contains(_ x: Double) -> Bool { x >= lower && x <= upper }
  }

  package var places: Places { Places(window, least: leastPlace) }
}
