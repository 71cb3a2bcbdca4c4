import CellGrid

/// A grid and the look it is drawn in; spells text in ASCII where the terminal needs it.
struct Painter {
  var grid: CellGrid
  let look: Look

  init(size: GridSize, look: Look) {
    grid = CellGrid(size: size, filledWith: Cell(" ", look.text))
    self.look = look
  }

  var glyphs: Glyphs { look.glyphs }

  /// Writes text and returns the columns it took; what does not fit ends in an ellipsis.
  @discardableResult
  mutating func write(
    _ text: String,
    _ row: Int,
    _ column: Int,
    _ style: Style,
    limit: Int = .max
  ) -> Int {
    let spelled = glyphs.text(text)
    guard limit < .max, spelled.utf8.count > limit else {
      return grid.write(spelled, row: row, column: column, style: style, limit: limit)
    }
    let clipped = spelled.clipped(to: max(limit, 0), ellipsis: glyphs.ellipsis)
    return grid.write(clipped, row: row, column: column, style: style, limit: limit)
  }

  @discardableResult
  mutating func write(_ spans: [Span], _ row: Int, _ column: Int, limit: Int = .max) -> Int {
    var used = 0
    for span in spans where used < limit {
      used += write(span.text, row, column + used, span.style, limit: limit - used)
    }
    return used
  }

  /// Writes text so that it ends before `end`.
  mutating func writeRight(_ text: String, _ row: Int, end: Int, _ style: Style) {
    let spelled = glyphs.text(text)
    grid.write(spelled, row: row, column: end - spelled.columns, style: style)
  }

  func spelled(_ spans: [Span]) -> [Span] {
    spans.map { Span(glyphs.text($0.text), $0.style) }
  }

  /// Draws a panel's frame and returns the room in it.
  mutating func panel(
    _ rect: Rect,
    title: [Span],
    note: [Span] = [],
    isSelected: Bool = false
  ) -> Rect {
    grid.box(
      rect,
      glyphs: glyphs,
      style: isSelected ? look.accent : look.border,
      title: spelled(title),
      note: spelled(note)
    )
    return rect.inset(vertical: 1, horizontal: 2)
  }

  mutating func bar(_ share: Double, _ row: Int, _ column: Int, columns: Int, _ style: Style) {
    grid.bar(
      share,
      row: row,
      column: column,
      columns: columns,
      glyphs: glyphs,
      style: style,
      track: look.border
    )
  }

  mutating func signedBar(_ share: Double, _ row: Int, _ column: Int, columns: Int, _ style: Style)
  {
    grid.signedBar(
      share,
      row: row,
      column: column,
      columns: columns,
      glyphs: glyphs,
      style: style,
      track: look.border
    )
  }

  /// Newest values at the right end, scaled between their own extremes unless `range` is given.
  mutating func sparkline(
    _ values: [Float],
    _ row: Int,
    _ column: Int,
    columns: Int,
    _ style: Style,
    range: ClosedRange<Float>? = nil
  ) {
    let finite = values.suffix(max(columns, 0)).filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return }
    grid.sparkline(
      values,
      range: range ?? low...max(high, low),
      row: row,
      column: column,
      columns: columns,
      glyphs: glyphs,
      style: style
    )
  }
}
