/// Text as the formatters of manual pages read it: pure ASCII, and nothing in it is an instruction.
package enum Roff {
  /// The text with every character that roff or its fonts would change written out.
  package static func escaped(_ text: String) -> String {
    text.unicodeScalars.map(escaped).joined()
  }

  /// A line of text, which is no request even when it begins with a point.
  private static func line(_ escaped: String) -> String {
    escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": "\\e"
    case "-": "\\-"
    case "'": "\\(aq"
    case "`": "\\(ga"
    case "^": "\\(ha"
    case "~": "\\(ti"
    case "\"": "\\(dq"
    case " "..."\u{7E}": String(scalar)
    case "\n", "\t", "\r": " "
    case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): ""
    default: "\\[u\(hexadecimal(scalar))]"
    }
  }

  /// At least four digits, in capitals.
  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16).uppercased()
    return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }

  package static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }
  package static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

  /// Prose, in which what stands between backticks is bold.
  package static func prose(_ text: String) -> String {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    guard parts.count % 2 == 1 else { return line(escaped(text)) }
    let words = parts.enumerated().map { index, part in
      index % 2 == 1 ? bold(String(part)) : escaped(String(part))
    }
    return line(words.joined())
  }
}
