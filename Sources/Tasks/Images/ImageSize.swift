import Files

/// Height and width of a picture as its file has it, held upright.
package struct ImageSize: Sendable, Hashable {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  package var text: String { "\(height)×\(width)" }
}

extension [ImageSize: Int] {
  /// The sizes with how many pictures have each, the most frequent first, as many as a sentence holds.
  package var listed: String {
    let most = 5
    let order = sorted { first, second in
      (second.value, first.key.height, first.key.width)
        < (first.value, second.key.height, second.key.width)
    }
    let shown = order.prefix(most).map { "\($0.key.text) in \(plural($0.value, "image"))" }
    let rest = count > most ? " and \(plural(count - most, "other size"))" : ""
    return shown.joined(separator: ", ") + rest
  }
}

extension DecodedImage {
  /// What the header of a PNG or JPEG says of its size, held upright, without decoding it; nil where
  /// these first bytes do not tell.
  package static func storedSize(header: [UInt8]) -> ImageSize? {
    guard let size = lyingSize(header) else { return nil }
    let isPNG = header.starts(with: [0x89, 0x50, 0x4E, 0x47])
    let orientation =
      isPNG ? PNGChunks(header).orientation : JPEGSegments(header).orientation
    return orientation.isOnItsSide ? ImageSize(height: size.width, width: size.height) : size
  }

  /// The size as rows and columns are stored.
  private static func lyingSize(_ header: [UInt8]) -> ImageSize? {
    func pair(_ at: Int) -> Int { Int(header[at]) << 8 | Int(header[at + 1]) }
    if header.starts(with: [0x89, 0x50, 0x4E, 0x47]), header.count >= 24 {
      return ImageSize(
        height: pair(20) << 16 | pair(22),
        width: pair(16) << 16 | pair(18)
      )
    }
    guard header.starts(with: [0xFF, 0xD8]) else { return nil }
    var place = 2
    while place + 9 <= header.count, header[place] == 0xFF {
      let marker = header[place + 1]
      if marker == 0xFF {
        place += 1
      } else if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        return ImageSize(height: pair(place + 5), width: pair(place + 7))
      } else {
        place += 2 + ((0xD0...0xD9).contains(marker) ? 0 : pair(place + 2))
      }
    }
    return nil
  }
}
