import CellGrid

/// Maps a theme's colours to the numbers a terminal with so many colours understands.
struct ColorMapping {
  /// 0, 8, 16, 256 or `DirectColorEntry.colors`.
  let colors: Int

  /// The terminal's number for `color`, or -1 for its own default.
  func number(of color: Color) -> Int {
    switch color.value {
    case .terminal: -1
    case .ansi(let index): ansi(Int(index))
    case .indexed(let index): indexed(Int(index))
    case .rgb(let red, let green, let blue) where colors == DirectColorEntry.colors:
      DirectColorEntry.number(red: Int(red), green: Int(green), blue: Int(blue))
    case .rgb(let red, let green, let blue): nearest(RGB(Int(red), Int(green), Int(blue)))
    }
  }

  /// Both numbers of a style, kept apart when mapping would make the text invisible.
  func numbers(of style: Style) -> (foreground: Int, background: Int) {
    let foreground = number(of: style.foreground)
    let background = number(of: style.background)
    guard foreground == background, foreground >= 0, style.foreground != style.background else {
      return (foreground, background)
    }
    let isLight = background < 256 && palette(background).luma > 127
    return (isLight ? 0 : 7, background)
  }

  /// With eight colours the bright half is shown by bold, as consoles always did.
  func needsBold(_ foreground: Color) -> Bool {
    guard colors == 8, case .ansi(let index) = foreground.value else { return false }
    return index >= 8
  }

  private func ansi(_ index: Int) -> Int { colors >= 16 ? index : index & 7 }

  private func indexed(_ index: Int) -> Int {
    if colors >= 256 { return index }
    return index < 16 ? ansi(index) : nearest(palette(index))
  }

  private func nearest(_ color: RGB) -> Int {
    if colors >= 256 { return nearestInCube(color) }
    let candidates = 0..<(colors >= 16 ? 16 : 8)
    return candidates.min { color.distance(palette($0)) < color.distance(palette($1)) } ?? 7
  }
}

/// Colour numbers 16…231 are a cube of 6 levels a side, 232…255 a ramp of greys; people set the
/// first 16 as they like, so they are never the answer here.
private func nearestInCube(_ color: RGB) -> Int {
  func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
  let (red, green, blue) = (level(color.red), level(color.green), level(color.blue))
  let inCube = 16 + 36 * red + 6 * green + blue
  let mean = (color.red + color.green + color.blue) / 3
  let inRamp = 232 + min(max((mean - 3) / 10, 0), 23)
  return color.distance(palette(inRamp)) < color.distance(palette(inCube)) ? inRamp : inCube
}

struct RGB: Equatable {
  var red: Int
  var green: Int
  var blue: Int

  init(_ red: Int, _ green: Int, _ blue: Int) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  var luma: Int { (299 * red + 587 * green + 114 * blue) / 1000 }

  /// Squared distance as the eye weighs it ("redmean": the red weight grows with redness).
  func distance(_ other: Self) -> Int {
    let redMean = (red + other.red) / 2
    let (dr, dg, db) = (red - other.red, green - other.green, blue - other.blue)
    return (512 + redMean) * dr * dr / 256 + 4 * dg * dg + (767 - redMean) * db * db / 256
  }
}

/// The xterm palette: what the 256 colour numbers look like.
func palette(_ index: Int) -> RGB {
  switch index {
  case 0..<16: return ansiColors[index]
  case 16..<232:
    func level(_ step: Int) -> Int { step == 0 ? 0 : 55 + 40 * step }
    let cube = index - 16
    return RGB(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
  default:
    let grey = 8 + 10 * (index - 232)
    return RGB(grey, grey, grey)
  }
}

private let ansiColors: [RGB] = [
  RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0),
  RGB(0, 0, 238), RGB(205, 0, 205), RGB(0, 205, 205), RGB(229, 229, 229),
  RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
  RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
]
