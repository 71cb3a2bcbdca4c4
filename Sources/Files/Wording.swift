/// `1 image`, `2 images`, `3 classes`.
package func plural(_ count: Int, _ noun: String) -> String {
  guard count != 1 else { return "1 \(noun)" }
  guard !noun.hasSuffix("query") else { return "\(count) \(noun.dropLast())ies" }
  return "\(count) \(noun)" + (noun.hasSuffix("s") ? "es" : "s")
}

/// Names as a sentence lists them: at most `most`, and how many more there are.
package func named(_ names: some Collection<String>, most: Int = 20) -> String {
  guard names.count > most else { return names.joined(separator: ", ") }
  return names.prefix(most).joined(separator: ", ") + " and \(names.count - most) more"
}

/// A whole number with commas: `12,345`.
package func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var parts: [String] = []
  while digits.count > 3 {
    parts.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
}

/// Text in lines of a width, broken at blanks.
package enum Wrapped {
  /// The first begins with `indent` blanks, the others with `hanging`, or as many.
  package static func lines(
    _ text: String,
    width: Int,
    indent: Int = 0,
    hanging: Int? = nil
  ) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        let count = lines.isEmpty ? indent : hanging ?? indent
        lines.append(String(repeating: " ", count: count) + word)
      }
    }
    return lines
  }
}
