import CellGrid
import Events

/// All keys over the screen, from the table that dispatches them; in two columns where they fit.
struct HelpPanel {
  static let width = 72

  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let bindings = state.keys.bindings.filter { matches($0) }
    let isDouble = bindings.count + 4 > rect.rows && rect.columns >= 2 * Self.width - 2
    let lines = isDouble ? (bindings.count + 1) / 2 : bindings.count
    let columns = isDouble ? 2 * Self.width - 2 : Self.width
    let frame = rect.centered(rows: lines + 4, columns: columns)
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let isCut = frame.rows < lines + 4
    let inner = painter.panel(
      frame,
      title: [Span("keys", look.title)],
      note: [Span(isCut ? "↑↓ scroll · / search · ? closes" : "/ search · ? closes", look.dim)],
      isSelected: true
    )
    let rows = max(0, isCut ? inner.rows : inner.rows - 1)
    let first = max(0, min(state.helpScroll, lines - rows))
    for column in 0..<(isDouble ? 2 : 1) {
      let part = bindings.dropFirst(column * lines).prefix(lines).dropFirst(first).prefix(rows)
      let place = Rect(
        row: inner.row,
        column: inner.column + column * (Self.width - 2),
        rows: inner.rows,
        columns: isDouble ? Self.width - 4 : inner.columns
      )
      for (offset, binding) in part.enumerated() {
        draw(binding, on: &painter, place.row + offset, place)
      }
    }
    guard !isCut else { return }
    let text = "A new value counts once the engine has confirmed it."
    painter.write(text, inner.row + inner.rows - 1, inner.column, look.dim, limit: inner.columns)
  }

  private func matches(_ binding: KeyBinding) -> Bool {
    guard !binding.keys.isEmpty else { return false }
    return state.filter.isEmpty
      || binding.title.lowercased().contains(state.filter.lowercased())
      || binding.label.contains(state.filter)
  }

  private func draw(_ binding: KeyBinding, on painter: inout Painter, _ row: Int, _ rect: Rect) {
    let look = painter.look
    let reason = state.disabledReason(binding.action)
    let label = painter.glyphs.isUnicode ? binding.label : binding.asciiLabel
    painter.write(label.right(9), row, rect.column, reason == nil ? look.accent : look.dim)
    let room = rect.columns - 11
    let style = reason == nil ? look.text : look.dim
    let used = painter.write(binding.title, row, rect.column + 11, style, limit: room)
    guard let reason else { return }
    painter.write("  (\(reason))", row, rect.column + 11 + used, look.dim, limit: room - used)
  }
}
