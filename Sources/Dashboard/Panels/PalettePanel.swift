import CellGrid

/// The palette's list, above the footer's line.
struct PalettePanel<Screen: KeyedScreen> {
  let screen: Screen

  func draw(on painter: inout Painter, in rect: Rect) {
    guard let palette = screen.palette else { return }
    let look = painter.look
    let entries = screen.paletteEntries
    let places = PalettePlaces(count: entries.count, selected: palette.selected, in: rect)
    let frame = places.frame
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
    for (offset, entry) in entries.dropFirst(places.first).prefix(places.rows).enumerated() {
      let isSelected = places.first + offset == places.selected
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
    let kinds = state.panelsWithLetters
    let places = GoToPlaces(count: kinds.count, in: rect)
    let (frame, perRow) = (places.frame, places.perRow)
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      frame,
      title: [Span("go to", look.title)],
      note: [Span("Esc closes", look.dim)],
      isSelected: true
    )
    for (index, kind) in kinds.enumerated() {
      let column = inner.column + index % perRow * GoToPlaces.width
      let row = inner.row + index / perRow
      painter.write(String(letters[kind] ?? " "), row, column, look.accent)
      painter.write(state.title(of: kind), row, column + 2, look.text, limit: 19)
    }
  }
}
