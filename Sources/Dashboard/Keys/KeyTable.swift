import CellGrid

/// All bindings as they hold now: the standard ones, with the user's own keys in their place.
package struct KeyTable: Sendable {
  private(set) var bindings = KeyBinding.standard

  package init() {}

  /// What a key means where these contexts hold.
  enum Meaning {
    case action(KeyBinding)
    /// The first of two keys.
    case beginning
  }

  /// The first context that knows the key decides.
  func meaning(of key: Key, in contexts: [KeyBinding.Context]) -> Meaning? {
    for context in contexts {
      let own = bindings.filter { $0.context == context }
      if let found = own.first(where: { $0.keys.contains(key) }) { return .action(found) }
      if own.contains(where: { $0.chords.contains { $0.first == key } }) { return .beginning }
    }
    return nil
  }

  /// What a key does alone where these contexts hold.
  func binding(for key: Key, in contexts: [KeyBinding.Context]) -> KeyBinding? {
    if case .action(let found) = meaning(of: key, in: contexts) { found } else { nil }
  }

  /// What two keys do.
  func binding(for chord: KeyChord, in contexts: [KeyBinding.Context]) -> KeyBinding? {
    for context in contexts {
      let found = bindings.first { $0.context == context && $0.chords.contains(chord) }
      if let found { return found }
    }
    return nil
  }

  /// What may follow a first key, in the order of the help.
  func following(_ key: Key, in contexts: [KeyBinding.Context]) -> [(key: Key, title: String)] {
    bindings.filter { contexts.contains($0.context) }.flatMap { binding in
      binding.chords.filter { $0.first == key }.map { ($0.second, binding.title) }
    }
  }

  /// The bindings that hold in these contexts, in the order of the footer; those whose keys a more
  /// particular context has taken are left out.
  func shown(in contexts: [KeyBinding.Context]) -> [KeyBinding] {
    bindings.filter { binding in
      guard let place = contexts.firstIndex(of: binding.context) else { return false }
      return !binding.chords.isEmpty
        || !binding.keys.allSatisfy { key in
          contexts[..<place].contains { context in
            bindings.contains { $0.context == context && $0.keys.contains(key) }
          }
        }
    }
  }

  /// Gives an action these keys instead of its own; whatever had them loses them.
  ///
  /// Returns a sentence when there is no such action.
  mutating func bind(_ name: String, to keys: [(key: WrittenKey, label: String)]) -> String? {
    let places = bindings.indices.filter { bindings[$0].action.name == name }
    guard !places.isEmpty else { return "there is no action \(name)" }
    for place in places {
      for other in bindings.indices
      where other != place && bindings[other].context.meets(bindings[place].context) {
        bindings[other].lose(keys.map(\.key))
      }
      bindings[place].keys = keys.compactMap { if case .key(let key) = $0.key { key } else { nil } }
      bindings[place].chords = keys.compactMap {
        if case .chord(let chord) = $0.key { chord } else { nil }
      }
      let labels = keys.map(\.label)
      bindings[place].label = labels.joined(separator: bindings[place].separator)
      bindings[place].footerLabel = nil
    }
    return nil
  }

  /// The action that what is written would be taken from where an action of this name would have it
  /// too, with what that has: the same, its beginning, or what it begins.
  func owner(of key: WrittenKey, besides name: String) -> (action: String, key: WrittenKey)? {
    let contexts = bindings.filter { $0.action.name == name }.map(\.context)
    for binding in bindings
    where binding.action.name != name && contexts.contains(where: { binding.context.meets($0) }) {
      let all = binding.keys.map { WrittenKey.key($0) } + binding.chords.map { .chord($0) }
      if let met = all.first(where: { $0.meets(key) }) { return (binding.action.name, met) }
    }
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
