import Kernels

extension Lowering {
  /// A stencil, responses, or a choice with the responses it names when the unit holds them too.
  func stencil(_ unit: Fusion.Unit, _ operands: [Address]) -> Stencil {
    let node = graph.nodes[unit.nodes[0]]
    let operation: Stencil.Operation =
      switch node.primitive {
      case .stencil(let isTransposed): .apply(isTransposed: isTransposed)
      case .stencilKernelGradient: .kernelGradient
      case .responseChoice: .choose(sums: unit.nodes.dropFirst().first.map { address($0) })
      case .responses: .responses(choices: operands[2])
      case .responsesInputGradient: .responsesInputGradient(choices: operands[2])
      case .responsesKernelGradient: .responsesKernelGradient(choices: operands[2])
      default: preconditionFailure("\(node.primitive) is no stencil")
      }
    let isOfImages = node.primitive != .responsesInputGradient
    let images = isOfImages ? graph.nodes[node.operands[0]].shape : node.shape
    return Stencil(
      operation,
      operands[0],
      operands[1],
      target: address(unit.nodes[0]),
      map: ImageMap(images)
    )
  }
}
