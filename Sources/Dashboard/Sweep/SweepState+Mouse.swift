import CellGrid
import Events

/// Clicks and the wheel on a sweep's screen.
extension SweepState {
  /// The wheel moves the selection; a click chooses a row, an order, a tile of the map or a word of the
  /// bar, and one on the chosen row opens it.
  mutating func handle(_ action: MouseAction, row: Int, column: Int) -> [DashboardEffect] {
    if let overlay { return handleShared(overlay, action, row: row, column: column) ?? [] }
    if let key = action.arrow { return handle(key) }
    guard action == .press else { return [] }
    if row == size.rows - 1 {
      let rect = Rect(row: row, column: 0, rows: 1, columns: size.columns)
      return FooterBar(screen: self).binding(at: column, in: rect).map { carryOut($0.action) } ?? []
    }
    let layout = SweepLayout(snapshot, in: size)
    guard let clicked = layout.panel(row: row, column: column), let snapshot,
      let rect = layout.places[clicked]
    else { return [] }
    needsRedraw = true
    message = nil
    panel = clicked
    switch clicked {
    case .table:
      let table = SweepTablePanel(state: self, snapshot: snapshot)
      return click(table, rect, row: row, column: column)
    case .map:
      let map = SweepMapPanel(state: self, snapshot: snapshot)
      guard let chosen = map.combination(row: row, column: column, in: rect) else { return [] }
      isFollowed = true
      follow(chosen)
    case .importance: break
    }
    return []
  }

  private mutating func click(
    _ table: SweepTablePanel,
    _ rect: Rect,
    row: Int,
    column: Int
  ) -> [DashboardEffect] {
    if let place = table.item(row: row, column: column, in: rect) {
      guard place != selected || !isFollowed else { return carryOut(.table(.open)) }
      (selected, isFollowed) = (place, true)
    } else if let chosen = table.order(row: row, column: column, in: rect) {
      if chosen == order { isReversed.toggle() } else { order(by: chosen) }
    }
    return []
  }
}

extension SweepState {
  package mutating func take(_ news: PersonalNews) { takeOver(news) }
  package mutating func takeKeys(_ text: String?, file: String?) { readKeys(text, file) }
}
