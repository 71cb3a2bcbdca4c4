import CellGrid

extension Color {
  /// What `init(text:)` understands, as the end of a sentence.
  static let notation = "\"#rrggbb\", \"ansi:0\" to \"ansi:15\", a number from 0 to 255, or default"

  /// A colour as a theme's file writes it, or nil.
  init?(text: String) {
    if text == "default" {
      self = .terminal
    } else if text.hasPrefix("#"), text.utf8.count == 7,
      text.utf8.dropFirst().allSatisfy(Self.isHexDigit),
      let bits = UInt32(text.dropFirst(), radix: 16)
    {
      self = .rgb(UInt8(bits >> 16), UInt8(bits >> 8 & 255), UInt8(bits & 255))
    } else if text.hasPrefix("ansi:"), let index = UInt8(text.dropFirst(5)), index < 16 {
      self = .ansi(index)
    } else if let index = UInt8(text) {
      self = .indexed(index)
    } else {
      return nil
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    Character(Unicode.Scalar(byte)).isHexDigit
  }
}
