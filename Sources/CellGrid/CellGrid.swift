/// One character position of the screen.
package struct Cell: Hashable, Sendable {
  /// What is drawn.
  ///
  /// The right half of a two-column character holds U+0000.
  package var scalar: Unicode.Scalar
  package var style: Style

  package init(_ scalar: Unicode.Scalar, _ style: Style = .plain) {
    self.scalar = scalar
    self.style = style
  }

  package static let blank = Self(" ")
}

package struct GridSize: Hashable, Sendable {
  package var columns: Int
  package var rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = max(columns, 0)
    self.rows = max(rows, 0)
  }
}

/// A screen's worth of cells.
///
/// Writing outside it is clipped, in the one subscript below.
package struct CellGrid: Equatable, Sendable {
  package let size: GridSize
  package private(set) var cells: [Cell]
  /// Pictures that a terminal which can may show in its own pixels, over the cells that stand for them.
  package var pictures: [PlacedPicture] = []

  package init(size: GridSize, filledWith cell: Cell = .blank) {
    self.size = size
    cells = Array(repeating: cell, count: size.columns * size.rows)
  }

  /// The cell at a position; reading outside gives a blank, writing outside does nothing.
  package subscript(row row: Int, column column: Int) -> Cell {
    get { contains(row, column) ? cells[row * size.columns + column] : .blank }
    set { if contains(row, column) { cells[row * size.columns + column] = newValue } }
  }

  /// Puts a scalar of one column, never leaving half of a wide one behind.
  ///
  /// Nearly all of a frame goes through here.
  mutating func putNarrow(_ scalar: Unicode.Scalar, _ row: Int, _ column: Int, _ style: Style) {
    guard contains(row, column) else { return }
    let index = row * size.columns + column
    let old = cells[index].scalar.value
    let isBraille = old & 0xffff_ff00 == 0x2800
    if old == 0 || old >= 0x1100 && !isBraille { clearPartner(row, column) }
    cells[index] = Cell(scalar, style)
  }

  private func contains(_ row: Int, _ column: Int) -> Bool {
    row >= 0 && row < size.rows && column >= 0 && column < size.columns
  }
}
