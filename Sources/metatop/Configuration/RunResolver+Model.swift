import Models
import Tasks

extension RunResolver {
  /// The network for the task's examples; `initial` gives its width where no option does.
  func model(
    _ task: any TaskDistribution,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> any Model {
    let example = task.layout(shot: 1, queryShot: 1)
    let isImages = example.inputShape.count == 3
    let known = isImages ? "conv4, conv6 or resnet20" : "mlp"
    switch options.model ?? (isImages ? "conv4" : "mlp") {
    case "mlp":
      guard !isImages else {
        throw problem(.model, "mlp reads numbers, and \(task.name) has images; use \(known)")
      }
      let width = options.width ?? task.defaults.width
      return MLP(
        inputs: example.inputShape[0],
        hidden: [width, width],
        outputs: example.targetCount
      )
    case let name where ["conv4", "conv6", "resnet20"].contains(name):
      guard isImages else {
        throw problem(.model, "\(name) reads images, and \(task.name) has numbers; use mlp")
      }
      return try name == "resnet20"
        ? resNet20(task, example, initial)
        : convNet(task, example, initial, depth: name == "conv6" ? 6 : 4)
    case let name:
      throw problem(.model, "there is no model \"\(name)\" for this task; use \(known)")
    }
  }

  private func convNet(
    _ task: any TaskDistribution,
    _ example: EpisodeLayout,
    _ initial: TensorFile?,
    depth: Int
  ) throws(ConfigurationError) -> ConvNet {
    let (height, width) = (example.inputShape[0], example.inputShape[1])
    guard min(height, width) >= ConvNet.smallestSide else {
      let side = ConvNet.smallestSide
      throw badSize(
        task,
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
        usual: task.defaults.width,
        among: ConvNet.widths
      ),
      outputs: example.targetCount,
      depth: depth
    )
  }

  private func resNet20(
    _ task: any TaskDistribution,
    _ example: EpisodeLayout,
    _ initial: TensorFile?
  ) throws(ConfigurationError) -> ResNet20 {
    let sides = Array(example.inputShape[..<2])
    let (unit, smallest) = (ResNet20.sideUnit, ResNet20.smallestSide)
    guard sides.allSatisfy({ $0 >= smallest && $0 % unit == 0 }) else {
      throw badSize(
        task,
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
      outputs: example.targetCount
    )
  }

  private func badSize(
    _ task: any TaskDistribution,
    _ example: EpisodeLayout,
    _ what: String
  ) -> ConfigurationError {
    let (height, width) = (example.inputShape[0], example.inputShape[1])
    return badTask(
      DatasetError(
        path: task.name,
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
