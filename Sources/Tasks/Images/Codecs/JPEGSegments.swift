import Files

/// What a JPEG file says of itself before its pixels.
///
/// Nothing in it is believed: the walk ends where a length leads out of the file, and whether the
/// file is whole is for the decoder to say.
struct JPEGSegments {
  private(set) var orientation = ExifOrientation.upright
  private(set) var hasProfile = false

  init(_ bytes: [UInt8]) {
    var hasExif = false
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      // A marker may be preceded by fill bytes.
      if marker == 0xFF {
        offset += 1
        continue
      }
      // The pixels begin, or the file ends.
      if marker == 0xDA || marker == 0xD9 { return }
      let isAlone = marker == 0x01 || (0xD0...0xD8).contains(marker)
      let length = isAlone ? 0 : bytes.bigEndian(UInt16.self, at: offset + 2).map(Int.init) ?? 0
      guard isAlone || length >= 2, offset + 2 <= bytes.count - length else { return }
      let content = bytes[offset + 2..<offset + 2 + length].dropFirst(2)
      if marker == 0xE1, !hasExif, content.starts(with: ExifOrientation.prefix) {
        orientation = ExifOrientation(content)
        hasExif = true
      }
      if marker == 0xE2, content.starts(with: "ICC_PROFILE\0".utf8) { hasProfile = true }
      offset += 2 + length
    }
  }
}
