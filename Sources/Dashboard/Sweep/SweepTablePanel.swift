import CellGrid
import Events

/// The league table: a line a combination, best first or as the person orders it.
struct SweepTablePanel {
  let state: SweepState
  let snapshot: SweepSnapshot

  /// A column of the table.
  private struct Column {
    let title: String
    let width: Int
    let order: SweepState.Order?
    /// Words stand to the left, numbers to the right.
    var isWords = false
    let text: (Int, SweepSnapshot.Row) -> String
    var style: (SweepSnapshot.Row, Look) -> Style = { _, look in look.text }
  }

  private static let barWidth = 8

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let rows = state.rows
    let inner = painter.panel(
      rect,
      title: [Span("league table", look.title)],
      note: [Span(note(rows), look.dim)],
      isSelected: state.shownPanel == .table
    )
    guard inner.rows > 1 else { return }
    let columns = fitting(inner.columns - 2)
    var column = inner.column + 2
    for own in columns {
      let style = own.order == state.order ? look.accent : look.dim
      let marks = look.glyphs.isUnicode ? (up: "▴", down: "▾") : (up: "^", down: "v")
      let mark = own.order == state.order ? (state.isReversed ? marks.up : marks.down) : ""
      write(own.title + mark, own, on: &painter, inner.row, column, style)
      column += own.width + 2
    }
    if rows.isEmpty {
      let text = "no combination is shown; Esc clears the filter, M and X show the others"
      painter.write(text, inner.row + 1, inner.column + 2, look.dim, limit: inner.columns - 2)
    }
    let room = inner.rows - 1
    let first = first(rows.count, room)
    for (offset, row) in rows.dropFirst(first).prefix(room).enumerated() {
      draw(row, first + offset, columns, on: &painter, inner.row + 1 + offset, inner)
    }
  }

  /// The first row that is shown.
  private func first(_ count: Int, _ room: Int) -> Int {
    max(0, min(state.selected - room / 2, count - room))
  }

  /// The place of the combination that stands there.
  func item(row: Int, column: Int, in rect: Rect) -> Int? {
    let inner = rect.inset(vertical: 1, horizontal: 2)
    let count = state.rows.count
    guard row > inner.row, inner.contains(row: row, column: column) else { return nil }
    let place = first(count, inner.rows - 1) + row - inner.row - 1
    return place < count ? place : nil
  }

  /// The order of the column whose title stands there.
  func order(row: Int, column: Int, in rect: Rect) -> SweepState.Order? {
    let inner = rect.inset(vertical: 1, horizontal: 2)
    guard row == inner.row else { return nil }
    var start = inner.column + 2
    for own in fitting(inner.columns - 2) {
      if (start..<start + own.width).contains(column) { return own.order }
      start += own.width + 2
    }
    return nil
  }

  private func note(_ rows: [SweepSnapshot.Row]) -> String {
    let score = snapshot.isAccuracy ? "accuracy in %" : "loss"
    let interval = snapshot.seeds > 1 ? "95 % over seeds" : "95 % over episodes"
    var choices = state.choice.filter.isEmpty ? [] : ["filter: \(state.choice.filter)"]
    if snapshot.isHalving {
      let isHalved = snapshot.rows.contains { $0.stopped?.contains("rung") == true }
      choices.append(snapshot.nextRung ?? (isHalved ? "halved" : "halving: nothing was stopped"))
    }
    if state.choice.isMarkedOnly { choices.append("marked only") }
    if !state.choice.hidden.isEmpty { choices.append("\(state.choice.hidden.count) hidden") }
    let place = "\(min(state.selected + 1, rows.count)) of \(rows.count)"
    return (choices + [score, interval, place]).joined(separator: " · ")
  }

  private func draw(
    _ row: SweepSnapshot.Row,
    _ index: Int,
    _ columns: [Column],
    on painter: inout Painter,
    _ line: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    if index == state.selected {
      painter.write(String(Character(look.glyphs.pointer)), line, rect.column, look.accent)
    }
    let isPinned = state.choice.pinned.contains(row.id)
    let isMarked = state.choice.marked.contains(row.id)
    if isPinned || isMarked {
      let sign = isPinned && isMarked ? "#" : isPinned ? "^" : "*"
      painter.write(sign, line, rect.column + 1, look.accent)
    }
    var column = rect.column + 2
    for own in columns {
      if own.order == .progress {
        let share = row.progress
        painter.bar(share, line, column, columns: Self.barWidth, look.series(0))
        painter.write(own.text(index, row), line, column + Self.barWidth + 1, look.dim)
      } else if own.title == "curve" {
        painter.sparkline(row.curve, line, column, columns: own.width, look.series(0))
      } else {
        write(own.text(index, row), own, on: &painter, line, column, own.style(row, look))
      }
      column += own.width + 2
    }
  }

  private func write(
    _ text: String,
    _ column: Column,
    on painter: inout Painter,
    _ row: Int,
    _ start: Int,
    _ style: Style
  ) {
    if column.isWords || column.order == .progress {
      painter.write(text, row, start, style, limit: column.width)
    } else {
      painter.writeRight(text, row, end: start + column.width, style)
    }
  }

  // MARK: Columns

  /// All that fit: the validation's interval goes first, then curves, remarks, validation, the bar, the difference, the intervals, and at
  /// last hyperparameters from the right.
  private func fitting(_ room: Int) -> [Column] {
    func isFit(_ columns: [Column]) -> Bool { columns.reduce(-2) { $0 + $1.width + 2 } <= room }
    var columns = all(isShort: false)
    guard !isFit(columns) else { return columns }
    // What is for choosing gives its interval up before what is for reporting.
    columns = all(isShort: false, isValidationShort: true)
    for title in ["curve", "remarks", "validation", "seeds", "difference", "method"]
    where !isFit(columns) {
      columns.removeAll { $0.title == title }
    }
    guard !isFit(columns) else { return columns }
    columns = all(isShort: true).filter { own in columns.contains { $0.title == own.title } }
    while !isFit(columns), columns.count > 1 { columns.remove(at: columns.count - 2) }
    return columns
  }

  private func all(isShort: Bool, isValidationShort: Bool = false) -> [Column] {
    identity + scores(isShort, isShort || isValidationShort) + lastColumns
  }

  /// What a row is, and how far its runs are.
  private var identity: [Column] {
    let method = Column(
      title: "method",
      width: max(7, snapshot.rows.map(\.method.columns).max() ?? 0),
      order: .method,
      isWords: true,
      text: { _, row in row.method }
    )
    let axes = snapshot.axes.enumerated().map { index, name in
      let longest = snapshot.rows.map { ($0.values.at(index) ?? "").columns }.max() ?? 0
      return Column(
        title: name,
        width: max(name.columns + 1, longest),
        order: .axis(index),
        text: { _, row in
          let value = row.values.at(index) ?? ""
          return value.isEmpty ? "–" : value
        }
      )
    }
    let seeds = Column(
      title: "seeds",
      width: Self.barWidth + 1 + "\(snapshot.seeds)/\(snapshot.seeds)".count,
      order: .progress,
      text: { _, row in "\(row.ended + row.diverged)/\(snapshot.seeds)" }
    )
    return [method] + axes + [seeds]
  }

  private func scores(_ isShort: Bool, _ isValidationShort: Bool) -> [Column] {
    let validation = Column(
      title: "validation",
      width: isValidationShort ? 11 : 17,
      order: .rank,
      text: { _, row in text(row.validation, isValidationShort) }
    )
    let test = Column(
      title: "test",
      width: isShort ? 7 : 17,
      order: snapshot.isChosenByValidation ? .test : .rank,
      text: { _, row in row.test == nil ? lack(row) : text(row.test, isShort) },
      style: { row, look in row.test == nil ? look.dim : look.text }
    )
    let difference = Column(
      title: "difference",
      width: isShort ? 7 : 17,
      order: .difference,
      text: { _, row in
        row.isBaseline ? "baseline" : text(row.difference, isShort, isSigned: true)
      },
      style: { row, look in differenceStyle(row, look) }
    )
    return (snapshot.isChosenByValidation ? [validation] : []) + [test, difference]
  }

  /// How the validations went, and what else is to be said.
  private var lastColumns: [Column] {
    let curve = Column(
      title: "curve",
      width: SweepSnapshot.curveLength,
      order: nil,
      text: { _, _ in "" }
    )
    let told = Column(
      title: "remarks",
      width: max(9, snapshot.rows.map { remarks($0).columns }.max() ?? 0),
      order: nil,
      isWords: true,
      text: { _, row in remarks(row) },
      style: { row, look in row.diverged > 0 ? look.bad : look.dim }
    )
    return (snapshot.rows.contains { $0.curve.count > 1 } ? [curve] : []) + [told]
  }

  /// Why there is no score.
  private func lack(_ row: SweepSnapshot.Row) -> String {
    row.diverged > 0 ? "diverged" : row.stopped == nil ? "–" : "stopped"
  }

  private func remarks(_ row: SweepSnapshot.Row) -> String {
    if let stopped = row.stopped { return stopped }
    if row.diverged > 0 { return "\(row.diverged) diverged" }
    if let queue = row.queue { return queue }
    if row.isUrgent, row.running == 0, row.ended < snapshot.seeds { return "next" }
    return row.running > 0 ? "\(row.running) running" : ""
  }

  /// Good or bad where an interval that holds for all comparisons leaves no doubt.
  private func differenceStyle(_ row: SweepSnapshot.Row, _ look: Look) -> Style {
    guard !row.isBaseline, row.isApart, let difference = row.difference else { return look.dim }
    return (difference.mean < 0) != snapshot.isAccuracy ? look.good : look.bad
  }

  private func text(
    _ mean: SweepSnapshot.Mean?,
    _ isShort: Bool,
    isSigned: Bool = false
  ) -> String {
    guard let mean else { return "–" }
    let (scale, digits) = snapshot.isAccuracy ? (100.0, 2) : (1.0, 4)
    let sign = isSigned && mean.mean >= 0 ? "+" : ""
    let half = (isShort ? nil : mean.half).map { " ± " + Numbers.fixed($0 * scale, digits) } ?? ""
    return sign + Numbers.fixed(mean.mean * scale, digits) + half
  }
}
