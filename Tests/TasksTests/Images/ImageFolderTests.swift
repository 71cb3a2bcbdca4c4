import Files
import Foundation
import Glibc
import Kernels
import Tasks
import TestSupport
import Testing

@Suite("Folders of images")
struct ImageFolderTests {
  /// Writes `count` small pictures, of a brightness of their own, into a folder.
  private func fill(_ folder: TemporaryFolder, _ path: String, count: Int, channels: Int = 1) throws
  {
    for number in 0..<count {
      let pixels = (0..<10 * 8 * channels).map { UInt8(truncatingIfNeeded: 20 * number + $0) }
      try write(
        TestImages.png(width: 10, height: 8, channels: channels, pixels),
        to: folder / "\(path)/\(number).png"
      )
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: url)
  }

  private func parted() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (split, classes) in [("train", 4), ("val", 2), ("test", 3)] {
      for number in 0..<classes { try fill(folder, "\(split)/\(split)\(number)", count: 5) }
    }
    return folder
  }

  @Test("Folders of splits are what they say")
  func splitFolders() async throws {
    let folder = try parted()
    let task = try ImageTask(folder: folder.path, way: 2)
    #expect(MetaSplit.allCases.map { task.splits[$0].count } == [4, 2, 3])
    #expect(task.collection.shape == ImageShape(height: 8, width: 10, channels: 1))
    #expect(task.report.imageCount == 45 && task.report.badImages.isEmpty)
    await expectContract(task, shot: 2, queryShot: 3, seed: 1)
    let names = task.episodeImages(
      .metaTest,
      task.layout(shot: 1, queryShot: 1),
      stream: RandomStream(seed: 1)
    )
    #expect(names.classNames.allSatisfy { $0.hasPrefix("test") })
  }

  @Test("Classes without splits are parted by lot, the same for the same seed")
  func lot() throws {
    let folder = try TemporaryFolder()
    for number in 0..<25 { try fill(folder, "class\(number)", count: 2) }
    var options = ImageOptions()
    let task = try ImageTask(folder: folder.path, way: 2, options: options)
    #expect(MetaSplit.allCases.map { task.splits[$0].count } == [16, 4, 5])
    #expect(try ImageTask(folder: folder.path, way: 2, options: options).splits == task.splits)
    options.seed = 1
    #expect(try ImageTask(folder: folder.path, way: 2, options: options).splits != task.splits)
  }

  @Test("splits.json names the classes of each split")
  func list() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b", "c", "d", "e", "f", "g"] { try fill(folder, name, count: 2) }
    let list = #"{"train": ["a", "c"], "val": ["b", "g"], "test": ["e", "f"]}"#
    try write(Array(list.utf8), to: folder / "splits.json")
    let task = try ImageTask(folder: folder.path, way: 2)
    #expect(task.splits.metaTrain.map(\.index) == [0, 2])
    #expect(task.splits.metaTest.map(\.index) == [4, 5])
    #expect(task.report.notes == ["1 class is in no split of splits.json"])
    for (text, words) in [
      (#"{"train": ["a", "c"], "test": ["a", "f"]}"#, "class a appears twice"),
      (#"{"train": ["nobody"]}"#, "nobody is no class"),
      (#"{"dev": []}"#, "\"dev\" is not understood"),
      ("[1]", "is damaged"), ("{", "is damaged"),
    ] {
      try write(Array(text.utf8), to: folder / "splits.json")
      expectError(words) { try ImageTask(folder: folder.path, way: 2) }
    }
  }

  @Test("Mini-ImageNet's lists")
  func lists() throws {
    let folder = try TemporaryFolder()
    try fill(folder, "images", count: 12, channels: 3)
    for (split, names, first) in [("train", "ab", 0), ("val", "cd", 4), ("test", "ef", 8)] {
      let lines = names.enumerated().flatMap { offset, label in
        (0..<2).map { "\(first + 2 * offset + $0).png,n0\(label)\r\n" }
      }
      try write(Array(("filename,label\r\n" + lines.joined()).utf8), to: folder / "\(split).csv")
    }
    let task = try ImageTask(folder: folder.path, way: 2)
    #expect(MetaSplit.allCases.map { task.splits[$0].count } == [2, 2, 2])
    #expect(task.collection.classes.map(\.name) == ["n0a", "n0b", "n0c", "n0d", "n0e", "n0f"])
    #expect(task.collection.shape.channels == 3 && task.obstacle(shot: 1, queryShot: 1) == nil)
    try write(Array("filename,label\n../../etc/passwd,x\n".utf8), to: folder / "test.csv")
    let error = expectError("lies outside") { try ImageTask(folder: folder.path, way: 2) }
    #expect(error?.line == 2)
    try write(Array("filename,label\n8.png,n0a\n".utf8), to: folder / "test.csv")
    expectError("class n0a is in another split, too") { try ImageTask(folder: folder.path, way: 2) }
  }

  @Test("Arrays, as .npz and as .npy, of bytes and of floats")
  func arrays() throws {
    let pixels = (0..<12 * 4).map { UInt8($0) }
    let labels = (0..<96).map { $0 % 8 == 0 ? UInt8($0 / 16) : 0 }
    let floats = pixels.flatMap { value in
      withUnsafeBytes(of: (Float(value) / 255).bitPattern.littleEndian, Array.init)
    }
    let folder = try TemporaryFolder()
    let labelFile = TestArray.npy("<i8", [12], labels)
    var entries = [
      TestZip.Entry("images.npy", TestArray.npy("|u1", [12, 2, 2], pixels), isDeflated: false),
      TestZip.Entry("labels.npy", labelFile),
    ]
    entries[0].isZip64Style = true
    try write(TestZip(entries: entries).bytes, to: folder / "set.npz")
    try write(TestArray.npy("<f4", [12, 2, 2, 1], floats), to: folder / "images.npy")
    try write(labelFile, to: folder / "labels.npy")
    for path in [folder / "set.npz", folder / "images.npy", folder.path] {
      let task = try ImageTask(folder: path, way: 2)
      #expect(task.collection.classes.map(\.imageCount) == [2, 2, 2, 2, 2, 2])
      let images = try #require(task.collection as? StoredImages)
      #expect(images.bytes(of: ImageReference(classIndex: 5, example: 1)) == [44, 45, 46, 47])
    }
    entries.removeLast()
    try write(TestZip(entries: entries).bytes, to: folder / "set.npz")
    expectError("has no array labels") { try ImageTask(folder: folder / "set.npz", way: 2) }
    try write(
      TestArray.npy("<f4", [12, 2, 2], floats.map { $0 ^ 0x80 }),
      to: folder / "images.npy"
    )
    expectError("its images go down to") { try ImageTask(folder: folder.path, way: 2) }
  }

  @Test("Bad pictures are counted and named, not fatal")
  func badImages() throws {
    let folder = try parted()
    try write(Array("hello".utf8), to: folder / "train/train0/notes.txt")
    try write([], to: folder / "train/train1/empty.png")
    try write(Array("GIF89a".utf8), to: folder / "train/train1/\u{1B}[31mred.png")
    let raw = (Array((folder / "train/train2/x").utf8) + [0xFF, 0xFE, 0]).map(
      CChar.init(bitPattern:)
    )
    close(open(raw, O_CREAT | O_WRONLY, 0o600))
    symlink("loop", folder / "train/train3/loop")
    let jpeg = TestImages.jpeg(
      width: 10,
      height: 8,
      channels: 3,
      [UInt8](repeating: 50, count: 240)
    )
    try write(jpeg, to: folder / "test/test0/a jpeg called.png")
    let task = try ImageTask(folder: folder.path, way: 2)
    #expect(task.report.imageCount == 46)
    let sentences = task.report.badImages.map(\.description)
    #expect(sentences.count == 5, "\(sentences)")
    for words in [
      "notes.txt: is neither PNG nor JPEG", "empty.png: is empty", "its name is not UTF-8",
      "loop: cannot be read (Too many levels of symbolic links)", "\u{FFFD}[31mred.png: is neither",
    ] {
      #expect(sentences.contains { $0.contains(words) }, "\(words)")
    }
  }

  @Test("A class that is left with too few pictures is refused, with its name")
  func tooFew() throws {
    let folder = try parted()
    for number in 1..<5 { try write([1], to: folder / "val/val1/\(number).png") }
    symlink("..", folder / "train/circle")
    let task = try ImageTask(folder: folder.path, way: 2)
    let circle = task.report.badImages.filter { $0.path.hasSuffix("train/circle") }
    #expect(
      circle.map(\.reason).allSatisfy { $0.contains("it is not followed") } && circle.count == 1
    )
    #expect(
      task.obstacle(shot: 1, queryShot: 1)?.description.contains(
        "class val1 has 1 usable image, and 1-shot episodes with 1 query need 2; add images, leave the "
          + "class out (--small-classes leave-out), or use a smaller shot or query"
      ) == true
    )
  }

  @Test("What cannot be used at all is a sentence")
  func refusals() throws {
    expectError("No such file or directory") { try ImageTask(folder: "/nowhere/at/all", way: 2) }
    let empty = try TemporaryFolder()
    expectError("has no classes") { try ImageTask(folder: empty.path, way: 2) }
    for number in 0..<3 { try fill(empty, "class\(number)", count: 1) }
    expectError("has 3 classes, too few") { try ImageTask(folder: empty.path, way: 2) }
    let shared = try parted()
    try fill(shared, "test/train1", count: 3)
    expectError("class train1 is in another split") { try ImageTask(folder: shared.path, way: 2) }
    let untested = try TemporaryFolder()
    try fill(untested, "train/a", count: 2)
    expectError("has training classes and no test classes") {
      try ImageTask(folder: untested.path, way: 2)
    }
    expectError("3-way episodes need as many classes") {
      let folder = try parted()
      return try ImageTask(folder: folder.path, way: 3)
    }
  }

  @Test("Size and channels are the user's to choose")
  func options() throws {
    let folder = try parted()
    var options = ImageOptions()
    (options.size, options.channels, options.resize) = (28, 3, .nearest)
    let task = try ImageTask(folder: folder.path, way: 2, options: options)
    #expect(task.collection.shape == ImageShape(height: 28, width: 28, channels: 3))
    #expect(task.layout(shot: 1, queryShot: 2).inputShape == [28, 28, 3])
  }

  @discardableResult
  private func expectError(
    _ words: String,
    _ body: () throws -> ImageTask
  ) -> DatasetError? {
    let error = #expect(throws: DatasetError.self) { _ = try body() }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")")
    return error
  }
}
