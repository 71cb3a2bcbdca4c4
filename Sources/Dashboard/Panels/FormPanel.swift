import CellGrid

/// The form for a new comparison, over the screen.
struct FormPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    guard let form = state.form else { return }
    let look = painter.look
    let frame = rect.centered(rows: form.fields.count + 7, columns: 84)
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let recent = form.recent.isEmpty ? "" : "Ctrl-R recent · "
    let inner = painter.panel(
      frame,
      title: [Span(form.title, look.title)],
      note: [Span("↑↓ field · ←→ choice · \(recent)Esc closes", look.dim)],
      isSelected: true
    )
    let rows = max(1, inner.rows - 3)
    let first = max(0, min(form.selected - rows / 2, form.fields.count - rows))
    for (offset, field) in form.fields.dropFirst(first).prefix(rows).enumerated() {
      let isSelected = first + offset == form.selected
      draw(field, isSelected, on: &painter, inner.row + offset, inner)
    }
    drawAnswer(form, on: &painter, inner)
  }

  private func draw(
    _ field: ComparisonForm.Field,
    _ isSelected: Bool,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    let pointer = isSelected ? String(Character(look.glyphs.pointer)) : " "
    let labelStyle = isSelected ? look.accent : look.dim
    painter.write("\(pointer) \(field.label)", row, rect.column, labelStyle, limit: 18)
    let place = rect.column + 18
    let room = rect.columns - 18
    var used = 0
    if case .subset(let all) = field.kind {
      used = painter.write(boxes(field, all, look), row, place, limit: room)
    } else {
      used = painter.write(field.value, row, place, look.text, limit: room)
      if isSelected, used < room {
        used += painter.write("\(look.glyphs.cursor)", row, place + used, look.accent)
      }
    }
    guard isSelected, room - used > 12 else { return }
    painter.write(
      field.help,
      row,
      place + max(used + 2, 24),
      look.dim,
      limit: room - max(used + 2, 24)
    )
  }

  private func boxes(_ field: ComparisonForm.Field, _ all: [String], _ look: Look) -> [Span] {
    let chosen = Set(field.value.split(separator: ",").map(String.init))
    return all.enumerated().flatMap { index, name -> [Span] in
      let isIn = chosen.contains(name)
      return [
        Span("\(index + 1) ", look.accent),
        Span("[\(isIn ? "x" : " ")] \(name)  ", isIn ? look.text : look.dim),
      ]
    }
  }

  private func drawAnswer(_ form: ComparisonForm, on painter: inout Painter, _ rect: Rect) {
    let look = painter.look
    let row = rect.row + rect.rows - 2
    guard rect.rows >= 4 else { return }
    guard let answer = form.answer else {
      let text = "Enter checks it and tells what it costs"
      painter.write(text, row, rect.column, look.dim, limit: rect.columns)
      return
    }
    var text = answer.text
    if !answer.isProblem, let seconds = state.formDuration {
      text += ", about \(Numbers.duration(seconds)) at the present speed"
    }
    let style = answer.isProblem ? look.bad : look.good
    let lines = painter.glyphs.text(text).wrapped(rect.columns)
    for (offset, line) in lines.prefix(2).enumerated() {
      painter.write(
        line,
        row - (lines.count > 1 ? 1 : 0) + offset,
        rect.column,
        style,
        limit: rect.columns
      )
    }
    guard !answer.isProblem else { return }
    let next = "Enter ends the present comparison (its runs are kept) and starts this one"
    painter.write(next, row + 1, rect.column, look.text, limit: rect.columns)
  }
}
