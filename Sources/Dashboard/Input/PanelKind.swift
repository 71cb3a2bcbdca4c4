/// The panels below the cards, in the order that `p` walks through.
enum PanelKind: String, CaseIterable, Sendable {
  case chart
  case hyperparameters
  case adaptation
  case validation
  case coLearner
  case perturbation
  case heatmap
  case log
  case accuracy
  case episode
  case innerLoop

  /// The two charts share a place where there is only one.
  var isChart: Bool { self == .chart || self == .accuracy }

  var title: String {
    switch self {
    case .chart: "loss curves"
    case .hyperparameters: "hyperparameters"
    case .adaptation: "adaptation"
    case .validation: "meta-validation"
    case .coLearner: "co-learner"
    case .perturbation: "perturbation"
    case .heatmap: "layers over time"
    case .log: "events"
    case .accuracy: "accuracy curves"
    case .episode: "episode"
    case .innerLoop: "inner loop"
    }
  }

  /// What follows `g` to go there.
  var letter: Character {
    switch self {
    case .chart: "l"
    case .hyperparameters: "h"
    case .adaptation: "a"
    case .validation: "v"
    case .coLearner: "c"
    case .perturbation: "p"
    case .heatmap: "m"
    case .log: "e"
    case .accuracy: "y"
    case .episode: "i"
    case .innerLoop: "o"
    }
  }
}
