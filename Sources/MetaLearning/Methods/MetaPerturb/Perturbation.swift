import Autodiff
import Models

/// MetaPerturb's shared noise network of 82 weights (Ryu et al., NeurIPS 2020).
///
/// Its maps are 3×3 stencils shared by all channels of images `[batch, height, width, channels]`. In
/// an MLP every unit is a channel with a 1×1 map, so only the centre of each kernel acts. That is our
/// extension, not the paper's; see Documentation/Methods/MetaPerturb.md.
package struct Perturbation: Sendable {
  /// C_ref and H_ref: how many channels and rows count as one; nil where every map is its own
  /// reference.
  private let reference: (channels: Int, height: Int)?

  /// For features of an MLP.
  package init() { reference = nil }

  /// For images: C_ref and H_ref are the width and the image size of a ConvNet-4, 64 and 32 in the
  /// released ResNet-20.
  package init(channels: Int, height: Int) { reference = (channels, height) }

  /// The one that all sites of a model share.
  ///
  /// On images the references are the paper's for ConvNet-4 and ConvNet-6, their own width and the
  /// images' size, and the release's for ResNet-20, 64 channels and the source images' size: of other
  /// widths, the last stage's channels.
  package init(for model: any Model) {
    guard model.inputShape.count == 3, let last = model.sites.last else {
      self.init()
      return
    }
    self.init(channels: last.channels, height: model.inputShape[0])
  }

  package var parameters: [ParameterSpecification] {
    func weights(_ name: String, _ dimensions: [Int]) -> ParameterSpecification {
      ParameterSpecification(
        "perturbation." + name,
        Shape(dimensions),
        .normal(standardDeviation: 0.01),
        // The released weights have no prefix.
        otherNames: [name]
      )
    }
    return [
      weights("phi_1.w_identity", [1, 1, 3, 3]), weights("phi_1.w_all", [1, 1, 3, 3]),
      weights("phi_2.w_identity", [1, 1, 3, 3]), weights("phi_2.w_all", [1, 1, 3, 3]),
      weights("kernel", [4, 1, 3, 3]), weights("fc.weight", [1, 10]),
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
    /// n, by which the input was multiplied; its shape.
    package let multiplier: Tensor
    /// The product before the clamp, the input's shape.
    package let unclamped: Tensor
  }

  /// The upper bound of what a site lets through in training.
  package static let clamp = 100.0

  /// Multiplies images, or `[examples, channels]`, by input-dependent noise.
  ///
  /// `noise` is ε, standard normal of the input's shape; `kappa` is κ, a single number in [0, 1],
  /// where 0 makes the site the identity; the upper clamp of 100 is on in training only. `statistics`
  /// are those of the responses at `site`: the batch's own unless they were given.
  package func apply(
    to x: Tensor,
    noise: Tensor,
    kappa: Tensor,
    isClamped: Bool,
    statistics: ResponseStatistics = ResponseStatistics(),
    site: Int = 0,
    _ parameters: ParameterTree<Tensor>
  ) -> Output {
    let first = equivariant(x, parameters, "phi_1").relu()
    let mean = equivariant(first, parameters, "phi_2")
    let z = (mean + noise).softplus()
    let scale = scale(of: x, statistics, site, parameters)
    // (s z − 1) κ + 1, with what belongs to a channel taken together: maps are large.
    let strength = (scale * kappa).broadcast(.row, to: x.shape)
    let multiplier = z * strength + (1 - kappa)
    let values = multiplier * x
    return Output(
      values: isClamped ? values.clamped(to: Self.clamp) : values,
      noise: z,
      scale: scale,
      multiplier: multiplier,
      unclamped: values
    )
  }

  /// One equivariant map: `w_identity · x_c + w_all · mean over channels of x`, both stencils.
  private func equivariant(
    _ x: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ name: String
  ) -> Tensor {
    var mean = x.sumOverColumns() * (1 / Double(x.shape.columns))
    if x.shape.dimensions.count == 4 {
      mean = mean.reshaped(to: Shape(x.shape.dimensions.dropLast() + [1]))
    }
    let own = x.stencil(parameters["perturbation.\(name).w_identity"])
    let all = mean.stencil(parameters["perturbation.\(name).w_all"])
    return own + all.broadcast(.column, to: x.shape)
  }

  /// The scale: `s_c = sigmoid(w · [mean and unbiased variance of four responses, C/C_ref,
  /// H/H_ref])`.
  private func scale(
    of x: Tensor,
    _ statistics: ResponseStatistics,
    _ site: Int,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    let weights = parameters["perturbation.fc.weight"]
    let size = relativeSize(of: x.shape)
    let bias =
      weights.slice(from: 8, as: .scalar) * size.channels
      + weights.slice(from: 9, as: .scalar) * size.height
    var score = bias.broadcast(.scalar, to: [x.shape.columns])
    let moments = statistics.moments(of: x, parameters["perturbation.kernel"], site: site)
    for (index, (mean, variance)) in zip(moments.means, moments.variances).enumerated() {
      score = score + mean * weights.slice(from: index, as: .scalar)
      score = score + variance * weights.slice(from: 4 + index, as: .scalar)
    }
    return score.sigmoid()
  }

  /// C/C_ref and H/H_ref.
  private func relativeSize(of x: Shape) -> (channels: Double, height: Double) {
    guard let reference, x.dimensions.count == 4 else { return (1, 1) }
    return (
      Double(x.columns) / Double(reference.channels),
      Double(x.dimensions[1]) / Double(reference.height)
    )
  }
}
