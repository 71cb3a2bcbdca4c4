import CellGrid
import TestSupport

/// Frames as a dashboard makes them: most of a frame stays, some of it changes at random.
///
/// Parent and child process make the same ones from the same seed.
package struct RandomFrames {
  private var generator: SeededGenerator
  private var grid: CellGrid
  private let capabilities: TerminalCapabilities

  package init(seed: UInt64, size: GridSize, capabilities: TerminalCapabilities) {
    generator = SeededGenerator(seed: seed)
    grid = CellGrid(size: size)
    self.capabilities = capabilities
  }

  package mutating func next() -> CellGrid {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: grid = CellGrid(size: grid.size, filledWith: Cell(" ", randomStyle()))
    case 1: scrollUp()
    case 2: for _ in 0..<grid.size.rows { writeRun() }
    default: for _ in 0..<4 { writeRun() }
    }
    return grid
  }

  private mutating func scrollUp() {
    var moved = CellGrid(size: grid.size)
    for row in 0..<grid.size.rows {
      for column in 0..<grid.size.columns {
        moved[row: row, column: column] = grid[row: row + 1, column: column]
      }
    }
    grid = moved
  }

  private mutating func writeRun() {
    let row = Int.random(in: 0..<max(grid.size.rows, 1), using: &generator)
    var column = Int.random(in: 0..<max(grid.size.columns, 1), using: &generator)
    let end = column + Int.random(in: 1...30, using: &generator)
    let style = randomStyle()
    let isRepeated = Int.random(in: 0..<4, using: &generator) == 0
    var scalar = randomScalar()
    while column < min(end, grid.size.columns) {
      if !isRepeated { scalar = randomScalar() }
      let isWide = scalar.value >= 0x3000
      // Some terminals cannot have a wide character just before the last corner.
      let isCorner = row == grid.size.rows - 1 && column == grid.size.columns - 3
      guard !isWide || (column + 1 < grid.size.columns && !isCorner) else { return }
      put(Cell(scalar, style), row, column)
      if isWide { put(Cell("\0", style), row, column + 1) }
      column += isWide ? 2 : 1
    }
  }

  /// Writes a cell, leaving no half of a wide character behind.
  private mutating func put(_ cell: Cell, _ row: Int, _ column: Int) {
    if grid[row: row, column: column].scalar == "\0", cell.scalar != "\0" {
      grid[row: row, column: column - 1].scalar = " "
    }
    if grid[row: row, column: column + 1].scalar == "\0" {
      grid[row: row, column: column + 1].scalar = " "
    }
    grid[row: row, column: column] = cell
  }

  private mutating func randomScalar() -> Unicode.Scalar {
    let kind = Int.random(in: 0..<10, using: &generator)
    let range: ClosedRange<UInt32> =
      switch capabilities.isUnicode ? kind : 0 {
      case 0...3: 0x20...0x7E
      case 4...6: 0x2800...0x28FF
      case 7: 0x2500...0x257F
      case 8: 0x2581...0x2588
      default: 0x4E00...0x4E80
      }
    return Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? " "
  }

  private mutating func randomStyle() -> Style {
    let attributes = Attributes(rawValue: UInt8.random(in: 0..<16, using: &generator))
    switch capabilities.colors {
    case 0: return Style(.terminal, on: .terminal, attributes.subtracting(.dim))
    case 8:
      // Consoles have 63 pairs, and cannot combine underline and dim with colour.
      let plain = attributes.subtracting([.underline, .dim])
      return Style(.ansi(.random(in: 0..<8, using: &generator)), on: .terminal, plain)
    default: return Style(randomColor(), on: randomColor(), attributes)
    }
  }

  private mutating func randomRGB() -> Color {
    // Green is never 0: the darkest blues are told from palette numbers by a trace of it.
    let values = (0..<3).map { UInt8.random(in: $0 == 1 ? 1...255 : 0...255, using: &generator) }
    return .rgb(values[0], values[1], values[2])
  }

  private mutating func randomColor() -> Color {
    switch Int.random(in: 0..<(capabilities.colors > 256 ? 6 : 4), using: &generator) {
    case 0: .terminal
    case 4...: randomRGB()
    case 1: .ansi(.random(in: 0..<16, using: &generator))
    default: .indexed(.random(in: 16...255, using: &generator))
    }
  }
}
