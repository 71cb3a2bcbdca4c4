/// A small picture of bytes, to be drawn with characters.
package struct Picture: Equatable, Sendable {
  package let height: Int
  package let width: Int
  /// 1 (grey) or 3 (red, green, blue); further ones are ignored.
  package let channels: Int
  /// Brightness 0…255: rows first, then columns, then channels.
  package let pixels: [UInt8]

  /// Bytes that are too few for the size are completed with black, so that no event can stop the
  /// screen.
  package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    self.height = max(height, 0)
    self.width = max(width, 0)
    self.channels = max(channels, 1)
    let count = self.height * self.width * self.channels
    self.pixels =
      pixels.count >= count
      ? pixels : pixels + [UInt8](repeating: 0, count: count - pixels.count)
  }

  /// Cells that a picture of `columns` is high when its sides keep their ratio; a cell is twice as
  /// high as it is wide.
  package func rows(columns: Int) -> Int {
    guard width > 0 else { return 0 }
    return max((height * columns + width) / (2 * width), 1)
  }

  /// The picture with another height and width, each pixel the mean over its area.
  package func resized(height newHeight: Int, width newWidth: Int) -> Self {
    guard newHeight != height || newWidth != width else { return self }
    guard height > 0, width > 0, newHeight > 0, newWidth > 0 else {
      return Self(height: newHeight, width: newWidth, channels: channels, pixels: [])
    }
    let columns = Self.shares(newWidth, of: width)
    let area = height * width
    var result: [UInt8] = []
    result.reserveCapacity(newHeight * newWidth * channels)
    for rowShares in Self.shares(newHeight, of: height) {
      for columnShares in columns {
        for channel in 0..<channels {
          var sum = 0
          for row in rowShares {
            for column in columnShares {
              let place = (row.source * width + column.source) * channels + channel
              sum += row.weight * column.weight * Int(pixels[place])
            }
          }
          result.append(UInt8((sum + (area - 1) / 2) / area))
        }
      }
    }
    return Self(height: newHeight, width: newWidth, channels: channels, pixels: result)
  }

  /// The picture with its brightest pixel at `peak`, or at twice its own brightness.
  ///
  /// Averaging dims thin strokes; this gives them back what they had.
  func brightened(to peak: Int) -> Self {
    let brightest = Int(pixels.max() ?? 0)
    let target = min(peak, 2 * brightest)
    guard brightest > 0, target > brightest else { return self }
    let stretched = pixels.map { UInt8(Int($0) * target / brightest) }
    return Self(height: height, width: width, channels: channels, pixels: stretched)
  }

  /// The old positions under each new one with whole weights that add up to `old`.
  private static func shares(_ count: Int, of old: Int) -> [[(source: Int, weight: Int)]] {
    (0..<count).map { index in
      let (begin, end) = (index * old, (index + 1) * old)
      return (begin / count...(end - 1) / count).map { source in
        (source, min(end, (source + 1) * count) - max(begin, source * count))
      }
    }
  }

  /// One pixel's colour: 32 steps a channel, so that a screen of greys needs few pairs of colours.
  func color(_ row: Int, _ column: Int) -> Color {
    let start = (row * width + column) * channels
    func level(_ channel: Int) -> UInt8 {
      let value = Int(pixels[start + min(channel, channels - 1)])
      return UInt8((value * 31 + 127) / 255 * 255 / 31)
    }
    return channels < 3
      ? .rgb(level(0), level(0), level(0)) : .rgb(level(0), level(1), level(2))
  }

  /// Brightness as the eye weighs it, 0…255.
  func grey(_ row: Int, _ column: Int) -> Int {
    let start = (row * width + column) * channels
    guard channels >= 3 else { return Int(pixels[start]) }
    let (red, green, blue) = (pixels[start], pixels[start + 1], pixels[start + 2])
    return (299 * Int(red) + 587 * Int(green) + 114 * Int(blue)) / 1000
  }
}
