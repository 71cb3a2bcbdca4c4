extension LineChart {
  /// Columns that labels of the vertical axis take.
  private static let gutter = 8

  /// Draws axes, marks, envelopes and curves; without room it draws nothing.
  package func draw(into grid: inout CellGrid, rect: Rect) {
    let plot = Rect(
      row: rect.row,
      column: rect.column + Self.gutter,
      rows: rect.rows - 2,
      columns: rect.columns - Self.gutter - 1
    )
    guard plot.rows >= 2, plot.columns >= 8 else { return }
    let columns = series.map { self.columns(of: $0, width: plot.columns * 2) }
    let scale = verticalScale(columns, rows: plot.rows)
    drawMarks(into: &grid, plot)
    for (series, columns) in zip(series, columns) {
      if let style = series.envelope {
        drawEnvelope(columns, scale, style, into: &grid, plot)
      }
    }
    if let cursor { drawCursor(cursor, into: &grid, plot) }
    for (series, columns) in zip(series, columns) {
      drawCurve(columns, scale, series, into: &grid, plot)
    }
    drawPoints(scale, into: &grid, plot)
    drawLabels(into: &grid, plot)
    drawVerticalAxis(scale, into: &grid, rect, plot)
    drawHorizontalAxis(into: &grid, plot)
  }

  private func drawEnvelope(
    _ columns: [ChartColumn],
    _ scale: AxisScale,
    _ style: Style,
    into grid: inout CellGrid,
    _ plot: Rect
  ) {
    var canvas = BrailleCanvas(columns: plot.columns, rows: plot.rows)
    var hidden: [Int] = []
    for (x, column) in columns.enumerated() where column.high.isFinite {
      let top = dot(column.high, scale, canvas.height)
      let bottom = dot(column.low, scale, canvas.height) ?? canvas.height - 1
      guard let top else { continue }
      canvas.shade(x, top, bottom)
      if top < 0 { hidden.append(x) }
    }
    canvas.draw(into: &grid, at: plot, style: style, glyphs: glyphs, shade: ".")
    for x in hidden { grid.put(glyphs.above, 1, plot.row, plot.column + x / 2, style) }
  }

  private func drawCurve(
    _ columns: [ChartColumn],
    _ scale: AxisScale,
    _ series: Series,
    into grid: inout CellGrid,
    _ plot: Rect
  ) {
    var canvas = BrailleCanvas(columns: plot.columns, rows: plot.rows)
    var previous: (x: Int, y: Int)?
    var end: (x: Int, y: Int)?
    for (x, column) in columns.enumerated() {
      guard let first = dot(column.first, scale, canvas.height) else {
        if column.isBroken { previous = nil }
        continue
      }
      if let low = dot(column.curveLow, scale, canvas.height),
        let high = dot(column.curveHigh, scale, canvas.height)
      {
        canvas.vertical(x, low, high)
      }
      if let previous { canvas.line(previous.x, previous.y, x, first) }
      previous = dot(column.last, scale, canvas.height).map { (x, $0) }
      end = previous ?? (x, first)
    }
    canvas.draw(into: &grid, at: plot, style: series.style, glyphs: glyphs)
    guard let end else { return }
    let row = plot.row + min(max(end.y / 4, 0), plot.rows - 1)
    grid.put(series.marker, 1, row, plot.column + end.x / 2, series.style)
  }

  private func drawCursor(_ cursor: Mark, into grid: inout CellGrid, _ plot: Rect) {
    guard window.contains(cursor.x) else { return }
    let column = plot.column + offset(of: cursor.x, plot)
    for row in plot.rowRange { grid.put(glyphs.vertical, 1, row, column, cursor.style) }
  }

  /// The column of a place, from the plot's left end.
  private func offset(of x: Double, _ plot: Rect) -> Int {
    let span = max(window.upperBound - window.lowerBound, .leastNormalMagnitude)
    return Int(((x - window.lowerBound) / span * Double(plot.columns - 1)).rounded())
  }

  /// Where a column of the screen lies in the window; nil outside of the plot.
  package static func place(
    column: Int,
    in rect: Rect,
    window: ClosedRange<Double>
  ) -> Double? {
    let columns = rect.columns - gutter - 1
    let offset = column - rect.column - gutter
    guard columns >= 8, (0..<columns).contains(offset) else { return nil }
    let share = Double(offset) / Double(columns - 1)
    return window.lowerBound + share * (window.upperBound - window.lowerBound)
  }

  /// The dot row of a value counted from the top, nil where it has no place.
  func dot(_ value: Float, _ scale: AxisScale, _ height: Int) -> Int? {
    let position = scale.position(Double(value))
    guard position.isFinite else { return nil }
    let place = (1 - min(max(position, -1), 2)) * Double(height - 1)
    return Int(place < 0 ? place - 0.5 : place + 0.5)
  }

  /// The marks in the window, with their columns.
  private func shownMarks(_ plot: Rect) -> [(Mark, Int)] {
    marks.filter { window.contains($0.x) }.map { ($0, plot.column + offset(of: $0.x, plot)) }
  }

  private func drawMarks(into grid: inout CellGrid, _ plot: Rect) {
    for (mark, column) in shownMarks(plot) {
      for row in plot.rowRange { grid.put(glyphs.changeMark, 1, row, column, mark.style) }
    }
  }

  /// The labels that fit between the marks' lines, over the curves: a word that is half a curve says
  /// nothing.
  private func drawLabels(into grid: inout CellGrid, _ plot: Rect) {
    var free = plot.column
    for (mark, column) in shownMarks(plot) {
      let room = plot.column + plot.columns - column - 1
      guard column >= free, mark.label.columns <= room else { continue }
      grid.write(mark.label, row: plot.row, column: column + 1, style: mark.style, limit: room)
      free = column + mark.label.columns + 2
    }
  }

  private func drawVerticalAxis(
    _ scale: AxisScale,
    into grid: inout CellGrid,
    _ rect: Rect,
    _ plot: Rect
  ) {
    let column = plot.column - 1
    for row in plot.rowRange { grid.put(glyphs.vertical, 1, row, column, axis) }
    grid.put(glyphs.origin, 1, plot.row + plot.rows, column, axis)
    var lastRow = Int.max
    for tick in scale.ticks {
      let share = 1 - scale.position(tick)
      let row = plot.row + Int((share * Double(plot.rows * 4 - 1)).rounded()) / 4
      guard plot.rowRange.contains(row), row < lastRow else { continue }
      lastRow = row
      grid.put(glyphs.verticalTick, 1, row, column, axis)
      let text = scale.label(tick)
      grid.writeRight(text, row: row, column: rect.column, width: Self.gutter - 2, style: label)
    }
  }

  private func drawHorizontalAxis(into grid: inout CellGrid, _ plot: Rect) {
    let row = plot.row + plot.rows
    let scale = AxisScale.fixed(
      window.lowerBound,
      window.upperBound,
      ticks: max(1, min(plot.columns / 14, 10))
    )
    for column in plot.columnRange { grid.put(glyphs.horizontal, 1, row, column, axis) }
    let gutter = plot.column - Self.gutter
    grid.writeRight(unit, row: row + 1, column: gutter, width: Self.gutter - 2, style: label)
    for tick in scale.ticks {
      let offset = Int((scale.position(tick) * Double(plot.columns - 1)).rounded())
      grid.put(glyphs.horizontalTick, 1, row, plot.column + offset, axis)
      let text = scale.label(tick)
      let start = min(
        plot.column + offset - text.columns / 2,
        plot.column + plot.columns - text.columns
      )
      grid.write(text, row: row + 1, column: max(start, plot.column), style: label)
    }
  }
}
