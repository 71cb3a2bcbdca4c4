import CellGrid
import Events

extension SweepState {
  /// Draws the screen at a size: pure, so the same state gives the same cells.
  package func render(size: GridSize) -> CellGrid {
    let look = Look(theme: theme, capabilities: capabilities)
    var painter = Painter(size: size, look: look)
    guard size.columns >= 40, size.rows >= 12 else {
      painter.write("metatop needs 40×12 characters", 0, 0, look.text, limit: size.columns)
      return painter.grid
    }
    drawHeader(on: &painter, size)
    drawFooter(on: &painter, size)
    let body = Rect(row: 1, column: 0, rows: size.rows - 2, columns: size.columns)
    guard let snapshot, !snapshot.rows.isEmpty else {
      painter.write("waiting for the sweep", body.row + 1, 1, look.dim)
      return painter.grid
    }
    let (table, map, importance) = places(body)
    SweepTablePanel(state: self, snapshot: snapshot).draw(on: &painter, in: table)
    if let map { drawMap(snapshot, on: &painter, map) }
    if let importance {
      SweepImportancePanel(snapshot: snapshot).draw(on: &painter, in: importance)
    }
    if isHelpShown { drawHelp(on: &painter, size) }
    return painter.grid
  }

  /// A map where two hyperparameters differ, lines across all of them where there are more.
  private func drawMap(_ snapshot: SweepSnapshot, on painter: inout Painter, _ rect: Rect) {
    let coordinates = SweepCoordinatesPanel(state: self, snapshot: snapshot)
    if coordinates.axes.count > 2 {
      coordinates.draw(on: &painter, in: rect)
    } else {
      SweepMapPanel(state: self, snapshot: snapshot).draw(on: &painter, in: rect)
    }
  }

  /// Map and importance stand beside the table on wide screens, below it on high ones.
  private func places(_ body: Rect) -> (table: Rect, map: Rect?, importance: Rect?) {
    let (sideColumns, sideRows) = (52, 12)
    if body.columns >= 150, body.rows >= 20 {
      let table = Rect(
        row: body.row,
        column: 0,
        rows: body.rows,
        columns: body.columns - sideColumns
      )
      let upper = body.rows / 2
      let map = Rect(row: body.row, column: table.columns, rows: upper, columns: sideColumns)
      let lower = Rect(
        row: body.row + upper,
        column: table.columns,
        rows: body.rows - upper,
        columns: sideColumns
      )
      return (table, map, lower)
    }
    guard body.rows >= 26 else { return (body, nil, nil) }
    let rows = body.rows - sideRows
    let table = Rect(row: body.row, column: 0, rows: rows, columns: body.columns)
    let half = body.columns / 2
    let map = Rect(row: body.row + rows, column: 0, rows: sideRows, columns: half)
    let other = Rect(
      row: body.row + rows,
      column: half,
      rows: sideRows,
      columns: body.columns - half
    )
    return (table, map, other)
  }

  private func drawHeader(on painter: inout Painter, _ size: GridSize) {
    let look = painter.look
    guard let snapshot else {
      painter.write("metatop", 0, 1, look.accent)
      return
    }
    let time = "elapsed \(Numbers.duration(now))"
    let left = secondsLeft.map { " · about \(Numbers.duration($0)) left" } ?? ""
    let stopped = snapshot.stopped > 0 ? " · \(snapshot.stopped) stopped" : ""
    let running = snapshot.isPaused ? "PAUSED" : "\(snapshot.running) running"
    let queued = snapshot.queued > 0 ? " · \(snapshot.queued) in the queue" : ""
    let state = (snapshot.isOver ? "ended" : running) + queued + stopped
    let right = "\(snapshot.ended) of \(snapshot.total) runs · \(state)\(left) · \(time)"
    let spelled = painter.glyphs.text(right)
    let isShort = spelled.columns + 30 > size.columns
    let end = isShort ? "\(snapshot.ended)/\(snapshot.total) runs\(left)" : right
    painter.writeRight(end, 0, end: size.columns - 1, look.text)
    let room = size.columns - 3 - painter.glyphs.text(end).columns
    let combinations =
      "\(snapshot.rows.count) combinations × \(snapshot.seeds) "
      + (snapshot.seeds == 1 ? "seed" : "seeds")
    let spans = [
      Span("metatop", look.accent), Span(" · sweep ", look.dim), Span(snapshot.name, look.text),
      Span(" · \(snapshot.task) · \(combinations)", look.dim),
    ]
    painter.write(spans, 0, 1, limit: room)
  }

  private func drawFooter(on painter: inout Painter, _ size: GridSize) {
    let look = painter.look
    let row = size.rows - 1
    if let message {
      painter.write(
        message.text,
        row,
        1,
        message.isProblem ? look.warning : look.text,
        limit: size.columns - 2
      )
      return
    }
    if let search {
      let spans = [
        Span("/", look.accent), Span(search.text, look.text),
        Span("\(look.glyphs.cursor)  ", look.accent),
        Span("as in: maml inner-lr=0.5 · Enter keeps · Esc shows all", look.dim),
      ]
      painter.write(spans, row, 1, limit: size.columns - 2)
      return
    }
    var column = 1
    for key in keys {
      guard let hint = key.hint else { continue }
      let label = painter.glyphs.isUnicode ? key.label : Self.ascii[key.label] ?? key.label
      let width = label.columns + 1 + hint.columns
      guard column + width < size.columns else { return }
      painter.write(label, row, column, look.accent)
      painter.write(hint, row, column + label.columns + 1, look.dim)
      column += width + 2
    }
  }

  private static let ascii = ["↑↓": "up/down", "←→": "left/right", "1…5": "1-5"]

  // MARK: Keys

  /// A key with what it does; the footer shows those that have a short word, from the front.
  private struct KeyHelp {
    var label: String
    var hint: String?
    var title: String
  }

  private var keys: [KeyHelp] {
    let isOver = snapshot?.isOver ?? false
    let leave = isOwner && !isOver ? "stop" : "quit"
    let steering: [KeyHelp] = [
      KeyHelp(
        label: "space",
        hint: snapshot?.isPaused == true ? "resume" : "pause",
        title: "let all runs wait, or go on"
      ),
      KeyHelp(
        label: "s",
        hint: "stop row",
        title: "stop this combination's runs, or let them go on"
      ),
      KeyHelp(label: "f", hint: "first", title: "make this combination's runs next"),
      KeyHelp(
        label: "h",
        hint: snapshot?.isHalving == true ? "no halving" : "halving",
        title: "successive halving: stop the losing half at each rung"
      ),
    ]
    return [
      KeyHelp(
        label: "q",
        hint: leave,
        title: isOwner ? "leave; running runs stop, with checkpoints" : "leave"
      ),
      KeyHelp(label: "?", hint: "help", title: "this help"),
      KeyHelp(
        label: "↑↓",
        hint: "select",
        title: "select a combination (also page keys, home, end)"
      ),
      KeyHelp(
        label: "Enter",
        hint: "open",
        title: "open its runs, or all marked rows', side by side"
      ),
      KeyHelp(label: "1…5", hint: nil, title: "the same, in that layout; 6 there comes back"),
      KeyHelp(label: "b", hint: "branch", title: "branch from its first run, with other values"),
      KeyHelp(label: "a", hint: "adopt", title: "train a comparison with its values"),
    ] + (isOwner && !isOver ? steering : []) + [
      KeyHelp(label: "←→", hint: "order", title: "order by the next or previous column"),
      KeyHelp(label: "r", hint: "reverse", title: "the other way around"),
      KeyHelp(
        label: "/",
        hint: "filter",
        title: "show rows with these words, as in maml inner-lr=0.5"
      ),
      KeyHelp(label: "p", hint: "pin", title: "pin the row to the top"),
      KeyHelp(label: "m", hint: "mark", title: "mark the row; M shows marked rows only"),
      KeyHelp(label: "x", hint: "hide", title: "hide the row; X shows hidden ones again"),
      KeyHelp(label: "y", hint: "copy command", title: "copy the command that goes on with it"),
      KeyHelp(label: "o", hint: "table", title: "write the table as CSV"),
      KeyHelp(label: "w", hint: "screen", title: "write the screen: text, ANSI, SVG, HTML"),
      KeyHelp(label: "t", hint: "theme", title: "next theme"),
    ]
  }

  private func drawHelp(on painter: inout Painter, _ size: GridSize) {
    let look = painter.look
    let lines = keys
    let rect = Rect(size).centered(rows: lines.count + 2, columns: 72)
    painter.grid.fill(rect, with: Cell(" ", look.text))
    let inner = painter.panel(
      rect,
      title: [Span("keys", look.title)],
      note: [Span("any key closes this", look.dim)],
      isSelected: true
    )
    for (row, key) in lines.prefix(inner.rows).enumerated() {
      let label = painter.glyphs.isUnicode ? key.label : Self.ascii[key.label] ?? key.label
      painter.write(label, inner.row + row, inner.column, look.accent)
      painter.write(
        key.title,
        inner.row + row,
        inner.column + 11,
        look.text,
        limit: inner.columns - 11
      )
    }
  }
}
