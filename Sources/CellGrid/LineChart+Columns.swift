/// What one series shows in one column of dots.
struct ChartColumn {
  /// Lowest and highest value of the envelope, then of the curve; infinite where there is none.
  var low = Float.infinity
  var high = -Float.infinity
  var curveLow = Float.infinity
  var curveHigh = -Float.infinity
  /// NaN where there is none.
  var first = Float.nan
  var last = Float.nan
  /// A value in the column was not a number, so the curve is interrupted there.
  var isBroken = false

  /// Every comparison with a value that is not a number fails, so it changes no extreme.
  @inline(__always)
  mutating func add(_ sample: LineChart.Sample) {
    low = sample.low < low ? sample.low : low
    high = sample.high > high ? sample.high : high
    guard sample.value.isFinite else {
      isBroken = true
      last = .nan
      return
    }
    curveLow = sample.value < curveLow ? sample.value : curveLow
    curveHigh = sample.value > curveHigh ? sample.value : curveHigh
    if first.isNaN { first = sample.value }
    last = sample.value
  }
}

extension LineChart {
  /// The samples sorted into `width` columns of dots; those outside the window are left out.
  ///
  /// Neighbours mostly share a column, which stays at hand until it is full.
  func columns(of series: Series, width: Int) -> [ChartColumn] {
    var columns = [ChartColumn](repeating: ChartColumn(), count: width)
    let span = max(window.upperBound - window.lowerBound, .leastNormalMagnitude)
    let scale = Double(width - 1) / span
    var open = 0
    var column = ChartColumn()
    for sample in series.samples {
      let place = (sample.x - window.lowerBound) * scale + 0.5
      guard place >= 0, place < Double(width) else { continue }
      let index = Int(place)
      if index != open {
        columns[open] = column
        (open, column) = (index, columns[index])
      }
      column.add(sample)
    }
    columns[open] = column
    return columns
  }

  /// The values that the vertical axis must show.
  ///
  /// Of the envelope the outermost hundredth at the top may be cut off (a mark shows that it
  /// is): one spike in ten thousand steps must not flatten all curves. The curves are all inside.
  func verticalRange(_ columns: [[ChartColumn]]) -> ClosedRange<Double>? {
    let isShown = { (value: Float) in value.isFinite && (!isLogarithmic || value > 0) }
    var low = Float.infinity
    var high = -Float.infinity
    for (columns, series) in zip(columns, series) {
      for value in series.points.flatMap({ [$0.low, $0.value, $0.high] }) where isShown(value) {
        (low, high) = (min(low, value), max(high, value))
      }
      var tops: [Float] = []
      tops.reserveCapacity(columns.count)
      for column in columns {
        if isShown(column.curveLow) { low = min(low, column.curveLow) }
        if isShown(column.curveHigh) { high = max(high, column.curveHigh) }
        guard series.envelope != nil else { continue }
        if isShown(column.low) { low = min(low, column.low) }
        if isShown(column.high) { tops.append(column.high) }
      }
      if let top = trimmedTop(tops) { high = max(high, top) }
    }
    return low.isFinite ? Double(low)...Double(max(low, high)) : nil
  }

  /// The values that the vertical axis shows of all series, for charts that share an axis.
  package func valueRange(width: Int) -> ClosedRange<Double>? {
    verticalRange(series.map { columns(of: $0, width: max(width, 1) * 2) })
  }

  /// The greatest value but for the outermost fiftieth of the columns.
  private func trimmedTop(_ values: [Float]) -> Float? {
    var values = values
    for _ in 0..<(values.count / 50) {
      guard let place = values.indices.max(by: { values[$0] < values[$1] }) else { break }
      values.swapAt(place, values.count - 1)
      values.removeLast()
    }
    return values.max()
  }

  func verticalScale(_ columns: [[ChartColumn]], rows: Int) -> AxisScale {
    let range = fixedRange ?? verticalRange(columns) ?? (isLogarithmic ? 0.1...1 : 0...1)
    let ticks = max(2, min(rows / 3, 8))
    return isLogarithmic
      ? .logarithmic(range.lowerBound, range.upperBound, ticks: ticks)
      : .linear(range.lowerBound, range.upperBound, ticks: ticks)
  }
}
