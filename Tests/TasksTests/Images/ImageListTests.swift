import Files
import Foundation
import Tasks
import TestSupport
import Testing

@Suite("Lists of images")
struct ImageListTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Sixteen pictures of eight classes below a folder; picture i has the value i.
  private func pictures(_ path: String) throws {
    for number in 0..<16 { try folder.picture("\(path)/\(number).png", number) }
  }

  private static let rows = (0..<16).map { (file: "\($0).png", label: "c\($0 / 2)") }

  /// Each class has its own two pictures.
  private func expectAll(_ name: String, _ location: SourceLocation = #_sourceLocation) throws {
    let task = try folder.task(name)
    #expect(task.report.imageCount == 16, sourceLocation: location)
    #expect(task.report.badImages.isEmpty, "\(task.report.badImages)", sourceLocation: location)
    for split in MetaSplit.allCases {
      for name in task.names(split) {
        let number = try #require(Int(name.dropFirst(name.count - 1)))
        #expect(
          try task.values(split, name) == [2 * number, 2 * number + 1],
          sourceLocation: location
        )
      }
    }
    #expect(task.splitCounts == [4, 2, 2], sourceLocation: location)
  }

  /// A list as somebody wrote it.
  struct Dialect: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var header: String?
    var line: @Sendable (Int, String, String) -> String
    var mark: [UInt8] = []
    var pictures = "images"
    var name = "labels.csv"
  }

  static let dialects: [Dialect] = [
    Dialect(testDescription: "plain", header: "filename,label", line: { "\($1),\($2)" }),
    Dialect(
      testDescription: "byte order mark",
      header: "filename,label",
      line: { "\($1),\($2)" },
      mark: [0xEF, 0xBB, 0xBF]
    ),
    Dialect(testDescription: "image,class", header: "image,class", line: { "\($1),\($2)" }),
    Dialect(testDescription: "Name;Target", header: "Name;Target", line: { "\($1);\($2)" }),
    Dialect(
      testDescription: "class first",
      header: "Category, File Path",
      line: { "\($2), \($1)" }
    ),
    Dialect(
      testDescription: "tabs",
      header: "path\tlabel",
      line: { "\($1)\t\($2)" },
      name: "all.tsv"
    ),
    Dialect(
      testDescription: "pandas' index",
      header: ",filename,width,label",
      line: { "\($0),\($1),8,\($2)" }
    ),
    Dialect(
      testDescription: "index and unknown names",
      header: "nr,photograph of,kind of thing",
      line: { "\($0),\($1),\($2)" }
    ),
    Dialect(testDescription: "no header", line: { "\($1),\($2)" }),
    Dialect(
      testDescription: "quotes with separators in them",
      header: "\"filename\",\"label\"",
      line: { "\"\($1)\",\"a, \"\"b\"\" \($2)\"" }
    ),
    Dialect(
      testDescription: "images/ in front",
      header: "filename,label",
      line: { "images/\($1),\($2)" }
    ),
    Dialect(
      testDescription: "backslashes",
      header: "filename,label",
      line: { ".\\images\\\($1),\($2)" }
    ),
    Dialect(
      testDescription: "no ending, in train/",
      header: "id,breed",
      line: { "\($1.dropLast(4)),\($2)" },
      pictures: "train"
    ),
  ]

  @Test(arguments: dialects)
  func everyDialect(_ dialect: Dialect) throws {
    try pictures("d/\(dialect.pictures)")
    let lines = Self.rows.enumerated().map {
      dialect.line($0.offset, $0.element.file, $0.element.label)
    }
    try folder.write(
      lines: [dialect.header].compactMap(\.self) + lines + [""],
      to: "d/\(dialect.name)",
      mark: dialect.mark
    )
    try expectAll("d")
  }

  @Test("What Excel calls Unicode text: UTF-16 with tabs")
  func wide() throws {
    try pictures("d/images")
    let text = "file\tlabel\r\n" + Self.rows.map { "\($0.file)\t\($0.label)\r\n" }.joined()
    let units = [0xFEFF] + Array(text.utf16)
    try folder.write(units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, to: "d/x.csv")
    try expectAll("d")
    try folder.write(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, to: "d/x.csv")
    try expectAll("d")
  }

  @Test("A column says the split")
  func splitColumn() throws {
    try pictures("d/images")
    let parts = ["train", "train", "train", "val", "val", "Test", "Test", "Test"]
    let lines = Self.rows.enumerated().map { "\($1.file),\($1.label),\(parts[$0 / 2])" }
    try folder.write(lines: ["filename,label,split"] + lines, to: "d/labels.csv")
    let task = try folder.task("d")
    #expect(task.names(.metaTrain) == ["c0", "c1", "c2"])
    #expect(
      task.names(.metaValidation) == ["c3", "c4"] && task.names(.metaTest) == ["c5", "c6", "c7"]
    )
  }

  @Test("Lists of the same classes are parts of their pictures")
  func sharedClasses() throws {
    try pictures("d/images")
    let lines = (0..<16).map { "\($0).png,\($0 % 2 == 0 ? "no" : "yes")" }
    try folder.write(lines: ["filename,label"] + lines[..<10], to: "d/train.csv")
    try folder.write(lines: ["filename,label"] + lines[10...], to: "d/test.csv")
    expectRefusal("its parts hold the same 2 classes (no, yes)", "--split examples") {
      _ = try folder.task("d")
    }
    let task = try folder.task("d") { $0.split = .examples }
    #expect(try task.values(.metaTest, "no") == [10, 12, 14])
    #expect(try task.values(.metaTest, "yes") == [11, 13, 15])
    let held = try task.values(.metaTrain, "no") + task.values(.metaValidation, "no")
    #expect(held.sorted() == [0, 2, 4, 6, 8])
  }

  @Test("What is wrong with a list is a sentence with its line")
  func refusals() throws {
    try pictures("d/images")
    for (lines, line, words) in [
      (["filename,label", "0.png,"], 2, "is no pair of filename,label"),
      (["filename,label", "", "0.png"], 3, "is no pair of filename,label"),
      (["filename,label", "/etc/passwd,x"], 2, "lies outside"),
      (["filename,label", "C:\\x.png,x"], 2, "lies outside"),
      (["filename,label", "..\\..\\x.png,x"], 2, "lies outside"),
      (["filename,label", "0.png,\"x"], 2, "a quotation mark is opened here"),
      (["picture,a,b", "0.png,1,0"], 1, "which column is the file's name"),
      ([], nil, "is empty"),
    ] as [([String], Int?, String)] {
      try folder.write(lines: lines, to: "d/labels.csv")
      let error = expectRefusal(words) { _ = try folder.task("d") }
      #expect(error?.line == line, "\(lines)")
    }
    try folder.write(Array("filename,label\n0.png,caf".utf8) + [0xE9], to: "d/labels.csv")
    expectRefusal("is not text in UTF-8") { _ = try folder.task("d") }
    try folder.write(
      lines: ["filename,label"] + (0..<9).map { "no\($0).png,c\($0)" },
      to: "d/labels.csv"
    )
    expectRefusal("the first that was looked for is \(folder / "d/images/no0.png")", "No such file")
    {
      _ = try folder.task("d")
    }
  }

  @Test("Fields, quotes, line ends and lines are what they are")
  func fields() throws {
    let text = "a;b;c\r\n\n 1 ; \"x;\"\"y\"\"\n z\" ;\r2;3"
    let rows = try DelimitedText(Array(text.utf8), path: "x").rows
    #expect(rows.map(\.fields) == [["a", "b", "c"], ["1", "x;\"y\"\n z", ""], ["2", "3"]])
    #expect(rows.map(\.line) == [1, 3, 5])
  }

  @Test("Ten thousand damaged lists and headers are an error or rows, never a crash")
  func damaged() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let lists = [
      [0xEF, 0xBB, 0xBF] + Array("filename,label\r\n\"a\"\"b.png\",c\n".utf8),
      [0xFF, 0xFE, 0x61, 0, 9, 0, 0x62, 0], Array("\tfile\tclass\n0\tx.png\ty\n".utf8),
    ]
    let headers = [
      TestImages.png(width: 9, height: 7, channels: 1, Array(repeating: 1, count: 63)),
      TestImages.jpeg(width: 9, height: 7, channels: 3, Array(repeating: 1, count: 189)),
    ]
    for header in headers {
      #expect(DecodedImage.storedSize(header: header) == ImageSize(height: 7, width: 9))
    }
    var counts = (rows: 0, sizes: 0)
    for round in 0..<fuzzRounds(10_000) {
      var list = lists[round % lists.count]
      var header = headers[round % headers.count]
      for _ in 0...Int.random(in: 0..<6, using: &generator) {
        list[Int.random(in: list.indices, using: &generator)] = UInt8.random(
          in: 0...255,
          using: &generator
        )
        header[Int.random(in: 0..<40, using: &generator)] = UInt8.random(
          in: 0...255,
          using: &generator
        )
      }
      list = Array(list.prefix(Int.random(in: 0...list.count, using: &generator)))
      header = Array(header.prefix(Int.random(in: 0...header.count, using: &generator)))
      counts.rows += (try? DelimitedText(list, path: "x").rows.count) ?? 0
      counts.sizes += DecodedImage.storedSize(header: header) == nil ? 0 : 1
    }
    #expect(counts.rows > 1_000 && counts.sizes > 500, "\(counts)")
  }

  @Test("A list without a file of it is bad files, not a refusal")
  func missing() throws {
    try pictures("d/images")
    let lines = Self.rows.map { "\($0.file),\($0.label)" } + ["gone.png,c1"]
    try folder.write(lines: ["filename,label"] + lines, to: "d/labels.csv")
    let task = try folder.task("d")
    #expect(task.report.badImages.map(\.path) == [folder / "d/images/gone.png"])
    #expect(task.report.imageCount == 16)
  }
}
