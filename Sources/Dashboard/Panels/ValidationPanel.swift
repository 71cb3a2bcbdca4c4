import CellGrid
import Events

/// Meta-validation of all methods on one axis, each with its 95 % interval.
struct ValidationPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let isTest = state.runs.contains { $0.validation?.isMetaTest == true }
    // Where nothing is learned across episodes there is no meta.
    let isMeta = state.runs.isEmpty || state.runs.contains(where: \.isEpisodic)
    let inner = painter.panel(
      rect,
      title: [
        Span((isMeta ? "meta-" : "") + (isTest ? "test" : "validation"), look.title),
        Span(state.isClassification ? " accuracy" : " loss", look.dim),
      ],
      note: [Span(state.isFolded ? "95 % interval over seeds" : "95 % interval", look.dim)],
      isSelected: state.panel == .validation
    )
    guard state.runs.contains(where: { $0.validation != nil }) else {
      painter.write("none yet", inner.row, inner.column, look.dim)
      return
    }
    drawRows(on: &painter, in: inner)
  }

  private func drawRows(on painter: inout Painter, in rect: Rect) {
    let shown = state.shownRuns
    let scale = scale(rect)
    let needsTwoLines = rect.columns < 56 && rect.rows >= shown.count * 2 + 1
    var row = rect.row
    for index in shown where row < rect.row + rect.rows {
      let used = drawNumbers(index, on: &painter, row, rect, atEnd: needsTwoLines)
      let start = needsTwoLines ? 2 : max(used + 2, 34)
      row += needsTwoLines ? 1 : 0
      drawInterval(index, scale, on: &painter, row, rect, start)
      row += 1
      if !needsTwoLines, index == shown.last {
        drawAxis(scale, on: &painter, row, rect, start)
      }
    }
    if needsTwoLines { drawAxis(scale, on: &painter, row, rect, 2) }
  }

  private func drawNumbers(
    _ index: Int,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect,
    atEnd: Bool
  ) -> Int {
    let look = painter.look
    let name = state.nameSpans(at: index, look)
    painter.write(painter.spelled(name), row, rect.column, limit: min(14, rect.columns))
    guard let score = state.score(of: index) else {
      return 14 + painter.write("–", row, rect.column + 14, look.dim)
    }
    let spans = painter.spelled([
      Span(score.valueText.right(atEnd ? 0 : 8), look.text),
      Span(" \(score.halfText)", look.dim),
    ])
    let start = atEnd ? max(14, rect.columns - spans.columns) : 14
    return start + painter.write(spans, row, rect.column + start, limit: rect.columns - start)
  }

  private func drawInterval(
    _ index: Int,
    _ scale: AxisScale,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect,
    _ start: Int
  ) {
    guard let score = state.score(of: index), rect.columns - start >= 8, row < rect.row + rect.rows
    else { return }
    painter.grid.interval(
      score.low,
      Double(score.value),
      score.high,
      scale: scale,
      row: row,
      column: rect.column + start,
      columns: rect.columns - start,
      glyphs: painter.glyphs,
      marker: painter.look.marker(state.color(of: index)),
      style: painter.look.series(state.color(of: index))
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
    let shown = state.shownRuns.compactMap { state.score(of: $0) }.filter(\.value.isFinite)
    let lows = shown.map(\.low).filter(\.isFinite)
    let highs = shown.map(\.high).filter(\.isFinite)
    return .linear(lows.min() ?? 0, highs.max() ?? 1, ticks: 4)
  }
}
