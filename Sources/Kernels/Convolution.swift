import CKernels

/// A convolution 3×3 with a border of one zero and stride one, over images stored pixel by pixel.
///
/// Images are `[batch, height, width, inputs]`, results `[batch, height, width, outputs]`, weights
/// `[3, 3, inputs, outputs]`.
package struct ConvolutionShape: Hashable, Sendable {
  package let batch: Int
  package let height: Int
  package let width: Int
  package let inputs: Int
  package let outputs: Int

  package init(batch: Int, height: Int, width: Int, inputs: Int, outputs: Int) {
    precondition(
      min(batch, height, width, inputs, outputs) > 0,
      "\(batch)x\(height)x\(width), \(inputs) to \(outputs): every size must be positive"
    )
    self.batch = batch
    self.height = height
    self.width = width
    self.inputs = inputs
    self.outputs = outputs
  }

  package var imageCount: Int { batch * height * width * inputs }
  package var resultCount: Int { batch * height * width * outputs }
  package var weightCount: Int { 9 * inputs * outputs }

  /// Multiplications and additions as they are written, those with the border's zeros included.
  package var floatingPointOperations: Int { 2 * 9 * imageCount * outputs }
}

/// How the sums are reached; each gives the same bits every time.
package enum ConvolutionAlgorithm: Int32, CaseIterable, Sendable {
  /// The sums as they are written.
  case direct
  /// Winograd's F(2×2, 3×3); direct where the numbers of channels are no multiples of 16.
  case winograd
  /// F(4×4, 3×3), under the same condition; its errors are ten times as large.
  case winograd4
  /// Products of tiles of bfloat16 with float32 sums, every number as one bfloat16, two or three; on a
  /// matrix engine or in ordinary arithmetic, with the same bits on every machine (`tiles.h`).
  case bfloat16
  /// About 4e-6 beside the size of what is summed.
  case bfloat16x2
  /// As exact as direct.
  case bfloat16x3

  /// The fastest that errs no more than `limit`, as measured on Zen 4; where the limit is tiles of
  /// bfloat16, these, or direct where there are fewer than 16 channels.
  ///
  /// Direct reaches the FMA peak. Winograd's tiles have a speed each, and lose what lies outside
  /// the image: at 3×3 and 64 channels F(2×2) is slower than direct, at 4×4 faster by two thirds.
  /// Transforming the weights costs as much as three tiles.
  package static func fastest(for shape: ConvolutionShape, upTo limit: Self) -> Self {
    guard limit.rawValue <= Self.winograd4.rawValue else {
      return min(shape.inputs, shape.outputs) < 16 ? .direct : limit
    }
    guard shape.inputs % 16 == 0, shape.outputs % 16 == 0 else { return .direct }
    let isNarrow = min(shape.inputs, shape.outputs) < 32
    func speed(_ perTile: Double, _ size: Int) -> Double {
      let rows = (shape.height + size - 1) / size
      let columns = (shape.width + size - 1) / size
      let inside = Double(shape.height * shape.width) / Double(rows * columns * size * size)
      let tiles = Double(shape.batch * rows * columns)
      return perTile * inside * tiles / (tiles + 3)
    }
    // GFLOP/s on one core; direct skips the border's zeros, which counts on small images.
    let direct = min(shape.height, shape.width) < 4 ? 140.0 : 120
    let candidates = [
      (Self.direct, direct),
      (.winograd, speed(isNarrow ? 165 : 228, 2)),
      (.winograd4, speed(isNarrow ? 240 : 375, 4)),
    ]
    .filter { $0.0.rawValue <= limit.rawValue }
    return candidates.max { $0.1 < $1.1 }?.0 ?? .direct
  }
}

/// The three linear maps that a convolution's derivatives of every order are made of.
package enum ConvolutionMap: UInt32, CaseIterable, Sendable {
  /// Image and weights give the result.
  case convolution
  /// Result and weights give the image: the transpose in the image.
  case imageGradient
  /// Image and result give the weights: the transpose in the weights.
  case weightGradient
}

/// One of the three maps, its shape, and how it is computed.
package struct Convolution: Hashable, Sendable {
  package let map: ConvolutionMap
  package let shape: ConvolutionShape
  package let algorithm: ConvolutionAlgorithm

  package init(_ map: ConvolutionMap, _ shape: ConvolutionShape, by algorithm: ConvolutionAlgorithm)
  {
    self.map = map
    self.shape = shape
    self.algorithm = algorithm
  }

  /// Floats of the first operand, the second, and what they give.
  package var counts: (first: Int, second: Int, result: Int) {
    switch map {
    case .convolution: (shape.imageCount, shape.weightCount, shape.resultCount)
    case .imageGradient: (shape.resultCount, shape.weightCount, shape.imageCount)
    case .weightGradient: (shape.imageCount, shape.resultCount, shape.weightCount)
    }
  }

  /// Floats of scratch memory a call needs, on every instruction set.
  package var scratchCount: Int {
    withUnsafePointer(to: description) {
      ck_convolution_scratch($0, ck_convolution_kind(map.rawValue))
    }
  }

  /// How many parts a call can be cut into, `wanted` at most.
  func parts(upTo wanted: Int) -> Int {
    withUnsafePointer(to: description) {
      Int(ck_convolution_parts($0, ck_convolution_kind(map.rawValue), Int32(wanted)))
    }
  }

  fileprivate var description: ck_convolution {
    ck_convolution(
      batch: Int32(shape.batch),
      height: Int32(shape.height),
      width: Int32(shape.width),
      inputs: Int32(shape.inputs),
      outputs: Int32(shape.outputs),
      algorithm: algorithm.rawValue,
      is_plain: 0
    )
  }
}

extension KernelTable {
  /// `result` (or, when it accumulates, `result` and) the map of both operands, plus the bias.
  ///
  /// Scratch memory begins on a cache line; only a convolution takes a bias.
  func run(
    _ convolution: Convolution,
    _ first: UnsafePointer<Float>,
    _ second: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>,
    bias: UnsafePointer<Float>? = nil,
    accumulates: Bool = false,
    scratch: UnsafeMutablePointer<Float>,
    _ part: Part = .whole
  ) {
    let start: Int32 = accumulates ? 1 : 0
    var description = convolution.description
    description.is_plain = usesMatrixEngine ? 0 : 1
    withUnsafePointer(to: description) { shape in
      let kernels = table.pointee
      let own = ck_convolution_part(
        shape,
        ck_convolution_kind(convolution.map.rawValue),
        Int32(part.index),
        Int32(part.count)
      )
      switch convolution.map {
      case .convolution: kernels.convolve(shape, first, second, bias, result, start, scratch, own)
      case .imageGradient:
        kernels.image_gradient(shape, first, second, result, start, scratch, own)
      case .weightGradient:
        kernels.weight_gradient(shape, first, second, result, start, scratch, own)
      }
    }
  }

  /// The same over whole buffers, which must be large enough.
  package func run(
    _ convolution: Convolution,
    _ first: AlignedBuffer,
    _ second: AlignedBuffer,
    into result: AlignedBuffer,
    bias: AlignedBuffer? = nil,
    accumulates: Bool = false,
    scratch: AlignedBuffer
  ) {
    let counts = convolution.counts
    precondition(first.count >= counts.first, "\(first.count) floats, not \(counts.first)")
    precondition(second.count >= counts.second, "\(second.count) floats, not \(counts.second)")
    precondition(result.count >= counts.result, "\(result.count) floats, not \(counts.result)")
    precondition(scratch.count >= convolution.scratchCount, "\(scratch.count) floats of scratch")
    precondition((bias?.count ?? .max) >= convolution.shape.outputs, "a bias is one row")
    precondition(bias == nil || convolution.map == .convolution, "a gradient takes no bias")
    run(
      convolution,
      first.start,
      second.start,
      into: result.start,
      bias: bias.map { UnsafePointer($0.start) },
      accumulates: accumulates,
      scratch: scratch.start
    )
  }
}
