import Autodiff
import Models

/// CML's second head: it reads the body's features and takes no inner-loop step.
package protocol CoLearner: Sendable {
  /// Named `colearner.*`.
  var parameters: [ParameterSpecification] { get }

  /// Layers with batch normalisation.
  var normalisedLayers: [NormalisedLayer] { get }

  /// `[examples, outputs]` from the body's features.
  func output(
    _ features: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics
  ) -> Tensor
}

extension Model {
  /// The paper's for features that are maps, and for plain numbers.
  ///
  /// It has none for residual networks, so theirs is our own: the one it uses in regression, on the
  /// mean features.
  package var coLearner: any CoLearner {
    guard let map = featureMap else {
      return DenseCoLearner(
        featureCount: featureCount,
        outputCount: outputCount,
        activation: activation
      )
    }
    return ConvolutionalCoLearner(
      channels: map.channels,
      map: (map.height, map.width),
      outputCount: outputCount,
      activation: activation
    )
  }
}

/// The co-learner for regression: one hidden layer, then a linear map (CML 4.1).
///
/// 1,681 weights at width 40.
package struct DenseCoLearner: CoLearner {
  package let featureCount: Int
  package let outputCount: Int
  package let activation: Activation

  package init(featureCount: Int, outputCount: Int, activation: Activation = .relu) {
    self.featureCount = featureCount
    self.outputCount = outputCount
    self.activation = activation
  }

  package var parameters: [ParameterSpecification] {
    ParameterSpecification.linear("colearner.layer1", from: featureCount, to: featureCount)
      + ParameterSpecification.linear("colearner.head", from: featureCount, to: outputCount)
  }

  package var normalisedLayers: [NormalisedLayer] { [] }

  package func output(
    _ features: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics
  ) -> Tensor {
    activation(
      features.linear(parameters["colearner.layer1.weight"], parameters["colearner.layer1.bias"])
    )
    .linear(parameters["colearner.head.weight"], parameters["colearner.head.bias"])
  }
}

/// The co-learner for images: two convolution blocks, the second one pooled, then a linear map
/// (CML A.1; 82,117 weights at width 64 and 84×84 images, 5-way).
package struct ConvolutionalCoLearner: CoLearner {
  package let channels: Int
  /// Height and width of the body's last map, before its pool.
  package let map: (height: Int, width: Int)
  package let outputCount: Int
  package let activation: Activation

  package var parameters: [ParameterSpecification] {
    let pooled = (height: map.height / 2, width: map.width / 2, channels: channels)
    return ParameterSpecification.block("colearner.block1", from: channels, to: channels)
      + ParameterSpecification.block("colearner.block2", from: channels, to: channels)
      + ParameterSpecification.linear(
        "colearner.head",
        from: pooled.height * pooled.width * channels,
        to: outputCount,
        image: pooled
      )
  }

  package var normalisedLayers: [NormalisedLayer] {
    ["colearner.block1", "colearner.block2"].map { NormalisedLayer(name: $0, channels: channels) }
  }

  package func output(
    _ features: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics
  ) -> Tensor {
    let first = NormalisedBlock(features, normalisedLayers[0].name, parameters, statistics)
      .normalised
    let second = NormalisedBlock(
      activation(first),
      normalisedLayers[1].name,
      parameters,
      statistics
    )
    return activation(second.pooled).flattened()
      .linear(parameters["colearner.head.weight"], parameters["colearner.head.bias"])
  }
}
