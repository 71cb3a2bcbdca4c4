import Autodiff

/// A network as a function of its parameters: a body that extracts features, and a head.
package protocol Model: Sendable {
  /// For people: `MLP 1-40-40-1`.
  var name: String { get }
  var family: ModelFamily { get }
  /// The body's layers in order, as parameter names have them.
  var bodyLayers: [String] { get }
  /// Body and head parameters in order.
  var parameters: [ParameterSpecification] { get }
  /// Layers with batch normalisation.
  var normalisedLayers: [NormalisedLayer] { get }
  /// The layers that MetaPerturb's noise multiplies, in order, with the channels of their maps.
  var perturbationSites: [NormalisedLayer] { get }
  /// Numbers of one example's features.
  var featureCount: Int { get }
  /// Numbers that an example has in the body's layers together.
  var unitCount: Int { get }
  var outputCount: Int { get }
  /// The second head that cooperative meta-learning attaches to the body's features.
  var coLearner: any CoLearner { get }
  /// The noise network that MetaPerturb shares among the perturbed layers.
  var perturbation: Perturbation { get }

  /// Features of a batch `[examples, …]`.
  ///
  /// `perturb` is applied to every perturbed layer's values before its last rectifier, the layer
  /// given by its index; nil in an ordinary forward pass. `statistics` normalises, and takes down what
  /// normalised.
  func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    perturb: ((Int, Tensor) -> Tensor)?
  ) -> Tensor

  /// `[examples, outputs]` from features.
  func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor
}

extension Model {
  /// Body layers, then the head: the rows of per-layer panels.
  package var layers: [String] { bodyLayers + ["head"] }

  package var perturbedLayers: [String] { perturbationSites.map(\.name) }

  package var unitCount: Int { featureCount * bodyLayers.count }

  package var perturbation: Perturbation { Perturbation() }
}

extension Tensor {
  /// `self · weight + bias`, the bias repeated for every row.
  package func linear(_ weight: Tensor, _ bias: Tensor) -> Tensor {
    let product = matmul(weight)
    return product + bias.broadcast(bias.shape.count == 1 ? .scalar : .row, to: product.shape)
  }
}
