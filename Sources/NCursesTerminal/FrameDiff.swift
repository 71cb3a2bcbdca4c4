import CellGrid

/// Columns of one row that must be drawn again.
struct CellRun: Equatable {
  var row: Int
  var columns: Range<Int>
}

/// The runs in which `new` differs from `old`, or all rows when there is no comparable `old`.
///
/// Runs a few cells apart are joined: one longer call is cheaper than two, and curses compares
/// again anyway. A run never cuts a two-column character in half.
func changedRuns(from old: CellGrid?, to new: CellGrid) -> [CellRun] {
  let (columns, rows) = (new.size.columns, new.size.rows)
  guard columns > 0 else { return [] }
  guard let old, old.size == new.size else {
    return (0..<rows).map { CellRun(row: $0, columns: 0..<columns) }
  }
  var runs: [CellRun] = []
  old.cells.withUnsafeBufferPointer { before in
    new.cells.withUnsafeBufferPointer { after in
      for row in 0..<rows {
        let line = row * columns..<(row + 1) * columns
        appendRuns(row, before.extracting(line), after.extracting(line), to: &runs)
      }
    }
  }
  return runs
}

private let longestJoinedGap = 4

private func appendRuns(
  _ row: Int,
  _ before: UnsafeBufferPointer<Cell>,
  _ after: UnsafeBufferPointer<Cell>,
  to runs: inout [CellRun]
) {
  var column = 0
  while column < after.count {
    guard differ(before[column], after[column]) else {
      column += 1
      continue
    }
    var (start, end) = (column, column + 1)
    while start > 0, after[start].scalar == "\0" || before[start].scalar == "\0" { start -= 1 }
    while end < after.count, differ(before[end], after[end]) || after[end].scalar == "\0" {
      end += 1
    }
    column = end
    if let last = runs.last, last.row == row, start - last.columns.upperBound <= longestJoinedGap {
      runs[runs.count - 1].columns = last.columns.lowerBound..<end
    } else {
      runs.append(CellRun(row: row, columns: start..<end))
    }
  }
}

/// Compares field by field: across modules `!=` is a call for each of the frame's cells.
private func differ(_ first: Cell, _ second: Cell) -> Bool {
  first.scalar.value != second.scalar.value
    || first.style.foreground.bits != second.style.foreground.bits
    || first.style.background.bits != second.style.background.bits
    || first.style.attributes.rawValue != second.style.attributes.rawValue
}
