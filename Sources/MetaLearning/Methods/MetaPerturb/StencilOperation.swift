import Autodiff

/// The kernels of MetaPerturb's noise network: 3×3 stencils with padding 1, which all channels of
/// images `[batch, height, width, channels]` share, and the responses of four of them.
///
/// Each map is linear in each of its first two operands, and each is a derivative of the others, so
/// the set is closed under differentiation. Six passes over a map instead of about ninety chains: a
/// site of the network took four times as long without them.
enum StencilOperation: FusedOperation {
  /// Of images and nine numbers; transposed, with the kernel turned by a half.
  case stencil(isTransposed: Bool)
  /// From images and a gradient of their stencil, the gradient of the nine numbers, `[9]`.
  case kernelGradient
  /// In which places each of four stencils `[4, 9]` of an image is positive, or not a number: a bit
  /// for each, in a byte that only the three below can read.
  case choice
  /// The sums over each image of four stencils where a choice says, `[4, batch, channels]`: of an
  /// image, the stencils and their choice, sums of rectified stencils that are never stored.
  case responses
  /// From a gradient of the responses, the stencils and the choice, the images' gradient.
  case responsesInputGradient
  /// From images, a gradient of their responses and the choice, the stencils' gradient `[4, 9]`.
  case responsesKernelGradient

  static let all: [Self] = [
    .stencil(isTransposed: false), .stencil(isTransposed: true), .kernelGradient, .choice,
    .responses,
    .responsesInputGradient, .responsesKernelGradient,
  ]

  var isChoice: Bool { self == .choice }

  func finds(_ other: any FusedOperation) -> Bool {
    self == .choice && other as? Self == .responses
  }

  func accepts(_ shapes: [Shape], as shape: Shape) -> Bool {
    switch self {
    case .stencil: shapes[0] == shape && shape.isImages && shapes[1].count == 9
    case .kernelGradient: shapes[0] == shapes[1] && shapes[0].isImages && shape == [9]
    case .choice: shapes[0] == shape && shape.isImages && shapes[1].isStencils
    case .responses:
      shapes[0] == shapes[2] && shapes[1].isStencils && shapes[0].responses == shape
    case .responsesInputGradient:
      shape == shapes[2] && shapes[1].isStencils && shape.responses == shapes[0]
    case .responsesKernelGradient:
      shapes[0] == shapes[2] && shape.isStencils && shapes[0].responses == shapes[1]
    }
  }

  func gradient(_ x: [Tensor], upstream g: Tensor) -> [Tensor?] {
    switch self {
    case .stencil(let isTransposed):
      let kernel = isTransposed ? g.stencilKernelGradient(x[0]) : x[0].stencilKernelGradient(g)
      return [
        g.stencil(x[1], isTransposed: !isTransposed), kernel.reshaped(to: x[1].shape),
      ]
    case .kernelGradient:
      return [x[1].stencil(g, isTransposed: true), x[0].stencil(g, isTransposed: false)]
    case .choice: return x.map { _ in nil }
    case .responses:
      let kernels = x[0].responsesKernelGradient(g, x[2])
      return [g.responsesInputGradient(x[1], x[2]), kernels.reshaped(to: x[1].shape), nil]
    case .responsesInputGradient:
      let kernels = g.responsesKernelGradient(x[0], x[2])
      return [g.responses(x[1], x[2]), kernels.reshaped(to: x[1].shape), nil]
    case .responsesKernelGradient:
      return [x[1].responsesInputGradient(g, x[2]), x[0].responses(g, x[2]), nil]
    }
  }

  func operationCount(_ shapes: [Shape], as shape: Shape) -> Int {
    // A multiplication and an addition at each of nine places.
    let kernel = 2 * 9
    return switch self {
    case .stencil: kernel * shape.count
    case .kernelGradient: kernel * shapes[0].count
    case .choice: 4 * shapes[0].count
    case .responses: 4 * (kernel + 1) * shapes[0].count
    case .responsesInputGradient: 4 * kernel * shape.count
    case .responsesKernelGradient: 4 * kernel * shapes[0].count
    }
  }

  func kernel(_ memory: FusedMemory) -> FusedKernel {
    let (operands, images) = (memory.operands, memory.shapes[0])
    return switch self {
    case .stencil(let isTransposed):
      memory.stencil(.apply(isTransposed: isTransposed), on: images)
    case .kernelGradient: memory.stencil(.kernelGradient, on: images)
    case .choice: memory.stencil(.choose(sums: memory.companion), on: images)
    case .responses: memory.stencil(.responses(choices: operands[2]), on: images)
    case .responsesInputGradient:
      memory.stencil(.responsesInputGradient(choices: operands[2]), on: memory.shape)
    case .responsesKernelGradient:
      memory.stencil(.responsesKernelGradient(choices: operands[2]), on: images)
    }
  }

  // MARK: In double precision

  func reference(_ x: [[Double]], _ shapes: [Shape], as shape: Shape) -> [Double] {
    var result = [Double](repeating: 0, count: shape.count)
    switch self {
    case .stencil(let isTransposed):
      Self.eachNeighbour(shape) { p, q, t in
        result[p] += x[0][q] * x[1][isTransposed ? 8 - t : t]
      }
    case .kernelGradient:
      Self.eachNeighbour(shapes[0]) { p, q, t in result[t] += x[0][q] * x[1][p] }
    case .choice:
      for j in 0..<4 {
        var values = [Double](repeating: 0, count: shape.count)
        Self.eachNeighbour(shape) { p, q, t in values[p] += x[0][q] * x[1][9 * j + t] }
        for p in values.indices where !(values[p] <= 0) { result[p] += Double(1 << j) }
      }
    case .responses:
      Self.eachResponse(shapes[0], x[2]) { p, q, tap, sum in result[sum] += x[0][q] * x[1][tap] }
    case .responsesInputGradient:
      Self.eachResponse(shape, x[2]) { p, q, tap, sum in result[q] += x[0][sum] * x[1][tap] }
    case .responsesKernelGradient:
      Self.eachResponse(shapes[0], x[2]) { p, q, tap, sum in result[tap] += x[0][q] * x[1][sum] }
    }
    return result
  }

  /// Each number, each of its nine neighbours that lies in the image, and which neighbour it is.
  private static func eachNeighbour(
    _ images: Shape,
    _ body: (_ p: Int, _ q: Int, _ tap: Int) -> Void
  ) {
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
  private static func eachResponse(
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

extension Shape {
  fileprivate var isImages: Bool { dimensions.count == 4 }

  /// Four stencils of nine numbers.
  static let stencils: Self = [FusedMemory.stencilCount, 9]
  fileprivate var isStencils: Bool { count == Self.stencils.count }

  /// The shape of four stencils' sums over each of these images.
  var responses: Shape? {
    isImages ? [FusedMemory.stencilCount, dimensions[0], dimensions[3]] : nil
  }
}
