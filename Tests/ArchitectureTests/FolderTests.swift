import Testing

/// Which way the folders of a large target look, so that they form no circle.
@Suite("Folders")
struct FolderTests {
  /// A folder may use what those before it define, and itself.
  static let orders = [
    "Dashboard": [
      "Theme", "Layout", "Keys", "Drawing", "State", "Input", "Panels", "Screen", "Sweep",
    ]
  ]

  @Test("A folder uses nothing of those behind it", arguments: orders.keys.sorted())
  func folders(target: String) throws {
    let order = try #require(Self.orders[target])
    let files = try ProjectFiles.files(below: "Sources/\(target)")
    let places = try files.map { file in
      let place = order.firstIndex(of: Self.folder(of: file))
      return try #require(place, "\(file.path) lies in no folder of the order")
    }
    var defined: [String: Int] = [:]
    for (file, place) in zip(files, places) {
      for name in Self.types(in: file) { defined[name] = place }
    }
    #expect(defined.count > 10, "the scan found too little to be believed")
    for (file, place) in zip(files, places) {
      for (number, line) in file.code.enumerated() {
        for word in line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
          guard let other = defined[String(word)], other > place else { continue }
          Issue.record(
            "\(file.path):\(number + 1) uses \(word) of \(order[other]), which looks at \(order[place])"
          )
        }
      }
    }
  }

  private static func folder(of file: ProjectFiles.File) -> String {
    file.path.split(separator: "/").dropFirst(2).first.map(String.init) ?? ""
  }

  /// The types that a file defines for others: at its left edge, and not private.
  static func types(in file: ProjectFiles.File) -> [String] {
    file.code.compactMap { line in
      guard let first = line.first, first != " ", !line.contains("private") else { return nil }
      let words = line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
      let kinds: Set<Substring> = ["struct", "enum", "class", "protocol", "actor"]
      guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count else {
        return nil
      }
      return String(words[kind + 1])
    }
  }

  @Test("Types are found at the left edge alone")
  func scanner() {
    let text = "package struct A {\n  struct B {}\n}\nprivate enum C {}\n@Suite final class D {}\n"
    let file = ProjectFiles.File(path: "Sources/X/Y/Z.swift", text: text)
    #expect(Self.types(in: file) == ["A", "D"])
  }
}
