import Autodiff

/// A network as a function of its parameters: a body that extracts features, and a head.
package protocol Model: Sendable {
  /// For people: `MLP 1-40-40-1`.
  var name: String { get }
  var family: ModelFamily { get }
  /// What follows its layers, and what its head is.
  var style: ModelStyle { get }
  /// How the command line calls it, and its width there; nil where that cannot ask for it.
  var option: (name: String, width: Int)? { get }
  /// The body's layers in order, as parameter names have them.
  var bodyLayers: [String] { get }
  /// Body and head parameters in order.
  var parameters: [ParameterSpecification] { get }
  /// What normalises behind each of its layers.
  var normalisation: Normalisation { get }
  /// Layers with batch normalisation.
  var normalisedLayers: [NormalisedLayer] { get }
  /// Where a visitor sees the body's values, in order.
  var sites: [FeatureSite] { get }
  /// Of one example, as the task's data has it: `[1]`, or an image's height, width and channels.
  var inputShape: [Int] { get }
  /// Numbers of one example's features.
  var featureCount: Int { get }
  /// Height, width and channels of an example's features where they are a map; nil where they are a
  /// plain row of numbers.
  var featureMap: (height: Int, width: Int, channels: Int)? { get }
  /// Numbers that an example has in the body's layers together.
  var unitCount: Int { get }
  var outputCount: Int { get }

  /// Features of a batch `[examples, …]`.
  ///
  /// `visitor` sees the values on their way and may replace them. `statistics` normalises, and takes
  /// down what normalised.
  func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor

  /// What the head's map reads of the features, a row of numbers for each example.
  func headInputs(_ features: Tensor) -> Tensor

  /// `[examples, outputs]` from features.
  func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor
}

extension Model {
  /// Body layers, then the head: the rows of per-layer panels.
  package var layers: [String] {
    bodyLayers + (parameters.contains { $0.group == "head" } ? ["head"] : [])
  }

  package var unitCount: Int { featureCount * bodyLayers.count }

  package var normalisation: Normalisation {
    style.normalisation ?? (normalisedLayers.isEmpty ? .none : .batch)
  }

  /// Features of a batch where a visitor sees the sites alone, or where there is none.
  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visit: FeatureVisitor?
  ) -> Tensor {
    let visitor = BodyVisitor(rectifying: visit)
    return features(of: inputs, parameters, statistics: statistics, visitor: visitor)
  }

  package var option: (name: String, width: Int)? { nil }

  /// Numbers that the head's map reads of an example; 0 where there is no head.
  package var headInputCount: Int {
    parameters.first { $0.name == "head.weight" }?.shape.rows ?? 0
  }

  package func headInputs(_ features: Tensor) -> Tensor { features }

  package var featureMap: (height: Int, width: Int, channels: Int)? { nil }
}

/// Sees what a body's layer hands to its last rectifier, and says what the layer goes on with; the
/// layer is given by its place in `Model.sites`.
package typealias FeatureVisitor = (_ site: Int, _ values: Tensor) -> Tensor

/// Sees a body's values at three kinds of places, and says what the body goes on with; all nil in an
/// ordinary forward pass.
package struct BodyVisitor {
  /// What a layer reads; the layer is given by its place in `Model.bodyLayers`.
  package var entering: ((_ layer: Int, _ values: Tensor) -> Tensor)?
  /// What a convolution or another linear map gave, its bias included, before it is normalised; `map`
  /// is what its weight's name begins with (`body.block1.conv`), `inputs` what it read.
  package var mapping: ((_ map: String, _ inputs: Tensor, _ values: Tensor) -> Tensor)?
  /// What a layer hands to its last rectifier, at its site.
  package var rectifying: FeatureVisitor?

  package init(
    entering: ((_ layer: Int, _ values: Tensor) -> Tensor)? = nil,
    mapping: ((_ map: String, _ inputs: Tensor, _ values: Tensor) -> Tensor)? = nil,
    rectifying: FeatureVisitor? = nil
  ) {
    self.entering = entering
    self.mapping = mapping
    self.rectifying = rectifying
  }
}

/// A place in a body where its values can be seen and replaced: a layer's name, without the group,
/// and the channels of its map.
package struct FeatureSite: Sendable, Equatable {
  package let name: String
  package let channels: Int

  package init(name: String, channels: Int) {
    self.name = name
    self.channels = channels
  }
}

extension Tensor {
  /// `self · weight + bias`, the bias repeated for every row.
  package func linear(_ weight: Tensor, _ bias: Tensor) -> Tensor {
    let product = matmul(weight)
    return product + bias.broadcast(bias.shape.count == 1 ? .scalar : .row, to: product.shape)
  }
}
