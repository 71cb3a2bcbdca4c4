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
