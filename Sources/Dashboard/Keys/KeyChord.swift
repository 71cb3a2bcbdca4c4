import CellGrid

/// Two keys one after the other that mean one action.
struct KeyChord: Hashable, Sendable {
  var first: Key
  var second: Key

  var written: String { "\(first.written) \(second.written)" }
}

/// What a person has written for an action: a key, or a chord.
enum WrittenKey: Equatable {
  case key(Key)
  case chord(KeyChord)

  /// The key that begins it.
  var first: Key {
    switch self {
    case .key(let key): key
    case .chord(let chord): chord.first
    }
  }

  /// Whether both could be meant by what is typed: the same, or one the beginning of the other.
  func meets(_ other: Self) -> Bool {
    switch (self, other) {
    case (.chord(let own), .chord(let other)): own == other
    default: first == other.first
    }
  }

  /// A key as in `ctrl-a`, or two with a blank between them; nil for what is neither.
  init?(written text: String) {
    if let key = Key(written: text) {
      self = .key(key)
      return
    }
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count == 2, let first = Key(written: parts[0]), let second = Key(written: parts[1]),
      first != .escape, second != .escape
    else { return nil }
    self = .chord(KeyChord(first: first, second: second))
  }
}
