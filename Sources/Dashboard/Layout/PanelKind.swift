/// The panels below the cards.
enum PanelKind: Hashable, Sendable {
  case chart
  case hyperparameters
  case adaptation
  case validation
  case heatmap
  case log
  case accuracy
  case gain
  case episode
  case innerLoop
  /// One that a method declares.
  case declared(String)

  /// Those that every method has, in the order that `p` walks through; the methods' own come before
  /// the heatmap.
  static let builtIn: [Self] = beforeDeclared + afterDeclared
  static let beforeDeclared: [Self] = [.chart, .hyperparameters, .adaptation, .validation]
  static let afterDeclared: [Self] = [.heatmap, .log, .accuracy, .gain, .episode, .innerLoop]

  /// The charts share a place where there is only one.
  var isChart: Bool { self == .chart || self == .accuracy || self == .gain }

  /// The name in a person's settings.
  var name: String {
    if case .declared(let id) = self { Self.declaredPrefix + id } else { "\(self)" }
  }

  /// The name in a person's keys, where a declared panel's is its identifier.
  var actionName: String {
    if case .declared(let id) = self { id } else { name.hyphenated }
  }

  private static let declaredPrefix = "own:"

  init?(name: String) {
    if let own = Self.builtIn.first(where: { $0.name == name }) {
      self = own
    } else if name.hasPrefix(Self.declaredPrefix) {
      self = .declared(String(name.dropFirst(Self.declaredPrefix.count)))
    } else {
      return nil
    }
  }

  /// What follows `g` to go to a panel of the program's own.
  var ownLetter: Character? {
    switch self {
    case .chart: "l"
    case .hyperparameters: "h"
    case .adaptation: "a"
    case .validation: "v"
    case .heatmap: "m"
    case .log: "e"
    case .accuracy: "y"
    case .gain: "g"
    case .episode: "i"
    case .innerLoop: "o"
    case .declared: nil
    }
  }
}
