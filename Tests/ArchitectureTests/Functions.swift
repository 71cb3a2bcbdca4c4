/// How long functions are, by the formatter's own rule that a body ends at its declaration's indent.
enum Functions {
  static let longest = 60

  struct Length: Equatable {
    /// From 1 on.
    let line: Int
    let count: Int
  }

  /// Functions, initialisers and computed properties, from their first line to the one that ends them.
  static func lengths(_ file: ProjectFiles.File) -> [Length] {
    let code = file.code
    return code.indices.compactMap { start in
      guard isDeclaration(code[start]) else { return nil }
      let margin = indent(code[start])
      // A signature may take several lines, and a requirement of a protocol has no body.
      guard
        let opening = code[start...].prefix(24).firstIndex(where: { line in
          line.last { $0 != " " } == "{"
        }),
        code[start...opening].dropFirst().allSatisfy({ line in
          line.allSatisfy { $0 == " " } || indent(line) > margin
            || line.drop { $0 == " " }.first.map { "){".contains($0) } ?? true
        }),
        let end = code[(opening + 1)...].firstIndex(where: { line in
          indent(line) == margin && line.drop { $0 == " " }.first == "}"
        })
      else { return nil }
      return Length(line: start + 1, count: end - start + 1)
    }
  }

  private static func isDeclaration(_ line: Substring) -> Bool {
    let words = line.split { !$0.isLetter }
    guard let kind = words.first(where: { !modifiers.contains($0) }) else { return false }
    if kind == "var" { return line.last { $0 != " " } == "{" }
    return ["func", "init", "subscript", "deinit"].contains(kind)
  }

  private static let modifiers: Set<Substring> = [
    "package", "private", "fileprivate", "static", "mutating", "override", "convenience", "final",
    "nonisolated", "consuming", "borrowing", "discardableResult", "inlinable", "inline", "always",
    "never",
  ]

  private static func indent(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
}
