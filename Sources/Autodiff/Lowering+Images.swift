import Kernels

extension Lowering {
  func convolution(_ map: ConvolutionMap, _ id: Int, _ operands: [Address]) -> Instruction {
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
      Convolution(map, shape, by: algorithm),
      operands[0],
      operands[1],
      target: address(id)
    )
  }

  func pooling(_ operation: Pooling.Operation, _ id: Int, _ operands: [Address]) -> Instruction {
    let node = graph.nodes[id]
    let images = operation == .scatter ? node.shape : graph.nodes[node.operands[0]].shape
    let size = images.dimensions
    return .pooling(
      Pooling(
        operation,
        source: operands[0],
        choice: operands.count > 1 ? operands[1] : operands[0],
        target: address(id),
        images: (size[0], size[1], size[2], size[3])
      )
    )
  }
}
