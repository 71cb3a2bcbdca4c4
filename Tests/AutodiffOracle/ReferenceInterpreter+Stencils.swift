import Autodiff

extension ReferenceInterpreter {
  func evaluateStencils(
    _ primitive: Primitive,
    _ x: [[Double]],
    _ shapes: [Shape],
    _ shape: Shape
  ) -> [Double] {
    var result = [Double](repeating: 0, count: shape.count)
    switch primitive {
    case .stencil(let isTransposed):
      eachNeighbour(shape) { p, q, t in result[p] += x[0][q] * x[1][isTransposed ? 8 - t : t] }
    case .stencilKernelGradient:
      eachNeighbour(shapes[0]) { p, q, t in result[t] += x[0][q] * x[1][p] }
    case .responseChoice:
      for j in 0..<4 {
        let values = stencil(x[0], Array(x[1][9 * j..<9 * j + 9]), shape)
        for p in values.indices where !(values[p] <= 0) { result[p] += Double(1 << j) }
      }
    case .responses:
      eachResponse(shapes[0], x[2]) { p, q, tap, sum in result[sum] += x[0][q] * x[1][tap] }
    case .responsesInputGradient:
      eachResponse(shape, x[2]) { p, q, tap, sum in result[q] += x[0][sum] * x[1][tap] }
    case .responsesKernelGradient:
      eachResponse(shapes[0], x[2]) { p, q, tap, sum in result[tap] += x[0][q] * x[1][sum] }
    default: preconditionFailure("\(primitive) is no stencil")
    }
    return result
  }

  private func stencil(_ x: [Double], _ kernel: [Double], _ images: Shape) -> [Double] {
    var result = [Double](repeating: 0, count: images.count)
    eachNeighbour(images) { p, q, t in result[p] += x[q] * kernel[t] }
    return result
  }

  /// Each number, each of its nine neighbours that lies in the image, and which neighbour it is.
  private func eachNeighbour(_ images: Shape, _ body: (_ p: Int, _ q: Int, _ tap: Int) -> Void) {
    let size = images.dimensions
    for p in 0..<images.count {
      let pixel = p / size[3]
      let (row, column) = (pixel / size[2] % size[1], pixel % size[2])
      for tap in 0..<9 {
        let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
        guard (0..<size[1]).contains(row + dy), (0..<size[2]).contains(column + dx) else {
          continue
        }
        body(p, p + (dy * size[2] + dx) * size[3], tap)
      }
    }
  }

  /// The same for the stencils that the choice names, with the tap of the four kernels and the
  /// place of the sum.
  private func eachResponse(
    _ images: Shape,
    _ choice: [Double],
    _ body: (_ p: Int, _ q: Int, _ tap: Int, _ sum: Int) -> Void
  ) {
    let size = images.dimensions
    eachNeighbour(images) { p, q, t in
      let (image, channel) = (p / (size[1] * size[2] * size[3]), p % size[3])
      for j in 0..<4 where Int(choice[p]) >> j & 1 == 1 {
        body(p, q, 9 * j + t, (j * size[0] + image) * size[3] + channel)
      }
    }
  }
}
