import CellGrid
import Events

/// The scores over two hyperparameters at the selected row's other values: a map in numbers, each in
/// its colour between best and worst.
struct SweepMapPanel {
  let state: SweepState
  let snapshot: SweepSnapshot

  private static let cellWidth = 8

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let inner = painter.panel(
      rect,
      title: [Span("map of the \(snapshot.chosenBy)", look.title)],
      isSelected: state.shownPanel == .map
    )
    guard let selected = state.selectedRow else { return }
    guard let places = places(in: rect, selected) else {
      painter.write("one value of each hyperparameter", inner.row, inner.column, look.dim)
      return
    }
    let (across, down, label) = (places.across, places.down, places.label)
    let (columns, rows, shown) = (places.columns, places.rows, places.shown)
    let scores = snapshot.rows.compactMap { row in
      row.method == selected.method ? snapshot.choosing(row)?.mean : nil
    }
    let range = (scores.min() ?? 0)...(scores.max() ?? 0)
    drawTitle(across, down, selected, on: &painter, inner)
    for (place, value) in columns.prefix(shown).enumerated() {
      let end = inner.column + label + (place + 1) * Self.cellWidth
      painter.writeRight(value, inner.row + 1, end: end, look.dim)
    }
    for (line, value) in rows.enumerated() where inner.row + 2 + line < inner.row + inner.rows - 1 {
      let row = inner.row + 2 + line
      painter.writeRight(value, row, end: inner.column + label - 1, look.dim)
      for (place, other) in columns.prefix(shown).enumerated() {
        let end = inner.column + label + (place + 1) * Self.cellWidth
        draw(cell(across, other, down, value, selected), range, on: &painter, row, end)
      }
    }
    let last = inner.row + inner.rows - 1
    let rest = snapshot.axes.indices.filter { $0 != across && $0 != down }
      .compactMap { index in
        selected.values.at(index).flatMap { $0.isEmpty ? nil : "\(snapshot.axes[index]) \($0)" }
      }
    let fixed = rest.isEmpty ? "" : " · at \(rest.joined(separator: ", "))"
    painter.write("\(selected.method)\(fixed)", last, inner.column, look.dim, limit: inner.columns)
  }

  /// Which values stand where.
  private struct Places {
    let inner: Rect
    let across: Int
    let down: Int?
    let columns: [String]
    let rows: [String]
    /// Columns of the rows' values.
    let label: Int
    /// Values across that have room.
    let shown: Int
  }

  /// Nil where no hyperparameter has several values.
  private func places(in rect: Rect, _ selected: SweepSnapshot.Row) -> Places? {
    let axes = snapshot.axes.indices.filter {
      snapshot.values(of: $0, method: selected.method).count > 1
    }
    guard let across = axes.first else { return nil }
    let inner = rect.inset(vertical: 1, horizontal: 2)
    let down = axes.dropFirst().first
    let rows = down.map { snapshot.values(of: $0, method: selected.method) } ?? [""]
    let label = max(rows.map(\.columns).max() ?? 0, 1) + 1
    return Places(
      inner: inner,
      across: across,
      down: down,
      columns: snapshot.values(of: across, method: selected.method),
      rows: rows,
      label: label,
      shown: max(1, (inner.columns - label) / Self.cellWidth)
    )
  }

  /// The combination whose number stands there.
  func combination(row: Int, column: Int, in rect: Rect) -> SweepSnapshot.Row? {
    let coordinates = SweepCoordinatesPanel(state: state, snapshot: snapshot)
    guard coordinates.axes.count <= 2, let selected = state.selectedRow,
      let places = places(in: rect, selected)
    else { return nil }
    let line = row - places.inner.row - 2
    let offset = column - places.inner.column - places.label
    guard places.rows.indices.contains(line), row < places.inner.row + places.inner.rows - 1,
      offset >= 0, offset / Self.cellWidth < min(places.shown, places.columns.count)
    else { return nil }
    let value = places.columns[offset / Self.cellWidth]
    return cell(places.across, value, places.down, places.rows[line], selected)
  }

  private func drawTitle(
    _ across: Int,
    _ down: Int?,
    _ selected: SweepSnapshot.Row,
    on painter: inout Painter,
    _ rect: Rect
  ) {
    let look = painter.look
    let sides = down.map { " → · \(snapshot.axes[$0]) ↓" } ?? ""
    painter.write(
      "\(snapshot.axes[across])\(sides)",
      rect.row,
      rect.column,
      look.accent,
      limit: rect.columns
    )
  }

  private func draw(
    _ row: SweepSnapshot.Row?,
    _ range: ClosedRange<Double>,
    on painter: inout Painter,
    _ line: Int,
    _ end: Int
  ) {
    let look = painter.look
    guard let row else { return }
    guard let score = snapshot.choosing(row)?.mean, score.isFinite else {
      let text = row.diverged > 0 ? "diverged" : "…"
      painter.writeRight(text, line, end: end, row.diverged > 0 ? look.bad : look.dim)
      return
    }
    let width = range.upperBound - range.lowerBound
    let share = width > 0 ? (score - range.lowerBound) / width : 0
    let isBest = score == (snapshot.isAccuracy ? range.upperBound : range.lowerBound)
    let style = look.gradient(snapshot.isAccuracy ? 1 - share : share)
    let text = snapshot.isAccuracy ? Numbers.fixed(score * 100, 1) : Numbers.fixed(score, 3)
    let mark = isBest ? String(Character(look.glyphs.pointer)) : ""
    painter.writeRight(mark + text, line, end: end, style)
  }

  /// The combination with these two values and the selected row's others.
  private func cell(
    _ across: Int,
    _ value: String,
    _ down: Int?,
    _ other: String,
    _ selected: SweepSnapshot.Row
  ) -> SweepSnapshot.Row? {
    var wanted = selected.values
    guard wanted.indices.contains(across) else { return nil }
    wanted[across] = value
    if let down { wanted[down] = other }
    return snapshot.rows.first { $0.method == selected.method && $0.values == wanted }
  }
}
