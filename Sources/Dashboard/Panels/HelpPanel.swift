import CellGrid
import Events

/// All keys over the screen, from the table that dispatches them; in two columns where they fit.
struct HelpPanel<Screen: KeyedScreen> {
  let screen: Screen

  func draw(on painter: inout Painter, in rect: Rect) {
    guard let help = screen.help else { return }
    let look = painter.look
    let bindings = screen.helpBindings
    let places = HelpPlaces(help, bindings, in: rect)
    painter.grid.fill(places.frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      places.frame,
      title: [Span("keys", look.title)],
      note: [
        Span(
          places.isCut ? "↑↓ Enter · / search · q closes" : "↑↓ Enter runs · / search · q closes",
          look.dim
        )
      ],
      isSelected: true
    )
    for (line, place) in places.shown {
      switch line {
      case .heading(let group):
        painter.write(group.title, place.row, place.column, look.title, limit: place.columns)
      case .binding(let index):
        draw(bindings[index], help.selected == index, on: &painter, place.row, place)
      }
    }
    guard !places.isCut else { return }
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
