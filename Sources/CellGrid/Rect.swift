/// A rectangle of cells.
package struct Rect: Hashable, Sendable {
  package var row: Int
  package var column: Int
  package var rows: Int
  package var columns: Int

  package init(row: Int, column: Int, rows: Int, columns: Int) {
    self.row = row
    self.column = column
    self.rows = max(rows, 0)
    self.columns = max(columns, 0)
  }

  package init(_ size: GridSize) {
    self.init(row: 0, column: 0, rows: size.rows, columns: size.columns)
  }

  package static let zero = Self(row: 0, column: 0, rows: 0, columns: 0)

  package var isEmpty: Bool { rows == 0 || columns == 0 }
  package var rowRange: Range<Int> { row..<(row + rows) }
  package var columnRange: Range<Int> { column..<(column + columns) }

  package func contains(row: Int, column: Int) -> Bool {
    rowRange.contains(row) && columnRange.contains(column)
  }

  /// The rectangle without `vertical` rows and `horizontal` columns on each side.
  package func inset(vertical: Int = 1, horizontal: Int = 1) -> Self {
    Self(
      row: row + vertical,
      column: column + horizontal,
      rows: rows - 2 * vertical,
      columns: columns - 2 * horizontal
    )
  }

  /// Without its first rows.
  package func droppingRows(_ count: Int) -> Self {
    let dropped = min(max(count, 0), rows)
    return Self(row: row + dropped, column: column, rows: rows - dropped, columns: columns)
  }

  /// A rectangle of this size in the middle, no larger than this one.
  package func centered(rows height: Int, columns width: Int) -> Self {
    let height = min(height, rows)
    let width = min(width, columns)
    return Self(
      row: row + (rows - height) / 2,
      column: column + (columns - width) / 2,
      rows: height,
      columns: width
    )
  }
}

/// How long a part of a split wants to be.
package struct Extent: Hashable, Sendable {
  package var minimum: Int
  package var maximum: Int
  /// The part's share of what is left once everybody has the minimum.
  package var weight: Int

  package static func fixed(_ length: Int) -> Self {
    Self(minimum: length, maximum: length, weight: 0)
  }

  package static func flexible(
    atLeast minimum: Int = 1,
    atMost maximum: Int = .max,
    weight: Int = 1
  ) -> Self {
    Self(minimum: minimum, maximum: maximum, weight: weight)
  }

  /// Divides `total` between `extents`; a part that finds no room is 0 long, the last ones first.
  package static func divide(_ total: Int, _ extents: [Self], gap: Int = 0) -> [Int] {
    var shown = extents.count
    while shown > 0, minimumLength(extents[..<shown], gap) > total { shown -= 1 }
    var lengths = extents.indices.map { $0 < shown ? extents[$0].minimum : 0 }
    var rest = total - minimumLength(extents[..<shown], gap)
    while rest > 0 {
      let open = (0..<shown).filter { extents[$0].weight > 0 && lengths[$0] < extents[$0].maximum }
      guard !open.isEmpty else { break }
      rest -= distribute(rest, open, extents, &lengths)
    }
    return lengths
  }

  private static func minimumLength(_ extents: ArraySlice<Self>, _ gap: Int) -> Int {
    extents.reduce(0) { $0 + $1.minimum } + gap * max(0, extents.count - 1)
  }

  private static func distribute(
    _ rest: Int,
    _ open: [Int],
    _ extents: [Self],
    _ lengths: inout [Int]
  ) -> Int {
    let weights = open.reduce(0) { $0 + extents[$1].weight }
    var given = 0
    for index in open {
      let share = max(1, rest * extents[index].weight / weights)
      let step = min(share, extents[index].maximum - lengths[index], rest - given)
      lengths[index] += step
      given += step
    }
    return given
  }
}

extension Rect {
  /// Parts from top to bottom; parts without room are empty.
  package func splitRows(_ extents: Extent..., gap: Int = 0) -> [Rect] {
    splitRows(extents, gap: gap)
  }

  package func splitRows(_ extents: [Extent], gap: Int = 0) -> [Rect] {
    var start = row
    return Extent.divide(rows, extents, gap: gap).map { length in
      defer { start += length > 0 ? length + gap : 0 }
      return Rect(row: start, column: column, rows: length, columns: length > 0 ? columns : 0)
    }
  }

  /// Parts from left to right; parts without room are empty.
  package func splitColumns(_ extents: Extent..., gap: Int = 0) -> [Rect] {
    splitColumns(extents, gap: gap)
  }

  package func splitColumns(_ extents: [Extent], gap: Int = 0) -> [Rect] {
    var start = column
    return Extent.divide(columns, extents, gap: gap).map { length in
      defer { start += length > 0 ? length + gap : 0 }
      return Rect(row: row, column: start, rows: length > 0 ? rows : 0, columns: length)
    }
  }
}
