import Events
import Models

/// The hyperparameters every gradient-based meta-learner has.
package enum StandardHyperparameters {
  package static let innerLearningRate = HyperparameterDescriptor(
    id: "inner-lr",
    symbol: "α",
    kind: .logarithmic(0...10),
    defaultValue: 0.01,
    help: "inner-loop learning rate; 0.01 on sinusoids (Finn et al. 2017)"
  )

  package static let innerSteps = HyperparameterDescriptor(
    id: "inner-steps",
    symbol: "M",
    kind: .integer(1...20),
    defaultValue: 1,
    help: "gradient steps of adaptation an episode",
    isStructural: true
  )

  package static let outerLearningRate = HyperparameterDescriptor(
    id: "outer-lr",
    symbol: "β",
    kind: .logarithmic(0...1),
    defaultValue: 0.001,
    help: "outer-loop learning rate of Adam; 0.001 in all three papers"
  )

  package static let firstOrder = HyperparameterDescriptor(
    id: "first-order",
    symbol: "∂¹",
    kind: .flag,
    defaultValue: 0,
    help: "drop the second-order terms: inner gradients count as constants",
    isStructural: true
  )

  /// On images the inner loop takes far larger steps.
  package static let imageInnerLearningRate = HyperparameterDescriptor(
    id: innerLearningRate.id,
    symbol: innerLearningRate.symbol,
    kind: innerLearningRate.kind,
    defaultValue: 0.4,
    help: "inner-loop learning rate; 0.4 on Omniglot (Finn et al. 2017), 0.5 in CML's code"
  )

  package static func all(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let rate = family == .convolutional ? imageInnerLearningRate : innerLearningRate
    return [rate, innerSteps, outerLearningRate, firstOrder]
  }
}
