import CellGrid
import Events

/// All keys over the screen, from the table that dispatches them.
struct HelpPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let bindings = KeyBinding.all
    let frame = rect.centered(rows: bindings.count + 4, columns: 72)
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let isCut = frame.rows < bindings.count + 4
    let inner = painter.panel(
      frame,
      title: [Span("keys", look.title)],
      note: [Span(isCut ? "↑↓ scroll · ? closes" : "? closes", look.dim)],
      isSelected: true
    )
    let rows = max(0, isCut ? inner.rows : inner.rows - 1)
    let first = max(0, min(state.helpScroll, bindings.count - rows))
    for (offset, binding) in bindings.dropFirst(first).prefix(rows).enumerated() {
      draw(binding, on: &painter, inner.row + offset, inner)
    }
    guard !isCut else { return }
    let text = "A new value counts once the engine has confirmed it."
    painter.write(text, inner.row + inner.rows - 1, inner.column, look.dim, limit: inner.columns)
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
