import Autodiff

/// MetaPerturb's shared noise network of 82 weights (NeurIPS 2020), on the features of an MLP.
///
/// The published network works on images: its maps are 3×3 convolutions shared by all channels.
/// Here every unit is a channel with a 1×1 map, so only the centre tap of each kernel acts. That is
/// our extension, not the paper's; see Documentation/Methods/MetaPerturb.md.
package struct Perturbation: Sendable {
  package init() {}

  /// Offset of the centre tap in a 3×3 kernel.
  private static let centre = 4
  private static let kernelCount = 4

  package var parameters: [ParameterSpecification] {
    func weights(_ name: String, _ dimensions: [Int]) -> ParameterSpecification {
      ParameterSpecification(
        "perturbation." + name,
        Shape(dimensions),
        .normal(standardDeviation: 0.01)
      )
    }
    return [
      weights("phi_1.w_identity", [1, 1, 3, 3]), weights("phi_1.w_all", [1, 1, 3, 3]),
      weights("phi_2.w_identity", [1, 1, 3, 3]), weights("phi_2.w_all", [1, 1, 3, 3]),
      weights("kernel", [Self.kernelCount, 1, 3, 3]), weights("fc.weight", [1, 10]),
    ]
  }

  /// What one site did to its input.
  package struct Output {
    /// The perturbed values, the input's shape.
    package let values: Tensor
    /// z, the noise before its scale, the input's shape.
    package let noise: Tensor
    /// s, one scale a channel, `[channels]`.
    package let scale: Tensor
  }

  /// Multiplies `[examples, channels]` by input-dependent noise (methods C.2).
  ///
  /// `noise` is ε, standard normal of the input's shape; `kappa` is κ, a single number in [0, 1],
  /// where 0 makes the site the identity; the upper clamp of 100 is on in training only.
  package func apply(
    to x: Tensor,
    noise: Tensor,
    kappa: Tensor,
    isClamped: Bool,
    _ parameters: ParameterTree<Tensor>
  ) -> Output {
    let first = equivariant(x, parameters, "phi_1").relu()
    let mean = equivariant(first, parameters, "phi_2")
    let z = (mean + noise).softplus()
    let scale = scale(of: x, parameters)
    let multiplier = (z * scale.broadcast(.row, to: x.shape) - 1) * kappa + 1
    let values = multiplier * x
    return Output(values: isClamped ? values.clamped(to: 100) : values, noise: z, scale: scale)
  }

  /// One equivariant map: `w_identity · x_c + w_all · mean over channels of x`.
  private func equivariant(
    _ x: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ name: String
  ) -> Tensor {
    let identity = tap(parameters["perturbation.\(name).w_identity"], 0)
    let all = tap(parameters["perturbation.\(name).w_all"], 0)
    let mean = x.sumOverColumns() * (1 / Double(x.shape.columns))
    return x * identity + (mean * all).broadcast(.column, to: x.shape)
  }

  /// The scale: `s_c = sigmoid(w · [mean and unbiased variance of four responses, 1, 1])`.
  private func scale(of x: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let weights = parameters["perturbation.fc.weight"]
    let examples = x.shape.rows
    precondition(examples > 1, "the variance over \(examples) example does not exist")
    // C/C_ref and H/H_ref are both 1: the network is its own reference, as ConvNet-4's is.
    let bias =
      weights.slice(from: 8, as: .scalar) + weights.slice(from: 9, as: .scalar)
    var score = bias.broadcast(.scalar, to: [x.shape.columns])
    for index in 0..<Self.kernelCount {
      let response = (x * tap(parameters["perturbation.kernel"], index)).relu()
      let mean = response.sumOverRows() * (1 / Double(examples))
      let deviation = response - mean.broadcast(.row, to: x.shape)
      let variance = (deviation * deviation).sumOverRows() * (1 / Double(examples - 1))
      score = score + mean * weights.slice(from: index, as: .scalar)
      score = score + variance * weights.slice(from: 4 + index, as: .scalar)
    }
    return score.sigmoid()
  }

  private func tap(_ kernels: Tensor, _ index: Int) -> Tensor {
    kernels.slice(from: index * 9 + Self.centre, as: .scalar)
  }
}
