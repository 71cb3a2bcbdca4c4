import CellGrid

/// Which lines of the help stand where: keys in their groups, in two columns where they fit.
struct HelpPlaces {
  enum Line: Equatable {
    case heading(KeyBinding.Group)
    /// A place among the screen's help bindings.
    case binding(Int)
  }

  static let width = 72
  private static let wideWidth = 104

  let frame: Rect
  let inner: Rect
  /// Not all lines have room.
  let isCut: Bool
  /// The lines that are shown, each with its row.
  private(set) var shown: [(line: Line, place: Rect)] = []

  init(_ help: HelpView, _ bindings: [KeyBinding], in rect: Rect) {
    var lines: [Line] = []
    for (index, binding) in bindings.enumerated() {
      let isFirst = index == 0 || bindings[index - 1].group != binding.group
      if isFirst { lines.append(.heading(binding.group)) }
      lines.append(.binding(index))
    }
    let isDouble = lines.count + 4 > rect.rows && rect.columns >= 2 * Self.width - 2
    var height = isDouble ? (lines.count + 1) / 2 : lines.count
    // A heading stands with what it is above.
    if isDouble, height > 0, case .heading = lines[height - 1] { height += 1 }
    frame = rect.centered(
      rows: height + 4,
      columns: isDouble
        ? min(2 * Self.width + 56, rect.columns)
        // Wide enough for every reason, where there is so much room.
        : rect.columns >= Self.wideWidth + 6 ? Self.wideWidth : Self.width
    )
    isCut = frame.rows < height + 4
    inner = frame.inset(vertical: 1, horizontal: 2)
    let rows = max(0, isCut ? inner.rows : inner.rows - 1)
    let scrolled = lines.firstIndex(of: .binding(help.scroll)) ?? 0
    let line = height > 0 ? scrolled % height : 0
    let first = help.scroll == 0 ? 0 : max(0, min(line - rows / 2, height - rows))
    for column in 0..<(isDouble ? 2 : 1) {
      let part = lines.dropFirst(column * height).prefix(height).dropFirst(first).prefix(rows)
      for (offset, line) in part.enumerated() {
        let place = Rect(
          row: inner.row + offset,
          column: inner.column + column * (inner.columns / 2 + 1),
          rows: 1,
          columns: isDouble ? inner.columns / 2 - 1 : inner.columns
        )
        shown.append((line, place))
      }
    }
  }

  func binding(row: Int, column: Int) -> Int? {
    for (line, place) in shown where place.contains(row: row, column: column) {
      if case .binding(let index) = line { return index }
    }
    return nil
  }
}
