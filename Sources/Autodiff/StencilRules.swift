import Kernels

/// Shape and gradient rules of stencils.
extension Graph {
  func areStencils(_ primitive: Primitive, _ shapes: [Shape], _ shape: Shape) -> Bool {
    switch primitive {
    case .stencil: shapes[0] == shape && shape.isImages && shapes[1].count == 9
    case .stencilKernelGradient: shapes[0] == shapes[1] && shapes[0].isImages && shape == [9]
    case .responseChoice: shapes[0] == shape && shape.isImages && shapes[1].isStencils
    case .responses:
      shapes[0] == shapes[2] && shapes[1].isStencils && shapes[0].responses == shape
    case .responsesInputGradient:
      shape == shapes[2] && shapes[1].isStencils && shape.responses == shapes[0]
    case .responsesKernelGradient:
      shapes[0] == shapes[2] && shape.isStencils && shapes[0].responses == shapes[1]
    default: false
    }
  }

  /// Every map here is linear in each of its first two operands.
  func stencilRule(_ primitive: Primitive, _ x: [Tensor], _ g: Tensor) -> [Tensor?] {
    switch primitive {
    case .stencil(let isTransposed):
      let kernel = isTransposed ? g.stencilKernelGradient(x[0]) : x[0].stencilKernelGradient(g)
      return [
        g.stencil(x[1], isTransposed: !isTransposed), kernel.reshaped(to: x[1].shape),
      ]
    case .stencilKernelGradient:
      return [x[1].stencil(g, isTransposed: true), x[0].stencil(g, isTransposed: false)]
    case .responses:
      let kernels = x[0].responsesKernelGradient(g, x[2])
      return [g.responsesInputGradient(x[1], x[2]), kernels.reshaped(to: x[1].shape), nil]
    case .responsesInputGradient:
      let kernels = g.responsesKernelGradient(x[0], x[2])
      return [g.responses(x[1], x[2]), kernels.reshaped(to: x[1].shape), nil]
    case .responsesKernelGradient:
      return [x[1].responsesInputGradient(g, x[2]), x[0].responses(g, x[2]), nil]
    default: return x.map { _ in nil }
    }
  }
}

extension Shape {
  var isImages: Bool { dimensions.count == 4 }

  /// Four stencils of nine numbers.
  static let stencils: Self = [Stencil.responseCount, 9]
  var isStencils: Bool { count == Self.stencils.count }

  /// The shape of four stencils' sums over each of these images.
  var responses: Shape? {
    isImages ? [Stencil.responseCount, dimensions[0], dimensions[3]] : nil
  }
}
