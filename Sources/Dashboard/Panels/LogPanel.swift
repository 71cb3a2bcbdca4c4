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
      note: note(look),
      isSelected: state.panel == .log
    )
    let rows = max(inner.rows, 0)
    let lines = state.logLines(atMost: rows + state.logScroll)
    let shown = lines.dropLast(min(state.logScroll, max(0, lines.count - rows))).suffix(rows)
    if shown.isEmpty {
      let text =
        !state.filter.isEmpty
        ? "nothing has that text" : state.isLogOfFocused ? "nothing of this run" : "nothing yet"
      painter.write(text, inner.row, inner.column, look.dim)
    }
    let width = shown.map { step($0.entry).count }.max() ?? 0
    for (offset, line) in shown.enumerated() {
      draw(line, stepWidth: width, on: &painter, inner.row + offset, inner)
    }
  }

  private func note(_ look: Look) -> [Span] {
    var parts: [String] = []
    if state.isLogOfFocused { parts.append("\(state.focused?.name ?? "") alone") }
    if !state.filter.isEmpty { parts.append("/\(state.filter)") }
    if state.logScroll > 0 { parts.append("\(state.logScroll) below") }
    return parts.isEmpty
      ? [] : [Span("\(parts.joined(separator: " · ")) · Esc shows all", look.accent)]
  }

  private func step(_ entry: EventLog.Entry) -> String {
    entry.step.map { Numbers.grouped($0) } ?? ""
  }

  private func draw(
    _ line: LogLine,
    stepWidth: Int,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    let entry = line.entry
    let isWide = rect.columns >= 50
    var spans = [Span(step(entry).right(stepWidth) + " ", look.dim)]
    if line.runs.count > 1 {
      spans += markers(line.runs, columns: isWide ? 14 : 2 * line.runs.count, look)
    } else if let id = entry.run, let index = state.index(of: id) {
      spans.append(
        Span("\(look.marker(state.runs[index].color)) ", look.series(state.runs[index].color))
      )
      if isWide { spans.append(Span(state.runs[index].name.left(12), look.dim)) }
    } else {
      spans.append(Span("".left(isWide ? 14 : 2), look.dim))
    }
    let times = line.count > line.runs.count && line.count > 1 ? "  ×\(line.count)" : ""
    spans.append(Span(entry.text + times, style(entry.kind, look)))
    painter.write(spans, row, rect.column, limit: rect.columns)
  }

  /// What several runs did at once has all their markers in the place of one name.
  private func markers(_ runs: [RunID], columns: Int, _ look: Look) -> [Span] {
    let indices = runs.compactMap { state.index(of: $0) }.prefix(columns / 2)
    let shown = indices.map { state.runs[$0].color }
    return shown.map { Span("\(look.marker($0)) ", look.series($0)) }
      + [Span("".left(columns - 2 * shown.count), look.dim)]
  }

  private func style(_ kind: EventLog.Kind, _ look: Look) -> Style {
    switch kind {
    case .note: look.dim
    case .validation, .status: look.text
    case .change, .effect: look.accent
    case .refusal, .warning: look.warning
    case .failure: look.bad
    }
  }
}
