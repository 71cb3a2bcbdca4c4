/// The shape of a 3×3 convolution with padding 1.
package struct ConvolutionShape: Sendable, Equatable {
  package let batch: Int
  package let height: Int
  package let width: Int
  package let inputs: Int
  package let outputs: Int

  package init(batch: Int, height: Int, width: Int, inputs: Int, outputs: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.inputs = inputs
    self.outputs = outputs
  }
}

typealias Floats = UnsafeMutablePointer<Float>

extension KernelTable {
  /// Row by row and tap by tap through the small-product kernel.
  func convolve(_ convolution: Convolution, _ bases: Bases) {
    let (a, b, c) = (bases[convolution.a], bases[convolution.b], bases[convolution.target])
    let s = convolution.shape
    switch convolution.direction {
    case .output:
      c.update(repeating: 0, count: s.batch * s.height * s.width * s.outputs)
      eachTap(s) { x, y, tap, width in
        table.pointee.matmul(
          a + x * s.inputs,
          s.inputs,
          1,
          b + tap * s.inputs * s.outputs,
          c + y * s.outputs,
          Int32(width),
          Int32(s.outputs),
          Int32(s.inputs),
          1,
          nil,
          0
        )
      }
    case .inputGradient:
      c.update(repeating: 0, count: s.batch * s.height * s.width * s.inputs)
      let transposed = Floats.allocate(capacity: 9 * s.inputs * s.outputs)
      defer { transposed.deallocate() }
      for tap in 0..<9 {
        let offset = tap * s.inputs * s.outputs
        table.pointee.transpose(b + offset, transposed + offset, Int32(s.inputs), Int32(s.outputs))
      }
      eachTap(s) { x, y, tap, width in
        table.pointee.matmul(
          a + y * s.outputs,
          s.outputs,
          1,
          transposed + tap * s.inputs * s.outputs,
          c + x * s.inputs,
          Int32(width),
          Int32(s.inputs),
          Int32(s.outputs),
          1,
          nil,
          0
        )
      }
    case .weightGradient:
      c.update(repeating: 0, count: 9 * s.inputs * s.outputs)
      eachTap(s) { x, y, tap, width in
        table.pointee.matmul(
          a + x * s.inputs,
          1,
          s.inputs,
          b + y * s.outputs,
          c + tap * s.inputs * s.outputs,
          Int32(s.inputs),
          Int32(s.outputs),
          Int32(width),
          1,
          nil,
          0
        )
      }
    }
  }

  /// Calls `body` with the first input and output pixel of every row under every tap, and how many
  /// pixels of the row the tap reaches.
  private func eachTap(
    _ s: ConvolutionShape,
    _ body: (_ input: Int, _ output: Int, _ tap: Int, _ width: Int) -> Void
  ) {
    for image in 0..<s.batch {
      for row in 0..<s.height {
        let output = (image * s.height + row) * s.width
        for tap in 0..<9 {
          let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
          guard row + dy >= 0, row + dy < s.height, s.width > abs(dx) else { continue }
          let input = output + dy * s.width
          body(input + max(dx, 0), output + max(-dx, 0), tap, s.width - abs(dx))
        }
      }
    }
  }

  func pool(_ pooling: Pooling, _ bases: Bases) {
    let (source, choice, target) = (
      bases[pooling.source], bases[pooling.choice], bases[pooling.target]
    )
    let channels = pooling.channels
    if pooling.operation == .scatter {
      target.update(
        repeating: 0,
        count: pooling.batch * pooling.height * pooling.width * channels
      )
    }
    eachWindow(pooling) { window, corner in
      let offsets = (0, channels, pooling.width * channels, (pooling.width + 1) * channels)
      for channel in 0..<channels {
        let (small, large) = (window * channels + channel, corner * channels + channel)
        switch pooling.operation {
        case .choose:
          var (best, index) = (source[large + offsets.0], Float(0))
          if source[large + offsets.1] > best { (best, index) = (source[large + offsets.1], 1) }
          if source[large + offsets.2] > best { (best, index) = (source[large + offsets.2], 2) }
          if source[large + offsets.3] > best { (best, index) = (source[large + offsets.3], 3) }
          target[small] = index
        case .gather: target[small] = source[large + Self.offset(choice[small], offsets)]
        case .scatter: target[large + Self.offset(choice[small], offsets)] = source[small]
        }
      }
    }
  }

  @inline(__always)
  private static func offset(_ choice: Float, _ offsets: (Int, Int, Int, Int)) -> Int {
    choice < 2 ? (choice < 1 ? offsets.0 : offsets.1) : (choice < 3 ? offsets.2 : offsets.3)
  }

  /// Calls `body` with each window's number and the pixel at its upper left corner.
  private func eachWindow(_ pooling: Pooling, _ body: (_ window: Int, _ corner: Int) -> Void) {
    let (height, width) = (pooling.height / 2, pooling.width / 2)
    for image in 0..<pooling.batch {
      for row in 0..<height {
        for column in 0..<width {
          body(
            (image * height + row) * width + column,
            (image * pooling.height + 2 * row) * pooling.width + 2 * column
          )
        }
      }
    }
  }

  func rowMaximum(_ source: Floats, _ target: Floats, _ rows: Int, _ columns: Int) {
    for row in 0..<rows {
      var largest = source[row * columns]
      for column in 1..<max(columns, 1) { largest = max(largest, source[row * columns + column]) }
      target[row] = largest
    }
  }
}
