import Files
import Foundation
import Kernels
import Tasks
import TestSupport
import Testing

@Suite("Pictures that are there twice")
struct PictureCopyTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ path: String, _ seed: Int, depth: UInt8 = 8) throws {
    let scale = depth == 16 ? 257 : 1
    let numbers = (0..<64).map { scale * (($0 * 31 + seed * 7) & 255) }
    let url = URL(fileURLWithPath: folder / path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(TestPNG(0, depth, width: 8, numbers).bytes).write(to: url)
  }

  /// Nine classes of five different pictures each.
  private func fill() throws {
    for (split, classes) in [("train", 0..<4), ("val", 4..<6), ("test", 6..<9)] {
      for number in classes {
        for image in 0..<5 { try write("\(split)/c\(number)/\(image).png", 5 * number + image) }
      }
    }
  }

  @Test("In a class they count as one, also when another file holds the same pixels")
  func withinAClass() throws {
    try fill()
    let whole = try ImageTask(folder: folder.path, way: 2)
    #expect(whole.report.warnings.isEmpty)
    try write("train/c1/copy.png", 5)
    try write("train/c1/deep.png", 6, depth: 16)
    let task = try ImageTask(folder: folder.path, way: 2)
    #expect(task.collection.classes.map(\.imageCount) == [Int](repeating: 5, count: 9))
    #expect(task.report.copies.withinClasses == 2)
    #expect(
      task.report.warnings == [
        "2 pictures are the same as another of the class and left out, so that no episode has it "
          + "twice (c1/copy.png is c1/0.png)"
      ]
    )
    // Whoever has the files has the same digest, whatever becomes of the copies.
    #expect(task.collection.sha256 != whole.collection.sha256)
    #expect(try ImageTask(folder: folder.path, way: 2).collection.sha256 == task.collection.sha256)
    let seed: UInt64 = 4
    let layout = task.layout(shot: 2, queryShot: 3)
    for number in UInt64(0)..<50 {
      let stream = RandomStream(seed: seed).split(number)
      let episode = SampledEpisode(task, .metaTrain, shot: 2, queryShot: 3, stream: stream)
      let pictures =
        (0..<layout.supportCount).map(episode.support) + (0..<layout.queryCount).map(episode.query)
      #expect(Set(pictures.map(Array.init)).count == 10, "seed \(seed), episode \(number)")
    }
    #expect(task.obstacle(shot: 1, queryShot: 5) != nil)
  }

  @Test("In other classes and splits they are counted and told")
  func acrossClasses() throws {
    try fill()
    // The folders of splits come by name: test, train, val.
    try write("train/c0/a.png", 5)
    try write("test/c8/a.png", 5)
    try write("test/c7/b.png", 41)
    let task = try ImageTask(folder: folder.path, way: 2)
    let copies = task.report.copies
    #expect(copies.withinClasses == 0 && copies.acrossClasses == 2 && copies.acrossSplits == 1)
    #expect(
      task.report.warnings == [
        "2 pictures stand in more than one class, 1 of them in classes of several splits "
          + "(c8/1.png is c7/b.png)"
      ]
    )
    #expect(task.collection.classes.map(\.imageCount) == [5, 6, 6, 6, 5, 5, 5, 5, 5])
  }

  @Test("Classes of copies alone stay, and are told to mean nothing")
  func copiesAlone() throws {
    for number in 0..<8 {
      for image in 0..<4 { try write("c\(number)/\(image).png", number) }
    }
    let task = try ImageTask(folder: folder.path, way: 2)
    #expect(task.collection.classes.allSatisfy { $0.imageCount == 4 })
    #expect(task.report.warnings.count == 1)
    #expect(task.report.warnings[0].contains("copies of one picture only"))
    #expect(task.report.warnings[0].contains("accuracies mean nothing"))
  }

  @Test("Conversions are counted once a picture, and what vanishes is named")
  func conversions() throws {
    for number in 0..<8 {
      for image in 0..<3 { try write("c\(number)/\(image).png", 3 * number + image, depth: 16) }
    }
    let strokes = (0..<64).flatMap { [255, $0 % 5 == 0 ? 255 : 0] }
    var png = TestPNG(4, 8, width: 8, strokes)
    png.extras = [("eXIf", TestExif.data(6))]
    try Data(png.bytes).write(to: URL(fileURLWithPath: folder / "c3/white.png"))
    var options = ImageOptions()
    (options.size, options.channels, options.isInverted) = (4, 3, true)
    let report = try ImageTask(folder: folder.path, way: 2, options: options).report
    #expect(
      report.conversions.lines == [
        "24 pictures: 16-bit numbers divided by 257", "1 picture: transparency laid on white",
        "1 picture: hardly to be seen on that white",
        "1 picture: turned upright by EXIF orientation",
        "25 pictures: grey repeated as red, green and blue",
        "25 pictures: resized to the shape of the set", "25 pictures: dark and light exchanged",
      ]
    )
    #expect(
      report.warnings == [
        "1 transparent picture nearly vanishes on the white ground (\(folder / "c3/white.png")); "
          + "save what is bright on a dark ground"
      ]
    )
  }
}
