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
    if let map { SweepMapPanel(state: self, snapshot: snapshot).draw(on: &painter, in: map) }
    if let importance {
      SweepImportancePanel(snapshot: snapshot).draw(on: &painter, in: importance)
    }
    return painter.grid
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
    let isOver = snapshot.ended == snapshot.total
    let state = isOver ? "ended" : "\(snapshot.running) running"
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
        Span("as in: cml gamma=0.5 · Enter keeps · Esc shows all", look.dim),
      ]
      painter.write(spans, row, 1, limit: size.columns - 2)
      return
    }
    let leave = isOwner && snapshot.map { $0.ended < $0.total } ?? true ? "stop" : "quit"
    let keys = [
      ("q", leave), ("↑↓", "select"), ("Enter", "open"), ("←→", "order"), ("r", "reverse"),
      ("/", "filter"), ("p", "pin"), ("m", "mark"), ("x", "hide"), ("y", "copy command"),
      ("o", "table"), ("w", "screen"), ("t", "theme"),
    ]
    var column = 1
    for (key, hint) in keys {
      let label = painter.glyphs.isUnicode ? key : Self.ascii[key] ?? key
      let width = label.columns + 1 + hint.columns
      guard column + width < size.columns else { return }
      painter.write(label, row, column, look.accent)
      painter.write(hint, row, column + label.columns + 1, look.dim)
      column += width + 2
    }
  }

  private static let ascii = ["↑↓": "up/down", "←→": "left/right"]
}
