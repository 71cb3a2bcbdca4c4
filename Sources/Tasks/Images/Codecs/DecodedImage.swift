import Files
import Kernels

/// A picture in memory: bytes, rows first, one channel (grey) or three (red, green, blue).
package struct DecodedImage: Sendable, Equatable {
  package let shape: ImageShape
  package let bytes: [UInt8]
  /// What was done to the stored numbers.
  package let conversions: ImageConversions

  package init(
    shape: ImageShape,
    bytes: [UInt8],
    conversions: ImageConversions = ImageConversions()
  ) {
    precondition(bytes.count == shape.count, "\(bytes.count) bytes for \(shape)")
    self.shape = shape
    self.bytes = bytes
    self.conversions = conversions
  }

  /// More pixels than this are refused before any is decoded: a few bytes can claim billions.
  package static let largestPixelCount = 64 << 20

  /// Decodes a PNG or JPEG file, whatever its name says it is.
  package init(encoded: [UInt8]) throws(ImageError) {
    if encoded.isEmpty { throw ImageError("is empty; remove it or fetch it again") }
    if encoded.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = try Self.png(encoded)
    } else if encoded.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = try Self.jpeg(encoded)
    } else {
      throw ImageError("is neither PNG nor JPEG; convert it to one of them")
    }
  }

  static func checkSize(width: Int, height: Int) throws(ImageError) {
    guard width > 0, height > 0 else { throw ImageError("has no pixels; remove it") }
    guard width <= largestPixelCount / height else {
      throw ImageError(
        "claims \(width)×\(height) pixels, more than 64 million; make it smaller"
      )
    }
  }

  /// The same picture with one channel or three; grey is what the eye sees of a colour (BT.601).
  package func with(channels: Int) -> Self {
    guard channels != shape.channels else { return self }
    let pixels = shape.height * shape.width
    let shape = ImageShape(height: shape.height, width: shape.width, channels: channels)
    guard channels == 1 else {
      return Self(shape: shape, bytes: bytes.flatMap { [$0, $0, $0] })
    }
    let grey = (0..<pixels).map { pixel -> UInt8 in
      let red = 299 * Int(bytes[3 * pixel])
      let green = 587 * Int(bytes[3 * pixel + 1])
      let blue = 114 * Int(bytes[3 * pixel + 2])
      return UInt8((red + green + blue + 500) / 1000)
    }
    return Self(shape: shape, bytes: grey)
  }

  /// The negative: dark strokes on light paper become bright ones on a dark ground.
  package var inverted: Self { Self(shape: shape, bytes: bytes.map { 255 - $0 }) }
}

/// What is wrong with a picture, as the end of a sentence that its file's name begins.
package struct ImageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description.printable }
}
