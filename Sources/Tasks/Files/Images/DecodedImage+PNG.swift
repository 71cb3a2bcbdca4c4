import CImageCodecs
import Kernels

extension DecodedImage {
  /// Decodes a PNG of any kind: palettes are looked up, 16 bits become 8, and what is transparent
  /// shows white paper.
  static func png(_ encoded: [UInt8]) throws(ImageError) -> Self {
    var image = png_image()
    image.version = ci_png_version
    defer { png_image_free(&image) }
    var result: Result<Self, ImageError> = .failure(ImageError("is damaged"))
    // libpng keeps pointing into the bytes from the first call to the last.
    encoded.withUnsafeBytes { source in
      result = Result { () throws(ImageError) in try decode(&image, source) }
    }
    return try result.get()
  }

  private static func decode(
    _ image: inout png_image,
    _ source: UnsafeRawBufferPointer
  ) throws(ImageError) -> Self {
    guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
      throw failure(image)
    }
    try checkSize(width: Int(image.width), height: Int(image.height))
    let isColored = image.format & ci_png_color_flag != 0
    image.format = isColored ? ci_png_rgb : ci_png_gray
    let shape = ImageShape(
      height: Int(image.height),
      width: Int(image.width),
      channels: isColored ? 3 : 1
    )
    var white = png_color(red: 255, green: 255, blue: 255)
    var isComplete = false
    let bytes = [UInt8](unsafeUninitializedCapacity: shape.count) { buffer, filled in
      buffer.initialize(repeating: 0)
      let stride = Int32(shape.width * shape.channels)
      isComplete = png_image_finish_read(&image, &white, buffer.baseAddress, stride, nil) != 0
      filled = shape.count
    }
    guard isComplete else { throw failure(image) }
    return Self(shape: shape, bytes: bytes)
  }

  private static func failure(_ image: png_image) -> ImageError {
    let message = withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return ImageError("is no whole PNG (\(message)); fetch it again")
  }
}
