import Autodiff

/// The residual network of 20 layers for small images (He, Zhang, Ren and Sun 2016, 4.2).
///
/// A 3×3 stem, three stages of three basic blocks with 1, 2 and 4 times the width, a mean over pixels,
/// a linear map.
///
/// Where a stage begins with more channels on half as many rows and columns, the shortcut is a 1×1
/// convolution with batch normalisation on every second pixel: option B of the paper. Its option A
/// has no weights, but leaves half of the shortcut's channels without a signal, and would ask for a
/// padding along channels that nothing else here uses. 272,474 weights at width 16, three
/// channels and ten classes.
package struct ResNet20: Model {
  package let height: Int
  package let width: Int
  package let inputChannels: Int
  /// Channels of the first stage.
  package let channels: Int
  package let outputCount: Int
  package let style: ModelStyle

  package init(
    height: Int,
    width: Int,
    inputChannels: Int,
    channels: Int,
    outputs: Int,
    style: ModelStyle = ModelStyle()
  ) {
    precondition(
      height % Self.sideUnit == 0 && width % Self.sideUnit == 0,
      "\(height)×\(width) cannot be halved twice"
    )
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.channels = channels
    outputCount = outputs
    self.style = style
  }

  /// A basic block: what enters it, and what leaves.
  struct Block {
    let name: String
    let inputs: Int
    let outputs: Int
    /// The first of a stage halves rows and columns.
    let isHalving: Bool

    var units: [String] { ["body.\(name).unit1", "body.\(name).unit2"] }
    /// Of the convolution on the shortcut, where there is one.
    var shortcut: String? { inputs == outputs ? nil : "body.\(name).shortcut" }
  }

  private static let stem = "body.stem"

  var blocks: [Block] {
    (0..<9).map { index in
      let stage = index / 3
      let isFirst = index % 3 == 0 && stage > 0
      return Block(
        name: "block\(index + 1)",
        inputs: channels << (isFirst ? stage - 1 : stage),
        outputs: channels << stage,
        isHalving: isFirst
      )
    }
  }

  package var name: String {
    "ResNet20-\(channels) \(height)×\(width)×\(inputChannels)" + style.suffix
  }
  package var option: (name: String, width: Int)? { ("resnet20", channels) }
  package var inputShape: [Int] { [height, width, inputChannels] }
  package var sites: [FeatureSite] {
    blocks.map { FeatureSite(name: $0.name, channels: $0.outputs) }
  }
  package var bodyLayers: [String] { ["stem"] + blocks.map(\.name) }
  package var featureCount: Int { 4 * channels }

  /// Seven maps of the first stage, then six of half as many numbers, six of a quarter, and two
  /// shortcuts.
  package var unitCount: Int {
    let map = height * width * channels
    return 7 * map + 7 * (map / 2) + 7 * (map / 4)
  }

  package var parameters: [ParameterSpecification] {
    ParameterSpecification.unbiasedBlock(Self.stem, from: inputChannels, to: channels)
      + blocks.flatMap(parameters)
      + ParameterSpecification.linear(
        "head",
        from: featureCount,
        to: outputCount,
        isBiased: style.hasHeadBias
      )
  }

  private func parameters(of block: Block) -> [ParameterSpecification] {
    let units = block.units
    var all = ParameterSpecification.unbiasedBlock(units[0], from: block.inputs, to: block.outputs)
    all += ParameterSpecification.unbiasedBlock(units[1], from: block.outputs, to: block.outputs)
    if let shortcut = block.shortcut {
      all += ParameterSpecification.projection(shortcut, from: block.inputs, to: block.outputs)
    }
    return all
  }

  package var normalisation: Normalisation { .batch }

  package var normalisedLayers: [NormalisedLayer] {
    func layer(_ name: String, _ channels: Int) -> NormalisedLayer {
      NormalisedLayer(name: name, channels: channels, isBiased: false)
    }
    return [layer(Self.stem, channels)]
      + blocks.flatMap { block in
        (block.units + [block.shortcut].compactMap { $0 }).map { layer($0, block.outputs) }
      }
  }

  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor {
    let pass = ResidualPass(
      parameters: parameters,
      statistics: statistics,
      activation: activation,
      visitor: visitor
    )
    let entering = visitor.entering ?? { $1 }
    var values = activation(pass.convolved(entering(0, inputs), Self.stem))
    for (index, block) in blocks.enumerated() {
      let sum = pass.sum(entering(index + 1, values), block)
      values = activation(visitor.rectifying?(index, sum) ?? sum)
    }
    return values.spatialMean()
  }

  package func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    mapped(features, parameters)
  }
}

/// One pass through residual blocks.
private struct ResidualPass {
  let parameters: ParameterTree<Tensor>
  let statistics: BatchStatistics
  let activation: Activation
  let visitor: BodyVisitor

  /// What a block hands to its last rectifier: the second unit's values and the shortcut's.
  func sum(_ inputs: Tensor, _ block: ResNet20.Block) -> Tensor {
    let first = activation(convolved(inputs, block.units[0], isHalving: block.isHalving))
    let second = convolved(first, block.units[1])
    guard let name = block.shortcut else { return second + inputs }
    let read = block.isHalving ? inputs.subsampled() : inputs
    let projected = read.projected(parameters[name + ".conv.weight"])
    return second + normalised(mapped(name, read, projected), name)
  }

  /// A 3×3 convolution, of stride two when it halves, normalised.
  func convolved(_ inputs: Tensor, _ name: String, isHalving: Bool = false) -> Tensor {
    let product = inputs.convolution(parameters[name + ".conv.weight"])
    let values = mapped(name, inputs, product)
    return normalised(isHalving ? values.subsampled() : values, name)
  }

  private func mapped(_ name: String, _ inputs: Tensor, _ values: Tensor) -> Tensor {
    visitor.mapping?(name + ".conv", inputs, values) ?? values
  }

  private func normalised(_ values: Tensor, _ name: String) -> Tensor {
    NormalisedBlock(normalising: values, name, parameters, statistics).normalised
  }
}

extension Tensor {
  /// A 1×1 convolution; `weight` is `[in, out]`.
  package func projected(_ weight: Tensor) -> Tensor {
    matmul(weight).reshaped(to: Shape(shape.dimensions.dropLast() + [weight.shape.columns]))
  }
}
