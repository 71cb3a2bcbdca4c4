import CellGrid
import Events

/// Meta-validation of all methods on one axis, each with its 95 % interval.
struct ValidationPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let isTest = state.runs.contains { $0.validation?.isMetaTest == true }
    let inner = painter.panel(
      rect,
      title: [
        Span(isTest ? "meta-test" : "meta-validation", look.title),
        Span(state.isClassification ? " accuracy" : " loss", look.dim),
      ],
      note: [Span("95 % interval", look.dim)],
      isSelected: state.panel == .validation
    )
    guard state.runs.contains(where: { $0.validation != nil }) else {
      painter.write("none yet", inner.row, inner.column, look.dim)
      return
    }
    drawRows(on: &painter, in: inner)
  }

  private func drawRows(on painter: inout Painter, in rect: Rect) {
    let scale = scale(rect)
    let needsTwoLines = rect.columns < 56 && rect.rows >= state.runs.count * 2 + 1
    var row = rect.row
    for (index, run) in state.runs.enumerated() where row < rect.row + rect.rows {
      let used = drawNumbers(index, run, on: &painter, row, rect, atEnd: needsTwoLines)
      let start = needsTwoLines ? 2 : max(used + 2, 34)
      row += needsTwoLines ? 1 : 0
      drawInterval(index, run, scale, on: &painter, row, rect, start)
      row += 1
      if !needsTwoLines, index + 1 == state.runs.count {
        drawAxis(scale, on: &painter, row, rect, start)
      }
    }
    if needsTwoLines { drawAxis(scale, on: &painter, row, rect, 2) }
  }

  private func drawNumbers(
    _ index: Int,
    _ run: RunState,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect,
    atEnd: Bool
  ) -> Int {
    let look = painter.look
    painter.write(state.nameSpans(run, look), row, rect.column, limit: min(14, rect.columns))
    guard let validation = run.validation else {
      return 14 + painter.write("–", row, rect.column + 14, look.dim)
    }
    let spans = painter.spelled([
      Span(validation.score.valueText.right(atEnd ? 0 : 8), look.text),
      Span(" \(validation.score.halfText)", look.dim),
    ])
    let start = atEnd ? max(14, rect.columns - spans.columns) : 14
    return start + painter.write(spans, row, rect.column + start, limit: rect.columns - start)
  }

  private func drawInterval(
    _ index: Int,
    _ run: RunState,
    _ scale: AxisScale,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect,
    _ start: Int
  ) {
    guard let validation = run.validation, rect.columns - start >= 8, row < rect.row + rect.rows
    else { return }
    painter.grid.interval(
      validation.score.low,
      Double(validation.score.value),
      validation.score.high,
      scale: scale,
      row: row,
      column: rect.column + start,
      columns: rect.columns - start,
      glyphs: painter.glyphs,
      marker: painter.look.marker(run.color),
      style: painter.look.series(run.color)
    )
  }

  private func drawAxis(
    _ scale: AxisScale,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect,
    _ start: Int
  ) {
    let width = rect.columns - start
    guard width >= 16, row < rect.row + rect.rows else { return }
    let end = rect.column + rect.columns
    let unit = state.isClassification ? " %" : ""
    painter.write(scale.label(scale.lower) + unit, row, rect.column + start, painter.look.dim)
    painter.writeRight(scale.label(scale.upper) + unit, row, end: end, painter.look.dim)
    let episodes = state.runs.compactMap { $0.validation?.episodes }.max() ?? 0
    let scored = state.focused?.description.regime.scored ?? "episodes"
    let text = "\(Numbers.grouped(episodes)) \(scored)"
    guard row + 1 < rect.row + rect.rows else { return }
    painter.writeRight(text, row + 1, end: end, painter.look.dim)
  }

  private func scale(_ rect: Rect) -> AxisScale {
    let shown = state.runs.compactMap { $0.validation?.score }.filter(\.value.isFinite)
    let lows = shown.map(\.low).filter(\.isFinite)
    let highs = shown.map(\.high).filter(\.isFinite)
    return .linear(lows.min() ?? 0, highs.max() ?? 1, ticks: 4)
  }
}
