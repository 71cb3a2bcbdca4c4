import Files
import Foundation
import Tasks
import TestSupport
import Testing

@Suite("Splits by class and by example")
struct SplitTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Counted by hand: 64, 16 and 20 of a hundred, at least two, where that is enough; else as many
  /// as an episode needs.
  @Test(arguments: [
    (15, 5, [5, 5, 5]), (15, 3, [9, 3, 3]), (15, 2, [10, 2, 3]), (20, 5, [10, 5, 5]),
    (20, 3, [13, 3, 4]),
    (25, 5, [15, 5, 5]), (32, 5, [21, 5, 6]), (100, 5, [64, 16, 20]), (6, 2, [2, 2, 2]),
    (16, 5, [6, 5, 5]),
  ])
  func lots(classes: Int, way: Int, counts: [Int]) throws {
    try folder.classes((0..<classes).map { "c\($0)" }, count: 1)
    let task = try folder.task(way: way)
    #expect(task.splitCounts == counts)
    let all = MetaSplit.allCases.flatMap { task.splits[$0].map(\.index) }
    #expect(all.sorted() == Array(0..<classes))
    #expect(task.largestWay == classes / 3)
  }

  /// Recorded runs keep their splits: these are the lots of the first version.
  @Test("Lots that sufficed are drawn as ever")
  func recorded() throws {
    try folder.classes((0..<10).map { "c\($0)" }, count: 1)
    let task = try folder.task(way: 2)
    #expect(task.splits.metaTrain.map(\.index) == Self.lot.train)
    #expect(task.splits.metaValidation.map(\.index) == Self.lot.validation)
    #expect(task.splits.metaTest.map(\.index) == Self.lot.test)
    // A test set for more classes holds that for fewer, so nothing trained on is tested on.
    let wider = try folder.task(way: 3)
    #expect(Set(Self.lot.test).isSubset(of: Set(wider.splits.metaTest.map(\.index))))
  }

  private static let lot = (train: [6, 7, 5, 1, 8, 2], validation: [9, 3], test: [4, 0])

  @Test("Too few classes for the way name the largest that fits")
  func largest() throws {
    try folder.classes((0..<14).map { "c\($0)" }, count: 1)
    expectRefusal("5-way episodes need as many classes in each split", "use --way 4 or less") {
      _ = try folder.task(way: 5)
    }
    #expect(try folder.task(way: 4).splitCounts == [6, 4, 4])
    #expect(try folder.task(way: nil).splitCounts == [10, 2, 2])
    let given = try TemporaryFolder()
    try given.classes((0..<12).map { "train/a\($0)" } + (0..<6).map { "test/b\($0)" }, count: 1)
    #expect(try given.task(way: 5).splitCounts == [7, 5, 6])
    #expect(try given.task(way: 2).splitCounts == [10, 2, 6])
    expectRefusal("use --way 6 or less") { _ = try given.task(way: 7) }
  }

  @Test("All small classes are named with their numbers, or left out")
  func small() throws {
    try folder.classes((0..<8).map { "full\($0)" }, count: 4)
    try folder.classes(["few1", "few2", "few3"], count: 2)
    let task = try folder.task { $0.leastImages = 4 }
    let sentence = try #require(task.obstacle(shot: 1, queryShot: 3)?.description)
    #expect(
      sentence.contains(
        "3 classes have fewer usable images than the 4 that 1-shot episodes with 3 queries need: "
          + "few1 (2), few2 (2), few3 (2); add images, leave them out (--small-classes leave-out), "
          + "or use --query 1 or less"
      ),
      "\(sentence)"
    )
    let rest = try folder.task {
      ($0.leastImages, $0.smallClasses) = (4, .leaveOut)
    }
    #expect(rest.obstacle(shot: 1, queryShot: 3) == nil && rest.splitCounts == [4, 2, 2])
    #expect(
      rest.report.notes == [
        "3 classes with too few usable images are left out: few1 (2), few2 (2), few3 (2)"
      ]
    )
    try folder.classes((0..<25).map { "tiny\($0)" }, count: 1)
    let many = try #require(try folder.task().obstacle(shot: 1, queryShot: 3)?.description)
    #expect(many.contains("28 classes") && many.contains(" and 8 more;"), "\(many)")
  }

  @Test("Small classes are left out of given splits as well")
  func smallGiven() throws {
    try folder.classes(["train/a", "train/b", "val/c", "val/d", "test/e", "test/f"], count: 3)
    try folder.classes(["train/x", "test/y"], count: 1)
    let task = try folder.task { ($0.leastImages, $0.smallClasses) = (3, .leaveOut) }
    #expect(task.names(.metaTrain) == ["a", "b"] && task.names(.metaTest) == ["e", "f"])
    #expect(task.obstacle(shot: 1, queryShot: 2) == nil)
  }

  @Test("By example: the parts' pictures stay apart, and validation comes out of training")
  func examples() throws {
    try folder.classes(["Train/cats", "Train/dogs"], count: 6)
    try folder.classes(["Test/cats", "Test/dogs"], count: 4, first: 10)
    let refused = expectRefusal("the same 2 classes (cats, dogs)", "use --split examples") {
      _ = try folder.task()
    }
    #expect(refused?.path == folder.path)
    let task = try folder.task { $0.split = .examples }
    #expect(task.splits.kind == .examples && task.splitCounts == [2, 2, 2])
    #expect(task.classCount == 2 && task.collection.classes.count == 6)
    for (name, first) in [("cats", 0), ("dogs", 10)] {
      #expect(try task.values(.metaTest, name) == (0..<4).map { 100 + first + $0 })
      let (train, held) = (
        try task.values(.metaTrain, name), try task.values(.metaValidation, name)
      )
      #expect(held.count == 2 && (train + held).sorted() == (0..<6).map { first + $0 })
    }
    #expect(task.report.notes.count == 1 && task.report.notes[0].contains("meta-validation"))
    #expect(task.obstacle(shot: 1, queryShot: 1) == nil)
    #expect(
      task.obstacle(shot: 1, queryShot: 2)?.description.contains(
        "cats (2 in meta-validation), dogs (2 in meta-validation)"
      ) == true
    )
  }

  @Test("By example without parts: each class by lot, whatever the others are")
  func examplesByLot() throws {
    try folder.classes(["no", "yes"], count: 10)
    let task = try folder.task { $0.split = .examples }
    #expect(try MetaSplit.allCases.map { try task.values($0, "no").count } == [6, 2, 2])
    let parts = try MetaSplit.allCases.flatMap { try task.values($0, "yes") }
    #expect(parts.sorted() == (10..<20).map(\.self))
    try folder.classes(["maybe"], count: 10, first: 5)
    let again = try folder.task { $0.split = .examples }
    #expect(try again.values(.metaTest, "yes") == task.values(.metaTest, "yes"))
    // Three of each are asked for, and ten suffice for that.
    let larger = try folder.task { ($0.split, $0.leastImages) = (.examples, 3) }
    #expect(try MetaSplit.allCases.map { try larger.values($0, "no").count } == [4, 3, 3])
  }

  @Test("By example: training and validation alone, classes in one part, and splits.json")
  func examplesOfParts() throws {
    try folder.classes(["train/ants", "train/bees"], count: 6)
    try folder.classes(["val/ants", "val/bees"], count: 3, first: 4)
    try folder.classes(["train/wasps"], count: 6, first: 8)
    let task = try folder.task { $0.split = .examples }
    #expect(task.names(.metaTrain) == ["ants", "bees", "wasps"])
    #expect(task.names(.metaValidation) == ["ants", "bees"])
    #expect(task.names(.metaTest) == ["ants", "bees", "wasps"])
    #expect(task.report.notes.contains("1 class is not in every split: wasps"))
    // A competition's test images have no labels.
    let unlabelled = try TemporaryFolder()
    try unlabelled.classes(["train/ants", "train/bees"], count: 6)
    try unlabelled.classes(["test"], count: 3)
    expectRefusal("no test classes", "use --split examples") { _ = try unlabelled.task() }
    let held = try unlabelled.task { $0.split = .examples }
    #expect(held.splitCounts == [2, 2, 2] && held.report.imageCount == 12)
    #expect(held.report.notes.contains("test holds no folders of classes and is not used"))
    let listed = try TemporaryFolder()
    try listed.classes(["a", "b"], count: 4)
    try listed.write(Array(#"{"train": ["a"], "test": ["b"]}"#.utf8), to: "splits.json")
    expectRefusal("has a splits.json") { _ = try listed.task { $0.split = .examples } }
  }

  @Test("Arrays are split by example, too, and generated images are not")
  func others() throws {
    let pixels = (0..<20 * 4).map { UInt8($0 / 4) }
    let labels = (0..<20).map { UInt8($0 % 2) }
    try folder.write(TestArray.npy("|u1", [20, 2, 2], pixels), to: "images.npy")
    try folder.write(TestArray.npy("|u1", [20], labels), to: "labels.npy")
    let task = try folder.task { $0.split = .examples }
    #expect(task.classCount == 2)
    let parts = try MetaSplit.allCases.flatMap { try task.values($0, "1") }
    #expect(parts.sorted() == (0..<10).map { 2 * $0 + 1 })
    for (name, words) in [("glyphs", "leave --split out"), ("sinusoid", "has no images")] {
      expectRefusal(words) {
        var options = DataOptions()
        options.split = .examples
        _ = try TaskCatalog.make(name: name, way: 2, roots: [], options: options)
      }
    }
  }

  @Test("A survey tells what is there, whatever does not fit")
  func survey() throws {
    try folder.classes(["train/a", "train/b", "test/a", "test/b"], count: 3)
    try folder.picture("train/a/large.png", 1, side: 20)
    let task = try folder.task { $0.isSurvey = true }
    #expect(task.classCount == 2 && task.report.imageCount == 13)
    let sentences = task.problems.map(\.description)
    #expect(sentences.count == 2, "\(sentences)")
    #expect(sentences[0].contains("8×8 in 12 images, 20×20 in 1 image"))
    #expect(sentences[1].contains("the same 2 classes"))
  }
}
