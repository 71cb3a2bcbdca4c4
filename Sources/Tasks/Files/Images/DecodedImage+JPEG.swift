import CImageCodecs
import Kernels

extension DecodedImage {
  /// Decodes a JPEG, grey or colour; four printing inks and damaged files are refused.
  static func jpeg(_ encoded: [UInt8]) throws(ImageError) -> Self {
    guard let decoder = tjInitDecompress() else {
      throw ImageError("cannot be decoded (no memory for it)")
    }
    defer { tjDestroy(decoder) }
    var (width, height): (Int32, Int32) = (0, 0)
    var (subsampling, colors): (Int32, Int32) = (0, 0)
    let count = UInt(encoded.count)
    guard
      tjDecompressHeader3(decoder, encoded, count, &width, &height, &subsampling, &colors) == 0
    else { throw failure(decoder) }
    try checkSize(width: Int(width), height: Int(height))
    guard colors != Int32(TJCS_CMYK.rawValue), colors != Int32(TJCS_YCCK.rawValue) else {
      throw ImageError("is a JPEG for print (CMYK); save it as RGB")
    }
    let isGrey = colors == Int32(TJCS_GRAY.rawValue)
    let shape = ImageShape(height: Int(height), width: Int(width), channels: isGrey ? 1 : 3)
    let format = Int32((isGrey ? TJPF_GRAY : TJPF_RGB).rawValue)
    var isComplete = false
    let bytes = [UInt8](unsafeUninitializedCapacity: shape.count) { buffer, filled in
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
          format,
          ci_jpeg_flags
        ) == 0
      filled = shape.count
    }
    guard isComplete else { throw failure(decoder) }
    return Self(shape: shape, bytes: bytes)
  }

  private static func failure(_ decoder: tjhandle) -> ImageError {
    let message = tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error"
    return ImageError("is no whole JPEG (\(message)); fetch it again")
  }
}
