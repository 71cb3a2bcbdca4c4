import Glibc

/// Height, width and channels of a picture; channels lie next to each other in memory.
package struct ImageShape: Sendable, Hashable {
  package let height: Int
  package let width: Int
  package let channels: Int

  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Numbers in one picture.
  package var count: Int { height * width * channels }
}

/// The bytes of many pictures at a fixed place in memory, zero at first.
///
/// `@unchecked Sendable`: plain memory; workers that fill it write disjoint ranges, and it is read
/// only after they have all ended.
package final class PixelBuffer: @unchecked Sendable {
  package let count: Int
  fileprivate let start: UnsafeMutablePointer<UInt8>

  package init(count: Int) {
    self.count = count
    start = .allocate(capacity: max(count, 1))
    start.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { start.deallocate() }

  /// Overwrites the bytes from `offset` on.
  package func write(_ bytes: [UInt8], at offset: Int) {
    precondition(offset >= 0 && offset + bytes.count <= count, "\(bytes.count) bytes at \(offset)")
    bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { (start + offset).update(from: base, count: bytes.count) }
    }
  }

  /// A copy of a range.
  package func bytes(_ range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside \(count)")
    return Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
  }

  /// 64 bits that differ where a range's bytes do, or what was taken in before them: for telling
  /// pictures apart that nobody forges, at the speed of memory.
  package func fingerprint(_ range: Range<Int>, after before: UInt64 = 0) -> UInt64 {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside \(count)")
    // Each step is a bijection of what came before, so a difference stays one.
    func mixed(_ value: UInt64) -> UInt64 {
      let product = value &* 0x9e37_79b9_7f4a_7c15
      return product ^ product &>> 29
    }
    let bytes = UnsafeRawPointer(start + range.lowerBound)
    let words = range.count / 8
    var value = mixed(before ^ UInt64(range.count))
    for word in 0..<words {
      let next = bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
      value = mixed(value ^ UInt64(littleEndian: next))
    }
    for place in 8 * words..<range.count {
      value = mixed(value ^ UInt64(bytes.load(fromByteOffset: place, as: UInt8.self)))
    }
    return value
  }

  /// Equal for equal bytes, within one process.
  package func hash(_ range: Range<Int>) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside \(count)")
    var hasher = Hasher()
    let bytes = UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
    hasher.combine(bytes: bytes)
    return hasher.finalize()
  }

  /// Whether as many bytes are the same from one place on and from another.
  package func isEqual(_ first: Int, _ second: Int, count length: Int) -> Bool {
    precondition(min(first, second) >= 0 && max(first, second) + length <= count)
    return memcmp(start + first, start + second, length) == 0
  }
}

extension ArraySlice<Float> {
  /// Equal for equal bits, within one process.
  package var bitHash: Int {
    withUnsafeBytes { bytes in
      var hasher = Hasher()
      hasher.combine(bytes: bytes)
      return hasher.finalize()
    }
  }
}

extension AlignedBuffer {
  /// Writes bytes as numbers in [0, 1] from `offset` on.
  package func write(pixels: [UInt8], at offset: Int) {
    precondition(offset >= 0 && offset + pixels.count <= count, "\(pixels.count) at \(offset)")
    pixels.withUnsafeBufferPointer { source in
      for index in 0..<source.count { start[offset + index] = Float(source[index]) / 255 }
    }
  }

  /// Writes the picture at `source` of `pixels` as numbers in [0, 1] from `offset` on, turned
  /// counter-clockwise by quarters; only a square keeps its shape when turned by one or three.
  package func write(
    _ shape: ImageShape,
    of pixels: PixelBuffer,
    from source: Int,
    quarterTurns: Int,
    at offset: Int
  ) {
    precondition(offset >= 0 && offset + shape.count <= count, "\(shape) at \(offset) of \(count)")
    precondition(source >= 0 && source + shape.count <= pixels.count, "\(shape) from \(source)")
    let (input, output) = (pixels.start + source, start + offset)
    guard quarterTurns & 3 != 0 else {
      for index in 0..<shape.count { output[index] = Float(input[index]) / 255 }
      return
    }
    precondition(shape.height == shape.width || quarterTurns & 1 == 0, "\(shape) is no square")
    let (width, last) = (shape.width, shape.height * shape.width - 1)
    // Where the first pixel comes from, and the steps to the next row's and the next column's.
    let (first, down, right) =
      switch quarterTurns & 3 {
      case 1: (width - 1, -1, width)
      case 2: (last, -width, -1)
      default: (last - width + 1, 1, -width)
      }
    var written = 0
    for row in 0..<shape.height {
      for column in 0..<width {
        let pixel = (first + row * down + column * right) * shape.channels
        for channel in 0..<shape.channels {
          output[written] = Float(input[pixel + channel]) / 255
          written += 1
        }
      }
    }
  }
}
