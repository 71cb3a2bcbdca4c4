import CellGrid

/// Which lines of the explanations stand where.
struct ExplanationPlaces {
  struct Line {
    /// Of the explanation that it belongs to.
    let index: Int
    let text: String
    let isHead: Bool
    let row: Int
  }

  static let width = 78

  let frame: Rect
  let inner: Rect
  private(set) var lines: [Line] = []

  init(_ all: [Explanation], selected: Int, in rect: Rect) {
    let columns = min(Self.width, rect.columns)
    let blocks = all.map { Self.lines($0, width: columns - 6) }
    let needed = blocks.reduce(0) { $0 + $1.count } + 2
    frame = rect.centered(rows: min(max(needed, 3), rect.rows), columns: columns)
    inner = frame.inset(vertical: 1, horizontal: 2)
    guard !all.isEmpty else { return }
    // The selected one stays in sight, with as many before it as fit.
    var first = min(max(selected, 0), all.count - 1)
    var room = inner.rows - blocks[first].count
    while first > 0, room >= blocks[first - 1].count {
      first -= 1
      room -= blocks[first].count
    }
    var row = inner.row
    for (index, block) in blocks.enumerated().dropFirst(first) {
      for (offset, text) in block.enumerated() where row < inner.row + inner.rows {
        lines.append(Line(index: index, text: text, isHead: offset == 0, row: row))
        row += 1
      }
    }
  }

  func item(row: Int, column: Int) -> Int? {
    inner.contains(row: row, column: column) ? lines.first { $0.row == row }?.index : nil
  }

  /// The name with its equation and newest value, and what it is in lines of so many columns.
  private static func lines(_ one: Explanation, width: Int) -> [String] {
    let equation = one.equation.isEmpty || one.equation == one.name ? "" : "   \(one.equation)"
    let value = one.value.isEmpty ? "" : "   now \(one.value)"
    let health = one.healthy.isEmpty ? [] : "healthy \(one.healthy)".wrapped(width)
    return ["\(one.name)\(equation)\(value)\(one.isUnhealthy ? " !" : "")"]
      + one.text.wrapped(width) + health
  }
}
