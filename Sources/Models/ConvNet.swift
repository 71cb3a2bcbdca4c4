import Autodiff

/// The network of few-shot classification, Conv4 (methods 0.4): four times 3×3 convolution, batch
/// normalisation, rectifier, 2×2 maximum, then a linear map; and Conv6, which has two more blocks.
///
/// The body ends before the last pool, so that other readers of its features see the last block's whole
/// map; the head pools, flattens and maps. Conv4 has 112,261 weights at width 64 and 28×28×1, 5-way;
/// 121,093 at 84×84×3. Conv6's fourth and fifth block are not pooled, so that whatever reads the
/// features sees maps of Conv4's size (Chen et al. 2019, A closer look at few-shot classification, 4.1).
/// Any number of blocks, each as wide as one likes, follows the same rule; layer normalisation or none
/// may stand in batch normalisation's place, and the convolutions' biases act then.
package struct ConvNet: Model {
  package let height: Int
  package let width: Int
  package let inputChannels: Int
  /// Channels of each block.
  package let widths: [Int]
  package let outputCount: Int
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
    self.init(
      height: height,
      width: width,
      inputChannels: inputChannels,
      widths: Array(repeating: channels, count: depth),
      outputs: outputs,
      style: style
    )
  }

  package init(
    height: Int,
    width: Int,
    inputChannels: Int,
    widths: [Int],
    outputs: Int,
    style: ModelStyle = ModelStyle()
  ) {
    precondition(widths.count > Self.pooledBlocks, "\(widths) are too few blocks for four pools")
    precondition(min(height, width) >= 16, "four pools need images of at least 16×16 pixels")
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.widths = widths
    outputCount = outputs
    self.style = style
  }

  /// Blocks.
  package var depth: Int { widths.count }
  /// Of the first block.
  package var channels: Int { widths[0] }

  package var name: String {
    let isEven = Set(widths).count == 1
    let size = (isEven ? [channels] : widths).map(String.init).joined(separator: "-")
    return "Conv\(depth)-\(size) \(height)×\(width)×\(inputChannels)" + style.suffix
  }
  package var option: (name: String, width: Int)? { (depth > 5 ? "conv6" : "conv4", channels) }
  package var normalisation: Normalisation { style.normalisation ?? .batch }
  package var bodyLayers: [String] { (1...depth).map { "block\($0)" } }

  /// The last block's map before its pool.
  private var lastMap: (height: Int, width: Int) { (height / 8, width / 8) }
  package var featureCount: Int { lastMap.height * lastMap.width * lastWidth }
  private var lastWidth: Int { widths[depth - 1] }

  package var unitCount: Int {
    widths.enumerated().reduce(0) { sum, block in
      let halvings = min(block.offset, Self.pooledBlocks)
      return sum + (height >> halvings) * (width >> halvings) * block.element
    }
  }

  package var inputShape: [Int] { [height, width, inputChannels] }
  package var featureMap: (height: Int, width: Int, channels: Int)? {
    (lastMap.height, lastMap.width, lastWidth)
  }

  package var parameters: [ParameterSpecification] {
    var (all, inputs) = ([ParameterSpecification](), inputChannels)
    for (layer, width) in zip(bodyLayers, widths) {
      let name = "body.\(layer)"
      all +=
        normalisation == .none
        ? ParameterSpecification.plainBlock(name, from: inputs, to: width)
        : ParameterSpecification.block(name, from: inputs, to: width)
      inputs = width
    }
    let pooled = (height: height / 16, width: width / 16, channels: lastWidth)
    return all
      + ParameterSpecification.linear(
        "head",
        from: pooled.height * pooled.width * lastWidth,
        to: outputCount,
        image: pooled,
        isBiased: style.hasHeadBias
      )
  }

  package var normalisedLayers: [NormalisedLayer] {
    guard normalisation == .batch else { return [] }
    return zip(bodyLayers, widths).map { NormalisedLayer(name: "body.\($0)", channels: $1) }
  }

  package var sites: [FeatureSite] {
    zip(bodyLayers, widths).map { FeatureSite(name: $0, channels: $1) }
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
      let isPooled = index < Self.pooledBlocks
      guard normalisation == .batch else {
        values = unbatched(values, "body.\(layer)", parameters, visitor)
        values = visitor.rectifying?(index, values) ?? values
        values = activation(isPooled ? values.maxPooled() : values)
        continue
      }
      let block = NormalisedBlock(values, "body.\(layer)", parameters, statistics, visitor)
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

  /// A block's values before its activation where no batch normalises them.
  private func unbatched(
    _ inputs: Tensor,
    _ name: String,
    _ parameters: ParameterTree<Tensor>,
    _ visitor: BodyVisitor
  ) -> Tensor {
    let product = inputs.convolution(parameters[name + ".conv.weight"])
    let biased = product + parameters[name + ".conv.bias"].broadcast(.row, to: product.shape)
    let values = visitor.mapping?(name + ".conv", inputs, biased) ?? biased
    return normalisation == .layer ? values.layerNormalised(name, parameters) : values
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
