/// What one series shows in each column of dots.
struct ChartColumns {
  /// Lowest and highest value of the envelope, then of the curve; NaN where there is none.
  var low: [Float]
  var high: [Float]
  var curveLow: [Float]
  var curveHigh: [Float]
  var first: [Float]
  var last: [Float]
  /// A value in the column was not a number, so the curve is interrupted there.
  var isBroken: [Bool]

  init(width: Int) {
    let none = [Float](repeating: .nan, count: width)
    (low, high, curveLow, curveHigh, first, last) = (none, none, none, none, none, none)
    isBroken = [Bool](repeating: false, count: width)
  }

  init(_ samples: [LineChart.Sample], window: ClosedRange<Double>, width: Int) {
    self.init(width: width)
    let span = max(window.upperBound - window.lowerBound, .leastNormalMagnitude)
    let scale = Double(width - 1) / span
    for sample in samples {
      let column = Int(((sample.x - window.lowerBound) * scale).rounded())
      guard column >= 0, column < width else { continue }
      low[column] = Float.minimum(low[column], sample.low)
      high[column] = Float.maximum(high[column], sample.high)
      guard sample.value.isFinite else {
        isBroken[column] = true
        last[column] = .nan
        continue
      }
      curveLow[column] = Float.minimum(curveLow[column], sample.value)
      curveHigh[column] = Float.maximum(curveHigh[column], sample.value)
      if first[column].isNaN { first[column] = sample.value }
      last[column] = sample.value
    }
  }
}

extension LineChart {
  /// The values that the vertical axis must show.
  ///
  /// Of the envelope the outermost hundredth at the top may be cut off (a mark shows that it
  /// is): one spike in ten thousand steps must not flatten all curves. The curves are all inside.
  func verticalRange(_ columns: [ChartColumns]) -> ClosedRange<Double>? {
    let isShown = { (value: Float) in value.isFinite && (!isLogarithmic || value > 0) }
    var lows: [Float] = []
    var highs: [Float] = []
    for (column, series) in zip(columns, series) {
      lows += series.points.flatMap { [$0.low, $0.value] }.filter(isShown)
      highs += series.points.flatMap { [$0.high, $0.value] }.filter(isShown)
      lows += column.curveLow.filter(isShown)
      highs += column.curveHigh.filter(isShown)
      guard series.envelope != nil else { continue }
      lows += column.low.filter(isShown)
      highs += trimmed(column.high.filter(isShown))
    }
    guard let low = lows.min(), let high = highs.max() ?? lows.max() else { return nil }
    return Double(low)...Double(max(low, high))
  }

  private func trimmed(_ values: [Float]) -> [Float] {
    guard values.count >= 50 else { return values }
    return Array(values.sorted().dropLast(values.count / 50))
  }

  func verticalScale(_ columns: [ChartColumns], rows: Int) -> AxisScale {
    let range = verticalRange(columns) ?? (isLogarithmic ? 0.1...1 : 0...1)
    let ticks = max(2, min(rows / 3, 8))
    return isLogarithmic
      ? .logarithmic(range.lowerBound, range.upperBound, ticks: ticks)
      : .linear(range.lowerBound, range.upperBound, ticks: ticks)
  }
}
