import Files
import Foundation
import Tasks
import TestSupport
import Testing

extension TemporaryFolder {
  /// Writes a file, with the folders it lies in.
  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: self / name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: url)
  }

  /// Writes a text, lines ended as on Windows, with the folders it lies in.
  func write(lines: [String], to name: String, mark: [UInt8] = []) throws {
    try write(mark + Array(lines.map { $0 + "\r\n" }.joined().utf8), to: name)
  }

  /// A grey picture whose every pixel is `value`, so that a test can tell which one it has.
  func picture(_ name: String, _ value: Int, side: Int = 8) throws {
    let pixels = [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: side * side)
    try write(TestImages.png(width: side, height: side, channels: 1, pixels), to: name)
  }

  /// Classes with `count` pictures each: picture i of the nth class has the value 10 n + i.
  func classes(_ names: [String], count: Int, first: Int = 0, side: Int = 8) throws {
    for (offset, name) in names.enumerated() {
      for number in 0..<count {
        try picture("\(name)/\(number).png", 10 * (first + offset) + number, side: side)
      }
    }
  }

  /// The data set in this folder, or in one below it.
  func task(
    _ name: String = "",
    way: Int? = 2,
    _ change: (inout DataOptions) -> Void = { _ in }
  )
    throws -> ImageTask
  {
    var asked = DataOptions(way: way)
    asked.leastImages = 2
    change(&asked)
    let folder = name.isEmpty ? path : self / name
    return try ImageTask(folder: folder, options: ImageOptions(asked: asked))
  }
}

extension ImageTask {
  /// The names of a split's classes, sorted.
  func names(_ split: MetaSplit) -> [String] {
    splits[split].map { collection.classes[$0.index].name }.sorted()
  }

  /// How many classes each split has.
  var splitCounts: [Int] { MetaSplit.allCases.map { splits[$0].count } }

  /// The first pixel of every picture of a split's class.
  func values(_ split: MetaSplit, _ name: String) throws -> [Int] {
    let images = try #require(collection as? StoredImages)
    let index = splits[split].map(\.index).first { collection.classes[$0].name == name }
    guard let index else { return [] }
    return (0..<collection.classes[index].imageCount).map {
      Int(images.bytes(of: ImageReference(classIndex: index, example: $0))[0])
    }
  }
}

/// That something is refused with these words.
@discardableResult
func expectRefusal(
  _ words: String...,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) -> DatasetError? {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { try body() }
  let sentence = error?.description ?? "none"
  for part in words {
    #expect(sentence.contains(part), "\(sentence)", sourceLocation: sourceLocation)
  }
  return error
}
