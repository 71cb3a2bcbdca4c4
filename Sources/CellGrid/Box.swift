extension CellGrid {
  /// Draws a frame with a title in its upper border and, at the right of it, a note.
  ///
  /// A title that does not fit is cut; a note that does not fit is left out.
  package mutating func box(
    _ rect: Rect,
    glyphs: Glyphs,
    style: Style,
    title: [Span] = [],
    note: [Span] = []
  ) {
    guard rect.rows >= 2, rect.columns >= 2 else { return }
    let last = (row: rect.row + rect.rows - 1, column: rect.column + rect.columns - 1)
    for column in rect.columnRange {
      put(glyphs.horizontal, 1, rect.row, column, style)
      put(glyphs.horizontal, 1, last.row, column, style)
    }
    for row in rect.rowRange {
      put(glyphs.vertical, 1, row, rect.column, style)
      put(glyphs.vertical, 1, row, last.column, style)
    }
    put(glyphs.corners[0], 1, rect.row, rect.column, style)
    put(glyphs.corners[1], 1, rect.row, last.column, style)
    put(glyphs.corners[2], 1, last.row, rect.column, style)
    put(glyphs.corners[3], 1, last.row, last.column, style)
    writeBorderText(rect, title, note, style)
  }

  private mutating func writeBorderText(
    _ rect: Rect,
    _ title: [Span],
    _ note: [Span],
    _ style: Style
  ) {
    let room = rect.columns - 4
    guard room > 2 else { return }
    var free = room
    if !title.isEmpty {
      let spans = [Span(" ", style)] + title
      let used = write(spans, row: rect.row, column: rect.column + 2, limit: room - 1)
      write(" ", row: rect.row, column: rect.column + 2 + used, style: style)
      free -= used + 1
    }
    let width = note.columns + 2
    guard !note.isEmpty, width <= free else { return }
    let start = rect.column + rect.columns - 2 - width
    write([Span(" ", style)] + note + [Span(" ", style)], row: rect.row, column: start)
  }
}
