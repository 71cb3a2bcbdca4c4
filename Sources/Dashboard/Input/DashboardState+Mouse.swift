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
    if let card = layout.card(atRow: row, column: column) {
      clickCard(action, firstCard(of: layout) + card)
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
    case .heatmap: if action != .press { turnHeatmap(action == .wheelUp ? -1 : 1) }
    case .innerLoop: if action != .press { turnWalk(action == .wheelUp ? -1 : 1) }
    default: break
    }
  }

  /// From moment to moment; the wheel makes no outer step.
  private mutating func turnWalk(_ offset: Int) {
    guard let count = focused?.innerPhases.count, count > 0 else { return }
    walk = min(max(min(walk, count - 1) + offset, 0), count - 1)
  }

  private mutating func turnHeatmap(_ offset: Int) {
    let count = heatmapRun.map { LayerQuantity.quantities(of: $0).count } ?? 0
    if count > 0 { heatmap = (heatmap + offset + count) % count }
  }

  /// A click focuses a card's method; the wheel goes from method to method, also to those without room.
  private mutating func clickCard(_ action: MouseAction, _ place: Int) {
    let shown = shownRuns
    guard action != .press else { return focusRun(shown.at(place) ?? focusedRun) }
    guard shown.count > 1, let own = shown.firstIndex(of: focusedRun) else { return }
    focusRun(shown[(own + (action == .wheelUp ? shown.count - 1 : 1)) % shown.count])
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
    if let effects = handleShared(overlay, action, row: row, column: column) { return effects }
    switch overlay {
    case .form(let form):
      if let key = action.arrow { return handle(key) }
      if action == .press { click(form, row: row, column: column) }
    case .goTo where action == .press:
      needsRedraw = true
      self.overlay = nil
      let kinds = panelsWithLetters
      let places = GoToPlaces(count: kinds.count, in: Rect(size))
      if let place = places.item(row: row, column: column) {
        return carryOut(.showPanel(kinds[place]))
      }
    default: break
    }
    return []
  }

  /// What lies on top takes the click: an open list's rows go in and out, and beside it the list closes.
  private mutating func click(_ form: ComparisonForm, row: Int, column: Int) {
    var form = form
    if let places = form.listPlaces(in: Rect(size)) {
      if let place = places.item(row: row, column: column) {
        form.toggleListed(at: place)
      } else if !places.frame.contains(row: row, column: column) {
        form.closeList()
      }
    } else {
      let answer = formAnswer(columns: size.columns)
      guard
        let place = FormPlaces(form, answer: answer, in: Rect(size))
          .field(atRow: row, column: column)
      else { return }
      // A second click on a field that has a list opens it.
      if place == form.selected, form.hasList { form.turn(1) } else { form.select(place) }
    }
    overlay = .form(form)
    needsRedraw = true
  }
}
