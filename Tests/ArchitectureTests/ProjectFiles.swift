import Foundation

/// The project's own files, found from where this test lies.
enum ProjectFiles {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct File {
    /// Relative to the root, for example `Sources/Events/EventBus.swift`.
    let path: String
    let text: String

    /// The folder below `Sources` or `Tests`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines without comments and text between quotes.
    var code: [Substring] {
      var isText = false
      return lines.map { line in
        if line.contains("\"\"\"") { isText.toggle() }
        guard !isText else { return "" }
        let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
        let bare = quoted.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        let code = bare.joined(separator: " ")
        return code.firstRange(of: "//").map { code[..<$0.lowerBound] } ?? code[...]
      }
    }

    /// The modules that the file imports; of `import struct A.B`, A.
    var imports: [String] {
      code.compactMap { line in
        let words = line.split(whereSeparator: { " ;".contains($0) }).map(String.init)
        guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
          words[..<index].allSatisfy(Self.mayPrecedeImport)
        else { return nil }
        let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        let module = words[(index + 1)...].first { !kinds.contains($0) }
        return module?.split(separator: ".").first.map(String.init)
      }
    }

    private static func mayPrecedeImport(_ word: String) -> Bool {
      word.hasPrefix("@") || ["public", "package", "internal", "private"].contains(word)
    }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// All files below `folder` with one of the extensions.
  static func files(below folder: String, _ extensions: Set<String> = ["swift"]) throws -> [File] {
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: root.appendingPathComponent(folder).path
    )
    return
      try paths
      .filter { path in extensions.contains((path as NSString).pathExtension) }
      .sorted()
      .map { File(path: "\(folder)/\($0)", text: try text("\(folder)/\($0)")) }
  }
}
