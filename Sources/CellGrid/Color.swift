/// A colour as a theme names it; the terminal maps it down to what it can show.
///
/// Packed in 32 bits: the kind in the top byte, its value below.
package struct Color: Hashable, Sendable {
  package let bits: UInt32

  /// The terminal's own foreground or background.
  package static let terminal = Self(bits: 0)

  /// One of the terminal's own palette colours, 0…15.
  package static func ansi(_ index: UInt8) -> Self { Self(bits: 1 << 24 | UInt32(index & 15)) }

  /// One of the 256 colours of xterm's palette.
  package static func indexed(_ index: UInt8) -> Self { Self(bits: 2 << 24 | UInt32(index)) }

  package static func rgb(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Self {
    Self(bits: 3 << 24 | UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue))
  }

  package enum Value: Equatable, Sendable {
    case terminal
    case ansi(UInt8)
    case indexed(UInt8)
    case rgb(UInt8, UInt8, UInt8)
  }

  package var value: Value {
    switch bits >> 24 {
    case 1: .ansi(UInt8(bits & 15))
    case 2: .indexed(UInt8(bits & 255))
    case 3: .rgb(UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255))
    default: .terminal
    }
  }
}

package struct Attributes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let bold = Self(rawValue: 1)
  package static let dim = Self(rawValue: 2)
  package static let underline = Self(rawValue: 4)
  package static let reverse = Self(rawValue: 8)
}

package struct Style: Hashable, Sendable {
  package var foreground: Color
  package var background: Color
  package var attributes: Attributes

  package init(
    _ foreground: Color = .terminal,
    on background: Color = .terminal,
    _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  package static let plain = Self()
}
