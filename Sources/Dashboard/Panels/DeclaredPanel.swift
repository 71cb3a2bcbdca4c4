import CellGrid
import Events

/// A panel as a method declares it: rows, cells, tables and maps of its own numbers.
///
/// It knows no method. What a run does not measure is left out, so one declaration serves a method's
/// variants.
struct DeclaredPanel {
  let state: DashboardState
  let id: String

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.run { $0.panel(id) != nil }
    let panel = run?.panel(id)
    let inner = painter.panel(
      rect,
      title: state.title(panel?.title ?? id, run, look),
      note: run.map { [Span(measuredAt($0), look.dim)] } ?? [],
      isSelected: state.panel == .declared(id)
    )
    guard let run, let panel else {
      let text = "no method here has this panel"
      painter.write(text, inner.row, inner.column, look.dim, limit: inner.columns)
      return
    }
    DeclaredParts(state: state, run: run).draw(panel.parts, on: &painter, in: inner)
  }

  private func measuredAt(_ run: RunState) -> String {
    let step = max(run.probeStep, run.map?.step ?? 0)
    return step > 0 ? "step \(Numbers.grouped(step))" : "not measured yet"
  }
}

/// The parts of a declared panel, one below the other.
struct DeclaredParts {
  let state: DashboardState
  let run: RunState

  func draw(_ parts: [PanelPart], on painter: inout Painter, in rect: Rect) {
    var rest = rect
    for (index, part) in parts.enumerated() where rest.rows > 0 {
      // A map takes what the others leave.
      let below = parts[(index + 1)...].reduce(0) { $0 + run.rows(of: $1) }
      let rows =
        if case .plane = part { max(rest.rows - below, 0) } else { run.rows(of: part) }
      let room = Rect(
        row: rest.row,
        column: rest.column,
        rows: min(rows, rest.rows),
        columns: rest.columns
      )
      draw(part, on: &painter, in: room)
      rest = rest.droppingRows(rows)
    }
  }

  private func draw(_ part: PanelPart, on painter: inout Painter, in rect: Rect) {
    switch part {
    case .rows(let keys): drawRows(keys.compactMap { run.quantity($0) }, on: &painter, in: rect)
    case .cells(let keys, let columns):
      let all = run.members(keys).compactMap { run.quantity($0) }
      drawCells(all, columns, on: &painter, in: rect)
    case .table(let table):
      DeclaredTable(run: run, table: table, series: series(painter.look))
        .draw(on: &painter, in: rect)
    case .accuracyByDraws(let title, let hasBars):
      if hasBars {
        drawDraws(title, on: &painter, in: rect)
      } else {
        drawDrawsInLine(title, on: &painter, in: rect)
      }
    case .plane(let title):
      PlaneDrawing(state: state, run: run, title: title).draw(on: &painter, in: rect)
    }
  }

  private func series(_ look: Look) -> Style { look.series(run.color) }

  // MARK: - Rows

  private func drawRows(_ rows: [RunQuantity], on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let labels = rows.map { $0.label(look.glyphs) }
    let areGauges = rows.allSatisfy(\.isGauge)
    let longest = min(labels.map(\.columns).max() ?? 0, max(8, rect.columns - 12))
    let value = longest < 10 && areGauges ? (start: 10, width: 6) : (start: longest, width: 9)
    for (offset, quantity) in rows.prefix(rect.rows).enumerated() {
      let row = rect.row + offset
      painter.write(labels[offset], row, rect.column, look.dim, limit: value.start)
      if case .lamp = quantity.style {
        draw(lamp: quantity, on: &painter, row, rect.column + value.start + 1)
        continue
      }
      let room = rect.columns - value.start
      let text = quantity.text().right(value.width)
      let style = quantity.isUnhealthy ? look.warning : look.text
      let used = painter.write(text, row, rect.column + value.start, style, limit: room)
      if quantity.isUnhealthy, used + 1 < room {
        painter.write("!", row, rect.column + value.start + max(used, value.width), style)
      }
      let start = value.start + max(used, value.width) + 2
      let place = Rect(
        row: row,
        column: rect.column + start,
        rows: 1,
        columns: rect.columns - start
      )
      drawPicture(of: quantity, on: &painter, in: place)
    }
  }

  /// A gauge, or how the number went, or its family.
  private func drawPicture(of quantity: RunQuantity, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let (row, column, width) = (rect.row, rect.column, rect.columns)
    switch quantity.style {
    case .gauge(let range):
      guard let value = quantity.value, width > 0 else { return }
      let share = (Double(value) - range.lowerBound) / (range.upperBound - range.lowerBound)
      painter.bar(share, row, column, columns: width, series(look))
    case .histogram:
      let largest = quantity.family.filter(\.isFinite).max() ?? 0
      let bars = stretched(quantity.family, over: width)
      painter.sparkline(
        bars,
        row,
        column,
        columns: width,
        series(look),
        range: 0...max(largest, 1e-9)
      )
    case .curve(let axis) where !quantity.family.isEmpty:
      let name = min(axis.columns + 1, width / 2)
      let room = width - name
      painter.sparkline(
        stretched(quantity.family, over: room),
        row,
        column,
        columns: room,
        series(look)
      )
      painter.write(axis, row, column + room + 1, look.dim, limit: name - 1)
    default:
      guard width >= 8, let history = quantity.history else { return }
      painter.sparkline(history.overview(width), row, column, columns: width, series(look))
    }
  }

  /// Values over more or fewer columns: repeated, or the first of each stretch.
  private func stretched(_ values: [Float], over columns: Int) -> [Float] {
    guard !values.isEmpty, columns > 0 else { return [] }
    return (0..<columns).map { values[$0 * values.count / columns] }
  }

  private func draw(
    lamp quantity: RunQuantity,
    on painter: inout Painter,
    _ row: Int,
    _ column: Int
  ) {
    painter.lamp(quantity, row, column)
  }

  // MARK: - Cells

  private func drawCells(
    _ cells: [RunQuantity],
    _ columns: Int,
    on painter: inout Painter,
    in rect: Rect
  ) {
    var columns = max(columns, 1)
    while columns > 1, rect.columns / columns < 16 { columns -= 1 }
    let each = rect.columns / columns
    for (index, cell) in cells.enumerated() where index / columns < rect.rows {
      let start = index % columns * (each + 1)
      let isLast = index % columns == columns - 1
      let place = Rect(
        row: rect.row + index / columns,
        column: rect.column + start,
        rows: 1,
        columns: isLast ? rect.columns - start : each - 1
      )
      draw(cell, on: &painter, in: place)
    }
  }

  /// A label, the newest value, and with room its history.
  private func draw(_ cell: RunQuantity, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let label = cell.label(look.glyphs)
    let name = label.columns > 8 ? 11 : 8
    painter.write(label, rect.row, rect.column, look.dim, limit: min(name, rect.columns))
    painter.write(
      cell.text().right(7),
      rect.row,
      rect.column + name,
      look.text,
      limit: rect.columns - name
    )
    let width = rect.columns - name - 8
    guard width >= 4, let history = cell.history else { return }
    painter.sparkline(
      history.overview(width),
      rect.row,
      rect.column + name + 8,
      columns: width,
      series(look)
    )
  }

  // MARK: - Accuracy by draws

  private var draws: [SampledAccuracy] { run.validation?.accuracyBySamples ?? [] }

  private func drawDrawsInLine(_ title: String, on painter: inout Painter, in rect: Rect) {
    guard !draws.isEmpty else { return }
    let look = painter.look
    var spans = [Span(title, look.dim)]
    for score in draws {
      spans.append(Span("  \(score.samples):", look.dim))
      spans.append(Span(Numbers.percent(score.accuracy * 100), look.text))
    }
    painter.write(spans, rect.row, rect.column, limit: rect.columns)
  }

  private func drawDraws(_ title: String, on painter: inout Painter, in rect: Rect) {
    guard !draws.isEmpty, rect.rows > 1 else { return }
    let look = painter.look
    painter.write(title, rect.row, rect.column, look.dim, limit: 13)
    painter.write("accuracy".right(9), rect.row, rect.column + 13, look.dim)
    for (offset, score) in draws.prefix(rect.rows - 1).enumerated() {
      let row = rect.row + 1 + offset
      painter.write(String(score.samples).right(13), row, rect.column, look.dim)
      let text = Numbers.percent(score.accuracy * 100).right(9)
      painter.write(text, row, rect.column + 13, look.text)
      painter.bar(
        Double(score.accuracy),
        row,
        rect.column + 24,
        columns: rect.columns - 24,
        series(look)
      )
    }
  }
}

extension RunQuantity {
  fileprivate var isGauge: Bool {
    if case .gauge = style { true } else { false }
  }
}

extension Painter {
  /// A word and a lamp, which is lit above the quantity's limit.
  mutating func lamp(_ quantity: RunQuantity, _ row: Int, _ column: Int, limit: Int = .max) {
    guard let value = quantity.value, value.isFinite, case .lamp(_, _, let above) = quantity.style
    else {
      write("–", row, column, look.dim)
      return
    }
    let isOn = Double(value) > above
    let glyph = isOn ? glyphs.lampOn : glyphs.lampOff
    let style = isOn ? look.good : look.warning
    write("\(glyph) \(quantity.text())", row, column, style, limit: limit)
  }
}
