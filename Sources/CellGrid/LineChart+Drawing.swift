extension LineChart {
  /// Columns that labels of the vertical axis take.
  private static let gutter = 8

  /// Draws axes, marks, envelopes and curves; without room it draws nothing.
  package func draw(into grid: inout CellGrid, rect: Rect) {
    guard let plot = Self.plot(in: rect) else { return }
    let columns = series.map { self.columns(of: $0, width: plot.columns * 2) }
    let extent = valueExtent(columns)
    let scale = verticalScale(extent, rows: plot.rows)
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
    let isBroken = columns.contains { $0.contains(where: \.isBroken) }
    let note = clippingNote(scale, extent, isBroken: isBroken)
    // On the axis itself, where it hides no value.
    guard !note.isEmpty, note.columns + 4 <= plot.columns else { return }
    let end = plot.columnRange.upperBound - 1
    grid.write(" \(note) ", row: plot.row + plot.rows, column: end - note.columns - 2, style: label)
  }

  /// What axes and labels leave of a rectangle; nil where that is too little.
  static func plot(in rect: Rect) -> Rect? {
    let plot = Rect(
      row: rect.row,
      column: rect.column + gutter,
      rows: rect.rows - 2,
      columns: rect.columns - gutter - 1
    )
    return plot.rows >= 2 && plot.columns >= 8 ? plot : nil
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
    // Of values that somebody chose, much lies above everywhere.
    let isWhole = if case .exact = values { false } else { true }
    for (x, column) in columns.enumerated() where column.high.isFinite {
      let top = dot(column.high, scale, canvas.height)
      let bottom = dot(column.low, scale, canvas.height) ?? canvas.height - 1
      guard let top else { continue }
      canvas.shade(x, top, bottom)
      if top < 0, isWhole { hidden.append(x) }
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
    var (above, below) = (Set<Int>(), Set<Int>())
    for (x, column) in columns.enumerated() {
      guard let first = dot(column.first, scale, canvas.height) else {
        if column.isBroken { previous = nil }
        continue
      }
      if let low = dot(column.curveLow, scale, canvas.height),
        let high = dot(column.curveHigh, scale, canvas.height)
      {
        canvas.vertical(x, low, high)
        if high < 0 { above.insert(x / 2) }
        if low >= canvas.height { below.insert(x / 2) }
      }
      if let previous { canvas.line(previous.x, previous.y, x, first) }
      previous = dot(column.last, scale, canvas.height).map { (x, $0) }
      end = previous ?? (x, first)
    }
    canvas.draw(into: &grid, at: plot, style: series.style, glyphs: glyphs)
    for x in above { grid.put(glyphs.above, 1, plot.row, plot.column + x, series.style) }
    let bottom = plot.row + plot.rows - 1
    for x in below { grid.put(glyphs.below, 1, bottom, plot.column + x, series.style) }
    for (x, column) in columns.enumerated() where column.isBroken {
      grid.put(glyphs.wrong, 1, bottom, plot.column + x / 2, series.style)
    }
    guard let end else { return }
    let row = plot.row + min(max(end.y / 4, 0), plot.rows - 1)
    grid.put(series.marker, 1, row, plot.column + end.x / 2, series.style)
  }

  private func drawCursor(_ cursor: Mark, into grid: inout CellGrid, _ plot: Rect) {
    guard places.contains(cursor.x) else { return }
    let column = plot.column + offset(of: cursor.x, plot)
    for row in plot.rowRange { grid.put(glyphs.vertical, 1, row, column, cursor.style) }
  }

  /// The column of a place, from the plot's left end.
  private func offset(of x: Double, _ plot: Rect) -> Int {
    Int((places.share(of: x) * Double(plot.columns - 1)).rounded())
  }

  /// Where a column of the screen lies in the window; nil outside of the plot.
  package static func place(
    column: Int,
    in rect: Rect,
    window: ClosedRange<Double>,
    least: Double? = nil
  ) -> Double? {
    let columns = rect.columns - gutter - 1
    let offset = column - rect.column - gutter
    guard columns >= 8, (0..<columns).contains(offset) else { return nil }
    let share = Double(offset) / Double(columns - 1)
    return Places(window, least: least).place(at: share)
  }

  /// Whether a column of the screen holds the vertical axis and its labels.
  package static func isVerticalAxis(column: Int, in rect: Rect) -> Bool {
    (rect.column..<rect.column + gutter).contains(column)
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
    marks.filter { places.contains($0.x) }.map { ($0, plot.column + offset(of: $0.x, plot)) }
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
      let width = mark.label.columns
      let room = plot.column + plot.columns - column - 1
      // At the right end the word stands before its line.
      let start = width <= room ? column + 1 : column - width
      guard column >= free, start >= free else { continue }
      grid.write(mark.label, row: plot.row, column: start, style: mark.style, limit: width)
      free = max(start + width, column) + 1
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
      let text = glyphs.text(scale.label(tick))
      grid.writeRight(text, row: row, column: rect.column, width: Self.gutter - 2, style: label)
    }
  }

  private func drawHorizontalAxis(into grid: inout CellGrid, _ plot: Rect) {
    let row = plot.row + plot.rows
    let places = places
    let count = max(1, min(plot.columns / 14, 10))
    let scale: AxisScale =
      places.isLogarithmic
      ? .fixedLogarithmic(places.lower, places.upper, ticks: count)
      : .fixed(places.lower, places.upper, ticks: count)
    var free = plot.column
    for column in plot.columnRange { grid.put(glyphs.horizontal, 1, row, column, axis) }
    let gutter = plot.column - Self.gutter
    grid.writeRight(unit, row: row + 1, column: gutter, width: Self.gutter - 2, style: label)
    for tick in scale.ticks {
      let offset = Int((scale.position(tick) * Double(plot.columns - 1)).rounded())
      grid.put(glyphs.horizontalTick, 1, row, plot.column + offset, axis)
      let text = glyphs.text(scale.label(tick))
      let start = min(
        plot.column + offset - text.columns / 2,
        plot.column + plot.columns - text.columns
      )
      guard max(start, plot.column) >= free else { continue }
      grid.write(text, row: row + 1, column: max(start, plot.column), style: label)
      free = max(start, plot.column) + text.columns + 1
    }
  }
}
