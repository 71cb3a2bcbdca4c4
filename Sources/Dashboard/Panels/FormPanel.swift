import CellGrid

/// The form for a new comparison, over the screen.
struct FormPanel {
  let state: DashboardState

  func draw(on painter: inout Painter, in rect: Rect) {
    guard let form = state.form else { return }
    let look = painter.look
    let answer = state.formAnswer(columns: rect.columns)
    let places = FormPlaces(form, answer: answer, in: rect)
    let frame = places.frame
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let recent = form.recent.isEmpty ? "" : "Ctrl-R recent · "
    let inner = painter.panel(
      frame,
      title: [Span(form.title, look.title)],
      note: [Span("↑↓ field · ←→ choice · \(recent)Esc closes", look.dim)],
      isSelected: true
    )
    for (offset, field) in form.fields.dropFirst(places.first).prefix(places.rows).enumerated() {
      let isSelected = places.first + offset == form.selected
      draw(field, isSelected ? form.edited : nil, on: &painter, inner.row + offset, inner)
    }
    drawAnswer(form, answer, on: &painter, inner)
    if form.list != nil { drawList(form, on: &painter, in: rect) }
  }

  /// The list of a field's choices, over the form.
  private func drawList(_ form: ComparisonForm, on painter: inout Painter, in rect: Rect) {
    guard let list = form.list, let field = form.fields.at(form.selected) else { return }
    let look = painter.look
    let entries = form.listed
    guard case .subset(let all) = field.kind else { return }
    guard let places = form.listPlaces(in: rect) else { return }
    let (frame, selected) = (places.frame, min(list.selected, max(entries.count - 1, 0)))
    painter.grid.fill(frame, with: Cell(" ", look.text))
    let inner = painter.panel(
      frame,
      title: [Span("\(field.label): \(field.chosen.count) of \(all.count)", look.title)],
      note: [Span("space in or out · Enter done", look.dim)],
      isSelected: true
    )
    let input = [
      Span("/ ", look.accent), Span(list.input.beforeCursor, look.text),
      Span("\(look.glyphs.cursor)", look.accent), Span(list.input.afterCursor, look.text),
      Span(list.input.text.isEmpty ? " type to search" : "", look.dim),
    ]
    painter.write(input, inner.row, inner.column, limit: inner.columns)
    guard !entries.isEmpty else {
      let text = "none has this in its name"
      painter.write(text, inner.row + 1, inner.column, look.dim, limit: inner.columns)
      return
    }
    let first = places.first
    for (offset, name) in entries.dropFirst(first).prefix(places.rows).enumerated() {
      let row = inner.row + 1 + offset
      let isSelected = first + offset == selected
      let isIn = field.chosen.contains(name)
      let pointer = isSelected ? String(Character(look.glyphs.pointer)) : " "
      let style = isSelected ? look.accent : isIn ? look.text : look.dim
      let text = "\(pointer) [\(isIn ? "x" : " ")] \(name)"
      let used = painter.write(text, row, inner.column, style, limit: inner.columns)
      let start = max(used + 2, 24)
      painter.write(
        field.details[name] ?? "",
        row,
        inner.column + start,
        look.dim,
        limit: max(0, inner.columns - start)
      )
    }
  }

  private func draw(
    _ field: ComparisonForm.Field,
    _ edited: LineInput?,
    on painter: inout Painter,
    _ row: Int,
    _ rect: Rect
  ) {
    let look = painter.look
    let isSelected = edited != nil
    let pointer = isSelected ? String(Character(look.glyphs.pointer)) : " "
    let labelStyle = isSelected ? look.accent : look.dim
    painter.write("\(pointer) \(field.label)", row, rect.column, labelStyle, limit: 18)
    let place = rect.column + 18
    let room = rect.columns - 18
    var used = 0
    if case .subset(let all) = field.kind {
      used = painter.write(summary(field, all, look), row, place, limit: room)
    } else if let edited {
      let shown = edited.shown(in: room)
      let spans = [
        Span(shown.before, look.text), Span("\(look.glyphs.cursor)", look.accent),
        Span(shown.after, look.text),
      ]
      used = painter.write(spans, row, place, limit: room)
    } else {
      used = painter.write(field.value, row, place, look.text, limit: room)
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

  /// How many are chosen, and which.
  private func summary(_ field: ComparisonForm.Field, _ all: [String], _ look: Look) -> [Span] {
    let names = field.chosen.joined(separator: ", ")
    return [
      Span("\(field.chosen.count) of \(all.count)  ", look.dim),
      Span(names.isEmpty ? "none" : names, look.text),
    ]
  }

  /// Whole, however many lines it takes; below it what Enter does.
  private func drawAnswer(
    _ form: ComparisonForm,
    _ lines: [String],
    on painter: inout Painter,
    _ rect: Rect
  ) {
    let look = painter.look
    let last = rect.row + rect.rows - 1
    guard rect.rows >= 4 else { return }
    guard let answer = form.answer else {
      let text = "Enter checks it and tells what it costs"
      painter.write(text, last - 1, rect.column, look.dim, limit: rect.columns)
      return
    }
    let end = answer.isProblem ? last : last - 1
    let shown = lines.prefix(max(1, rect.rows - 2))
    for (offset, line) in shown.enumerated() {
      let style = answer.isProblem ? look.bad : look.good
      let row = end - shown.count + 1 + offset
      painter.write(line, row, rect.column, style, limit: rect.columns)
    }
    guard !answer.isProblem else { return }
    let next = "Enter ends the present comparison (its runs are kept) and starts this one"
    painter.write(next, last, rect.column, look.text, limit: rect.columns)
  }
}
