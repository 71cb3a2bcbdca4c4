import CellGrid
import Events

/// What happened besides steps, newest at the bottom.
struct LogPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: [Span("events", look.title), Span(" by outer step", look.dim)],
      note: state.filter.isEmpty ? [] : [Span("/\(state.filter) · Esc shows all", look.accent)],
      isSelected: state.panel == .log
    )
    let shown = state.log.entries.filter(matches).suffix(max(inner.rows, 0))
    if shown.isEmpty {
      painter.write(
        state.filter.isEmpty ? "nothing yet" : "nothing has that text",
        inner.row,
        inner.column,
        look.dim
      )
    }
    let width = shown.map { step($0).count }.max() ?? 0
    for (offset, entry) in shown.enumerated() {
      draw(entry, stepWidth: width, on: &painter, inner.row + offset, inner)
    }
  }

  private func matches(_ entry: EventLog.Entry) -> Bool {
    guard !state.filter.isEmpty else { return true }
    let name = entry.run.flatMap { state.index(of: $0) }.map { state.runs[$0].name } ?? ""
    return "\(name) \(entry.text)".lowercased().contains(state.filter.lowercased())
  }

  private func step(_ entry: EventLog.Entry) -> String {
    entry.step.map { Numbers.grouped($0) } ?? ""
  }

  private func draw(
    _ entry: EventLog.Entry,
    stepWidth: Int,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    let isWide = rect.columns >= 50
    var spans = [Span(step(entry).right(stepWidth) + " ", look.dim)]
    if let id = entry.run, let index = state.index(of: id) {
      spans.append(
        Span("\(look.marker(state.runs[index].color)) ", look.series(state.runs[index].color))
      )
      if isWide { spans.append(Span(state.runs[index].name.left(12), look.dim)) }
    } else {
      spans.append(Span("".left(isWide ? 14 : 2), look.dim))
    }
    spans.append(Span(entry.text, style(entry.kind, look)))
    painter.write(spans, row, rect.column, limit: rect.columns)
  }

  private func style(_ kind: EventLog.Kind, _ look: Look) -> Style {
    switch kind {
    case .note: look.dim
    case .validation, .status: look.text
    case .change: look.accent
    case .refusal: look.warning
    case .failure: look.bad
    }
  }
}
