/// A key as the program means it, whatever bytes the terminal sent.
package enum Key: Hashable, Sendable {
  case character(Character)
  /// Ctrl with a letter, lower case: `.control("c")`.
  case control(Character)
  /// Alt with a key: `.alt("b")`.
  case alt(Character)
  /// Ctrl with an arrow.
  case wordLeft
  case wordRight
  case up
  case down
  case left
  case right
  case pageUp
  case pageDown
  case home
  case end
  case enter
  case tab
  case backTab
  case escape
  case backspace
  case delete
  case function(Int)
}

package enum MouseAction: Hashable, Sendable {
  case press
  /// Moved with the button down.
  case drag
  case release
  case wheelUp
  case wheelDown
}

package enum InputEvent: Hashable, Sendable {
  case key(Key)
  case mouse(MouseAction, row: Int, column: Int)
  /// The terminal has said what its background is.
  case background(isLight: Bool)
  /// Pasted text, never to be taken for keys.
  case paste(String)
}

/// What a terminal can show; decides glyphs and colours before anything is drawn.
package struct TerminalCapabilities: Hashable, Sendable {
  /// Number of colours: 0 (none), 8, 16, 256 or 16_777_216.
  package var colors: Int
  /// UTF-8 output works, so braille and box drawing may be used.
  package var isUnicode: Bool

  /// Its font has braille patterns; the Linux console's fonts have block elements only.
  package var hasBraille: Bool

  package init(colors: Int, isUnicode: Bool, hasBraille: Bool = true) {
    self.hasBraille = hasBraille
    self.colors = colors
    self.isUnicode = isUnicode
  }
}

/// The last hop to a screen.
///
/// Everything before it is pure; tests script it.
package protocol Terminal: AnyObject {
  var size: GridSize { get }
  var capabilities: TerminalCapabilities { get }
  /// Shows `grid`, sending only what differs from the last one shown.
  func draw(_ grid: CellGrid)
  /// All input that has arrived, without waiting.
  func pollInput() -> [InputEvent]
}
