import CImageCodecs
import Kernels

extension DecodedImage {
  /// Decodes a PNG of any kind to the numbers that are stored in it.
  ///
  /// Palettes are looked up, fewer bits stretched to 8 and 16 divided by 257; what is transparent
  /// shows white paper. Gamma and colour profiles are not applied, as Python loaders do not.
  static func png(_ encoded: [UInt8]) throws(ImageError) -> Self {
    let chunks = PNGChunks(encoded)
    var conversions = ImageConversions()
    if chunks.bitDepth == 16 { conversions.insert(.deep) }
    if chunks.hasPalette { conversions.insert(.palette) }
    if chunks.bitDepth < 8, !chunks.hasPalette { conversions.insert(.shallow) }
    if chunks.hasProfile { conversions.insert(.profile) }
    var image = png_image()
    image.version = ci_png_version
    defer { png_image_free(&image) }
    var result: Result<Self, ImageError> = .failure(ImageError("is damaged"))
    // libpng keeps pointing into the bytes from the first call to the last.
    chunks.withoutColorSpace.withUnsafeBytes { source in
      result = Result { () throws(ImageError) in try decode(&image, source, conversions) }
    }
    return chunks.orientation.upright(try result.get())
  }

  private static func decode(
    _ image: inout png_image,
    _ source: UnsafeRawBufferPointer,
    _ conversions: ImageConversions
  ) throws(ImageError) -> Self {
    guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
      throw failure(image)
    }
    try checkSize(width: Int(image.width), height: Int(image.height))
    // Without this, libpng takes 16-bit numbers for amounts of light and bends them.
    image.flags |= ci_png_16_bits_as_stored
    let isTransparent = image.format & ci_png_alpha_flag != 0
    let isColored = image.format & ci_png_color_flag != 0
    // Left to itself, libpng would mix the ground in as amounts of light.
    image.format =
      (isColored ? ci_png_rgb : ci_png_gray) | (isTransparent ? ci_png_alpha_flag : 0)
    let shape = ImageShape(
      height: Int(image.height),
      width: Int(image.width),
      channels: isColored ? 3 : 1
    )
    let samples = shape.channels + (isTransparent ? 1 : 0)
    let count = shape.height * shape.width * samples
    var isComplete = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      buffer.initialize(repeating: 0)
      let stride = Int32(shape.width * samples)
      isComplete = png_image_finish_read(&image, nil, buffer.baseAddress, stride, nil) != 0
      filled = count
    }
    guard isComplete else { throw failure(image) }
    return isTransparent
      ? Self(onWhite: bytes, shape, conversions: conversions)
      : Self(shape: shape, bytes: bytes, conversions: conversions)
  }

  private static func failure(_ image: png_image) -> ImageError {
    let message = withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return ImageError("is no whole PNG (\(message)); fetch it again")
  }
}
