import Kernels

/// How a picture is brought to another size.
package enum Resize: String, Sendable, CaseIterable {
  /// The pixel at each new pixel's middle: hard edges stay hard.
  case nearest
  /// The mean over each new pixel's area.
  case area
}

extension DecodedImage {
  /// The picture with another height and width; its sides are stretched apart if need be.
  package func resized(height: Int, width: Int, _ resize: Resize) -> Self {
    guard height != shape.height || width != shape.width else { return self }
    let shape = ImageShape(height: height, width: width, channels: shape.channels)
    return switch resize {
    case .nearest: nearest(shape)
    case .area: area(shape)
    }
  }

  private func nearest(_ new: ImageShape) -> Self {
    func sources(_ count: Int, of old: Int) -> [Int] {
      (0..<count).map { (2 * $0 + 1) * old / (2 * count) }
    }
    // Where the bytes of a new row lie in an old one.
    let places = sources(new.width, of: shape.width).flatMap { column in
      (0..<shape.channels).map { column * shape.channels + $0 }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(new.count)
    for row in sources(new.height, of: shape.height) {
      let start = row * shape.width * shape.channels
      for place in places { bytes.append(self.bytes[start + place]) }
    }
    return Self(shape: new, bytes: bytes)
  }

  /// The share of each old pixel that a new one covers.
  private struct Share {
    let source: Int
    let weight: Float
  }

  private static func shares(_ count: Int, of old: Int) -> [[Share]] {
    let scale = Float(old) / Float(count)
    return (0..<count).map { index in
      let (begin, end) = (Float(index) * scale, Float(index + 1) * scale)
      let first = min(Int(begin), old - 1)
      let last = min(max(Int(end.rounded(.up)) - 1, first), old - 1)
      return (first...last).map { source in
        let covered = min(end, Float(source + 1)) - max(begin, Float(source))
        return Share(source: source, weight: max(covered, 0) / scale)
      }
    }
  }

  private func area(_ new: ImageShape) -> Self {
    let rows = Self.shares(new.height, of: shape.height)
    let columns = Self.shares(new.width, of: shape.width)
    var line = [Float](repeating: 0, count: shape.width * shape.channels)
    var result: [UInt8] = []
    result.reserveCapacity(new.count)
    for shares in rows {
      for index in line.indices { line[index] = 0 }
      for share in shares {
        let start = share.source * line.count
        for index in line.indices { line[index] += share.weight * Float(bytes[start + index]) }
      }
      for shares in columns {
        for channel in 0..<shape.channels {
          let sum = shares.reduce(Float(0)) { sum, share in
            sum + share.weight * line[share.source * shape.channels + channel]
          }
          result.append(UInt8(min(max(sum.rounded(), 0), 255)))
        }
      }
    }
    return Self(shape: new, bytes: result)
  }
}
