extension CellGrid {
  /// The grid as text: one line a row, trailing blanks cut.
  package func dump() -> String {
    (0..<size.rows).map(line).joined(separator: "\n")
  }

  private func line(_ row: Int) -> String {
    var text = String.UnicodeScalarView()
    for column in 0..<size.columns {
      let scalar = self[row: row, column: column].scalar
      if scalar.value != 0 { text.append(scalar) }
    }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// One letter a cell from `letter`, in the shape of `dump()`: a picture of the styles.
  package func dumpStyles(_ letter: (Style) -> Character) -> String {
    (0..<size.rows).map { row in
      var line = String((0..<size.columns).map { letter(self[row: row, column: $0].style) })
      while line.last == " " { line.removeLast() }
      return line
    }
    .joined(separator: "\n")
  }
}
