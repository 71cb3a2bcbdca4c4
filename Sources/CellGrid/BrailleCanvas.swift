/// A drawing of dots, two a column and four a row of cells.
package struct BrailleCanvas: Sendable {
  package let columns: Int
  package let rows: Int
  private var masks: [UInt8]

  package init(columns: Int, rows: Int) {
    self.columns = max(columns, 0)
    self.rows = max(rows, 0)
    masks = Array(repeating: 0, count: self.columns * self.rows)
  }

  package var width: Int { columns * 2 }
  package var height: Int { rows * 4 }

  /// Lights the dot at `x` from the left and `y` from the top; dots outside do nothing.
  package mutating func set(_ x: Int, _ y: Int) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    masks[(y >> 2) * columns + (x >> 1)] |= Self.bit(x & 1, y & 3)
  }

  /// Lights a vertical run of dots, ends included in any order.
  package mutating func vertical(_ x: Int, _ first: Int, _ last: Int) {
    let top = max(min(first, last), 0)
    let bottom = min(max(first, last), height - 1)
    guard top <= bottom else { return }
    for y in top...bottom { set(x, y) }
  }

  /// Lights a straight line by Bresenham's algorithm, ends included.
  package mutating func line(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int) {
    let dx = abs(x1 - x0)
    let dy = -abs(y1 - y0)
    var (x, y, error) = (x0, y0, dx + dy)
    while true {
      set(x, y)
      if x == x1, y == y1 { return }
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += x0 < x1 ? 1 : -1
      }
      if doubled <= dx {
        error += dx
        y += y0 < y1 ? 1 : -1
      }
    }
  }

  /// The character of one cell, or nil when no dot in it is lit.
  package func scalar(row: Int, column: Int, glyphs: Glyphs) -> Unicode.Scalar? {
    let mask = masks[row * columns + column]
    guard mask != 0 else { return nil }
    return glyphs.isUnicode ? Unicode.Scalar(0x2800 + UInt32(mask)) : Self.asciiScalar(mask)
  }

  /// Draws the lit cells over what is there.
  ///
  /// Characters of ASCII cannot be faint, so `shade` says what stands for any dots there.
  package func draw(
    into grid: inout CellGrid,
    at rect: Rect,
    style: Style,
    glyphs: Glyphs,
    shade: Unicode.Scalar? = nil
  ) {
    let shade = glyphs.isUnicode ? nil : shade
    for row in 0..<min(rows, rect.rows) {
      for column in 0..<min(columns, rect.columns) {
        guard let scalar = scalar(row: row, column: column, glyphs: glyphs) else { continue }
        grid.put(shade ?? scalar, 1, rect.row + row, rect.column + column, style)
      }
    }
  }

  /// Dots are numbered down the left column, then the right one; the fourth row came later.
  private static func bit(_ x: Int, _ y: Int) -> UInt8 {
    y == 3 ? (x == 0 ? 0x40 : 0x80) : 1 << UInt8(x * 3 + y)
  }

  /// The rows a mask touches decide: a point high, in the middle or low, or a stroke.
  private static func asciiScalar(_ mask: UInt8) -> Unicode.Scalar {
    let rows = (0..<4).filter { mask & (bit(0, $0) | bit(1, $0)) != 0 }
    switch (rows.first, rows.last) {
    case (0, 0), (0, 1): return "'"
    case (3, 3), (2, 3): return "_"
    case (1, 1), (2, 2), (1, 2): return "-"
    default: return rows.count >= 3 ? "|" : ":"
    }
  }
}
