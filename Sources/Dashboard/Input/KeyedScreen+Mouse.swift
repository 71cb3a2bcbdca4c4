import CellGrid

/// Clicks and the wheel on what lies over every screen.
extension KeyedScreen {
  /// What a click or the wheel does to an overlay; nil for one that this screen alone knows.
  mutating func handleShared(
    _ overlay: Overlay,
    _ action: MouseAction,
    row: Int,
    column: Int
  ) -> [DashboardEffect]? {
    let screen = Rect(size)
    switch overlay {
    case .help(let help):
      if let key = action.arrow { return handle(key) }
      guard action == .press else { return [] }
      return click(help, HelpPlaces(help, helpBindings, in: screen), row, column)
    case .palette(let palette):
      if let key = action.arrow { return handle(key) }
      guard action == .press else { return [] }
      let count = paletteEntries.count
      return click(PalettePlaces(count: count, selected: palette.selected, in: screen), row, column)
    case .explanation(let selected):
      if let key = action.arrow { return handle(key) }
      guard action == .press else { return [] }
      needsRedraw = true
      let places = ExplanationPlaces(explained, selected: selected, in: screen)
      if let place = places.item(row: row, column: column) {
        self.overlay = .explanation(selected: place)
      } else if !places.frame.contains(row: row, column: column) {
        self.overlay = nil
      }
      return []
    case .leaving(let dialog):
      if let key = action.arrow { return handle(key) }
      let lines = leaveLines(columns: size.columns).count
      let places = LeavePlaces(dialog, lines: lines, in: screen)
      guard action == .press, let place = places.choice(row: row, column: column) else { return [] }
      needsRedraw = true
      return leave(dialog.choices[place])
    case .ending, .search, .editor, .chord: return []
    case .form, .goTo: return nil
    }
  }

  /// The first click marks a row, the next one on it runs it, and one beside the help closes it.
  private mutating func click(
    _ help: HelpView,
    _ places: HelpPlaces,
    _ row: Int,
    _ column: Int
  ) -> [DashboardEffect] {
    needsRedraw = true
    guard let place = places.binding(row: row, column: column) else {
      if !places.frame.contains(row: row, column: column) { overlay = nil }
      return []
    }
    var help = help
    help.search = nil
    if help.selected == place {
      overlay = .help(help)
      return handle(Key.enter)
    }
    help.selected = place
    overlay = .help(help)
    return []
  }

  /// A click runs an entry, as in any menu.
  private mutating func click(
    _ places: PalettePlaces,
    _ row: Int,
    _ column: Int
  ) -> [DashboardEffect] {
    needsRedraw = true
    guard let place = places.item(row: row, column: column), var palette else {
      if !places.frame.contains(row: row, column: column) { overlay = nil }
      return []
    }
    palette.selected = place
    overlay = .palette(palette)
    return handle(Key.enter)
  }
}

extension MouseAction {
  /// The key that the wheel stands for in a list.
  var arrow: Key? {
    switch self {
    case .wheelUp: .up
    case .wheelDown: .down
    case .press, .drag, .release: nil
    }
  }
}
