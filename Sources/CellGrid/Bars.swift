extension CellGrid {
  /// A bar from the left, `fraction` of `columns` long, to an eighth of a column.
  ///
  /// The rest of the way is a track. A fraction that is not a number leaves the track alone.
  package mutating func bar(
    _ fraction: Double,
    row: Int,
    column: Int,
    columns: Int,
    glyphs: Glyphs,
    style: Style,
    track: Style
  ) {
    guard columns > 0 else { return }
    for offset in 0..<columns { put(glyphs.track, 1, row, column + offset, track) }
    guard fraction.isFinite else { return }
    let parts = glyphs.leftBlocks.count
    let total = Int((min(max(fraction, 0), 1) * Double(columns * parts)).rounded())
    for offset in 0..<(total / parts) {
      put(glyphs.leftBlocks[parts - 1], 1, row, column + offset, style)
    }
    guard total % parts > 0 else { return }
    put(glyphs.leftBlocks[total % parts - 1], 1, row, column + total / parts, style)
  }

  /// A bar from the middle, to the left for negative fractions down to -1, to the right up to 1.
  package mutating func signedBar(
    _ fraction: Double,
    row: Int,
    column: Int,
    columns: Int,
    glyphs: Glyphs,
    style: Style,
    track: Style
  ) {
    let half = (columns - 1) / 2
    guard half > 0 else { return }
    for offset in 0..<(2 * half + 1) { put(glyphs.track, 1, row, column + offset, track) }
    put(glyphs.vertical, 1, row, column + half, track)
    guard fraction.isFinite else { return }
    let length = Int((min(abs(fraction), 1) * Double(half)).rounded())
    let full = glyphs.leftBlocks[glyphs.leftBlocks.count - 1]
    for offset in 0..<length {
      put(full, 1, row, column + half + (fraction < 0 ? -1 - offset : 1 + offset), style)
    }
  }

  /// Values as a row of small columns between `range`'s ends; gaps where a value is no number.
  package mutating func sparkline(
    _ values: [Float],
    range: ClosedRange<Float>,
    row: Int,
    column: Int,
    columns: Int,
    glyphs: Glyphs,
    style: Style
  ) {
    let shown = values.suffix(max(columns, 0))
    let levels = glyphs.lowerBlocks
    let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    for (offset, value) in shown.enumerated() where value.isFinite {
      let share = min(max((value - range.lowerBound) / span, 0), 1)
      let level = Int((share * Float(levels.count - 1)).rounded())
      put(levels[level], 1, row, column + offset, style)
    }
  }

  /// A point with its interval on an axis: `├──●──┤`.
  package mutating func interval(
    _ low: Double,
    _ middle: Double,
    _ high: Double,
    scale: AxisScale,
    row: Int,
    column: Int,
    columns: Int,
    glyphs: Glyphs,
    marker: Unicode.Scalar,
    style: Style
  ) {
    guard columns > 0 else { return }
    func place(_ value: Double) -> Int? {
      let position = scale.position(value)
      guard position.isFinite else { return nil }
      return Int((min(max(position, 0), 1) * Double(columns - 1)).rounded())
    }
    guard let center = place(middle) else { return }
    let (first, last) = (place(low) ?? center, place(high) ?? center)
    for offset in min(first, last)...max(first, last) {
      put(glyphs.horizontal, 1, row, column + offset, style)
    }
    if first < center { put(glyphs.intervalEnds[0], 1, row, column + first, style) }
    if last > center { put(glyphs.intervalEnds[1], 1, row, column + last, style) }
    put(marker, 1, row, column + center, style)
  }
}
