/// What a network reads.
package enum ModelInput: Sendable, Equatable, CustomStringConvertible {
  case numbers
  /// Height, width and channels.
  case images
  /// Six numbers of `Landscape`, on which the parameters are points.
  case surface
  /// Nodes of a graph, with their features.
  case nodes

  package var description: String {
    switch self {
    case .numbers: "numbers"
    case .images: "images"
    case .surface: "a surface"
    case .nodes: "nodes of a graph"
    }
  }
}

/// What somebody wants a network for.
package struct ModelRequest: Sendable {
  /// Of one example.
  package var inputShape: [Int]
  package var outputs: Int
  package var width: Int
  /// The width of each layer, where they are told one by one.
  package var layers: [Int]?
  package var style: ModelStyle

  package init(
    inputShape: [Int],
    outputs: Int,
    width: Int,
    layers: [Int]? = nil,
    style: ModelStyle = ModelStyle()
  ) {
    self.inputShape = inputShape
    self.outputs = outputs
    self.width = width
    self.layers = layers
    self.style = style
  }
}

/// A kind of network that can be asked for by name.
package struct ModelEntry: Sendable {
  /// On the command line: `conv4`.
  package let name: String
  package let reads: ModelInput
  /// Widths it can have: units of a layer, or channels of the first.
  package let widths: StrideThrough<Int>
  /// The width where nobody says one; nil: the task knows.
  package let usualWidth: Int?
  /// The parameter whose stored shape begins with the width.
  package let widthParameter: String?
  /// How many layers it can have, each of one of `widths`; nil where it has its own.
  package var layerCounts: ClosedRange<Int>?
  /// What may normalise behind its layers, the usual one first.
  package var normalisations: [Normalisation] = [.none]
  /// Whether it has layers that a function follows, and a head that may have a bias.
  package var hasStyle: Bool { reads != .surface }
  /// What images it cannot read, as the end of a sentence about them, or nil.
  package let obstacle: @Sendable (_ inputShape: [Int]) -> String?
  package let make: @Sendable (ModelRequest) -> any Model

  /// The widths as a person reads them: `4 to 128`, `4 to 64 in fours`.
  package var widthText: String {
    let values = Array(widths)
    let range = "\(values[0]) to \(values[values.count - 1])"
    guard values.count > 1, values[1] - values[0] > 1 else { return range }
    let step = values[1] - values[0]
    return range + " in " + (step == 4 ? "fours" : "steps of \(step)")
  }

  /// The same as an order: `use a whole number from 4 to 128`.
  package var widthRule: String {
    let values = Array(widths)
    let step = values.count > 1 ? values[1] - values[0] : 1
    let what = step == 1 ? "a whole number" : "a multiple of \(step)"
    return "use \(what) from \(values[0]) to \(values[values.count - 1])"
  }
}

/// Every network metatop knows: the one list.
package enum ModelCatalog {
  package static let all = [
    mlp, convNet("conv4", depth: 4), convNet("conv6", depth: 6), resNet20, point, gcn,
  ]

  package static func entry(_ name: String) -> ModelEntry? { all.first { $0.name == name } }

  /// In the order of preference: the first is the usual one.
  package static func names(reading input: ModelInput) -> [String] {
    all.filter { $0.reads == input }.map(\.name)
  }

  private static let mlp = ModelEntry(
    name: "mlp",
    reads: .numbers,
    widths: stride(from: 1, through: 65_536, by: 1),
    usualWidth: nil,
    widthParameter: nil,
    layerCounts: 1...16,
    normalisations: [.none, .layer],
    obstacle: { _ in nil },
    make: { request in
      MLP(
        inputs: request.inputShape.reduce(1, *),
        hidden: request.layers ?? [request.width, request.width],
        outputs: request.outputs,
        style: request.style
      )
    }
  )

  private static let gcn = ModelEntry(
    name: "gcn",
    reads: .nodes,
    widths: stride(from: 1, through: 1_024, by: 1),
    usualWidth: nil,
    widthParameter: "body.layer1.weight",
    obstacle: { _ in nil },
    make: { request in
      GCN(
        inputs: request.inputShape[0],
        width: request.width,
        outputs: request.outputs,
        style: request.style
      )
    }
  )

  private static let point = ModelEntry(
    name: "point",
    reads: .surface,
    widths: stride(from: 1, through: 1_024, by: 1),
    usualWidth: nil,
    widthParameter: "toy.position",
    obstacle: { _ in nil },
    make: { PointModel(points: $0.width) }
  )

  private static func convNet(_ name: String, depth: Int) -> ModelEntry {
    ModelEntry(
      name: name,
      reads: .images,
      widths: ConvNet.widths,
      usualWidth: nil,
      widthParameter: "body.block1.conv.weight",
      layerCounts: ConvNet.depths,
      normalisations: [.batch, .layer, .none],
      obstacle: { shape in
        let side = ConvNet.smallestSide
        guard min(shape[0], shape[1]) < side else { return nil }
        return "halves them four times; use images of at least \(side)×\(side)"
      },
      make: { request in
        ConvNet(
          height: request.inputShape[0],
          width: request.inputShape[1],
          inputChannels: request.inputShape[2],
          widths: request.layers ?? Array(repeating: request.width, count: depth),
          outputs: request.outputs,
          style: request.style
        )
      }
    )
  }

  private static let resNet20 = ModelEntry(
    name: "resnet20",
    reads: .images,
    widths: ResNet20.widths,
    usualWidth: ResNet20.usualWidth,
    widthParameter: "body.stem.conv.weight",
    normalisations: [.batch],
    obstacle: { shape in
      let (unit, smallest) = (ResNet20.sideUnit, ResNet20.smallestSide)
      guard !shape[..<2].allSatisfy({ $0 >= smallest && $0 % unit == 0 }) else { return nil }
      return "halves them twice; use images whose sides are multiples of \(unit), at least "
        + "\(smallest)"
    },
    make: { request in
      ResNet20(
        height: request.inputShape[0],
        width: request.inputShape[1],
        inputChannels: request.inputShape[2],
        channels: request.width,
        outputs: request.outputs,
        style: request.style
      )
    }
  )
}
