/// The targets of Package.swift and what they depend on, read from its text.
enum Manifest {
  static func dependencies(in text: String) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    for kind in [".target(", ".executableTarget(", ".systemLibrary("] {
      for piece in text.components(after: kind) {
        let declaration = balanced(piece)
        // Targets of the tests have a path of their own below Tests/.
        guard !declaration.contains("Tests/"), let name = quoted(declaration).first else {
          continue
        }
        result[name] = dependencies(ofDeclaration: declaration)
      }
    }
    return result
  }

  private static func dependencies(ofDeclaration declaration: Substring) -> Set<String> {
    guard
      let list = declaration.components(after: "dependencies: [").first?.prefix(while: { $0 != "]" }
      )
    else { return [] }
    // `yams` and `arguments` are constants at the manifest's top.
    let words = list.split(whereSeparator: { " ,\n\"".contains($0) })
    return Set(words.map { ["yams": "Yams", "arguments": "ArgumentParser"][$0] ?? String($0) })
  }

  /// The text up to the parenthesis that closes the one before it.
  private static func balanced(_ text: Substring) -> Substring {
    var depth = 1
    return text.prefix { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return depth > 0
    }
  }

  private static func quoted(_ text: Substring) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}

extension StringProtocol where SubSequence == Substring {
  /// What follows each occurrence of `marker`, to the end of the text.
  fileprivate func components(after marker: String) -> [Substring] {
    ranges(of: marker).map { self[$0.upperBound...] }
  }
}
