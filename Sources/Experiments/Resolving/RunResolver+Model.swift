import Files
import Models
import Recording
import Tasks

extension RunResolver {
  /// What a network reads and tells apart.
  struct Example {
    /// Of the task, for sentences.
    let name: String
    let inputShape: [Int]
    let outputs: Int
    /// Of a network whose width nothing says.
    let usualWidth: Int
  }

  /// The network for the task's examples.
  func model(
    _ task: any TaskDistribution,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> any Model {
    let layout = task.layout(shot: 1, queryShot: 1)
    let example = Example(
      name: task.name,
      inputShape: layout.inputShape,
      outputs: layout.targetCount,
      usualWidth: task.defaults.width
    )
    return try model(example, initial)
  }

  /// The network for such examples; `initial` gives its width where no option does.
  func model(
    _ example: Example,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> any Model {
    let isImages = example.inputShape.count == 3
    let known = isImages ? "conv4, conv6 or resnet20" : "mlp"
    switch options.model ?? (isImages ? "conv4" : "mlp") {
    case "mlp":
      guard !isImages else {
        throw problem(.model, "mlp reads numbers, and \(example.name) has images; use \(known)")
      }
      let width = options.width ?? example.usualWidth
      return MLP(
        inputs: example.inputShape[0],
        hidden: [width, width],
        outputs: example.outputs
      )
    case let name where ["conv4", "conv6", "resnet20"].contains(name):
      guard isImages else {
        throw problem(.model, "\(name) reads images, and \(example.name) has numbers; use mlp")
      }
      return try name == "resnet20"
        ? resNet20(example, initial)
        : convNet(example, initial, depth: name == "conv6" ? 6 : 4)
    case let name:
      throw problem(.model, "there is no model \"\(name)\" for this task; use \(known)")
    }
  }

  private func convNet(
    _ example: Example,
    _ initial: TensorFile?,
    depth: Int
  ) throws(ConfigurationError) -> ConvNet {
    let (height, width) = (example.inputShape[0], example.inputShape[1])
    guard min(height, width) >= ConvNet.smallestSide else {
      let side = ConvNet.smallestSide
      throw badSize(
        example,
        "conv\(depth) halves them four times; use images of at least "
          + "\(side)×\(side)"
      )
    }
    return ConvNet(
      height: height,
      width: width,
      inputChannels: example.inputShape[2],
      channels: try channels(
        "conv\(depth)",
        stored: initial?.shape(named: "body.block1.conv.weight")?.first,
        usual: example.usualWidth,
        among: ConvNet.widths
      ),
      outputs: example.outputs,
      depth: depth
    )
  }

  private func resNet20(
    _ example: Example,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> ResNet20 {
    let sides = Array(example.inputShape[..<2])
    let (unit, smallest) = (ResNet20.sideUnit, ResNet20.smallestSide)
    guard sides.allSatisfy({ $0 >= smallest && $0 % unit == 0 }) else {
      throw badSize(
        example,
        "resnet20 halves them twice; use images whose sides are multiples "
          + "of \(unit), at least \(smallest)"
      )
    }
    return ResNet20(
      height: sides[0],
      width: sides[1],
      inputChannels: example.inputShape[2],
      channels: try channels(
        "resnet20",
        stored: initial?.shape(named: "body.stem.conv.weight")?.first,
        usual: ResNet20.usualWidth,
        among: ResNet20.widths
      ),
      outputs: example.outputs
    )
  }

  private func badSize(
    _ example: Example,
    _ what: String
  ) -> ConfigurationError {
    let (height, width) = (example.inputShape[0], example.inputShape[1])
    return badTask(
      DatasetError(
        path: example.name,
        reason: "has images of \(height)×\(width) pixels, and \(what)"
      )
    )
  }

  /// A network's width: the option's, that of the stored parameters, or the usual one.
  private func channels(
    _ model: String,
    stored: Int?,
    usual: Int,
    among widths: StrideThrough<Int>
  ) throws(ConfigurationError) -> Int {
    let channels = options.width ?? stored ?? usual
    guard widths.contains(channels) || channels == stored else {
      let largest = widths.reduce(0, max)
      throw problem(
        .width,
        "\(channels) is not allowed for \(model); use a multiple of 8 from 8 to \(largest)"
      )
    }
    return channels
  }
}
