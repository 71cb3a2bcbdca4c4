import CellGrid

/// Clicks, the wheel, and what is dragged.
extension DashboardState {
  mutating func handle(_ action: MouseAction, row: Int, column: Int) -> [DashboardEffect] {
    if action == .release {
      dragged = nil
      return []
    }
    if let overlay { return handle(overlay, action, row: row, column: column) }
    let layout = ScreenLayout(size: size, needs: needs)
    if action == .drag {
      drag(layout, row: row, column: column)
      return []
    }
    if action == .press, row == layout.footer.row {
      return FooterBar(screen: self).binding(at: column, in: layout.footer)
        .map { carryOut($0.action) } ?? []
    }
    needsRedraw = true
    if action == .press, let card = layout.card(atRow: row, column: column) {
      focusRun(shownRuns.at(firstCard(of: layout) + card) ?? focusedRun)
      return []
    }
    if action == .press, layout.isSideBorder(atRow: row, column: column) { dragged = .sides }
    guard let kind = layout.panel(atRow: row, column: column), let rect = layout.panels[kind]
    else { return [] }
    focus(kind)
    handle(action, in: kind, rect, row: row, column: column)
    return []
  }

  private mutating func handle(
    _ action: MouseAction,
    in kind: PanelKind,
    _ rect: Rect,
    row: Int,
    column: Int
  ) {
    let inner = rect.inset(vertical: 1, horizontal: 2)
    switch kind {
    case .chart, .accuracy, .gain:
      guard runs.contains(where: { $0.step > 0 }) else { return }
      let axis = ScreenLayout.plotArea(inner)
      if action != .press, LineChart.isVerticalAxis(column: column, in: axis) {
        return performValues(action == .wheelUp ? .zoomValuesIn : .zoomValuesOut)
      }
      placeCursor(column, inner)
      if action != .press { performChart(action == .wheelUp ? .zoomIn : .zoomOut) }
      if action == .press, dragged == nil { dragged = .chart(kind) }
    case .log: if action != .press { performEvents(.scroll(action == .wheelUp ? 3 : -3)) }
    case .hyperparameters:
      if action != .press {
        moveSelection(action == .wheelUp ? -1 : 1)
      } else {
        selectHyperparameter(atRow: row, inner)
      }
    default: break
    }
  }

  private mutating func selectHyperparameter(atRow row: Int, _ inner: Rect) {
    let count = focused?.description.hyperparameters.count ?? 0
    let selected = min(selectedHyperparameter, max(count - 1, 0))
    let rows = HyperparameterRows(count: count, selected: selected, inner: inner)
    if let place = rows.item(atRow: row) { selectedHyperparameter = place }
  }

  private mutating func placeCursor(_ column: Int, _ inner: Rect) {
    let plot = ScreenLayout.plotArea(inner)
    if let place = LineChart.place(column: column, in: plot, window: shownAxis, least: leastPlace) {
      chart.cursor = min(place, newestOnAxis)
    }
  }

  /// A border between the sides, or a chart's cursor, follows the pointer.
  private mutating func drag(_ layout: ScreenLayout, row: Int, column: Int) {
    needsRedraw = true
    switch dragged {
    case .sides: leftShare = min(75, max(25, (column + 1) * 100 / max(size.columns, 1)))
    case .chart(let kind):
      guard let rect = layout.panels[kind] else { return }
      placeCursor(column, rect.inset(vertical: 1, horizontal: 2))
    case nil: needsRedraw = false
    }
  }

  private mutating func handle(
    _ overlay: Overlay,
    _ action: MouseAction,
    row: Int,
    column: Int
  ) -> [DashboardEffect] {
    let offset = action == .wheelDown ? 1 : action == .wheelUp ? -1 : 0
    switch overlay {
    case .help where offset != 0, .explanation where offset != 0, .palette where offset != 0,
      .leaving where offset != 0:
      return handle(offset > 0 ? Key.down : .up)
    case .form(let form):
      if offset != 0 { return handle(offset > 0 ? Key.down : .up) }
      guard action == .press,
        let place = FormPlaces(form, answer: formAnswer(columns: size.columns), in: Rect(size))
          .field(
            atRow: row,
            column: column
          )
      else { return [] }
      var form = form
      form.select(place)
      self.overlay = .form(form)
    case .leaving(let dialog):
      guard action == .press,
        let choice = LeavePlaces(
          dialog,
          lines: leaveLines(columns: size.columns).count,
          in: Rect(size)
        ).choice(
          row: row,
          column: column
        )
      else { return [] }
      return leave(dialog.choices[choice])
    default: return []
    }
    needsRedraw = true
    return []
  }
}
