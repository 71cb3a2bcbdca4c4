import CellGrid
import Events

extension DashboardState {
  /// Draws the screen at a size: pure, so the same state gives the same cells.
  package func render(size: GridSize) -> CellGrid {
    if let plain { return Self.lines(plain.pending) }
    let look = Look(theme: theme, capabilities: capabilities)
    var painter = Painter(size: size, look: look)
    guard
      size.columns >= ScreenLayout.minimum.columns,
      size.rows >= ScreenLayout.minimum.rows
    else {
      drawTooSmall(on: &painter)
      return painter.grid
    }
    let layout = ScreenLayout(size: size, needs: needs)
    HeaderPanel(state: self).draw(on: &painter, in: layout.header)
    if !layout.alert.isEmpty { drawAlert(on: &painter, in: layout.alert) }
    let cards = layout.cards.filter { !$0.isEmpty }
    // With more methods than room the cards around the focused one are shown.
    let first = firstCard(of: layout)
    for (index, rect) in zip(shownRuns.dropFirst(first), cards) {
      CardPanel(state: self, index: index).draw(on: &painter, in: rect, layout.cardStyle)
    }
    VerdictPanel(state: self).draw(on: &painter, in: layout.verdict)
    for kind in panelKinds {
      guard let rect = layout.panels[kind] else { continue }
      draw(kind, on: &painter, in: rect)
    }
    if let rect = layout.panels[panel] { drawExplainingLine(on: &painter, in: rect) }
    FooterPanel(screen: self).draw(on: &painter, in: layout.footer)
    switch overlay {
    case .help: HelpPanel(screen: self).draw(on: &painter, in: Rect(size))
    case .explanation(let selected):
      ExplanationPanel(screen: self, selected: selected).draw(on: &painter, in: Rect(size))
    case .palette: PalettePanel(screen: self).draw(on: &painter, in: Rect(size))
    case .form: FormPanel(state: self).draw(on: &painter, in: Rect(size))
    case .goTo: GoToPanel(state: self).draw(on: &painter, in: Rect(size))
    case .leaving, .ending: LeavePanel(screen: self).draw(on: &painter, in: Rect(size))
    case .search, .editor, .chord, nil: break
    }
    // What lies over the screen would lie under them.
    if let overlay, !overlay.isInFooter { painter.grid.pictures = [] }
    return painter.grid
  }

  /// Lines as a grid of as many rows, for a terminal that prints them.
  private static func lines(_ lines: [String]) -> CellGrid {
    let columns = max(1, lines.map(\.columns).max() ?? 1)
    var grid = CellGrid(size: GridSize(columns: columns, rows: lines.count))
    for (row, line) in lines.enumerated() {
      grid.write(line, row: row, column: 0, style: Style())
    }
    return grid
  }

  /// What the focused panel's number is, in its bottom border.
  private func drawExplainingLine(on painter: inout Painter, in rect: Rect) {
    guard rect.columns >= 30, rect.rows >= 3 else { return }
    let row = rect.row + rect.rows - 1
    var room = rect.columns - 8
    if let pace = paceText(room: room) {
      let text = painter.glyphs.text(" \(pace) ")
      painter.writeRight(text, row, end: rect.column + rect.columns - 2, painter.look.dim)
      room -= text.columns + 2
    }
    guard room >= 20, let text = explainingLine else { return }
    let lines = painter.glyphs.text(text).wrapped(room)
    // Cut between words, so that no number looks like another.
    let line = (lines.first ?? "") + (lines.count > 1 ? " \(painter.glyphs.ellipsis)" : "")
    let used = painter.write(" \(line)", row, rect.column + 2, painter.look.dim)
    painter.write(" ", row, rect.column + 2 + used, painter.look.dim)
  }

  private func draw(_ kind: PanelKind, on painter: inout Painter, in rect: Rect) {
    switch kind {
    case .chart: ChartPanel(state: self).draw(on: &painter, in: rect)
    case .hyperparameters: HyperparameterPanel(state: self).draw(on: &painter, in: rect)
    case .adaptation: AdaptationPanel(state: self).draw(on: &painter, in: rect)
    case .validation: ValidationPanel(state: self).draw(on: &painter, in: rect)
    case .declared(let id): DeclaredPanel(state: self, id: id).draw(on: &painter, in: rect)
    case .heatmap: HeatmapPanel(state: self).draw(on: &painter, in: rect)
    case .log: LogPanel(state: self).draw(on: &painter, in: rect)
    case .accuracy: ChartPanel(state: self, quantity: .accuracy).draw(on: &painter, in: rect)
    case .gain: ChartPanel(state: self, quantity: .gain).draw(on: &painter, in: rect)
    case .innerLoop: InnerLoopPanel(state: self).draw(on: &painter, in: rect)
    case .episode: EpisodePanel(state: self).draw(on: &painter, in: rect)
    }
  }

  /// What cannot be written is said until it can be, with what to do about it.
  private func drawAlert(on painter: inout Painter, in rect: Rect) {
    guard let problem = unwritten.sorted(by: { $0.key < $1.key }).first?.value else { return }
    let spans = [
      Span("recording fails: ", painter.look.bad), Span(problem, painter.look.bad),
      Span(" · make room on the disk, or q to end; training goes on", painter.look.warning),
    ]
    painter.write(spans, rect.row, rect.column + 1, limit: rect.columns - 2)
  }

  private func drawTooSmall(on painter: inout Painter) {
    let (size, minimum) = (painter.grid.size, ScreenLayout.minimum)
    let text =
      "metatop needs \(minimum.columns)×\(minimum.rows), this is \(size.columns)×\(size.rows)"
    // Broken where a line is full, so that even a narrow window shows all of it.
    var column = 0
    var row = 0
    for word in painter.glyphs.text(text).split(separator: " ") {
      if column > 0, column + word.count > size.columns { (row, column) = (row + 1, 0) }
      column += painter.write(String(word), row, column, painter.look.text) + 1
    }
  }
}
