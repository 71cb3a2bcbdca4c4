/// A choice of panels for one purpose; number keys call them.
enum Preset: String, CaseIterable, Sendable {
  case overview
  case compare
  case coLearner
  case perturbation
  case innerLoop

  var title: String {
    switch self {
    case .overview: "overview"
    case .compare: "compare"
    case .coLearner: "co-learner"
    case .perturbation: "perturbation"
    case .innerLoop: "inner loop"
    }
  }

  /// The layout on a number key; nil for keys that have none.
  static func of(digit: Character) -> Self? {
    digit.wholeNumberValue.flatMap { allCases.at($0 - 1) }
  }

  /// The panel that has the focus at first, and all of a small screen.
  var panel: PanelKind {
    switch self {
    case .overview: .hyperparameters
    case .compare: .chart
    case .coLearner: .coLearner
    case .perturbation: .perturbation
    case .innerLoop: .innerLoop
    }
  }
}
