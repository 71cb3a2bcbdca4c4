/// What a YAML file may be before it is taken apart: the parser makes a tree of it, which takes some
/// seventy times its text.
package enum YAMLLimit {
  /// No list of options, and no description of a data set, comes near either.
  private static let bytes = 1 << 16
  private static let values = 4_096

  /// Whether a file is small enough, in bytes and in what may be values of their own.
  package static func admits(_ text: [UInt8]) -> Bool {
    text.count <= bytes && text.count { isBetweenValues($0) } <= values
  }

  private static func isBetweenValues(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\n"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["),
      UInt8(ascii: "{"), UInt8(ascii: "-"):
      return true
    default: return false
    }
  }
}
