import Autodiff

/// A layer with batch normalisation, by the name that its parameters begin with: `body.block1`.
package struct NormalisedLayer: Sendable, Equatable {
  package let name: String
  package let channels: Int
  /// Whether the convolution in front of it has a bias.
  package let isBiased: Bool

  package init(name: String, channels: Int, isBiased: Bool = true) {
    self.name = name
    self.channels = channels
    self.isBiased = isBiased
  }
}

/// Mean and biased variance of a map's channels, each `[channels]`.
package struct Moments {
  package let mean: Tensor
  package let variance: Tensor
  /// Numbers of each channel they were taken over.
  package let count: Int
}

/// Where one forward pass takes its statistics for batch normalisation, and what it found.
package final class BatchStatistics {
  /// Statistics by layer (`body.block1`) instead of the batch's own.
  private let given: [String: Moments]?
  /// Whether they are those of maps to which the convolution's bias had been added.
  ///
  /// Otherwise the bias cancels, as it moves a map and its mean alike: it is left out, and its
  /// gradient is exactly zero, where other libraries' is rounding noise.
  let includesBias: Bool
  /// Added to a variance before its root; PyTorch's default unless a method has another.
  package var epsilon = 1e-5
  /// The batch's own statistics of the layers passed so far; none when they were given.
  package private(set) var found: [String: Moments] = [:]

  /// Every layer by the mean and biased variance of its own batch (methods 0.3).
  package init() { (given, includesBias) = (nil, false) }

  /// Every layer by what another pass found.
  package init(of other: BatchStatistics) { (given, includesBias) = (other.found, false) }

  /// Every layer by running averages.
  fileprivate init(running: [String: Moments]) { (given, includesBias) = (running, true) }

  func moments(of values: Tensor, layer: String) -> Moments {
    if let given {
      guard let moments = given[layer] else { preconditionFailure("no statistics of \(layer)") }
      return moments
    }
    let (mean, variance) = values.moments()
    let moments = Moments(mean: mean, variance: variance, count: values.shape.rows)
    found[layer] = moments
    return moments
  }
}

/// Running averages of a normalised layer's statistics, kept beside the parameters.
///
/// They have PyTorch's names and meaning, in a group of their own: `statistics.body.block1.mean`.
package struct RunningStatistics: Sendable {
  package static let group = "statistics"
  /// Share of a new observation in the average (PyTorch's default).
  package static let momentum: Float = 0.1
  package let layers: [NormalisedLayer]

  package init(_ layers: [NormalisedLayer]) { self.layers = layers }

  package var parameters: [ParameterSpecification] {
    layers.flatMap { layer in
      [
        ParameterSpecification(Self.mean(layer.name), [layer.channels], .zeros),
        ParameterSpecification(Self.variance(layer.name), [layer.channels], .ones),
      ]
    }
  }

  package static func mean(_ layer: String) -> String { "\(group).\(layer).running_mean" }
  package static func variance(_ layer: String) -> String { "\(group).\(layer).running_var" }

  /// The averages as a pass's statistics.
  package func values(_ parameters: ParameterTree<Tensor>) -> BatchStatistics {
    BatchStatistics(
      running: Dictionary(
        uniqueKeysWithValues: layers.map(\.name).map { layer in
          let (mean, variance) = (parameters[Self.mean(layer)], parameters[Self.variance(layer)])
          return (layer, Moments(mean: mean, variance: variance, count: 0))
        }
      )
    )
  }

  /// How far each average is from what a pass found, by name.
  ///
  /// Averages move by `momentum` times this. Layers that the pass did not normalise by its own
  /// batch are left out.
  package func distances(
    from statistics: BatchStatistics,
    _ parameters: ParameterTree<Tensor>
  ) -> [String: Tensor] {
    var distances: [String: Tensor] = [:]
    for layer in layers {
      guard let found = statistics.found[layer.name] else { continue }
      let bias = layer.isBiased ? parameters["\(layer.name).conv.bias"] : nil
      let mean = bias.map { found.mean + $0 } ?? found.mean
      let unbiased = found.variance * (Double(found.count) / Double(max(found.count - 1, 1)))
      let names = (mean: Self.mean(layer.name), variance: Self.variance(layer.name))
      distances[names.mean] = parameters[names.mean] - mean
      distances[names.variance] = parameters[names.variance] - unbiased
    }
    return distances
  }
}
