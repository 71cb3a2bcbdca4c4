/// What an array's name says it holds: `images`, `y`, `X_train`, `test_labels`.
struct ArrayName: Equatable {
  enum Role: Equatable {
    case images
    case labels
  }

  private static let images: Set<String> = [
    "images", "image", "imgs", "img", "x", "xs", "data", "inputs", "input", "pixels", "pictures",
  ]
  private static let labels: Set<String> = [
    "labels", "label", "y", "ys", "targets", "target", "classes", "class",
  ]
  /// Longer words before those that they begin with.
  private static let parts: [(word: String, split: MetaSplit)] = [
    ("training", .metaTrain), ("train", .metaTrain), ("validation", .metaValidation),
    ("valid", .metaValidation), ("val", .metaValidation), ("dev", .metaValidation),
    ("testing", .metaTest), ("test", .metaTest),
  ]

  let role: Role
  /// nil where the array is the whole set's.
  let part: MetaSplit?

  init?(_ name: String) {
    let letters = name.lowercased().filter { $0.isLetter }
    if let role = Self.role(letters) {
      (self.role, part) = (role, nil)
      return
    }
    for (word, split) in Self.parts {
      let rest =
        letters.hasPrefix(word)
        ? letters.dropFirst(word.count)
        : letters.hasSuffix(word) ? letters.dropLast(word.count) : ""
      if let role = Self.role(String(rest)) {
        (self.role, part) = (role, split)
        return
      }
    }
    return nil
  }

  private static func role(_ word: String) -> Role? {
    images.contains(word) ? .images : labels.contains(word) ? .labels : nil
  }
}
