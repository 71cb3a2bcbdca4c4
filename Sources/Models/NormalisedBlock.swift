import Autodiff

/// A convolution and the batch normalisation behind it (methods 0.3, 0.4).
package struct NormalisedBlock {
  /// The convolution's values.
  private let values: Tensor
  private let mean: Tensor
  /// Scale over standard deviation, one a channel.
  private let factor: Tensor
  private let shift: Tensor

  /// A 3×3 convolution with a bias, which acts where a visitor sees what the convolution gave.
  package init(
    _ inputs: Tensor,
    _ name: String,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics,
    _ visitor: BodyVisitor = BodyVisitor()
  ) {
    let product = inputs.convolution(parameters[name + ".conv.weight"])
    var biased: Tensor {
      product + parameters[name + ".conv.bias"].broadcast(.row, to: product.shape)
    }
    let values =
      visitor.mapping?(name + ".conv", inputs, biased)
      ?? (statistics.includesBias ? biased : product)
    self.init(normalising: values, name, parameters, statistics)
  }

  /// The values of any convolution.
  init(
    normalising values: Tensor,
    _ name: String,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) {
    self.values = values
    let moments = statistics.moments(of: values, layer: name)
    mean = moments.mean
    factor =
      parameters[name + ".norm.weight"] / (moments.variance + statistics.epsilon).squareRoot()
    shift = parameters[name + ".norm.bias"]
  }

  /// Normalised, scaled and shifted.
  package var normalised: Tensor { normalised(values) }

  /// The maxima of 2×2 windows, to be rectified.
  ///
  /// Normalising keeps or reverses a channel's order, and so does what rectifies, so the windows'
  /// pixels are chosen first and a quarter of the numbers is normalised; the derivatives of every order get
  /// the same saving.
  package var pooled: Tensor {
    normalised(values.pooled(values.poolingChoice(direction: factor)))
  }

  private func normalised(_ values: Tensor) -> Tensor {
    (values - mean.broadcast(.row, to: values.shape)) * factor.broadcast(.row, to: values.shape)
      + shift.broadcast(.row, to: values.shape)
  }
}
