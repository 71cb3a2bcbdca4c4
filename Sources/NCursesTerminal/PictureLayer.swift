import CellGrid

/// Pictures in the terminal's own pixels: which stand there, and the bytes that make them the wanted.
///
/// Pure, and silent until the terminal has said what it knows.
struct PictureLayer {
  enum Manner: Equatable {
    /// kitty's graphics protocol: pictures have numbers and stay until they are deleted.
    case kitty
    /// Pixels in place of cells of this size: drawing the cells takes them away.
    case sixel(height: Int, width: Int)
  }

  var manner: Manner?
  private var shown: [PlacedPicture] = []
  /// Our pictures' numbers begin here, away from other programs'.
  private static let firstNumber = 1_835_270_144

  init() {}

  /// What stands there is unknown, or gone with everything else.
  mutating func forget() -> String {
    defer { shown = [] }
    guard manner == .kitty, !shown.isEmpty else { return "" }
    return shown.indices.map(Self.deletion).joined()
  }

  /// What to send so that these stand there and no others.
  ///
  /// - Parameter wanted: In an order of which each place is one picture's.
  /// - Returns: Whether all cells must be drawn anew before it, and the bytes.
  mutating func update(_ wanted: [PlacedPicture]) -> (repaints: Bool, bytes: String) {
    guard let manner, wanted != shown else { return (false, "") }
    defer { shown = wanted }
    switch manner {
    case .kitty:
      var bytes = ""
      for place in 0..<max(shown.count, wanted.count) {
        let (old, new) = (element(shown, place), element(wanted, place))
        guard old != new else { continue }
        if old != nil { bytes += Self.deletion(place) }
        if let new { bytes += Self.at(new.rect, Self.kitty(new, Self.firstNumber + place)) }
      }
      return (false, bytes)
    case .sixel(let height, let width):
      let isMoved = shown.map(\.rect) != wanted.map(\.rect)
      let changed = wanted.indices.filter { isMoved || shown[$0] != wanted[$0] }
      let bytes = changed.map { place in
        let rect = wanted[place].rect
        let picture = wanted[place].picture
          .resized(height: rect.rows * height, width: rect.columns * width)
        return Self.at(rect, Sixel.encoded(picture))
      }
      return (isMoved && !shown.isEmpty, bytes.joined())
    }
  }

  private func element(_ list: [PlacedPicture], _ place: Int) -> PlacedPicture? {
    list.indices.contains(place) ? list[place] : nil
  }

  /// At a place, with the cursor back where curses thinks it is.
  private static func at(_ rect: Rect, _ bytes: String) -> String {
    "\u{1B}7\u{1B}[\(rect.row + 1);\(rect.column + 1)H\(bytes)\u{1B}8"
  }

  private static func deletion(_ place: Int) -> String {
    "\u{1B}_Ga=d,d=I,i=\(firstNumber + place),q=2\u{1B}\\"
  }

  /// Transmits and shows a picture over its cells, in pieces of 4096 characters, silently.
  private static func kitty(_ placed: PlacedPicture, _ number: Int) -> String {
    let (picture, rect) = (placed.picture, placed.rect)
    let text = base64(picture.rgb)
    var pieces: [Substring] = []
    var rest = text[...]
    while !rest.isEmpty {
      pieces.append(rest.prefix(4096))
      rest = rest.dropFirst(4096)
    }
    let head =
      "a=T,f=24,s=\(picture.width),v=\(picture.height),i=\(number),p=1,c=\(rect.columns),"
      + "r=\(rect.rows),C=1,q=2,"
    return pieces.enumerated().map { place, piece in
      let more = place < pieces.count - 1 ? 1 : 0
      return "\u{1B}_G\(place == 0 ? head : "")m=\(more);\(piece)\u{1B}\\"
    }.joined()
  }
}

extension Picture {
  /// Three bytes a pixel.
  var rgb: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * height * width)
    for pixel in 0..<(height * width) {
      for channel in 0..<3 { bytes.append(pixels[pixel * channels + min(channel, channels - 1)]) }
    }
    return bytes
  }
}
