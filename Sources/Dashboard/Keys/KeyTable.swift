import CellGrid

/// All bindings as they hold now: the standard ones, with the user's own keys in their place.
package struct KeyTable: Sendable {
  private(set) var bindings = KeyBinding.standard

  package init() {}

  /// What a key does while a panel has the focus.
  func binding(for key: Key, on panel: PanelKind, isReplay: Bool = false) -> KeyBinding? {
    let context: KeyBinding.Context = panel.isChart ? .charts : .anywhere
    let replayed =
      isReplay ? bindings.first { $0.context == .replay && $0.keys.contains(key) } : nil
    return replayed ?? bindings.first { $0.context == context && $0.keys.contains(key) }
      ?? bindings.first { $0.context == .anywhere && $0.keys.contains(key) }
  }

  /// The bindings in the order of the footer: the focused panel's own come after the program's.
  func shown(on panel: PanelKind, isReplay: Bool = false) -> [KeyBinding] {
    let taken = Set(bindings.filter { isOwn($0, panel, isReplay) }.flatMap(\.keys))
    return bindings.filter {
      isOwn($0, panel, isReplay) || ($0.context == .anywhere && !$0.keys.allSatisfy(taken.contains))
    }
  }

  private func isOwn(_ binding: KeyBinding, _ panel: PanelKind, _ isReplay: Bool) -> Bool {
    switch binding.context {
    case .anywhere: false
    case .charts: panel.isChart
    case .replay: isReplay
    }
  }

  /// Gives an action these keys instead of its own; whatever had them loses them.
  ///
  /// Returns a sentence when there is no such action.
  mutating func bind(_ name: String, to keys: [(key: Key, label: String)]) -> String? {
    guard let index = bindings.firstIndex(where: { $0.action.name == name }) else {
      return "there is no action \(name)"
    }
    let context = bindings[index].context
    for other in bindings.indices where bindings[other].context == context {
      bindings[other].keys.removeAll { key in keys.contains { $0.key == key } }
    }
    bindings[index].keys = keys.map(\.key)
    bindings[index].label = keys.map(\.label).joined(separator: " ")
    return nil
  }
}

extension Key {
  /// A key as people write it in their key file: `a`, `ctrl-a`, `f5`, `page-up`, `space`.
  init?(written text: String) {
    if text.count == 1, let character = text.first {
      self = .character(character)
    } else if text.hasPrefix("ctrl-"), text.count == 6, let letter = text.last, letter.isLetter {
      self = .control(Character(letter.lowercased()))
    } else if text.hasPrefix("f"), let number = Int(text.dropFirst()), (1...12).contains(number) {
      self = .function(number)
    } else if let key = Self.named[text] {
      self = key
    } else {
      return nil
    }
  }

  private static let named: [String: Self] = [
    "space": .character(" "), "up": .up, "down": .down, "left": .left, "right": .right,
    "page-up": .pageUp, "page-down": .pageDown, "home": .home, "end": .end, "enter": .enter,
    "tab": .tab, "shift-tab": .backTab, "backspace": .backspace, "delete": .delete,
  ]
}
