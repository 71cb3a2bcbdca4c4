import Kernels

extension Lowering {
  func convolution(
    _ map: ConvolutionMap,
    _ unit: Fusion.Unit,
    _ operands: [Address]
  ) -> Instruction {
    let id = unit.nodes[0]
    let last = unit.nodes[unit.nodes.count - 1]
    let shapes = graph.nodes[id].operands.map { graph.nodes[$0].shape.dimensions }
    let own = graph.nodes[id].shape.dimensions
    let (input, output) =
      switch map {
      case .convolution: (shapes[0], own)
      case .imageGradient: (own, shapes[0])
      case .weightGradient: (shapes[0], shapes[1])
      }
    let shape = ConvolutionShape(
      batch: input[0],
      height: input[1],
      width: input[2],
      inputs: input[3],
      outputs: output[3]
    )
    return .convolution(
      Convolution(map, shape, by: .fastest(for: shape, upTo: convolutions)),
      operands[0],
      operands[1],
      target: address(last),
      accumulates: epilogues.byLast[last]?.addend != nil
    )
  }

  /// A choice, and the pixels it names when the unit holds them too.
  func choosing(_ unit: Fusion.Unit, _ operands: [Address]) -> Instruction {
    let choice = unit.nodes[0]
    let values = unit.nodes.dropFirst().first.map { address($0) }
    return .pooling(
      Pooling(
        .choose(direction: operands[1], values: values),
        source: operands[0],
        choices: address(choice),
        map: imageMap(graph.nodes[choice].operands[0])
      )
    )
  }

  /// A choice of zeros.
  func corners(_ id: Int) -> Instruction {
    let target = address(id)
    return .pad(source: target, target: target, start: 0, count: 0, total: Int32(storedCount(id)))
  }

  func spatialSum(
    _ id: Int,
    _ operands: [Address],
    isTransposed: Bool,
    of images: Int
  ) -> Instruction {
    .spatialSum(
      SpatialSum(
        isTransposed: isTransposed,
        source: operands[0],
        target: address(id),
        map: imageMap(images)
      )
    )
  }

  func gathering(_ id: Int, _ operands: [Address]) -> Instruction {
    let images = imageMap(graph.nodes[id].operands[0])
    return .pooling(
      Pooling(
        .gather(values: address(id)),
        source: operands[0],
        choices: operands[1],
        map: images
      )
    )
  }

  func scattering(_ id: Int, _ operands: [Address]) -> Instruction {
    .pooling(
      Pooling(
        .scatter(images: address(id)),
        source: operands[0],
        choices: operands[1],
        map: imageMap(id)
      )
    )
  }

  private func imageMap(_ id: Int) -> ImageMap { ImageMap(graph.nodes[id].shape) }
}

extension ImageMap {
  init(_ shape: Shape) {
    let size = shape.dimensions
    self.init(batch: size[0], height: size[1], width: size[2], channels: size[3])
  }
}
