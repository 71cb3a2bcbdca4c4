import CellGrid

/// The question before what is under way ends, and what is waited for once it was answered.
struct LeavePanel<Screen: KeyedScreen> {
  let screen: Screen

  func draw(on painter: inout Painter, in rect: Rect) {
    switch screen.overlay {
    case .leaving(let dialog): draw(dialog, on: &painter, in: rect)
    case .ending: drawEnding(on: &painter, in: rect)
    default: break
    }
  }

  private func draw(_ dialog: LeaveDialog, on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let lines = screen.leaveLines(columns: rect.columns)
    let places = LeavePlaces(dialog, lines: lines.count, in: rect)
    let inner = frame(places.frame, "leave", "↑↓ choose · Enter · Esc stays", on: &painter)
    let top = inner.rows - dialog.choices.count
    for (row, line) in lines.prefix(top).enumerated() {
      painter.write(line, inner.row + row, inner.column, look.dim, limit: inner.columns)
    }
    for (place, choice) in dialog.choices.enumerated() {
      let words = screen.words(choice)
      let isSelected = place == dialog.selected
      let row = inner.row + top + place
      let key = choice == .keep ? "e" : choice == .test ? "t" : "s"
      let pointer = isSelected ? String(Character(look.glyphs.pointer)) : " "
      let style = isSelected ? look.accent : look.text
      let spans = [
        Span("\(pointer) ", look.accent), Span("\(key)  ", look.accent), Span(words.label, style),
        Span(isSelected ? " – \(words.detail)" : "", look.dim),
      ]
      painter.write(spans, row, inner.column, limit: inner.columns)
    }
  }

  private func drawEnding(on painter: inout Painter, in rect: Rect) {
    let columns = LeavePlaces.columns
    let lines = screen.endingLines.flatMap { $0.wrapped(min(columns, rect.columns) - 4) }
    let place = rect.centered(rows: lines.count + 2, columns: columns)
    let inner = frame(place, "ending", "", on: &painter)
    for (row, line) in lines.prefix(inner.rows).enumerated() {
      let style = row == lines.count - 1 ? painter.look.dim : painter.look.text
      painter.write(line, inner.row + row, inner.column, style, limit: inner.columns)
    }
  }

  private func frame(
    _ rect: Rect,
    _ title: String,
    _ note: String,
    on painter: inout Painter
  ) -> Rect {
    let look = painter.look
    painter.grid.fill(rect, with: Cell(" ", look.text))
    return painter.panel(
      rect,
      title: [Span(title, look.title)],
      note: note.isEmpty ? [] : [Span(note, look.dim)],
      isSelected: true
    )
  }
}
