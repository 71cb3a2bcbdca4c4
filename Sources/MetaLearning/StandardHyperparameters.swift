import Events
import Glibc
import Models

/// The hyperparameters every gradient-based meta-learner has.
package enum StandardHyperparameters {
  package static let innerLearningRate = HyperparameterDescriptor(
    id: "inner-lr",
    symbol: "α",
    kind: .logarithmic(0...10),
    defaultValue: 0.01,
    help: "inner-loop learning rate; 0.01 on sinusoids (Finn et al. 2017)",
    role: .innerRate
  )

  package static let innerSteps = HyperparameterDescriptor(
    id: "inner-steps",
    symbol: "M",
    kind: .integer(1...20),
    defaultValue: 1,
    help: "gradient steps of adaptation an episode",
    isStructural: true,
    role: .innerSteps
  )

  package static let outerLearningRate = HyperparameterDescriptor(
    id: "outer-lr",
    symbol: "β",
    kind: .logarithmic(0...1),
    defaultValue: 0.001,
    help: "outer-loop learning rate of Adam; 0.001 in all three papers",
    role: .outerRate
  )

  /// How β goes over the run's outer steps.
  package enum Schedule: String, Sendable, CaseIterable {
    case constant
    /// From β to 0 along half a cosine (Loshchilov & Hutter 2017; MAML++ anneals so).
    case cosine
    /// Times 0.3 at 40, 70 and 90 % of the run, as in a published transfer (Ryu et al., NeurIPS 2020).
    case steps

    /// The share of β at outer step `step` (0, 1, …) of `total`.
    package func share(step: Int, of total: Int) -> Double {
      switch self {
      case .constant: 1
      case .cosine: 0.5 * (1 + cos(.pi * Double(min(step, total)) / Double(max(total, 1))))
      case .steps: pow(0.3, Double([4, 7, 9].count { 10 * step >= $0 * total }))
      }
    }
  }

  package static let outerSchedule = HyperparameterDescriptor(
    id: "outer-schedule",
    symbol: "βₜ",
    kind: .choice(Schedule.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "β over the run: constant; cosine down to 0; steps, times 0.3 at 40, 70 and 90 %"
  )

  package static let firstOrder = HyperparameterDescriptor(
    id: "first-order",
    symbol: "∂¹",
    kind: .flag,
    defaultValue: 0,
    help: "drop the second-order terms: inner gradients count as constants",
    isStructural: true,
    role: .firstOrder
  )

  /// On images the inner loop takes far larger steps.
  package static let imageInnerLearningRate = HyperparameterDescriptor(
    id: innerLearningRate.id,
    symbol: innerLearningRate.symbol,
    kind: innerLearningRate.kind,
    defaultValue: 0.4,
    help:
      "inner-loop learning rate of a mean loss; 0.5 in CML's code; Finn's code has 0.4 of a sum over "
      + "classes on Omniglot, which is 2.0 here (5-way)",
    role: .innerRate
  )

  package static func all(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let rate = family == .convolutional ? imageInnerLearningRate : innerLearningRate
    return [rate, innerSteps, outerLearningRate, outerSchedule, firstOrder]
  }
}
