import Autodiff

/// The network of few-shot classification, Conv4 (methods 0.4): four times 3×3 convolution, batch
/// normalisation, rectifier, 2×2 maximum, then a linear map; and Conv6, which has two more blocks.
///
/// The body ends before the last pool, so that other readers of its features see the last block's whole
/// map; the head pools, flattens and maps. Conv4 has 112,261 weights at width 64 and 28×28×1, 5-way;
/// 121,093 at 84×84×3. Conv6's fourth and fifth block are not pooled, so that whatever reads the
/// features sees maps of Conv4's size (Chen et al. 2019, A closer look at few-shot classification, 4.1).
package struct ConvNet: Model {
  package let height: Int
  package let width: Int
  package let inputChannels: Int
  package let channels: Int
  package let outputCount: Int
  /// Blocks: 4 or 6.
  package let depth: Int
  package let style: ModelStyle
  /// Blocks that a pool follows within the body.
  private static let pooledBlocks = 3

  package init(
    height: Int,
    width: Int,
    inputChannels: Int,
    channels: Int,
    outputs: Int,
    depth: Int = 4,
    style: ModelStyle = ModelStyle()
  ) {
    precondition(depth > Self.pooledBlocks, "\(depth) blocks are too few for four pools")
    precondition(min(height, width) >= 16, "four pools need images of at least 16×16 pixels")
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.channels = channels
    outputCount = outputs
    self.depth = depth
    self.style = style
  }

  package var name: String {
    "Conv\(depth)-\(channels) \(height)×\(width)×\(inputChannels)" + style.suffix
  }
  package var option: (name: String, width: Int)? { ("conv\(depth)", channels) }
  package var bodyLayers: [String] { (1...depth).map { "block\($0)" } }

  /// The last block's map before its pool.
  private var lastMap: (height: Int, width: Int) { (height / 8, width / 8) }
  package var featureCount: Int { lastMap.height * lastMap.width * channels }

  package var unitCount: Int {
    let pooled = (0..<Self.pooledBlocks).reduce(0) { $0 + (height >> $1) * (width >> $1) }
    return pooled * channels + (depth - Self.pooledBlocks) * featureCount
  }

  package var inputShape: [Int] { [height, width, inputChannels] }
  package var featureMap: (height: Int, width: Int, channels: Int)? {
    (lastMap.height, lastMap.width, channels)
  }

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
        image: pooled,
        isBiased: style.hasHeadBias
      )
  }

  package var normalisedLayers: [NormalisedLayer] {
    bodyLayers.map { NormalisedLayer(name: "body.\($0)", channels: channels) }
  }

  package var sites: [FeatureSite] {
    bodyLayers.map { FeatureSite(name: $0, channels: channels) }
  }

  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor {
    var values = inputs
    for (index, layer) in bodyLayers.enumerated() {
      values = visitor.entering?(index, values) ?? values
      let block = NormalisedBlock(values, "body.\(layer)", parameters, statistics, visitor)
      let isPooled = index < Self.pooledBlocks
      if let visit = visitor.rectifying {
        // A function that never falls takes the largest to the largest, and a quarter is left.
        values = visit(index, block.normalised)
        values = activation(isPooled ? values.maxPooled() : values)
      } else {
        values = activation(isPooled ? block.pooled : block.normalised)
      }
    }
    return values
  }

  package func headInputs(_ features: Tensor) -> Tensor { features.maxPooled().flattened() }

  package func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    mapped(headInputs(features), parameters)
  }
}

extension Tensor {
  /// One row an example, of everything else.
  package func flattened() -> Tensor {
    let examples = shape.dimensions[0]
    return reshaped(to: [examples, shape.count / examples])
  }
}
