import Files

/// What a PNG file says of itself around its pixels.
///
/// Nothing in it is believed: the walk ends where a length leads out of the file, and whether the
/// file is whole is for the decoder to say.
struct PNGChunks {
  /// Chunks that tell a decoder to change the stored numbers, which no Python loader does.
  private static let colorSpaces: Set<String> = [
    "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI",
  ]

  private let bytes: [UInt8]
  private var colorRanges: [Range<Int>] = []
  /// Bits a number; 0 where the header is missing.
  private(set) var bitDepth: UInt8 = 0
  private(set) var hasPalette = false
  /// Whether a decoder that obeyed the file would show other numbers than are stored.
  private(set) var hasProfile = false
  private(set) var orientation = ExifOrientation.upright

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var offset = 8
    while let length = bytes.bigEndian(UInt32.self, at: offset).map(Int.init),
      offset + 12 <= bytes.count - length
    {
      let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      add(name, offset + 8..<offset + 8 + length)
      offset += 12 + length
      if name == "IEND" { break }
    }
  }

  private mutating func add(_ name: String, _ content: Range<Int>) {
    switch name {
    case "IHDR" where content.count >= 10:
      bitDepth = bytes[content.lowerBound + 8]
      hasPalette = bytes[content.lowerBound + 9] == 3
    case "eXIf": orientation = ExifOrientation(bytes[content])
    case "iCCP", "cICP": hasProfile = true
    case "gAMA":
      // 45455 is what a screen has, and changes nothing.
      let gamma = bytes.bigEndian(UInt32.self, at: content.lowerBound) ?? 45_455
      if !(45_000...46_000).contains(gamma) { hasProfile = true }
    default: break
    }
    if Self.colorSpaces.contains(name) {
      colorRanges.append(content.lowerBound - 8..<content.upperBound + 4)
    }
  }

  /// The file without what would change its numbers.
  var withoutColorSpace: [UInt8] {
    guard !colorRanges.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var start = 0
    for range in colorRanges {
      result += bytes[start..<range.lowerBound]
      start = range.upperBound
    }
    return result + bytes[start...]
  }
}
