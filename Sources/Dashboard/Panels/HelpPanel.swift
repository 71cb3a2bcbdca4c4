import CellGrid
import Events

/// All keys over the screen, from the table that dispatches them; in two columns where they fit.
struct HelpPanel<Screen: KeyedScreen> {
  private let width = 72

  let screen: Screen

  func draw(on painter: inout Painter, in rect: Rect) {
    guard let help = screen.help else { return }
    let look = painter.look
    let bindings = screen.helpBindings
    let isDouble = bindings.count + 4 > rect.rows && rect.columns >= 2 * width - 2
    let lines = isDouble ? (bindings.count + 1) / 2 : bindings.count
    let columns = isDouble ? min(2 * width + 46, rect.columns) : width
    let frame = rect.centered(rows: lines + 4, columns: columns)
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let isCut = frame.rows < lines + 4
    let inner = painter.panel(
      frame,
      title: [Span("keys", look.title)],
      note: [
        Span(
          isCut ? "↑↓ Enter · / search · q closes" : "↑↓ Enter runs · / search · q closes",
          look.dim
        )
      ],
      isSelected: true
    )
    let rows = max(0, isCut ? inner.rows : inner.rows - 1)
    let line = lines > 0 ? help.scroll % lines : 0
    let first = max(0, min(line - rows / 2, lines - rows))
    for column in 0..<(isDouble ? 2 : 1) {
      let part = bindings.dropFirst(column * lines).prefix(lines).dropFirst(first).prefix(rows)
      let place = Rect(
        row: inner.row,
        column: inner.column + column * (inner.columns / 2 + 1),
        rows: inner.rows,
        columns: isDouble ? inner.columns / 2 - 1 : inner.columns
      )
      for (offset, binding) in part.enumerated() {
        let isSelected = help.selected == column * lines + first + offset
        draw(binding, isSelected, on: &painter, place.row + offset, place)
      }
    }
    guard !isCut else { return }
    let text = "A new value counts once the engine has confirmed it."
    painter.write(text, inner.row + inner.rows - 1, inner.column, look.dim, limit: inner.columns)
  }

  private func draw(
    _ binding: KeyBinding,
    _ isSelected: Bool,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    let reason = screen.disabledReason(binding.action)
    let label = painter.glyphs.text(binding.label)
    painter.write(label.right(9), row, rect.column, reason == nil ? look.accent : look.dim)
    if isSelected { painter.write("\(look.glyphs.pointer)", row, rect.column, look.accent) }
    let room = rect.columns - 11
    let style = reason == nil ? look.text : look.dim
    let used = painter.write(binding.title, row, rect.column + 11, style, limit: room)
    guard let reason else { return }
    painter.write("  (\(reason))", row, rect.column + 11 + used, look.dim, limit: room - used)
  }
}
