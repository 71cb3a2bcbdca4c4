import CellGrid

/// A line of text that is being typed, as in the palette and in a search.
struct LineInput: Equatable, Sendable {
  static let limit = 60

  private(set) var text = ""

  mutating func insert(_ addition: String) {
    let clean = addition.unicodeScalars.filter { $0.displayed == $0 }
    text = String((text + String(String.UnicodeScalarView(clean))).prefix(Self.limit))
  }

  mutating func deleteLast() { if !text.isEmpty { text.removeLast() } }

  mutating func complete(_ whole: String) { text = String(whole.prefix(Self.limit)) }
}

/// The command palette: every action by name, filtered by what is typed.
struct Palette: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var name: String
    var title: String
    /// Its key, or empty.
    var key: String
    var action: Action
  }

  var input = LineInput() { didSet { selected = 0 } }
  var selected = 0
}
