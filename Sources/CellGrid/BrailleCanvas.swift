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
    light(x, min(first, last)...max(first, last), pattern: 0b1111)
  }

  /// Lights every other dot of a vertical run, and its ends: a shade that leaves what is drawn in
  /// front readable.
  package mutating func shade(_ x: Int, _ first: Int, _ last: Int) {
    light(x, min(first, last)...max(first, last), pattern: x & 1 == 0 ? 0b0101 : 0b1010)
    set(x, first)
    set(x, last)
  }

  /// Lights the dots of a run that `pattern` has for their rows, the lowest bit for a cell's first;
  /// cell by cell, because a chart's envelopes are made of ten thousand dots.
  private mutating func light(_ x: Int, _ run: ClosedRange<Int>, pattern: UInt8) {
    let (top, bottom) = (max(run.lowerBound, 0), min(run.upperBound, height - 1))
    guard x >= 0, x < width, top <= bottom else { return }
    for row in (top >> 2)...(bottom >> 2) {
      let first = max(top - row * 4, 0)
      let last = min(bottom - row * 4, 3)
      let rows = (0b1111 &<< UInt8(first)) & (0b1111 &>> UInt8(3 - last)) & pattern
      masks[row * columns + (x >> 1)] |= Self.bits(x & 1, rows: rows)
    }
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
    guard glyphs.isUnicode else { return Self.asciiScalar(mask) }
    return glyphs.hasBraille ? Unicode.Scalar(0x2800 + UInt32(mask)) : Self.blockScalar(mask)
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
    let shade = glyphs.isUnicode ? (glyphs.hasBraille || shade == nil ? nil : "░") : shade
    for row in 0..<min(rows, rect.rows) {
      let start = row * columns
      for column in 0..<min(columns, rect.columns) where masks[start + column] != 0 {
        guard let scalar = scalar(row: row, column: column, glyphs: glyphs) else { continue }
        grid.putNarrow(shade ?? scalar, rect.row + row, rect.column + column, style)
      }
    }
  }

  private static func bit(_ x: Int, _ y: Int) -> UInt8 { bits(x, rows: 1 &<< UInt8(y)) }

  /// Dots are numbered down the left column, then the right one; the fourth row came later.
  private static func bits(_ x: Int, rows: UInt8) -> UInt8 {
    x == 0 ? rows & 0b0111 | (rows & 0b1000) &<< 3 : (rows & 0b0111) &<< 3 | (rows & 0b1000) &<< 4
  }

  /// The upper half, the lower half, or both.
  private static func blockScalar(_ mask: UInt8) -> Unicode.Scalar {
    let upper = mask & (bit(0, 0) | bit(0, 1) | bit(1, 0) | bit(1, 1)) != 0
    let lower = mask & (bit(0, 2) | bit(0, 3) | bit(1, 2) | bit(1, 3)) != 0
    return upper && lower ? "█" : upper ? "▀" : "▄"
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
