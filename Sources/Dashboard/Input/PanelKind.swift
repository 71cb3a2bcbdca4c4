/// The panels below the cards, in the order that `p` walks through.
enum PanelKind: String, CaseIterable, Sendable {
  case chart
  case hyperparameters
  case adaptation
  case validation
  case coLearner
  case perturbation
  case log

  var title: String {
    switch self {
    case .chart: "loss curves"
    case .hyperparameters: "hyperparameters"
    case .adaptation: "adaptation"
    case .validation: "meta-validation"
    case .coLearner: "co-learner"
    case .perturbation: "perturbation"
    case .log: "events"
    }
  }
}
