import CImageCodecs
import Kernels

extension DecodedImage {
  /// Decodes a JPEG, grey, colour or of printing inks, and turns it upright.
  ///
  /// Damaged files are refused; colour profiles are not applied.
  static func jpeg(_ encoded: [UInt8]) throws(ImageError) -> Self {
    guard let decoder = tjInitDecompress() else {
      throw ImageError("cannot be decoded (no memory for it)")
    }
    defer { tjDestroy(decoder) }
    let segments = JPEGSegments(encoded)
    var (width, height): (Int32, Int32) = (0, 0)
    var (subsampling, colors): (Int32, Int32) = (0, 0)
    let count = UInt(encoded.count)
    guard
      tjDecompressHeader3(decoder, encoded, count, &width, &height, &subsampling, &colors) == 0
    else { throw failure(decoder) }
    try checkSize(width: Int(width), height: Int(height))
    let (format, samples) = pixelFormat(colors)
    let size = Int(width) * Int(height) * samples
    var isComplete = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      buffer.initialize(repeating: 0)
      isComplete =
        tjDecompress2(
          decoder,
          encoded,
          count,
          buffer.baseAddress,
          width,
          0,
          height,
          Int32(format.rawValue),
          ci_jpeg_flags
        ) == 0
      filled = size
    }
    guard isComplete else { throw failure(decoder) }
    var conversions = ImageConversions()
    if segments.hasProfile { conversions.insert(.profile) }
    if samples == 4 { conversions.insert(.inks) }
    let image = Self(
      shape: ImageShape(height: Int(height), width: Int(width), channels: min(samples, 3)),
      bytes: samples == 4 ? mixed(inks: bytes) : bytes,
      conversions: conversions
    )
    return segments.orientation.upright(image)
  }

  /// What to decode a colour space to, and the numbers of a pixel then.
  private static func pixelFormat(_ colors: Int32) -> (TJPF, Int) {
    switch colors {
    case Int32(TJCS_GRAY.rawValue): (TJPF_GRAY, 1)
    case Int32(TJCS_CMYK.rawValue), Int32(TJCS_YCCK.rawValue): (TJPF_CMYK, 4)
    default: (TJPF_RGB, 3)
    }
  }

  /// Red, green and blue of cyan, magenta, yellow and black.
  ///
  /// JPEG files store how much of an ink is missing, as Adobe's programs began to, so that a colour
  /// is the product of two such numbers.
  private static func mixed(inks bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count / 4 * 3)
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let paper = Int(bytes[start + 3])
      for ink in 0..<3 {
        let covered = (paper * (255 - Int(bytes[start + ink])) + 127) / 255
        result.append(UInt8(paper - covered))
      }
    }
    return result
  }

  private static func failure(_ decoder: tjhandle) -> ImageError {
    let message = tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error"
    return ImageError("is no whole JPEG (\(message)); fetch it again")
  }
}
