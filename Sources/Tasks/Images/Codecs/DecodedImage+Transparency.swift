import Kernels

/// The smallest and the largest of some bytes.
private struct Extent {
  var low = UInt8.max
  var high = UInt8.min

  mutating func add(_ byte: UInt8) {
    low = min(low, byte)
    high = max(high, byte)
  }

  var size: Int { Int(high) - Int(low) }
}

extension DecodedImage {
  /// Below this many steps of 255 a picture is nearly uniform, above four times as many it is not.
  private static let faint = 16

  /// The picture laid on white paper.
  ///
  /// Stored numbers are mixed as they are, without gamma, as Python loaders mix them; the last of
  /// each pixel's numbers says how opaque it is. White strokes on a transparent ground vanish in it; that is noticed.
  init(onWhite stored: [UInt8], _ shape: ImageShape, conversions: ImageConversions) {
    let channels = shape.channels
    var bytes: [UInt8] = []
    bytes.reserveCapacity(shape.count)
    var laid = [Extent](repeating: Extent(), count: channels)
    var before = [Extent](repeating: Extent(), count: channels + 1)
    for start in stride(from: 0, to: stored.count, by: channels + 1) {
      let alpha = Int(stored[start + channels])
      before[channels].add(stored[start + channels])
      for channel in 0..<channels {
        let byte = stored[start + channel]
        let mixed = UInt8((Int(byte) * alpha + 255 * (255 - alpha) + 127) / 255)
        before[channel].add(byte)
        laid[channel].add(mixed)
        bytes.append(mixed)
      }
    }
    var conversions = conversions
    if before[channels].low < 255 {
      conversions.insert(.transparency)
      let isFaint = laid.allSatisfy { $0.size < Self.faint }
      if isFaint, before.contains(where: { $0.size >= 4 * Self.faint }) {
        conversions.insert(.vanished)
      }
    }
    self.init(shape: shape, bytes: bytes, conversions: conversions)
  }
}
