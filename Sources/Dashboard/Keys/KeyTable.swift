import CellGrid

/// All bindings as they hold now: the standard ones, with the user's own keys in their place.
package struct KeyTable: Sendable {
  private(set) var bindings = KeyBinding.standard

  package init() {}

  /// What a key does where these contexts hold; the first of them that knows the key decides.
  func binding(for key: Key, in contexts: [KeyBinding.Context]) -> KeyBinding? {
    for context in contexts {
      if let found = bindings.first(where: { $0.context == context && $0.keys.contains(key) }) {
        return found
      }
    }
    return nil
  }

  /// The bindings that hold in these contexts, in the order of the footer; those whose keys a more
  /// particular context has taken are left out.
  func shown(in contexts: [KeyBinding.Context]) -> [KeyBinding] {
    bindings.filter { binding in
      guard let place = contexts.firstIndex(of: binding.context) else { return false }
      return !binding.keys.allSatisfy { key in
        contexts[..<place].contains { context in
          bindings.contains { $0.context == context && $0.keys.contains(key) }
        }
      }
    }
  }

  /// Gives an action these keys instead of its own; whatever had them loses them.
  ///
  /// Returns a sentence when there is no such action.
  mutating func bind(_ name: String, to keys: [(key: Key, label: String)]) -> String? {
    let places = bindings.indices.filter { bindings[$0].action.name == name }
    guard !places.isEmpty else { return "there is no action \(name)" }
    for place in places {
      for other in bindings.indices
      where other != place && bindings[other].context.meets(bindings[place].context) {
        bindings[other].lose(keys.map(\.key))
      }
      bindings[place].keys = keys.map(\.key)
      bindings[place].label = keys.map(\.label).joined(separator: " ")
      bindings[place].footerLabel = nil
    }
    return nil
  }

  /// The action that has a key where an action of this name would have it too, if it is another.
  func owner(of key: Key, besides name: String) -> String? {
    let contexts = bindings.filter { $0.action.name == name }.map(\.context)
    return bindings.first { binding in
      binding.action.name != name && binding.keys.contains(key)
        && contexts.contains { binding.context.meets($0) }
    }?.action.name
  }
}

extension Key {
  /// A key as people write it in their key file: `a`, `ctrl-a`, `f5`, `page-up`, `space`.
  init?(written text: String) {
    if text.count == 1, let character = text.first {
      self = .character(character)
    } else if text.hasPrefix("ctrl-"), text.count == 6, let letter = text.last, letter.isLetter {
      self = .control(Character(letter.lowercased()))
    } else if text.hasPrefix("alt-"), text.count == 5, let letter = text.last {
      self = .alt(letter)
    } else if text.hasPrefix("f"), let number = Int(text.dropFirst()), (1...12).contains(number) {
      self = .function(number)
    } else if let key = Self.named[text] {
      self = key
    } else {
      return nil
    }
  }

  /// The key as people write it.
  var written: String {
    switch self {
    case .character(" "): "space"
    case .character(let character): String(character)
    case .control(let letter): "ctrl-\(letter)"
    case .alt(let letter): "alt-\(letter)"
    case .function(let number): "f\(number)"
    default: Self.named.first { $0.value == self }?.key ?? "\(self)"
    }
  }

  private static let named: [String: Self] = [
    "space": .character(" "), "up": .up, "down": .down, "left": .left, "right": .right,
    "page-up": .pageUp, "page-down": .pageDown, "home": .home, "end": .end, "enter": .enter,
    "tab": .tab, "shift-tab": .backTab, "backspace": .backspace, "delete": .delete,
    "ctrl-left": .wordLeft, "ctrl-right": .wordRight, "escape": .escape,
  ]
}
