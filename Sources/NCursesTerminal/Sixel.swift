import CellGrid

/// A picture as DEC's sixels: bands of six rows, colour by colour.
enum Sixel {
  /// Steps of each channel: 216 colours, or as many greys as a picture without colour has shades of.
  private static let steps = 6
  private static let greys = 32

  static func encoded(_ picture: Picture) -> String {
    let numbers = numbers(picture)
    let used = Set(numbers).sorted()
    var text = "\u{1B}P0;1;0q\"1;1;\(picture.width);\(picture.height)"
    for number in used { text += definition(number, isGrey: picture.channels < 3) }
    for top in stride(from: 0, to: picture.height, by: 6) {
      text += band(numbers, picture, top: top) + "-"
    }
    return text + "\u{1B}\\"
  }

  /// Each pixel's colour.
  private static func numbers(_ picture: Picture) -> [Int] {
    (0..<(picture.height * picture.width)).map { pixel in
      let start = pixel * picture.channels
      guard picture.channels >= 3 else {
        return (Int(picture.pixels[start]) * (greys - 1) + 127) / 255
      }
      return (0..<3).reduce(0) { number, channel in
        number * steps + (Int(picture.pixels[start + channel]) * (steps - 1) + 127) / 255
      }
    }
  }

  /// `#3;2;20;40;0`: a colour in percent of red, green and blue.
  private static func definition(_ number: Int, isGrey: Bool) -> String {
    if isGrey {
      let share = number * 100 / (greys - 1)
      return "#\(number);2;\(share);\(share);\(share)"
    }
    let shares = [number / (steps * steps), number / steps % steps, number % steps]
      .map { String($0 * 100 / (steps - 1)) }
    return "#\(number);2;\(shares.joined(separator: ";"))"
  }

  private static func band(_ numbers: [Int], _ picture: Picture, top: Int) -> String {
    let rows = min(6, picture.height - top)
    let range = top * picture.width..<(top + rows) * picture.width
    let lines = Set(numbers[range]).sorted().map { number in
      let columns = (0..<picture.width).map { column in
        (0..<rows).reduce(UInt8(0)) { mask, row in
          numbers[(top + row) * picture.width + column] == number ? mask | 1 << UInt8(row) : mask
        }
      }
      return "#\(number)" + runs(columns)
    }
    return lines.joined(separator: "$")
  }

  /// Equal sixels as `!14~`, from four on.
  private static func runs(_ masks: [UInt8]) -> String {
    var text = ""
    var place = 0
    while place < masks.count {
      let mask = masks[place]
      let count = masks[place...].prefix { $0 == mask }.count
      let sixel = Character(Unicode.Scalar(mask + 63))
      text += count > 3 ? "!\(count)\(sixel)" : String(repeating: sixel, count: count)
      place += count
    }
    return text
  }
}
