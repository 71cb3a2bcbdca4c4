extension Picture {
  /// How pixels become characters.
  package enum Rendering: Sendable, Equatable {
    /// Half blocks, two pixels a cell: one the text's colour, the other the ground's.
    case colors
    /// Half blocks without colour, dithered.
    case halves
    /// Shade characters, one a cell.
    case shades
    /// Characters of ASCII from light to dark, one a cell.
    case ascii
  }
}

/// A picture and the cells that it covers.
package struct PlacedPicture: Equatable, Sendable {
  package var picture: Picture
  package var rect: Rect

  package init(_ picture: Picture, in rect: Rect) {
    self.picture = picture
    self.rect = rect
  }
}

extension CellGrid {
  /// Stretches a picture over a rectangle; `style` is that of renderings without colour.
  package mutating func picture(
    _ picture: Picture,
    in rect: Rect,
    as rendering: Picture.Rendering,
    style: Style = .plain
  ) {
    guard !rect.isEmpty, picture.height > 0, picture.width > 0 else { return }
    let height = rendering == .colors || rendering == .halves ? 2 * rect.rows : rect.rows
    let small = picture.resized(height: height, width: rect.columns)
      .brightened(to: Int(picture.pixels.max() ?? 0))
    for row in 0..<rect.rows {
      for column in 0..<rect.columns {
        let cell =
          switch rendering {
          case .colors: small.coloredCell(row, column)
          case .halves: Cell(small.halves(row, column), style)
          case .shades: Cell(small.shade(row, column, Picture.shades), style)
          case .ascii: Cell(small.shade(row, column, Picture.letters), style)
          }
        put(cell.scalar, 1, rect.row + row, rect.column + column, cell.style)
      }
    }
  }
}

extension Picture {
  fileprivate static let shades: [Unicode.Scalar] = [" ", "░", "▒", "▓", "█"]
  fileprivate static let letters = Array(" .:-=+*#%@".unicodeScalars)

  /// The brighter half is the text's colour, so that the characters alone show bright strokes.
  fileprivate func coloredCell(_ row: Int, _ column: Int) -> Cell {
    let (upper, lower) = (color(2 * row, column), color(2 * row + 1, column))
    let (first, second) = (grey(2 * row, column), grey(2 * row + 1, column))
    if upper == lower { return Cell(first > 127 ? "█" : " ", Style(upper, on: lower)) }
    return first >= second
      ? Cell("▀", Style(upper, on: lower)) : Cell("▄", Style(lower, on: upper))
  }

  fileprivate func halves(_ row: Int, _ column: Int) -> Unicode.Scalar {
    let upper = grey(2 * row, column) > Self.threshold(2 * row, column)
    let lower = grey(2 * row + 1, column) > Self.threshold(2 * row + 1, column)
    return upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ")
  }

  fileprivate func shade(_ row: Int, _ column: Int, _ ramp: [Unicode.Scalar]) -> Unicode.Scalar {
    ramp[grey(row, column) * ramp.count / 256]
  }

  /// Ordered dithering (Bayer 1973), so that photographs keep their shades.
  private static func threshold(_ row: Int, _ column: Int) -> Int {
    let matrix = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
    return 16 * matrix[row % 4 * 4 + column % 4] + 8
  }
}
