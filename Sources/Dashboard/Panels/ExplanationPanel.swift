import CellGrid
import Events

/// Every number of the focused panel explained, over the screen.
struct ExplanationPanel {
  static let width = 78

  let state: DashboardState
  /// The line that is read, which stands out.
  let selected: Int

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let all = state.explanations(of: state.panel)
    let columns = min(Self.width, rect.columns)
    let blocks = all.map { lines($0, width: columns - 6) }
    let needed = blocks.reduce(0) { $0 + $1.count } + 2
    let frame = rect.centered(rows: min(max(needed, 3), rect.rows), columns: columns)
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      frame,
      title: [Span("what is what", look.title), Span(" \(state.explainedName)", look.dim)],
      isSelected: true
    )
    guard !all.isEmpty else {
      painter.write("nothing is measured here yet", inner.row, inner.column, look.dim)
      return
    }
    // The selected one stays in sight, with as many before it as fit.
    var first = min(max(selected, 0), all.count - 1)
    var room = inner.rows - blocks[first].count
    while first > 0, room >= blocks[first - 1].count {
      first -= 1
      room -= blocks[first].count
    }
    var row = inner.row
    for (index, block) in blocks.enumerated().dropFirst(first) {
      for (offset, line) in block.enumerated() where row < inner.row + inner.rows {
        let isHead = offset == 0
        let style = isHead ? (index == selected ? look.accent : look.title) : look.text
        let pointer = isHead && index == selected ? "\(look.glyphs.pointer) " : "  "
        painter.write(pointer, row, inner.column, look.accent)
        painter.write(line, row, inner.column + 2, style, limit: inner.columns - 2)
        row += 1
      }
    }
  }

  /// The name with its equation, and what it is in lines of so many columns.
  private func lines(_ one: Explanation, width: Int) -> [String] {
    let head =
      one.equation.isEmpty || one.equation == one.name
      ? one.name : "\(one.name)   \(one.equation)"
    return [head] + one.text.wrapped(width)
  }
}
