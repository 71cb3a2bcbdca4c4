extension LineChart {
  /// The values that a vertical axis shows, and all there are.
  struct ValueExtent {
    var shown: ClosedRange<Double>
    var all: ClosedRange<Double>
  }

  /// The values of the series' curves, points and envelopes.
  ///
  /// Of the envelope the outermost fiftieth at the top may be cut off (a mark shows that it
  /// is): one spike in ten thousand steps must not flatten all curves. The curves are all inside, but
  /// for what lies so far out that nothing else could be told apart.
  func valueExtent(_ columns: [[ChartColumn]]) -> ValueExtent? {
    let all = extremes(columns) { isShown($0) }
    guard let all else { return nil }
    guard values == .robust, isFar(all), let kept = kept(columns) else {
      return ValueExtent(shown: all, all: all)
    }
    let inside = extremes(columns) { isShown($0) && kept.contains(Double($0)) }
    return ValueExtent(shown: inside ?? all, all: all)
  }

  private func isShown(_ value: Float) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }

  private func extremes(
    _ columns: [[ChartColumn]],
    _ isCounted: (Float) -> Bool
  ) -> ClosedRange<Double>? {
    var low = Float.infinity
    var high = -Float.infinity
    for (columns, series) in zip(columns, series) {
      for point in series.points {
        for value in [point.low, point.value, point.high] where isCounted(value) {
          (low, high) = (min(low, value), max(high, value))
        }
      }
      var tops: [Float] = []
      tops.reserveCapacity(columns.count)
      for column in columns {
        if isCounted(column.curveLow) { low = min(low, column.curveLow) }
        if isCounted(column.curveHigh) { high = max(high, column.curveHigh) }
        guard series.envelope != nil else { continue }
        if isCounted(column.low) { low = min(low, column.low) }
        if isCounted(column.high) { tops.append(column.high) }
      }
      if let top = trimmedTop(tops) { high = max(high, top) }
    }
    return low.isFinite ? Double(low)...Double(max(low, high)) : nil
  }

  // MARK: Outliers

  /// Whether some values can lie beyond the limits at all: without that nothing needs sorting.
  private func isFar(_ range: ClosedRange<Double>) -> Bool {
    if isLogarithmic {
      return decimalLogarithm(range.upperBound) - decimalLogarithm(range.lowerBound) > Self.decades
    }
    let (low, high) = (range.lowerBound, range.upperBound)
    if low >= 0 { return high > low * Self.multiple }
    return high <= 0 ? low < high * Self.multiple : true
  }

  /// Decades from the median that are shown whatever the curves do.
  private static let decades = 3.0
  /// Multiples of the median likewise: beyond, the rest of the run has less than a row of twenty.
  private static let multiple = 20.0
  /// Widths of half the curves' values from their median.
  private static let widths = 3.0

  /// What lies within three widths of the median, where a width is the way from the median to the
  /// tenth or the ninetieth of a hundred values, and at least as far as the two numbers above.
  private func kept(_ columns: [[ChartColumn]]) -> ClosedRange<Double>? {
    var sorted: [Double] = []
    for columns in columns {
      for column in columns where isShown(column.curveHigh) {
        sorted.append(onScale(Double(column.curveHigh)))
        sorted.append(onScale(Double(column.curveLow)))
      }
    }
    guard sorted.count >= 20 else { return nil }
    sorted.sort()
    let middle = sorted[sorted.count / 2]
    let (low, high) = (sorted[sorted.count / 10], sorted[sorted.count - 1 - sorted.count / 10])
    let least = isLogarithmic ? Self.decades : Self.multiple * abs(middle)
    // Widths are taken on the other side: what is above must not widen the limit above.
    let up = middle + max(least, Self.widths * (middle - low))
    let down = middle - max(least, Self.widths * (high - middle))
    return offScale(down)...offScale(up)
  }

  private func onScale(_ value: Double) -> Double {
    isLogarithmic ? decimalLogarithm(value) : value
  }

  private func offScale(_ value: Double) -> Double {
    isLogarithmic ? exponential10(value) : value
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

  // MARK: The axis

  /// The values that the vertical axis shows of all series, for charts that share an axis.
  package func valueRange(width: Int) -> ClosedRange<Double>? {
    valueExtent(series.map { columns(of: $0, width: max(width, 1) * 2) })?.shown
  }

  /// The vertical axis as it is drawn in a rectangle; nil without room.
  package func valueScale(in rect: Rect) -> AxisScale? {
    guard let plot = Self.plot(in: rect) else { return nil }
    let columns = series.map { self.columns(of: $0, width: plot.columns * 2) }
    return verticalScale(valueExtent(columns), rows: plot.rows)
  }

  func verticalScale(_ extent: ValueExtent?, rows: Int) -> AxisScale {
    let ticks = max(2, min(rows / 3, 8))
    if case .exact(let range) = values, !isLogarithmic || range.lowerBound > 0 {
      return isLogarithmic
        ? .fixedLogarithmic(range.lowerBound, range.upperBound, ticks: ticks)
        : .fixed(range.lowerBound, range.upperBound, ticks: ticks)
    }
    let range = fixedRange ?? extent?.shown ?? (isLogarithmic ? 0.1...1 : 0...1)
    return isLogarithmic
      ? .logarithmic(range.lowerBound, range.upperBound, ticks: ticks)
      : .linear(range.lowerBound, range.upperBound, ticks: ticks)
  }

  /// What the chart's axis says of values that are not in it.
  func clippingNote(_ scale: AxisScale, _ extent: ValueExtent?, isBroken: Bool) -> String {
    var parts: [String] = []
    if let extent, values == .robust {
      let (low, high) = (extent.all.lowerBound, extent.all.upperBound)
      // A ladder's ends are rounded.
      if scale.position(high) > 1.001 {
        parts.append("\(glyphs.above) cut: up to \(Numbers.power(high))")
      }
      if scale.position(low) < -0.001 {
        parts.append("\(glyphs.below) cut: down to \(Numbers.power(low))")
      }
    }
    if isBroken { parts.append("\(glyphs.wrong) no number") }
    return parts.joined(separator: "  ")
  }
}
