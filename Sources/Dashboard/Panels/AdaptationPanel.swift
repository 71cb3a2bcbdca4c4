import CellGrid
import Events

/// The inner loop of the focused method: losses before and after each of its steps.
struct AdaptationPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.focused
    let inner = painter.panel(
      rect,
      title: state.title("adaptation", run, look),
      note: run.flatMap { note($0, look) } ?? [],
      isSelected: state.panel == .adaptation
    )
    guard let run, run.probes != nil || !run.validationCurve.isEmpty else {
      painter.write("not measured yet", inner.row, inner.column, look.dim)
      return
    }
    let rows = self.rows(run)
    drawTable(rows, on: &painter, in: inner)
  }

  /// Losses at one inner step.
  private struct Row {
    var support: Float?
    var query: Float?
    var validation: Float?
  }

  private func rows(_ run: RunState) -> [Row] {
    let support = run.probes?.supportLosses ?? []
    let query = run.probes?.queryLosses ?? []
    let validation = run.validationCurve
    let count = max(support.count, query.count, validation.count)
    return (0..<count).map { step in
      Row(support: support.at(step), query: query.at(step), validation: validation.at(step))
    }
  }

  /// What adaptation gains on queries, in percent of the loss before it.
  private func note(_ run: RunState, _ look: Look) -> [Span]? {
    guard let first = run.probes?.queryLosses.first, let last = run.probes?.queryLosses.last,
      first.isFinite, last.isFinite, first > 0
    else { return nil }
    let change = Double(last / first - 1) * 100
    let text = "\(change > 0 ? "+" : "−")\(Numbers.fixed(abs(change), 1)) %"
    return [Span("query loss ", look.dim), Span(text, change <= 0 ? look.good : look.bad)]
  }

  private func drawTable(_ rows: [Row], on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let isNarrow = rect.columns < 33
    let width = isNarrow ? 8 : 10
    let header =
      "inner" + "support".right(width) + "query".right(width)
      + (isNarrow ? "val" : "meta-val").right(width)
    painter.write(header, rect.row, rect.column, look.dim, limit: rect.columns)
    let largest = rows.compactMap { $0.validation ?? $0.query }.filter(\.isFinite).max() ?? 1
    let bar = rect.columns - 37
    for (step, row) in rows.prefix(max(0, rect.rows - 1)).enumerated() {
      let line = rect.row + 1 + step
      let cells = [
        Span(String(step).right(5), look.dim), Span(text(row.support, width), look.dim),
        Span(text(row.query, width), look.text), Span(text(row.validation, width), look.text),
      ]
      painter.write(cells, line, rect.column, limit: rect.columns)
      guard bar >= 4, let shown = row.validation ?? row.query else { continue }
      let style = look.series(state.focusedRun)
      painter.bar(Double(shown / largest), line, rect.column + 37, columns: bar, style)
    }
  }

  private func text(_ value: Float?, _ width: Int) -> String {
    let text = value.map { Numbers.measured($0) } ?? "–"
    let isTooWide = text.columns >= width
    return (isTooWide ? Numbers.power(Double(value ?? 0)) : text).right(width)
  }
}

extension Array {
  func at(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
