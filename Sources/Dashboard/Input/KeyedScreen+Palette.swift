import CellGrid
import Events

/// What the palette offers, and its keys.
extension KeyedScreen {
  /// What the palette offers for the typed text: names that contain all its words, best first.
  var paletteEntries: [Palette.Entry] {
    guard let palette else { return [] }
    let words = palette.input.text.lowercased().split(separator: " ").map(String.init)
    let found = allActions.filter { entry in
      words.allSatisfy { entry.name.contains($0) || entry.title.lowercased().contains($0) }
    }
    guard let first = words.first else { return found }
    return found.filter { $0.name.hasPrefix(first) } + found.filter { !$0.name.hasPrefix(first) }
  }

  /// In the order of the table; what ends everything comes last, so that Enter never means it unasked.
  private var allActions: [Palette.Entry] {
    let present: Set<KeyBinding.Context> = Set(
      contexts
        + (contexts.contains(.table) ? [] : [.zoomed, .charts, .replay, .events, .slowMotion])
    )
    var entries: [Palette.Entry] = []
    let bindings = keys.bindings.filter { present.contains($0.context) }
    for binding in bindings where !entries.contains(where: { $0.action == binding.action }) {
      entries.append(
        Palette.Entry(
          name: binding.action.name,
          title: binding.title,
          key: binding.isBound ? binding.label : "",
          action: binding.action
        )
      )
    }
    for (action, title) in unboundActions where !entries.contains(where: { $0.action == action }) {
      entries.append(Palette.Entry(name: action.name, title: title, key: "", action: action))
    }
    return entries.filter { $0.action != .quit } + entries.filter { $0.action == .quit }
  }

  /// The action's or hyperparameter's name that is two letters away from this at most.
  func nearestName(to text: String) -> String? {
    let all = allActions.map { entry -> String in
      if case .set(let id) = entry.action { return id }
      return entry.name
    }
    return text.nearest(among: all) { _ in min(2, text.count / 2) }
  }

  /// Keys while the palette is open.
  mutating func handlePalette(_ key: Key) -> [DashboardEffect] {
    guard var palette else { return [] }
    let entries = paletteEntries
    let count = max(entries.count, 1)
    switch key {
    case .escape:
      overlay = nil
      return []
    case .enter: return submitPalette(entries)
    case .down: palette.selected = (min(palette.selected, count - 1) + 1) % count
    case .up: palette.selected = (min(palette.selected, count - 1) + count - 1) % count
    case .pageDown: palette.selected = min(palette.selected + 10, count - 1)
    case .pageUp: palette.selected = max(min(palette.selected, count - 1) - 10, 0)
    case .tab:
      if let entry = selectedEntry(entries) { palette.input.complete(entry.name) }
    default:
      guard palette.input.take(key) else { return [] }
    }
    overlay = .palette(palette)
    return []
  }

  private func selectedEntry(_ entries: [Palette.Entry]) -> Palette.Entry? {
    guard let palette, !entries.isEmpty else { return nil }
    return entries[min(palette.selected, entries.count - 1)]
  }

  private mutating func submitPalette(_ entries: [Palette.Entry]) -> [DashboardEffect] {
    let text = palette?.input.text ?? ""
    let entry = selectedEntry(entries)
    overlay = nil
    if let entry { return carryOut(entry.action) }
    return submit(text)
  }
}
