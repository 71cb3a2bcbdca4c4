import CellGrid
import Events

/// What may be changed while the focused method trains.
struct HyperparameterPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    let look = painter.look
    let run = state.focused
    let inner = painter.panel(
      rect,
      title: state.title("hyperparameters", run, look),
      isSelected: state.panel == .hyperparameters
    )
    guard let run, let selected = state.hyperparameter else {
      painter.write("none", inner.row, inner.column, look.dim)
      return
    }
    let list = run.description.hyperparameters
    let chosen = list.firstIndex(of: selected) ?? 0
    let places = HyperparameterRows(count: list.count, selected: chosen, inner: inner)
    for (offset, item) in list.dropFirst(places.first).prefix(max(places.rows, 0)).enumerated() {
      draw(item, run, isSelected: item.id == selected.id, on: &painter, inner, inner.row + offset)
    }
    drawHelp(selected.help, lines: places.help, on: &painter, inner)
  }

  private func draw(
    _ item: HyperparameterDescriptor,
    _ run: RunState,
    isSelected: Bool,
    on painter: inout Painter,
    _ rect: Rect,
    _ row: Int
  ) {
    let look = painter.look
    let name = isSelected ? look.accent : look.text
    let pointer = isSelected ? "\(look.glyphs.pointer) " : "  "
    painter.write(pointer, row, rect.column, look.accent)
    let hasSymbols = look.glyphs.isUnicode
    let all = run.description.hyperparameters
    let symbols = min(3, max(2, all.map(\.symbol.columns).max() ?? 0))
    if hasSymbols { painter.write(item.symbol, row, rect.column + 2, look.dim, limit: symbols) }
    let start = hasSymbols ? symbols + 3 : 2
    let longest = all.map { $0.id.columns }.max() ?? 0
    let width = min(longest, 16) + 2
    painter.write(item.id, row, rect.column + start, name, limit: width - 1)
    let column = rect.column + start + width
    let room = max(0, rect.column + rect.columns - column)
    let value = item.format(run.value(item))
    var used = painter.write(value, row, column, look.text, limit: min(18, room))
    if let pending = run.pending[item.id] {
      let text = " → \(item.format(pending.value)) …"
      used += painter.write(
        text,
        row,
        column + used,
        look.warning,
        limit: rect.columns - start - width - used
      )
    }
    // Within sight of the value, however wide the panel is.
    let end = min(rect.column + rect.columns, column + 44)
    let range = look.glyphs.text(item.rangeText)
    guard column + used + 2 + range.columns <= end else { return }
    painter.writeRight(range, row, end: end, look.dim)
  }

  /// The help in at most `lines` lines at the panel's lower end.
  private func drawHelp(_ help: String, lines: Int, on painter: inout Painter, _ rect: Rect) {
    let wrapped = painter.glyphs.text(help).wrapped(rect.columns)
    let start = rect.row + rect.rows - lines
    for (offset, line) in wrapped.prefix(lines).enumerated() {
      let isCut = offset == lines - 1 && wrapped.count > lines
      let text = isCut ? line + " " + wrapped[lines...].joined(separator: " ") : line
      painter.write(text, start + offset, rect.column, painter.look.dim, limit: rect.columns)
    }
  }
}

extension HyperparameterDescriptor {
  /// What is allowed, in few columns: `1e-05 … 10`.
  var rangeText: String {
    switch kind {
    case .logarithmic(let range), .linear(let range, _):
      "\(format(range.lowerBound)) … \(format(range.upperBound))"
    case .integer(let range): "\(range.lowerBound) … \(range.upperBound)"
    case .flag: "on, off"
    case .choice(let names): names.joined(separator: ", ")
    }
  }
}
