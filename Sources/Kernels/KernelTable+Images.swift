typealias Floats = UnsafeMutablePointer<Float>

extension KernelTable {
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
