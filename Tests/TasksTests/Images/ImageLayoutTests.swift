import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Layouts of folders that people have")
struct ImageLayoutTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("Classes one or two folders deeper are alphabet/character, whatever leads to all of them")
  func depth() throws {
    for group in 0..<3 {
      try folder.classes(
        ["a/all/g\(group)/one", "a/all/g\(group)/two"],
        count: 2,
        first: 2 * group
      )
    }
    try folder.write([1], to: "a/all/g1/readme.txt")
    let task = try folder.task("a")
    #expect(
      task.collection.classes.map(\.name) == [
        "g0/one", "g0/two", "g1/one", "g1/two", "g2/one", "g2/two",
      ]
    )
    #expect(task.collection.classes.map(\.group) == ["g0", "g0", "g1", "g1", "g2", "g2"])
    #expect(task.splitCounts == [2, 2, 2] && task.report.badImages.isEmpty)
  }

  @Test(
    "Folders named after splits, however they are written",
    arguments: [
      ["Train", "Val", "Test"], ["TRAINING", "validation", "testing"], ["base", "val", "novel"],
      ["meta_train", "meta-val", "metatest"],
    ]
  )
  func splitNames(names: [String]) throws {
    for (place, name) in names.enumerated() {
      try folder.classes(["\(name)/x\(place)", "\(name)/y\(place)"], count: 2)
    }
    let task = try folder.task()
    #expect(task.names(.metaTrain) == ["x0", "y0"])
    #expect(task.names(.metaValidation) == ["x1", "y1"])
    #expect(task.names(.metaTest) == ["x2", "y2"])
    #expect(task.splits.origin == .given)
  }

  @Test("An archive's folder of a folder, with what systems leave in it")
  func archive() throws {
    for (place, part) in ["train", "val", "test"].enumerated() {
      try folder.classes(
        ["d/archive/Data/\(part)/x\(place)", "d/archive/Data/\(part)/y\(place)"],
        count: 2
      )
    }
    for debris in [
      "d/__MACOSX/archive/._Data", "d/.DS_Store", "d/archive/Data/Thumbs.db",
      "d/archive/Data/train/x0/._0.png", "d/archive/Data/train/x0/Thumbs.db",
      "d/archive/Data/train/x0/desktop.ini", "d/archive/Data/train/.ipynb_checkpoints/1.png",
      "d/archive/Data/train/__MACOSX/x0/._0.png", "d/archive/Data/test/@eaDir/0.png",
    ] { try folder.write([1, 2, 3], to: debris) }
    let task = try folder.task("d")
    #expect(task.splitCounts == [2, 2, 2] && task.report.imageCount == 12)
    #expect(task.report.badImages.isEmpty, "\(task.report.badImages)")
  }

  @Test("A class may be called test, and others beside it")
  func namedAsSplits() throws {
    try folder.classes(["train", "test", "base", "a", "b", "c"], count: 2)
    let task = try folder.task()
    #expect(task.collection.classes.map(\.name) == ["a", "b", "base", "c", "test", "train"])
    #expect(task.splits.origin == .lot)
  }

  @Test("Folders without pictures beside those with are passed over, and said")
  func passedOver() throws {
    try folder.classes((0..<6).map { "images/bird\($0)" }, count: 2)
    try folder.write([1], to: "attributes/list.txt")
    try folder.write([1], to: "annotations/xmls/0.xml")
    let task = try folder.task()
    #expect(task.collection.classes.map(\.name) == (0..<6).map { "bird\($0)" })
    #expect(task.report.notes == ["annotations/xmls holds no images and is passed over"])
  }

  @Test("The split inside the class is a split of its pictures")
  func innerParts() throws {
    for name in ["cat", "dog"] {
      try folder.classes(["\(name)/train", "\(name)/test"], count: 6, first: name == "cat" ? 0 : 5)
    }
    expectRefusal("its parts hold the same 2 classes (cat, dog)", "use --split examples") {
      _ = try folder.task()
    }
    let task = try folder.task { $0.split = .examples }
    #expect(task.names(.metaTrain) == ["cat", "dog"] && task.names(.metaTest) == ["cat", "dog"])
    #expect(try task.values(.metaTest, "cat") == [10, 11, 12, 13, 14, 15])
  }

  @Test("Links in a circle end, and what lies deeper than the classes is said")
  func circles() throws {
    try folder.classes((0..<6).map { "g/h/c\($0)" }, count: 2)
    symlink("..", folder / "g/h/c0/around")
    symlink("..", folder / "g/up")
    symlink("/", folder / "g/top")
    let task = try folder.task()
    #expect(task.collection.classes.count == 6)
    let reasons = task.report.badImages.map(\.reason)
    #expect(reasons.filter { $0.contains("a folder inside a class") }.count == 1)
    #expect(reasons.filter { $0.contains("it is not followed") }.count == 2)
    let empty = try TemporaryFolder()
    try empty.write([1], to: "loop/x/readme.md")
    symlink("..", empty / "loop/x/y")
    expectRefusal("has no classes") { _ = try empty.task() }
  }

  @Test("Pictures in no class's folder are counted in the refusal")
  func flat() throws {
    for number in 0..<3 { try folder.picture("\(number).png", number) }
    expectRefusal("its 3 images lie in no class's folder") { _ = try folder.task() }
    try folder.classes(["train/a", "training/b", "test/c"], count: 2)
    expectRefusal("two folders of meta-train classes, train and training") { _ = try folder.task() }
  }
}
