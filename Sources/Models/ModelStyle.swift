import Autodiff

/// The function behind each layer of a body; none of them ever falls, so a maximum may be taken before.
package enum Activation: String, Sendable, CaseIterable {
  case relu
  case leaky
  case tanh
  case softplus

  /// By what a leaky rectifier multiplies negative numbers.
  package static let slope = 0.01

  package func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .relu: x.relu()
    // The slope at 0 is that of negative numbers, as in PyTorch.
    case .leaky: x * Self.slope + x.relu() * (1 - Self.slope)
    case .tanh: x.tanh()
    case .softplus: x.softplus()
    }
  }
}

/// What stands between a layer's map and its activation.
package enum Normalisation: String, Sendable, CaseIterable {
  /// By the mean and variance of a batch's channels.
  case batch
  /// By those of each example's own numbers.
  case layer
  case none
}

/// What can be chosen of every network beside its size.
package struct ModelStyle: Sendable, Equatable {
  package var activation: Activation
  /// Whether the head's map adds a bias.
  package var hasHeadBias: Bool
  /// Nil for the network's usual one.
  package var normalisation: Normalisation?

  package init(
    activation: Activation = .relu,
    hasHeadBias: Bool = true,
    normalisation: Normalisation? = nil
  ) {
    self.activation = activation
    self.hasHeadBias = hasHeadBias
    self.normalisation = normalisation
  }

  /// Of a network's name: nothing where nothing is out of the ordinary.
  var suffix: String {
    (activation == .relu ? "" : " \(activation.rawValue)")
      + (normalisation.map { $0 == .none ? ", not normalised" : ", \($0.rawValue) norm" } ?? "")
      + (hasHeadBias ? "" : ", head without bias")
  }
}

extension Model {
  package var style: ModelStyle { ModelStyle() }

  package var activation: Activation { style.activation }

  /// The head's map of a row of numbers for each example.
  func mapped(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let weight = parameters["head.weight"]
    return style.hasHeadBias
      ? features.linear(weight, parameters["head.bias"]) : features.matmul(weight)
  }
}
