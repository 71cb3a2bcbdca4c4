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
    let places = places
    let scale = Double(width - 1) / places.span
    var open = 0
    var column = ChartColumn()
    for sample in series.samples {
      let place = places.way(to: sample.x) * scale + 0.5
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
}
