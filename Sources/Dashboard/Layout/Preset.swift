/// A choice of panels for one purpose; number keys call them.
enum Preset: Hashable, Sendable {
  case overview
  case compare
  /// Around a method's own panel: the focused method's come first, then the others'.
  case method(Int)
  case innerLoop

  /// Those on the number keys, in their order.
  static let onKeys: [Self] = [.overview, .compare, .method(0), .method(1), .innerLoop]

  /// The layout on a number key; nil for keys that have none.
  static func of(digit: Character) -> Self? {
    digit.wholeNumberValue.flatMap { onKeys.at($0 - 1) }
  }

  var title: String {
    switch self {
    case .overview: "overview"
    case .compare: "compare"
    case .method(0): "the method's own panel"
    case .method(1): "the next panel of a method's own"
    case .method(let place): "panel \(place + 1) of a method's own"
    case .innerLoop: "inner loop"
    }
  }

  /// The name in a person's settings and keys.
  var name: String {
    if case .method(let place) = self { "method-\(place + 1)" } else { "\(self)" }
  }

  init?(name: String) {
    if let own = Self.onKeys.first(where: { $0.name == name }) {
      self = own
    } else if name.hasPrefix("method-"), let place = Int(name.dropFirst(7)),
      (1...99).contains(place)
    {
      self = .method(place - 1)
    } else {
      return nil
    }
  }
}
