extension CellGrid {
  /// The first thing that no grid may show, as a sentence, or nil when all is well.
  ///
  /// Tests call it on every screen they draw.
  package var violation: String? {
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        if let problem = problem(row, column) {
          return "row \(row), column \(column): \(problem)"
        }
      }
    }
    return nil
  }

  private func problem(_ row: Int, _ column: Int) -> String? {
    let scalar = self[row: row, column: column].scalar
    if scalar.value == 0 {
      let left = self[row: row, column: column - 1].scalar
      return left.columns == 2 && column > 0 ? nil : "right half without its wide character"
    }
    if scalar.displayed != scalar {
      return "U+\(String(scalar.value, radix: 16)) must not reach a terminal"
    }
    guard scalar.columns == 2 else { return nil }
    let hasRightHalf =
      column + 1 < size.columns && self[row: row, column: column + 1].scalar.value == 0
    return hasRightHalf ? nil : "wide character without its right half"
  }
}
