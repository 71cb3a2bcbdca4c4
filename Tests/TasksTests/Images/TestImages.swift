import CImageCodecs
import CZlib
import Files

/// Writers of the formats that the product only reads.
enum TestImages {
  /// A PNG of 8-bit grey or colour.
  static func png(width: Int, height: Int, channels: Int, _ bytes: [UInt8]) -> [UInt8] {
    png(width: width, height: height, format: channels == 1 ? ci_png_gray : ci_png_rgb) {
      bytes.withUnsafeBytes($0)
    }
  }

  /// A PNG of 16-bit linear grey.
  static func png16(width: Int, height: Int, _ values: [UInt16]) -> [UInt8] {
    png(width: width, height: height, format: ci_png_gray | 4) { values.withUnsafeBytes($0) }
  }

  /// A PNG of indices into a palette of RGB colours.
  static func pngPalette(width: Int, height: Int, _ indices: [UInt8], _ palette: [UInt8]) -> [UInt8]
  {
    png(width: width, height: height, format: ci_png_rgb | 8, palette: palette) {
      indices.withUnsafeBytes($0)
    }
  }

  private static func png(
    width: Int,
    height: Int,
    format: UInt32,
    palette: [UInt8] = [],
    _ pixels: ((UnsafeRawBufferPointer) -> Void) -> Void
  ) -> [UInt8] {
    var image = png_image()
    image.version = ci_png_version
    (image.width, image.height) = (UInt32(width), UInt32(height))
    image.format = format
    image.colormap_entries = UInt32(palette.count / 3)
    var result = [UInt8](repeating: 0, count: 4096 + 16 * width * height)
    var size = result.count
    pixels { source in
      let status = palette.withUnsafeBytes { colors in
        png_image_write_to_memory(
          &image,
          &result,
          &size,
          0,
          source.baseAddress,
          0,
          colors.baseAddress
        )
      }
      precondition(status != 0, "the test's PNG could not be written")
    }
    return Array(result[..<size])
  }

  /// A JPEG; `channels` is 1, 3, or 4 for printing inks.
  static func jpeg(
    width: Int,
    height: Int,
    channels: Int,
    _ bytes: [UInt8],
    sampling: TJSAMP? = nil,
    isProgressive: Bool = false
  ) -> [UInt8] {
    let encoder = tjInitCompress()
    defer { tjDestroy(encoder) }
    var result: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let format = [1: TJPF_GRAY, 3: TJPF_RGB, 4: TJPF_CMYK][channels] ?? TJPF_RGB
    let sampling = sampling ?? (channels == 1 ? TJSAMP_GRAY : TJSAMP_444)
    let status = tjCompress2(
      encoder,
      bytes,
      Int32(width),
      0,
      Int32(height),
      Int32(format.rawValue),
      &result,
      &size,
      Int32(sampling.rawValue),
      95,
      isProgressive ? TJFLAG_PROGRESSIVE : 0
    )
    precondition(status == 0, "the test's JPEG could not be written")
    defer { tjFree(result) }
    return Array(UnsafeBufferPointer(start: result, count: Int(size)))
  }

  /// The checksum that ends a chunk of a PNG.
  static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let value = UInt32(crc32(0, bytes, UInt32(bytes.count)))
    return withUnsafeBytes(of: value.bigEndian, Array.init)
  }
}
