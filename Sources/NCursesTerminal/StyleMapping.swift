import CNCurses
import CellGrid

/// Turns styles into curses attributes and colour pairs, and remembers them.
struct StyleMapping {
  struct Look {
    var attributes: UInt32
    var pair: Int32
  }

  private struct PairKey: Hashable {
    var foreground: Int
    var background: Int
  }

  private let colors: ColorMapping
  private let pairLimit: Int
  private var pairs: [PairKey: Int32] = [:]
  private var looks: [Style: Look] = [:]
  private var last: (style: Style, look: Look)?
  /// More pairs were asked for than the terminal has; `reset()` and a full redraw make room.
  private(set) var isExhausted = false

  /// With `colors` 0, curses' colour functions are never called: they crash without start_color().
  init(colors: Int, pairLimit: Int) {
    self.colors = ColorMapping(colors: colors)
    self.pairLimit = pairLimit
  }

  mutating func look(of style: Style) -> Look {
    if let last, last.style == style { return last.look }
    let look: Look
    if let known = looks[style] {
      look = known
    } else {
      look = makeLook(style)
      if !isExhausted { looks[style] = look }
    }
    last = (style, look)
    return look
  }

  mutating func reset() {
    pairs.removeAll()
    looks.removeAll()
    last = nil
    isExhausted = false
    if colors.colors > 0 { reset_color_pairs() }
  }

  private mutating func makeLook(_ style: Style) -> Look {
    var attributes: UInt32 = 0
    if style.attributes.contains(.bold) { attributes |= nc_bold }
    if style.attributes.contains(.dim) { attributes |= nc_dim }
    if style.attributes.contains(.underline) { attributes |= nc_underline }
    if style.attributes.contains(.reverse) { attributes |= nc_reverse }
    guard colors.colors > 0 else { return Look(attributes: attributes, pair: 0) }
    if colors.needsBold(style.foreground) { attributes |= nc_bold }
    let numbers = colors.numbers(of: style)
    let key = PairKey(foreground: numbers.foreground, background: numbers.background)
    return Look(attributes: attributes, pair: pair(key))
  }

  private mutating func pair(_ key: PairKey) -> Int32 {
    if key == PairKey(foreground: -1, background: -1) { return 0 }
    if let pair = pairs[key] { return pair }
    let pair = Int32(pairs.count + 1)
    guard pairs.count + 1 < pairLimit,
      init_extended_pair(pair, Int32(key.foreground), Int32(key.background)) == OK
    else {
      isExhausted = true
      return 0
    }
    pairs[key] = pair
    return pair
  }
}
