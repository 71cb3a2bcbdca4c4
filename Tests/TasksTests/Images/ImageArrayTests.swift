import Files
import Foundation
import Kernels
import Tasks
import TestSupport
import Testing

/// Arrays of every type, under every name, against brightnesses worked out by hand.
@Suite("Arrays of images")
struct ImageArrayTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ arrays: [(name: String, bytes: [UInt8])]) throws -> String {
    let zip = TestZip(entries: arrays.map { .init($0.name + ".npy", $0.bytes, isDeflated: false) })
    let path = folder / "set.npz"
    try Data(zip.bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Twelve pictures of 1×2 in six classes; the pixels of the last two are read back.
  private func pixels(_ type: String, _ last: [Double], labels: String = "<i8") throws -> [UInt8] {
    let numbers = (0..<10).flatMap { [last[0] * Double($0) / 20, last[1] / 2] } + last
    let path = try write([
      ("images", TestArray.npy(type, [12, 1, 2], TestArray.numbers(type, numbers))),
      ("labels", TestArray.npy(labels, [12], TestArray.numbers(labels, Self.labels))),
    ])
    let task = try ImageTask(folder: path, way: 2)
    let images = try #require(task.collection as? StoredImages)
    return (0..<2).flatMap { images.bytes(of: ImageReference(classIndex: 5, example: $0)) }
  }

  private static let labels = (0..<12).map { Double($0 / 2) }
  private static let wholeTypes = [
    "|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">u8", "<i8",
    ">i8",
  ]
  private static let floatTypes = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]

  @Test("Whole numbers of every type are brightnesses, and labels", arguments: wholeTypes)
  func wholeNumbers(type: String) throws {
    #expect(try pixels(type, [100, 60, 120, 8]) == [100, 60, 120, 8])
    #expect(try pixels("|u1", [1, 2, 3, 4], labels: type) == [1, 2, 3, 4])
    let negative = [(0..<22).map { _ in 3.0 }, [-1, 3]].flatMap { $0 }
    guard type.contains("i") else { return }
    try expectRefusal("go down to -1") {
      ("images", TestArray.npy(type, [12, 1, 2], TestArray.numbers(type, negative)))
    }
  }

  @Test("Floats are in [0, 1] or in [0, 255], with a hundredth to spare", arguments: floatTypes)
  func floats(type: String) throws {
    #expect(try pixels(type, [1, 0.5, 0.25, 0]) == [255, 128, 64, 0])
    #expect(try pixels(type, [1.004, 0.5, 0.25, -0.004]) == [255, 128, 64, 0])
    #expect(try pixels(type, [255, 128, 63.5, 0]) == [255, 128, 64, 0])
    #expect(try pixels(type, [256, 128, 64, -1]) == [255, 128, 64, 0])
    #expect(try pixels("|u1", [1, 2, 3, 4], labels: type) == [1, 2, 3, 4])
    for (last, words) in [
      ([16.0, 3, 2, 1], "go up to 16, which is neither 1 nor 255"),
      ([1.5, 1, 0, 0], "go up to 1.5"), ([1000, 3, 2, 1], "go up to 1000"),
      ([1, 0, 0, -0.5], "go down to -0.5"), ([255, 0, 0, -8], "go down to -8"),
      ([1, 0, .nan, 0], "images[11, 0, 0] is nan"), ([1, .infinity, 0, 0], "is inf"),
    ] {
      let numbers = [Double](repeating: 0, count: 20) + last
      try expectRefusal(words) {
        ("images", TestArray.npy(type, [12, 1, 2], TestArray.numbers(type, numbers)))
      }
    }
  }

  @Test("One number just above 1 does not make a set black; what is nearly black is told")
  func justOverOne() throws {
    #expect(try pixels("<f4", [1.000_000_1, 0.2, 0.651, -1e-7]) == [255, 51, 166, 0])
    let dim = TestArray.npy("|u1", [12, 1, 2], (0..<24).map { UInt8($0) })
    let labels = TestArray.npy("<i8", [12], TestArray.numbers("<i8", Self.labels))
    let task = try ImageTask(folder: write([("images", dim), ("labels", labels)]), way: 2)
    let note = "its pictures are nearly black: the brightest pixel is 23 of 255"
    #expect(task.report.warnings == [note])
  }

  @Test("Truth values, and whole numbers that are all 0 or 1, are black and white")
  func truths() throws {
    #expect(try pixels("|b1", [1, 0, 0, 1]) == [255, 0, 0, 255])
    #expect(try pixels("|u1", [1, 0, 0, 1]) == [255, 0, 0, 255])
    #expect(try pixels("<i4", [1, 0, 0, 1]) == [255, 0, 0, 255])
  }

  @Test("uint16 beyond 255 has 16 bits; between 8 and 16 bits it is refused")
  func words() throws {
    #expect(try pixels("<u2", [65_535, 16_448, 129, 128]) == [255, 64, 1, 0])
    #expect(try pixels(">u2", [200, 100, 50, 0]) == [200, 100, 50, 0])
    let twelveBits = TestArray.numbers("<u2", [Double](repeating: 4_095, count: 24))
    try expectRefusal("type '<u2' and go up to 4095; 16-bit pixels go up to 65535") {
      ("images", TestArray.npy("<u2", [12, 1, 2], twelveBits))
    }
    let long = TestArray.numbers("<i4", [Double](repeating: 256, count: 24))
    try expectRefusal("pixels go up to 255, or to 65535 in uint16") {
      ("images", TestArray.npy("<i4", [12, 1, 2], long))
    }
  }

  @Test("What is no plain number is named by its type")
  func otherTypes() throws {
    for (type, size, words) in [
      ("<c8", 8, "labels.npy: is of type '<c8', which is not read; convert it to bool, int8"),
      ("<U5", 20, "is of type '<U5', which is not read; for labels as numbers save numpy.unique"),
      ("|O", 8, "is of type '|O', which is not read; save an array of numbers"),
      ("<f16", 16, "is of type '<f16'"), ("<M8[ns]", 8, "is of type '<M8[ns]'"),
    ] {
      try expectRefusal(words) {
        ("labels", TestArray.npy(type, [12], [UInt8](repeating: 0, count: 12 * size)))
      }
    }
    try expectRefusal("labels[1] is 0.5; labels are whole numbers") {
      let halves = (0..<12).map { Double($0) / 2 }
      return ("labels", TestArray.npy("<f8", [12], TestArray.numbers("<f8", halves)))
    }
    try expectRefusal("labels has shape [12, 3]; for columns of zeros and ones save numpy.argmax") {
      ("labels", TestArray.npy("|u1", [12, 3], [UInt8](repeating: 0, count: 36)))
    }
    try expectRefusal("there must be one for each of the 12 pictures in images") {
      ("labels", TestArray.npy("|u1", [11], [UInt8](repeating: 0, count: 11)))
    }
    try expectRefusal("images has shape [12, 784]; pictures are [N, height, width]") {
      ("images", TestArray.npy("|u1", [12, 784], [UInt8](repeating: 0, count: 12 * 784)))
    }
  }

  /// Expects the refusal of a sound set with one array exchanged.
  private func expectRefusal(
    _ words: String,
    _ location: SourceLocation = #_sourceLocation,
    _ changed: () -> (String, [UInt8])
  ) throws {
    let (name, bytes) = changed()
    var arrays = [
      (name: "images", bytes: TestArray.npy("|u1", [12, 1, 2], (0..<24).map { UInt8(9 * $0) })),
      ("labels", TestArray.npy("|u1", [12], Self.labels.map { UInt8($0) })),
    ]
    arrays[name == "images" ? 0 : 1] = (name, bytes)
    let path = try write(arrays)
    let error = #expect(throws: DatasetError.self, sourceLocation: location) {
      try ImageTask(folder: path, way: 2)
    }
    let text = error?.description ?? "none"
    #expect(text.contains(words), "\(text)", sourceLocation: location)
  }

  // MARK: Order and shape

  @Test("Column-major, channels-first and transparent arrays are read alike")
  func orders() throws {
    // Twelve pictures of 2×3 with three channels: picture, row, column and channel in the number.
    let shape = [12, 2, 3, 3]
    let places = (0..<12 * 18).map { [$0 / 18, $0 / 9 % 2, $0 / 3 % 3, $0 % 3] }
    func value(_ place: [Int]) -> UInt8 {
      UInt8(20 * place[0] + 9 * place[1] + 3 * place[2] + place[3])
    }
    let plain = places.map(value)
    /// The same numbers, stored with the axes in another order, the last running fastest.
    func stored(_ axes: [Int]) -> [UInt8] {
      let sizes = axes.map { shape[$0] }
      return (0..<216).map { index in
        var (rest, place) = (index, [0, 0, 0, 0])
        for axis in axes.indices.reversed() {
          place[axes[axis]] = rest % sizes[axis]
          rest /= sizes[axis]
        }
        return value(place)
      }
    }
    let labels = ("labels", TestArray.npy("|u1", [12, 1], Self.labels.map { UInt8($0) }))
    let transparent = places.flatMap { place -> [UInt8] in
      place[3] == 2 ? [value(place), 255] : [value(place)]
    }
    for images in [
      TestArray.npy("|u1", shape, plain),
      TestArray.npy("|u1", shape, stored([3, 2, 1, 0]), isColumnMajor: true),
      TestArray.npy("|u1", [12, 2, 3, 4], transparent),
    ] {
      let task = try ImageTask(folder: write([("images", images), labels]), way: 2)
      let stored = try #require(task.collection as? StoredImages)
      #expect(stored.shape == ImageShape(height: 2, width: 3, channels: 3))
      let picture = stored.bytes(of: ImageReference(classIndex: 3, example: 1))
      #expect(picture == Array(plain[7 * 18..<8 * 18]))
    }
    // A last axis of 1, 3 or 4 is channels; another one shows that they come first.
    let wide = (0..<12 * 3 * 5).map { UInt8($0) }
    let first = TestArray.npy("|u1", [12, 3, 1, 5], wide)
    let task = try ImageTask(folder: write([("images", first), labels]), way: 2)
    let pictures = try #require(task.collection as? StoredImages)
    let picture = pictures.bytes(of: ImageReference(classIndex: 0, example: 1))
    #expect(picture == [15, 20, 25, 16, 21, 26, 17, 22, 27, 18, 23, 28, 19, 24, 29])
  }

  // MARK: Names and parts

  private func arrays(
    _ images: String,
    _ labels: String,
    first: Int,
    classes: Range<Int>
  )
    -> [(name: String, bytes: [UInt8])]
  {
    let numbers = classes.flatMap { [UInt8($0), UInt8($0)] }
    let pixels = (0..<2 * numbers.count).map { UInt8(truncatingIfNeeded: first + 2 * $0) }
    return [
      (images, TestArray.npy("|u1", [numbers.count, 1, 2], pixels)),
      (labels, TestArray.npy("|u1", [numbers.count], numbers)),
    ]
  }

  @Test(
    "The names people use",
    arguments: [
      ("images", "labels"), ("x", "y"), ("X", "y"), ("data", "targets"), ("image", "label"),
      ("arr_0", "arr_1"), ("x_train", "y_train"), ("IMAGES", "Target"),
    ]
  )
  func names(images: String, labels: String) throws {
    let path = try write(arrays(images, labels, first: 30, classes: 0..<6))
    let task = try ImageTask(folder: path, way: 2)
    #expect(task.collection.classes.map(\.imageCount) == [2, 2, 2, 2, 2, 2])
    #expect(task.report.notes.isEmpty)
  }

  @Test(
    "Parts with classes of their own are the splits",
    arguments: [
      ["x_train", "y_train", "x_val", "y_val", "x_test", "y_test"],
      ["train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels"],
      ["Xtrain", "ytrain", "Xvalid", "yvalid", "Xtest", "ytest"],
      ["training_data", "training_targets", "dev_data", "dev_targets", "testX", "testY"],
    ]
  )
  func parts(names: [String]) throws {
    let path = try write(
      arrays(names[4], names[5], first: 90, classes: 7..<10)
        + arrays(names[0], names[1], first: 30, classes: 0..<4)
        + arrays(names[2], names[3], first: 60, classes: 4..<7)
    )
    let task = try ImageTask(folder: path, way: 2)
    #expect(task.splits.metaTrain.map(\.index) == [0, 1, 2, 3])
    #expect(task.splits.metaValidation.map(\.index) == [4, 5, 6])
    #expect(task.splits.metaTest.map(\.index) == [7, 8, 9])
    let stored = try #require(task.collection as? StoredImages)
    #expect(stored.bytes(of: ImageReference(classIndex: 8, example: 1)) == [102, 104])
    #expect(
      stored.name(of: ImageReference(classIndex: 8, example: 1)) == "8/\(names[4])/3"
    )
  }

  @Test("Other arrays beside them are passed over, and named")
  func otherArrays() throws {
    let more = TestArray.npy("<f4", [3], [UInt8](repeating: 0, count: 12))
    let path = try write(
      arrays("x", "y", first: 30, classes: 0..<6) + [
        ("class_names", more), ("mean\u{1B}[2J", more),
      ]
    )
    let task = try ImageTask(folder: path, way: 2)
    #expect(task.report.notes == ["arrays that are not used: class_names, mean\u{FFFD}[2J"])
  }

  @Test("Parts with the same classes are put together and parted by lot, which is said")
  func sharedParts() throws {
    let path = try write(
      arrays("x_train", "y_train", first: 0, classes: 0..<8)
        + arrays("x_test", "y_test", first: 101, classes: 0..<8)
    )
    let task = try ImageTask(folder: path, way: 2)
    #expect(task.collection.classes.map(\.imageCount) == [Int](repeating: 4, count: 8))
    #expect(MetaSplit.allCases.map { task.splits[$0].count } == [4, 2, 2])
    #expect(task.report.notes.count == 1)
    #expect(task.report.notes.first?.hasPrefix("x_train and x_test have the same classes") == true)
  }

  @Test("Arrays that leave it open what they are, are refused with their names")
  func ambiguousNames() throws {
    let pair = arrays("images", "labels", first: 0, classes: 0..<6)
    for (changed, words) in [
      (pair + [("x", pair[0].bytes)], "has both images and x, and either could be its images"),
      (pair + [("y", pair[1].bytes)], "has both labels and y, and either could be its labels"),
      ([pair[0]], "has no array labels (it has images)"),
      ([pair[1]], "has no array images (it has labels)"), ([], "has no array images (it has none)"),
      ([("x_train", pair[0].bytes)], "has no array y_train"),
      (
        [
          ("x_train", pair[0].bytes), ("y_train", pair[1].bytes), ("x_test", pair[0].bytes),
        ], "has no array y_test"
      ),
      (pair + [("x_test", pair[0].bytes)], "has x_test beside images; keep the parts or the whole"),
    ] as [([(name: String, bytes: [UInt8])], String)] {
      let path = try write(changed)
      let error = #expect(throws: DatasetError.self) { try ImageTask(folder: path, way: 2) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")")
    }
  }
}
