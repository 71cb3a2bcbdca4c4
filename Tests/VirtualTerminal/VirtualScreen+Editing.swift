import CellGrid

/// Printing, cursor movement, erasing and shifting.
extension VirtualScreen {
  mutating func print(_ scalar: Unicode.Scalar) {
    let width = isWide(scalar) ? 2 : 1
    if column + width > size.columns, modes.contains(7) {
      column = 0
      lineFeed()
    }
    column = min(column, max(size.columns - width, 0))
    if isInserting { insertBlanks(width) }
    put(Cell(scalar, pen), row, column)
    if width == 2 { put(Cell("\0", pen), row, column + 1) }
    column += width
    lastScalar = scalar
  }

  /// Writes a cell; the lost half of a wide character becomes a blank.
  private mutating func put(_ cell: Cell, _ row: Int, _ column: Int) {
    let old = grid[row: row, column: column]
    if old.scalar == "\0", cell.scalar != "\0" {
      grid[row: row, column: column - 1] = Cell(" ", grid[row: row, column: column - 1].style)
    }
    if grid[row: row, column: column + 1].scalar == "\0" {
      grid[row: row, column: column + 1] = Cell(" ", grid[row: row, column: column + 1].style)
    }
    grid[row: row, column: column] = cell
  }

  mutating func control(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x07, 0x0E, 0x0F, 0x18, 0x00: break  // bell, shifts (no graphics set is used), cancel, pad
    case 0x08: moveTo(row, cursorColumn - 1)
    case 0x09: moveTo(row, (column / 8 + 1) * 8)
    case 0x0A, 0x0B, 0x0C: lineFeed()
    case 0x0D: column = 0
    default: return false
    }
    return true
  }

  mutating func lineFeed() {
    if row == bottom { scroll(top, up: 1) } else { row = min(row + 1, size.rows - 1) }
  }

  mutating func reverseLineFeed() {
    if row == top { scroll(top, up: -1) } else { row = max(row - 1, 0) }
  }

  /// Moves the rows from `first` to the bottom margin; negative goes down.
  mutating func scroll(_ first: Int, up count: Int) {
    let old = grid
    for row in first..<(bottom + 1) {
      let source = row + count
      for column in 0..<size.columns {
        grid[row: row, column: column] =
          (first...bottom).contains(source) ? old[row: source, column: column] : erased
      }
    }
  }

  /// Moves the rest of the line; negative deletes.
  mutating func insertBlanks(_ count: Int) {
    let old = grid
    for target in cursorColumn..<size.columns {
      let source = target - count
      let isKept = (cursorColumn..<size.columns).contains(source)
      grid[row: row, column: target] = isKept ? old[row: row, column: source] : erased
    }
  }

  mutating func deleteCharacters(_ count: Int) {
    let old = grid
    for target in cursorColumn..<size.columns {
      let source = target + count
      grid[row: row, column: target] =
        source < size.columns ? old[row: row, column: source] : erased
    }
  }

  mutating func erase(row: Int, _ columns: Range<Int>) {
    for column in columns.clamped(to: 0..<size.columns) {
      grid[row: row, column: column] = erased
    }
  }

  mutating func eraseInLine(_ kind: Int) -> Bool {
    switch kind {
    case 0: erase(row: row, cursorColumn..<size.columns)
    case 1: erase(row: row, 0..<(cursorColumn + 1))
    case 2: erase(row: row, 0..<size.columns)
    default: return false
    }
    return true
  }

  mutating func eraseInDisplay(_ kind: Int) -> Bool {
    let rows: Range<Int>
    switch kind {
    case 0: rows = row + 1..<max(size.rows, row + 1)
    case 1: rows = 0..<row
    case 2, 3: rows = 0..<size.rows
    default: return false
    }
    for row in rows { erase(row: row, 0..<size.columns) }
    return kind < 2 ? eraseInLine(kind) : true
  }

  /// Whether a scalar takes two columns, for the ranges that tests use.
  private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
