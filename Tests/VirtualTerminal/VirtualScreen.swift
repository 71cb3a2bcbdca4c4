import CellGrid

/// A terminal emulator for tests: bytes go in, and what a person would see can be asked for.
///
/// Knows what curses sends to xterm, tmux, screen, linux and vt100. Anything else lands in
/// `unknown`, which tests expect to be empty: an emulator that skips what it does not know would
/// call any output right.
package struct VirtualScreen {
  package internal(set) var grid: CellGrid
  /// Cursor position; `column` may equal the width while a wrap is pending.
  package internal(set) var row = 0
  package internal(set) var column = 0
  /// Private modes that are set, for example 1049 (alternate screen) and 25 (cursor shown).
  package internal(set) var modes: Set<Int> = [7, 25]
  /// The first sequences that were not understood.
  package private(set) var unknown: [String] = []
  /// Operating system commands so far, for example `0;title`.
  package internal(set) var commands: [String] = []
  /// Device's and application's strings: pictures, and questions for them.
  package internal(set) var strings: [String] = []
  /// Number of completed synchronised updates (CSI ? 2026 l).
  package internal(set) var framesCompleted = 0

  /// How the next character would look.
  package internal(set) var pen = Style.plain
  var top = 0
  var bottom: Int
  var savedCursor = (row: 0, column: 0)
  var normalScreen: CellGrid?
  var lastScalar: Unicode.Scalar = " "
  var isInserting = false
  private var parser = ControlParser()

  package init(size: GridSize) {
    grid = CellGrid(size: size)
    bottom = max(size.rows - 1, 0)
  }

  /// A screen on which `grid` is to be seen.
  package init(showing grid: CellGrid) {
    self.init(size: grid.size)
    self.grid = grid
  }

  package var size: GridSize { grid.size }
  package var isAlternate: Bool { normalScreen != nil }
  package var isCursorShown: Bool { modes.contains(25) }
  /// Between the marks that begin and end a frame, where the program sets them.
  package var isInFrame: Bool { modes.contains(2026) }

  package mutating func feed(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      guard let token = parser.feed(byte) else { continue }
      if !apply(token), unknown.count < 20 { unknown.append("\(token)") }
    }
  }

  /// The text of one row without trailing blanks.
  package func line(_ row: Int) -> String {
    var scalars = String.UnicodeScalarView()
    for column in 0..<size.columns {
      let scalar = grid[row: row, column: column].scalar
      if scalar != "\0" { scalars.append(scalar) }
    }
    var text = Substring(String(scalars))
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// All rows, trailing blanks removed, joined by line ends.
  package var text: String { (0..<size.rows).map(line).joined(separator: "\n") }

  /// Keeps what fits, as terminals without reflow do.
  package mutating func resize(_ size: GridSize) {
    func fitted(_ old: CellGrid) -> CellGrid {
      var new = CellGrid(size: size)
      for row in 0..<min(size.rows, old.size.rows) {
        for column in 0..<min(size.columns, old.size.columns) {
          new[row: row, column: column] = old[row: row, column: column]
        }
      }
      return new
    }
    grid = fitted(grid)
    normalScreen = normalScreen.map(fitted)
    (top, bottom) = (0, max(size.rows - 1, 0))
    moveTo(row, column)
  }

  mutating func moveTo(_ newRow: Int, _ newColumn: Int) {
    row = min(max(newRow, 0), max(size.rows - 1, 0))
    column = min(max(newColumn, 0), max(size.columns - 1, 0))
  }

  /// The cell the cursor is on: the last one while a wrap is pending.
  var cursorColumn: Int { max(min(column, size.columns - 1), 0) }

  /// What an erased cell looks like: a blank in the current background (bce).
  var erased: Cell { Cell(" ", Style(on: pen.background)) }

  /// Returns whether the token was understood.
  private mutating func apply(_ token: ControlParser.Token) -> Bool {
    switch token {
    case .scalar(let scalar): print(scalar)
    case .control(let byte): return control(byte)
    case .escape(let intermediates, let final): return escape(intermediates, final)
    case .sequence("", let parameters, "m"): return selectGraphics(parameters)
    case .sequence("", let parameters, let final): return sequence(parameters, final)
    case .sequence("?", let parameters, "h"): return setModes(parameters, true)
    case .sequence("?", let parameters, "l"): return setModes(parameters, false)
    case .sequence("!", _, "p"): pen = .plain
    case .sequence("?", _, "c"): break  // the cursor's shape in the Linux console
    case .sequence: return false
    case .operatingSystemCommand("11;?"): break  // asks for the background
    case .operatingSystemCommand(let command): commands.append(command)
    case .deviceString(let string): strings.append(string)
    case .malformed: return false
    }
    return true
  }
}
