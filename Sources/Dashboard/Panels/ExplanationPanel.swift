import CellGrid

/// Every number of what has the focus explained, over the screen.
struct ExplanationPanel<Screen: KeyedScreen> {
  let screen: Screen
  /// The one that is read, which stands out.
  let selected: Int

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let all = screen.explained
    let places = ExplanationPlaces(all, selected: selected, in: rect)
    painter.grid.fill(places.frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      places.frame,
      title: [Span("what is what", look.title), Span(" \(screen.explainedName)", look.dim)],
      isSelected: true
    )
    guard !all.isEmpty else {
      painter.write("nothing is measured here yet", inner.row, inner.column, look.dim)
      return
    }
    for line in places.lines {
      let isSelected = line.index == selected
      let head = isSelected ? look.accent : all[line.index].isUnhealthy ? look.warning : look.title
      let pointer = line.isHead && isSelected ? "\(look.glyphs.pointer) " : "  "
      painter.write(pointer, line.row, inner.column, look.accent)
      painter.write(
        line.text,
        line.row,
        inner.column + 2,
        line.isHead ? head : look.text,
        limit: inner.columns - 2
      )
    }
  }
}
