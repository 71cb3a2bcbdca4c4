import CellGrid
import Events

/// The last line: what is typed, the keys of what is open, a message, or the keys.
struct FooterPanel<Screen: KeyedScreen> {
  let screen: Screen
  /// What stands behind a search that is being typed.
  var searchHint = "Enter: keep · Esc: show all"

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let room = rect.columns - 2
    switch screen.overlay {
    case .editor(let editor):
      write(
        editor.input,
        after: "\(editor.hyperparameter.id) = ",
        editor.problem.map { Span($0, look.bad) }
          ?? Span("Enter: set · Esc: cancel · \(editor.hyperparameter.allowed)", look.dim),
        on: &painter,
        rect
      )
    case .search(let search):
      write(search, after: "/", Span(searchHint, look.dim), on: &painter, rect)
    case .help(let help) where help.search != nil:
      write(
        help.search ?? LineInput(),
        after: "/",
        Span("Enter: keep · Esc: show all", look.dim),
        on: &painter,
        rect
      )
    default:
      if let message = screen.message {
        draw(message, on: &painter, rect)
      } else if let overlay = screen.overlay {
        painter.write(keys(overlay), rect.row, rect.column + 1, look.dim, limit: room)
      } else {
        drawKeys(on: &painter, rect)
      }
    }
  }

  /// A message whole: what has no room in the last line stands in those above it.
  private func draw(_ message: FooterMessage, on painter: inout Painter, _ rect: Rect) {
    let look = painter.look
    let style = message.isProblem ? look.warning : look.text
    let lines = painter.glyphs.text(message.text).wrapped(rect.columns - 2)
    let shown = lines.prefix(max(1, min(rect.row / 2, 6)))
    for (offset, line) in shown.enumerated() {
      let row = rect.row - shown.count + 1 + offset
      painter.grid.fill(
        Rect(row: row, column: rect.column, rows: 1, columns: rect.columns),
        with: Cell(" ", look.text)
      )
      painter.write(line, row, rect.column + 1, style, limit: rect.columns - 2)
    }
  }

  /// The keys of what is open, for those of the screen mean nothing now.
  private func keys(_ overlay: Overlay) -> String {
    switch overlay {
    case .help: "↑↓ page choose · Enter runs · / search · q or Esc closes"
    case .explanation: "↑↓ page read on · q or Esc closes"
    case .chord(let first): chordKeys(first)
    case .palette: "↑↓ choose · tab completes · Enter runs · Esc closes"
    case .form(let form) where form.list != nil:
      "type to search · ↑↓ choose · space in or out · Enter done"
    case .form(let form):
      "↑↓ field · ←→ choice · tab completes a path · Enter "
        + (form.isReady ? "starts" : "checks") + " · Esc closes"
    case .goTo: "a panel's letter · Esc closes"
    case .leaving: "↑↓ choose · Enter · Esc stays · Ctrl-C leaves at once"
    case .ending: "Ctrl-C leaves at once"
    case .search, .editor: ""
    }
  }

  /// What may follow the first of two keys.
  private func chordKeys(_ first: Key) -> String {
    let all = screen.keys.following(first, in: screen.contexts)
    let words = all.map { "\($0.key.written) \($0.title)" }
    return (["\(first.written) …"] + words + ["Esc closes"]).joined(separator: " · ")
  }

  private func write(
    _ input: LineInput,
    after head: String,
    _ hint: Span,
    on painter: inout Painter,
    _ rect: Rect
  ) {
    let look = painter.look
    let room = rect.columns - 2 - head.columns
    // What is typed first; the hint takes what is left.
    let shown = input.shown(in: room)
    let spans = [
      Span(head, look.accent), Span(shown.before, look.text),
      Span("\(look.glyphs.cursor)", look.accent), Span(shown.after, look.text), Span(" ", look.dim),
      hint,
    ]
    painter.write(spans, rect.row, rect.column + 1, limit: rect.columns - 2)
  }

  /// As many of the table's hints as fit; those that make no sense now are dim.
  private func drawKeys(on painter: inout Painter, _ rect: Rect) {
    let look = painter.look
    for place in FooterBar(screen: screen).places(in: rect.columns) {
      let column = rect.column + place.columns.lowerBound
      painter.write(place.label, rect.row, column, place.isDisabled ? look.dim : look.accent)
      let style = place.isDisabled ? look.border : look.dim
      painter.write(place.hint, rect.row, column + place.label.columns + 1, style)
    }
  }
}
