import Files
import Foundation
import Kernels
import Tasks
import TestSupport
import Testing

@Suite("Omniglot")
struct OmniglotTests {
  private static let splitFile = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../../../Datasets/omniglot/vinyals.txt").standardized.path
  private static let folder = SharedFiles.path("data/omniglot")
  private static let isThere = FileManager.default.fileExists(
    atPath: folder + "/images_background.zip"
  )

  @Test(
    "The real archives agree with the packed 28×28 copy, pixel for pixel",
    .enabled(if: isThere, "needs Omniglot's archives; METATOP_SHARED says where data/omniglot is")
  )
  func packedCopy() throws {
    let task = try ImageTask(omniglot: Self.folder, way: 5, splitFile: Self.splitFile)
    #expect(MetaSplit.allCases.map { task.splits[$0].count } == [4112, 172, 423])
    #expect(task.report.imageCount == 32_460 && task.report.badImages.isEmpty)
    // Six drawings equal another of their character; the published set stays whole, and says so.
    #expect(task.report.copies.withinClasses == 6)
    #expect(task.report.copies.treatment == .published)
    #expect(task.report.remarks.count == 1 && task.report.remarks[0].contains("and kept"))
    #expect(task.report.warnings.isEmpty)
    let images = try #require(task.collection as? StoredImages)
    #expect(images.shape == ImageShape(height: 28, width: 28, channels: 1))
    let packed = Array(
      try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/omniglot28_packed.npy"))
    )
    let bits = packed.suffix(1623 * 20 * 98)
    let names = try String(contentsOfFile: Self.folder + "/classes.csv", encoding: .utf8)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      .map { "\($0[2])/\($0[3])" }
    let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    var (agreeing, differing) = (0, 0)
    for (index, stored) in images.classes.enumerated() {
      let place = try #require(places[stored.name])
      for example in 0..<20 {
        let bytes = images.bytes(of: ImageReference(classIndex: index, example: example))
        let start = bits.startIndex + (place * 20 + example) * 98
        let isSame = (0..<784).allSatisfy { pixel in
          (bits[start + pixel / 8] >> UInt8(7 - pixel % 8) & 1 == 1) == (bytes[pixel] == 255)
        }
        if isSame { agreeing += 1 } else { differing += 1 }
      }
    }
    #expect(agreeing == 32_460 && differing == 0)
  }

  @Test(
    "Episodes of the real set keep the image contract, and Lake's split keeps alphabets whole",
    .enabled(if: isThere, "needs Omniglot's archives; METATOP_SHARED says where data/omniglot is")
  )
  func contract() async throws {
    var options = OmniglotOptions()
    options.split = .lake
    options.rotations = .none
    options.withinAlphabet = true
    let task = try ImageTask(omniglot: Self.folder, way: 10, options: options, splitFile: nil)
    await expectContract(task, shot: 5, queryShot: 15, seed: 3)
    #expect(task.splits.metaTest.count == 659)
    #expect(task.splits.metaTrain.count + task.splits.metaValidation.count == 964)
  }

  // MARK: A small set of the same layout

  private static let alphabets = (0..<8).map { "Alphabet\($0)" }

  /// Entries of a small Omniglot: 8 alphabets, the last two for evaluation, 3 characters, 4 images.
  private static func entries(_ part: String) -> [(path: String, bytes: [UInt8])] {
    let own = part == "images_background" ? alphabets.prefix(6) : alphabets.suffix(2)
    return own.flatMap { alphabet in
      (1...3).flatMap { character in
        (1...4).map { drawer in
          var pixels = [UInt8](repeating: 255, count: 105 * 105)
          for index in 0..<(drawer * 900) { pixels[index] = 0 }
          let bytes = TestImages.png(width: 105, height: 105, channels: 1, pixels)
          return ("\(part)/\(alphabet)/character0\(character)/0\(drawer).png", bytes)
        }
      }
    }
  }

  private static func writeZips(_ folder: TemporaryFolder) throws {
    for part in ["images_background", "images_evaluation"] {
      let zip = TestZip(entries: entries(part).map { .init($0.path, $0.bytes) })
      try Data(zip.bytes).write(to: URL(fileURLWithPath: folder / "\(part).zip"))
    }
  }

  private static func writeFolders(_ folder: TemporaryFolder) throws {
    for part in ["images_background", "images_evaluation"] {
      for (path, bytes) in entries(part) {
        let url = URL(fileURLWithPath: folder / path)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(),
          withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
      }
    }
  }

  private static var lake: OmniglotOptions {
    var options = OmniglotOptions()
    options.split = .lake
    return options
  }

  @Test("Folders and archives give the same episodes; rotations are classes of training only")
  func foldersAndArchives() async throws {
    let (zips, folders) = (try TemporaryFolder(), try TemporaryFolder())
    try Self.writeZips(zips)
    try Self.writeFolders(folders)
    let fromZips = try ImageTask(omniglot: zips.path, way: 3, options: Self.lake, splitFile: nil)
    let fromFolders = try ImageTask(
      omniglot: folders.path,
      way: 3,
      options: Self.lake,
      splitFile: nil
    )
    #expect(MetaSplit.allCases.map { fromZips.splits[$0].count } == [5 * 3 * 4, 3, 6])
    await expectContract(fromZips, shot: 1, queryShot: 3, seed: 11)
    for split in MetaSplit.allCases {
      let stream = RandomStream(seed: 5)
      let (a, b) = (
        SampledEpisode(fromZips, split, shot: 1, queryShot: 2, stream: stream),
        SampledEpisode(fromFolders, split, shot: 1, queryShot: 2, stream: stream)
      )
      #expect(a.values == b.values)
    }
  }

  @Test("A turned class shows its pictures turned counter-clockwise")
  func rotation() throws {
    let folder = try TemporaryFolder()
    try Self.writeZips(folder)
    let task = try ImageTask(omniglot: folder.path, way: 3, options: Self.lake, splitFile: nil)
    let buffer = AlignedBuffer(count: 784 * 4)
    let turned = (0..<4).map { ImageReference(classIndex: 0, example: 1, quarterTurns: $0) }
    task.collection.write(turned, into: buffer, at: 0)
    let upright = buffer.values(0..<784)
    for turn in 1..<4 {
      let expected = (0..<784).map { index -> Float in
        var (row, column) = (index / 28, index % 28)
        for _ in 0..<turn { (row, column) = (column, 27 - row) }
        return upright[row * 28 + column]
      }
      #expect(buffer.values(turn * 784..<(turn + 1) * 784) == expected)
    }
  }

  @Test("What is missing is a sentence that says what is expected")
  func missing() throws {
    let folder = try TemporaryFolder()
    try Self.writeZips(folder)
    // Without a file the list that ships in the program says what must be there.
    for list in [nil, Self.splitFile] {
      let incomplete = #expect(throws: DatasetError.self) {
        try ImageTask(omniglot: folder.path, way: 3, splitFile: list)
      }
      #expect(incomplete?.description.contains("is missing; fetch the data set again") == true)
    }
    try Data("PK".utf8).write(to: URL(fileURLWithPath: folder / "images_evaluation.zip"))
    let damaged = #expect(throws: DatasetError.self) {
      try ImageTask(omniglot: folder.path, way: 3, options: Self.lake, splitFile: nil)
    }
    #expect(damaged?.description.contains("images_evaluation.zip: has no zip directory") == true)
  }

  @Test(
    "A list that is not understood is a sentence with its line",
    arguments: ["train Greek", "dev Greek 1-3", "train Greek 3-1", "train Greek 1-99999"]
  )
  func badList(line: String) throws {
    let folder = try TemporaryFolder()
    try Self.writeZips(folder)
    try Data("# a comment\n\n\(line)\n".utf8).write(to: URL(fileURLWithPath: folder / "list.txt"))
    let error = #expect(throws: DatasetError.self) {
      try ImageTask(omniglot: folder.path, way: 3, splitFile: folder / "list.txt")
    }
    #expect(error?.line == 3)
  }
}
