import Files

/// A text file that says which characters are in which split, a line an alphabet:
/// `train Greek 1-24`, `test Gurmukhi 42-45,47`.
struct CharacterList {
  private(set) var characters: [(split: MetaSplit, name: String)] = []

  init(reading path: String) throws(DatasetError) {
    let bytes = try SystemFile.content(path)
    try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
  }

  /// The list of the Vinyals split that ships with metatop.
  static func vinyals() throws(DatasetError) -> Self {
    let text = String(decoding: PackageResources.vinyals_txt, as: UTF8.self)
    return try Self(text: text, path: "vinyals.txt")
  }

  /// Reads a list's text; messages call it `path`.
  init(text: String, path: String) throws(DatasetError) {
    let lines = text.split(
      separator: "\n",
      omittingEmptySubsequences: false
    )
    var seen: Set<String> = []
    for (lineNumber, line) in lines.enumerated() where !line.hasPrefix("#") {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard !words.isEmpty else { continue }
      guard words.count == 3, let split = MetaSplit(named: words[0]),
        let numbers = Self.numbers(words[2])
      else {
        throw DatasetError(
          path: path,
          line: lineNumber + 1,
          reason: "\"\(line)\" is not understood; write a split, an alphabet and numbers, "
            + "for example: train Greek 1-24"
        )
      }
      for number in numbers where !seen.insert("\(words[1])/\(number)").inserted {
        throw DatasetError(
          path: path,
          line: lineNumber + 1,
          reason: "character \(number) of \(words[1]) appears twice; leave it in one split"
        )
      }
      characters += numbers.map { (split, "\(words[1])/character" + twoDigits($0)) }
    }
  }

  private static func numbers(_ text: Substring) -> [Int]? {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 1, first <= last, last < 1_000
      else { return nil }
      numbers += first...last
    }
    return numbers
  }
}

extension MetaSplit {
  /// A split by the names that files and folders give it.
  init?(named name: some StringProtocol) {
    switch name.lowercased() {
    case "train", "training", "base", "meta-train", "meta_train", "metatrain": self = .metaTrain
    case "val", "valid", "validation", "meta-val", "meta_val", "metaval": self = .metaValidation
    case "test", "testing", "novel", "meta-test", "meta_test", "metatest": self = .metaTest
    default: return nil
    }
  }
}
