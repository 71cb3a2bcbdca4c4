/// Pictures as lines of text for standard output, coloured by escape sequences.
package struct PicturePainter {
  package enum Style: Sendable {
    /// 24-bit colours.
    case trueColor
    /// xterm's 256 colours.
    case indexed
    /// Half blocks without colour, dithered.
    case plain
    /// Characters from light to dark.
    case ascii

    package var isASCII: Bool { self == .ascii }

    fileprivate var rendering: Picture.Rendering {
      switch self {
      case .trueColor, .indexed: .colors
      case .plain: .halves
      case .ascii: .ascii
      }
    }
  }

  package let style: Style
  /// Columns of a picture.
  package let width: Int

  package init(style: Style, width: Int) {
    self.style = style
    self.width = width
  }

  /// The lines of one picture.
  package func lines(_ picture: Picture) -> [String] {
    lines(rows: picture.rows(columns: width)) { grid, rect in
      grid.picture(picture, in: rect, as: style.rendering)
    }
  }

  /// The same of a picture's bytes: rows first, then columns, then channels.
  package func lines(_ height: Int, _ width: Int, _ channels: Int, _ pixels: [UInt8]) -> [String] {
    lines(Picture(height: height, width: width, channels: channels, pixels: pixels))
  }

  /// The lines of points that are joined, in a square.
  package func lines(_ drawing: LinkDrawing) -> [String] {
    lines(rows: max(width / 2, 1)) { grid, rect in
      drawing.draw(into: &grid, in: rect, glyphs: style.isASCII ? .ascii : .unicode)
    }
  }

  private func lines(rows: Int, _ draw: (inout CellGrid, Rect) -> Void) -> [String] {
    let size = GridSize(columns: width, rows: rows)
    var grid = CellGrid(size: size)
    draw(&grid, Rect(size))
    return (0..<size.rows).map { row in
      let cells = (0..<width).map { grid[row: row, column: $0] }
      guard style == .trueColor || style == .indexed else {
        return cells.map { String($0.scalar) }.joined()
      }
      return cells.map { cell in
        let (text, ground) = (code(cell.style.foreground), code(cell.style.background))
        return "\u{1B}[38;\(text);48;\(ground)m\(cell.scalar)"
      }.joined() + "\u{1B}[0m"
    }
  }

  /// A colour as the end of an SGR sequence.
  private func code(_ color: Color) -> String {
    guard case .rgb(let redByte, let greenByte, let blueByte) = color.value else { return "5;0" }
    let (red, green, blue) = (Int(redByte), Int(greenByte), Int(blueByte))
    guard style == .indexed else { return "2;\(red);\(green);\(blue)" }
    if red == green, green == blue {
      // A ramp of 24 greys between black and white.
      let step = (red - 3) / 10
      return "5;\(red < 4 ? 16 : red > 246 ? 231 : 232 + min(max(step, 0), 23))"
    }
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    return "5;\(16 + 36 * level(red) + 6 * level(green) + level(blue))"
  }
}
