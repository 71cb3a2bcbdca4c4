import Autodiff

/// The four-block network of few-shot classification (methods 0.4): four times 3×3 convolution,
/// batch normalisation, rectifier, 2×2 maximum, then a linear map.
///
/// The body ends before the last pool, because CML's co-learner reads the fourth block there; the
/// head pools, flattens and maps. 112,261 weights at width 64 and 28×28×1, 5-way; 121,093 at 84×84×3.
package struct Conv4: Model {
  package let height: Int
  package let width: Int
  package let inputChannels: Int
  package let channels: Int
  package let outputCount: Int

  package init(height: Int, width: Int, inputChannels: Int, channels: Int, outputs: Int) {
    precondition(min(height, width) >= 16, "four pools need images of at least 16×16 pixels")
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.channels = channels
    outputCount = outputs
  }

  package var name: String { "Conv4-\(channels) \(height)×\(width)×\(inputChannels)" }
  package var bodyLayers: [String] { (1...4).map { "block\($0)" } }

  /// The fourth block's map before its pool.
  private var lastMap: (height: Int, width: Int) { (height / 8, width / 8) }
  package var featureCount: Int { lastMap.height * lastMap.width * channels }

  package var coLearner: any CoLearner {
    ConvolutionalCoLearner(channels: channels, map: lastMap, outputCount: outputCount)
  }

  /// The paper's references for ConvNet-4: its own width, and the images' size.
  package var perturbation: Perturbation { Perturbation(channels: channels, height: height) }

  package var parameters: [ParameterSpecification] {
    var all = ParameterSpecification.block("body.block1", from: inputChannels, to: channels)
    for layer in bodyLayers.dropFirst() {
      all += ParameterSpecification.block("body.\(layer)", from: channels, to: channels)
    }
    let pooled = (height: height / 16, width: width / 16, channels: channels)
    return all
      + ParameterSpecification.linear(
        "head",
        from: pooled.height * pooled.width * channels,
        to: outputCount,
        image: pooled
      )
  }

  package var normalisedLayers: [NormalisedLayer] {
    bodyLayers.map { NormalisedLayer(name: "body.\($0)", channels: channels) }
  }

  package var perturbationSites: [NormalisedLayer] {
    bodyLayers.map { NormalisedLayer(name: $0, channels: channels) }
  }

  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    perturb: ((Int, Tensor) -> Tensor)?
  ) -> Tensor {
    var values = inputs
    for (index, layer) in bodyLayers.enumerated() {
      let block = NormalisedBlock(values, "body.\(layer)", parameters, statistics)
      let isLast = index == bodyLayers.count - 1
      if let perturb {
        // The largest of rectified numbers is the rectified largest, and a quarter of them is left.
        values = perturb(index, block.normalised)
        values = isLast ? values.relu() : values.maxPooled().relu()
      } else {
        values = isLast ? block.normalised.relu() : block.pooled
      }
    }
    return values
  }

  package func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    features.maxPooled().flattened()
      .linear(parameters["head.weight"], parameters["head.bias"])
  }
}

extension Tensor {
  /// One row an example, of everything else.
  func flattened() -> Tensor {
    let examples = shape.dimensions[0]
    return reshaped(to: [examples, shape.count / examples])
  }
}
