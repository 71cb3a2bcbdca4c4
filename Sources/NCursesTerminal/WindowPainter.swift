import CNCurses
import CellGrid

/// Hands cells to curses, only those that differ from the frame before.
struct WindowPainter {
  let window: UnsafeMutablePointer<WINDOW>
  let isUnicode: Bool
  /// Curses fills the last corner by inserting its left neighbour, which halves a wide one.
  let cornerIsInserted: Bool
  private var styles: StyleMapping
  private var shown: CellGrid?
  private var run: [nc_cell] = []

  init(
    window: UnsafeMutablePointer<WINDOW>,
    capabilities: TerminalCapabilities,
    description: TerminalDescription
  ) {
    self.window = window
    isUnicode = capabilities.isUnicode
    cornerIsInserted = description.cornerIsInserted
    styles = StyleMapping(colors: capabilities.colors, pairLimit: description.pairLimit)
  }

  /// Forgets what the terminal shows, so that the next frame is painted whole.
  mutating func forget() {
    shown = nil
    werase(window)
    clearok(window, true)
  }

  /// Paints what of `grid` fits into `size`; returns whether there is anything to refresh.
  mutating func paint(_ grid: CellGrid, size: GridSize) -> Bool {
    let isFirst = shown == nil
    let runs = changedRuns(from: shown, to: grid)
    put(runs, of: grid, size)
    if styles.isExhausted {
      // Pairs of colours long gone from the screen fill the table: start it over.
      styles.reset()
      forget()
      put(changedRuns(from: nil, to: grid), of: grid, size)
    }
    shown = grid
    return isFirst || !runs.isEmpty
  }

  private mutating func put(_ runs: [CellRun], of grid: CellGrid, _ size: GridSize) {
    for run in runs where run.row < size.rows {
      let columns = run.columns.clamped(to: 0..<size.columns)
      guard !columns.isEmpty else { continue }
      resolve(grid, run.row, columns, size)
      nc_put_cells(
        window,
        Int32(run.row),
        Int32(columns.lowerBound),
        self.run,
        Int32(columns.count)
      )
    }
  }

  /// Fills `run` with cells that curses will show in exactly the columns they stand in.
  private mutating func resolve(
    _ grid: CellGrid,
    _ row: Int,
    _ columns: Range<Int>,
    _ size: GridSize
  ) {
    run.removeAll(keepingCapacity: true)
    var isRightHalf = false
    for column in columns {
      let cell = grid[row: row, column: column]
      let look = styles.look(of: cell.style)
      var scalar = cell.scalar.value
      if isRightHalf {
        scalar = 0
        isRightHalf = false
      } else if !(0x20..<0x7F).contains(scalar) {
        let width = isUnicode ? nc_width(scalar) : -1
        isRightHalf = width == 2 && hasRightHalf(grid, row, column, size)
        if width != 1, !isRightHalf { scalar = replacement(scalar) }
      }
      run.append(nc_cell(scalar: scalar, attributes: look.attributes, pair: look.pair))
    }
  }

  /// Whether a wide character may stand here.
  private func hasRightHalf(_ grid: CellGrid, _ row: Int, _ column: Int, _ size: GridSize) -> Bool {
    if cornerIsInserted, row == size.rows - 1, column == size.columns - 3 { return false }
    return column + 1 < size.columns && grid[row: row, column: column + 1].scalar == "\0"
  }

  /// Stands in for what this terminal cannot show in one column.
  private func replacement(_ scalar: UInt32) -> UInt32 {
    UInt32(UInt8(ascii: scalar < 0x20 ? " " : "?"))
  }
}
