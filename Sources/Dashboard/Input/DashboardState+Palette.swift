import CellGrid
import Events

/// What the palette offers, and its keys.
extension DashboardState {
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

  private var allActions: [Palette.Entry] {
    var entries: [Palette.Entry] = []
    for binding in keys.bindings where !entries.contains(where: { $0.action == binding.action }) {
      entries.append(
        Palette.Entry(
          name: binding.action.name,
          title: binding.title,
          key: binding.keys.isEmpty ? "" : binding.label,
          action: binding.action
        )
      )
    }
    let unbound: [(Action, String)] =
      panelKinds.map { (.showPanel($0), "panel: \(title(of: $0))") }
      + declaredPanels.indices.map { place in
        let preset = Preset.method(place)
        return (.choosePreset(preset), "layout: \(preset.title)")
      }
      + themes.map { (.chooseTheme($0.name), "theme: \($0.name)") }
    for (action, title) in unbound where !entries.contains(where: { $0.action == action }) {
      entries.append(Palette.Entry(name: action.name, title: title, key: "", action: action))
    }
    return entries
  }

  /// Keys while the palette is open.
  mutating func handlePalette(_ key: Key) -> [DashboardEffect] {
    needsRedraw = true
    let entries = paletteEntries
    switch key {
    case .escape: palette = nil
    case .backspace: palette?.input.deleteLast()
    case .down: movePaletteSelection(1, of: entries.count)
    case .up: movePaletteSelection(-1, of: entries.count)
    case .tab:
      if let entry = selectedEntry(entries) { palette?.input.complete(entry.name) }
    case .character(let character): palette?.input.insert(String(character))
    case .enter: return submitPalette(entries)
    default: break
    }
    return []
  }

  private mutating func movePaletteSelection(_ offset: Int, of count: Int) {
    guard let selected = palette?.selected, count > 0 else { return }
    palette?.selected = (min(selected, count - 1) + offset + count) % count
  }

  private func selectedEntry(_ entries: [Palette.Entry]) -> Palette.Entry? {
    guard let palette, !entries.isEmpty else { return nil }
    return entries[min(palette.selected, entries.count - 1)]
  }

  private mutating func submitPalette(_ entries: [Palette.Entry]) -> [DashboardEffect] {
    let text = palette?.input.text ?? ""
    let entry = selectedEntry(entries)
    palette = nil
    if let entry { return carryOut(entry.action) }
    return set(text)
  }

  /// `inner-lr 0.1` or `inner-lr=0.1` sets a hyperparameter of the focused method.
  private mutating func set(_ text: String) -> [DashboardEffect] {
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "=" }.map(String.init)
    guard let run = focused, let id = parts.first, let descriptor = run.hyperparameter(id) else {
      say("no action or hyperparameter is called \(text); : lists all", isProblem: true)
      return []
    }
    guard parts.count == 2 else {
      say("\(id) needs a value: \(descriptor.allowed)", isProblem: true)
      return []
    }
    if run.isOver {
      say("\(run.name) has ended (\(run.status.rawValue))", isProblem: true)
      return []
    }
    do throws(HyperparameterError) {
      let value = try descriptor.parse(parts[1])
      return change(descriptor, to: value, run: run.id)
    } catch {
      say(error.description, isProblem: true)
      return []
    }
  }
}
