import CellGrid

/// The palette's list, above the footer's line.
struct PalettePanel<Screen: KeyedScreen> {
  let screen: Screen

  func draw(on painter: inout Painter, in rect: Rect) {
    guard let palette = screen.palette else { return }
    let look = painter.look
    let entries = screen.paletteEntries
    let rows = min(max(entries.count, 1), max(1, min(14, rect.rows - 6)))
    let columns = min(76, rect.columns)
    let frame = Rect(
      row: max(0, rect.row + rect.rows - rows - 4),
      column: rect.column + (rect.columns - columns) / 2,
      rows: rows + 3,
      columns: columns
    )
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      frame,
      title: [Span("actions", look.title)],
      note: [Span("↑↓ choose · tab completes · Enter runs · Esc closes", look.dim)],
      isSelected: true
    )
    let shown = palette.input.shown(in: inner.columns - 2)
    let input = [
      Span(": ", look.accent), Span(shown.before, look.text),
      Span("\(look.glyphs.cursor)", look.accent), Span(shown.after, look.text),
    ]
    painter.write(input, inner.row, inner.column, limit: inner.columns)
    if entries.isEmpty {
      let text = "Enter sets a hyperparameter, as in: inner-lr 0.1"
      painter.write(text, inner.row + 1, inner.column, look.dim, limit: inner.columns)
    }
    let selected = min(palette.selected, max(entries.count - 1, 0))
    let first = max(0, min(selected - rows / 2, entries.count - rows))
    for (offset, entry) in entries.dropFirst(first).prefix(rows).enumerated() {
      let isSelected = first + offset == selected
      draw(entry, isSelected, on: &painter, inner.row + 1 + offset, inner)
    }
  }

  private func draw(
    _ entry: Palette.Entry,
    _ isSelected: Bool,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    let reason = screen.disabledReason(entry.action)
    let pointer = isSelected ? String(Character(look.glyphs.pointer)) : " "
    let style = reason != nil ? look.dim : isSelected ? look.accent : look.text
    painter.write("\(pointer) \(entry.name)", row, rect.column, style, limit: min(24, rect.columns))
    let room = rect.columns - 26 - entry.key.columns - 1
    painter.write(reason ?? entry.title, row, rect.column + 26, look.dim, limit: room)
    painter.writeRight(entry.key, row, end: rect.column + rect.columns, look.accent)
  }
}

/// What may follow a first key, as a box above the footer.
struct GoToPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let letters = state.letters
    let kinds = state.availablePanels.filter { letters[$0] != nil }
    let perRow = max(1, min(4, (rect.columns - 4) / 22))
    let rows = (kinds.count + perRow - 1) / perRow
    let columns = min(rect.columns, perRow * 22 + 4)
    let frame = Rect(
      row: max(0, rect.row + rect.rows - rows - 3),
      column: rect.column,
      rows: rows + 2,
      columns: columns
    )
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      frame,
      title: [Span("go to", look.title)],
      note: [Span("Esc closes", look.dim)],
      isSelected: true
    )
    for (index, kind) in kinds.enumerated() {
      let column = inner.column + index % perRow * 22
      let row = inner.row + index / perRow
      painter.write(String(letters[kind] ?? " "), row, column, look.accent)
      painter.write(state.title(of: kind), row, column + 2, look.text, limit: 19)
    }
  }
}
