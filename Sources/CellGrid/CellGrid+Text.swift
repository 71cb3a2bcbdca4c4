/// A piece of text in one style; a line is a list of them.
package struct Span: Equatable, Sendable {
  package var text: String
  package var style: Style

  package init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }
}

extension [Span] {
  package var columns: Int { reduce(0) { $0 + $1.text.columns } }
}

extension CellGrid {
  /// Writes text from `column` on, in at most `limit` columns, and returns the columns used.
  ///
  /// The text is sanitised on its way into the cells, so no caller has to remember to. A wide
  /// character that does not fit leaves a blank.
  @discardableResult
  package mutating func write(
    _ text: String,
    row: Int,
    column: Int,
    style: Style = .plain,
    limit: Int = .max
  ) -> Int {
    guard row >= 0, row < size.rows, limit > 0 else { return 0 }
    var used = 0
    for scalar in text.unicodeScalars {
      // Nearly everything is ASCII, which needs neither look-up.
      let isPlain = scalar.value >= 0x20 && scalar.value < 0x7f
      guard let shown = isPlain ? scalar : scalar.displayed else { continue }
      let columns = isPlain ? 1 : shown.columns
      guard used + columns <= limit, column + used < size.columns else { break }
      put(shown, columns, row, column + used, style)
      used += columns
    }
    return used
  }

  /// Writes spans one after the other in at most `limit` columns and returns the columns used.
  @discardableResult
  package mutating func write(_ spans: [Span], row: Int, column: Int, limit: Int = .max) -> Int {
    var used = 0
    for span in spans {
      used += write(
        span.text,
        row: row,
        column: column + used,
        style: span.style,
        limit: limit - used
      )
    }
    return used
  }

  /// Writes text so that it ends before `column + width`; what does not fit is cut at its end.
  package mutating func writeRight(
    _ text: String,
    row: Int,
    column: Int,
    width: Int,
    style: Style = .plain
  ) {
    let start = column + max(0, width - text.columns)
    write(text, row: row, column: start, style: style, limit: width)
  }

  /// Gives every cell of a rectangle the same content.
  package mutating func fill(_ rect: Rect, with cell: Cell) {
    for row in rect.rowRange {
      for column in rect.columnRange { put(cell.scalar, 1, row, column, cell.style) }
    }
  }

  /// Puts one scalar of known width, never leaving half of a wide one behind.
  package mutating func put(
    _ scalar: Unicode.Scalar,
    _ columns: Int = 1,
    _ row: Int,
    _ column: Int,
    _ style: Style
  ) {
    guard columns == 2 else {
      putNarrow(scalar, row, column, style)
      return
    }
    clearPartner(row, column)
    clearPartner(row, column + 1)
    guard column >= 0, column + 1 < size.columns else {
      self[row: row, column: column] = Cell(" ", style)
      return
    }
    self[row: row, column: column] = Cell(scalar, style)
    self[row: row, column: column + 1] = Cell("\0", style)
  }

  /// Blanks the other half of the wide character that the cell belongs to, if any.
  mutating func clearPartner(_ row: Int, _ column: Int) {
    let scalar = self[row: row, column: column].scalar
    guard scalar.value == 0 || scalar.value >= 0x1100, scalar.value == 0 || scalar.columns == 2
    else { return }
    self[row: row, column: scalar.value == 0 ? column - 1 : column + 1].scalar = " "
  }
}
