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
    let footer = Rect(row: size.rows - 1, column: 0, rows: 1, columns: size.columns)
    FooterPanel(screen: self, searchHint: "as in: maml inner-lr=0.5 · Enter keeps · Esc shows all")
      .draw(on: &painter, in: footer)
    let layout = SweepLayout(snapshot, in: size)
    let style = snapshot?.isApart == true ? look.good : look.text
    for (row, line) in layout.verdict.enumerated() { painter.write(line, 1 + row, 1, style) }
    guard let snapshot, !snapshot.rows.isEmpty else {
      painter.write("waiting for the sweep", layout.body.row + 1, 1, look.dim)
      drawOverlay(on: &painter, size)
      return painter.grid
    }
    if let rect = layout.places[.table] {
      SweepTablePanel(state: self, snapshot: snapshot).draw(on: &painter, in: rect)
    }
    if let rect = layout.places[.map] { drawMap(snapshot, on: &painter, rect) }
    if let rect = layout.places[.importance] {
      SweepImportancePanel(snapshot: snapshot, isFocused: shownPanel == .importance)
        .draw(on: &painter, in: rect)
    }
    drawOverlay(on: &painter, size)
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

  private func drawHeader(on painter: inout Painter, _ size: GridSize) {
    let look = painter.look
    guard let snapshot else {
      painter.write("metatop", 0, 1, look.accent)
      return
    }
    let time = "elapsed \(Numbers.duration(elapsed))"
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
    let parts = [
      [Span("metatop", look.accent)],
      [Span(" · sweep ", look.dim), Span(snapshot.name, look.text)],
      [Span(" · \(snapshot.task)", look.dim)], [Span(" · \(combinations)", look.dim)],
    ]
    // What has no room whole is left out.
    let all = (1...parts.count).map { Array(parts.prefix($0).joined()) }
    painter.write(all.last { painter.spelled($0).columns <= room } ?? all[0], 0, 1, limit: room)
  }

  private func drawOverlay(on painter: inout Painter, _ size: GridSize) {
    switch overlay {
    case .help: HelpPanel(screen: self).draw(on: &painter, in: Rect(size))
    case .explanation(let selected):
      ExplanationPanel(screen: self, selected: selected).draw(on: &painter, in: Rect(size))
    case .palette: PalettePanel(screen: self).draw(on: &painter, in: Rect(size))
    case .leaving, .ending: LeavePanel(screen: self).draw(on: &painter, in: Rect(size))
    default: break
    }
  }
}
