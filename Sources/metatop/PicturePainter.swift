import Kernels
import Tasks

/// Draws pictures with half blocks: two pixels a character, the upper one the text's colour and the
/// lower one the ground's.
package struct PicturePainter {
  package enum Style: Sendable {
    /// 24-bit colours.
    case trueColor
    /// xterm's 256 colours.
    case indexed
    /// Half blocks without colour, dithered.
    case plain
    /// Characters from light to dark.
    case ascii

    var isASCII: Bool { self == .ascii }
  }

  package let style: Style
  /// Columns of a picture.
  package let width: Int

  package init(style: Style, width: Int) {
    self.style = style
    self.width = width
  }

  /// The lines of one picture, whose numbers are in [0, 1].
  package func lines(_ values: [Float], _ shape: ImageShape) -> [String] {
    let bytes = values.map { UInt8(min(max($0 * 255, 0), 255).rounded()) }
    let rows = max(shape.height * width / shape.width / 2, 1)
    let image = DecodedImage(shape: shape, bytes: bytes)
      .resized(height: 2 * rows, width: width, .area)
    return (0..<rows).map { line(image, $0) }
  }

  private func line(_ image: DecodedImage, _ row: Int) -> String {
    let pairs = (0..<width).map { column in
      (upper: pixel(image, 2 * row, column), lower: pixel(image, 2 * row + 1, column))
    }
    switch style {
    case .ascii: return pairs.map { Self.ascii(($0.upper.grey + $0.lower.grey) / 2) }.joined()
    case .plain:
      return pairs.enumerated().map { column, pair in
        Self.block(
          upper: pair.upper.grey > Self.threshold(2 * row, column),
          lower: pair.lower.grey > Self.threshold(2 * row + 1, column)
        )
      }.joined()
    case .trueColor, .indexed:
      return pairs.map { "\u{1B}[38;\(code($0.upper));48;\(code($0.lower))m▀" }.joined()
        + "\u{1B}[0m"
    }
  }

  /// Red, green and blue, 0…255.
  private struct Pixel {
    let red: Int
    let green: Int
    let blue: Int

    var grey: Int { (299 * red + 587 * green + 114 * blue) / 1000 }
  }

  private func pixel(_ image: DecodedImage, _ row: Int, _ column: Int) -> Pixel {
    let channels = image.shape.channels
    let start = (row * image.shape.width + column) * channels
    let values = (0..<3).map { Int(image.bytes[start + min($0, channels - 1)]) }
    return Pixel(red: values[0], green: values[1], blue: values[2])
  }

  private func code(_ pixel: Pixel) -> String {
    guard style == .indexed else { return "2;\(pixel.red);\(pixel.green);\(pixel.blue)" }
    if pixel.red == pixel.green, pixel.green == pixel.blue {
      // A ramp of 24 greys between black and white.
      let step = (pixel.red - 3) / 10
      return "5;\(pixel.red < 4 ? 16 : pixel.red > 246 ? 231 : 232 + min(max(step, 0), 23))"
    }
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    let cube = 36 * level(pixel.red) + 6 * level(pixel.green) + level(pixel.blue)
    return "5;\(16 + cube)"
  }

  private static func block(upper: Bool, lower: Bool) -> String {
    switch (upper, lower) {
    case (true, true): "█"
    case (true, false): "▀"
    case (false, true): "▄"
    case (false, false): " "
    }
  }

  /// Ordered dithering (Bayer 1973), so that photographs keep their shades.
  private static func threshold(_ row: Int, _ column: Int) -> Int {
    let matrix = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
    return 16 * matrix[row % 4 * 4 + column % 4] + 8
  }

  private static func ascii(_ grey: Int) -> String {
    let ramp = Array(" .:-=+*#%@")
    return String(ramp[min(grey * ramp.count / 256, ramp.count - 1)])
  }
}
