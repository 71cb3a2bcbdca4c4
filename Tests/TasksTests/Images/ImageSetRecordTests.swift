import Files
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Tasks

/// What a set of pictures was, and what has become of it.
@Suite struct ImageSetRecordTests {
  private struct Kind {
    var name: String
    var images: [[UInt8]]
  }

  private static let shape = ImageShape(height: 2, width: 3, channels: 1)
  private static let kinds = (0..<6).map { label in
    Kind(
      name: "k\(label)",
      images: (0..<3).map { number in (0..<6).map { UInt8(40 * label + 8 * number + $0) } }
    )
  }
  private static let usual = [[0, 1], [2, 3], [4, 5]]

  private func collection(_ kinds: [Kind], _ shape: ImageShape = shape) -> StoredImages {
    let pixels = PixelBuffer(count: kinds.reduce(0) { $0 + $1.images.count } * shape.count)
    var next = 0
    let classes = kinds.map { kind in
      let slots = kind.images.map { image in
        pixels.write(image, at: next * shape.count)
        next += 1
        return StoredImages.Slot(index: next - 1, name: "\(next)")
      }
      return (name: kind.name, group: "", slots: slots)
    }
    return StoredImages(shape: shape, pixels: pixels, classes: classes)
  }

  private func record(
    _ kinds: [Kind] = kinds,
    _ parts: [[Int]] = usual,
    turns: Range<Int> = 0..<1,
    shape: ImageShape = shape,
    kind: DataOptions.Split = .classes
  ) throws -> ImageSetRecord {
    let splits = parts.map {
      $0.flatMap { index in turns.map { EpisodeClass(index, quarterTurns: $0) } }
    }
    var all = ClassSplits(metaTrain: splits[0], metaValidation: splits[1], metaTest: splits[2])
    all.kind = kind
    let task = try ImageTask(
      name: "set",
      way: 2,
      collection: collection(kinds, shape),
      splits: all,
      defaults: .images(steps: 1, width: 8)
    )
    return try #require(ImageSetRecord(task, named: "set"))
  }

  private func changes(_ before: ImageSetRecord, _ now: ImageSetRecord) throws -> DataChanges {
    try #require(now.changes(since: try JSONView(before.json.encoded())))
  }

  @Test func theSameHasNotChanged() throws {
    #expect(try changes(record(), record()).isEmpty)
    #expect(try changes(record(turns: 0..<4), record(turns: 0..<4)).isEmpty)
  }

  @Test func classesThatAreGoneNewOrElsewhere() throws {
    var kinds = Self.kinds
    kinds[2].name = "other"
    #expect(
      try changes(record(), record(kinds)).split == [
        "1 class is gone (k2)", "1 class is new (other)",
      ]
    )
    #expect(
      try changes(record(), record(Self.kinds, [[0, 5], [2, 3], [4, 1]])).split
        == ["moved: k1 from meta-train to meta-test, k5 from meta-test to meta-train"]
    )
    #expect(
      try changes(
        record(Self.kinds + [Kind(name: "k6", images: Self.kinds[0].images)]),
        record(
          Self.kinds + [Kind(name: "k6", images: Self.kinds[0].images)],
          [[0, 1, 6], [2, 3], [4, 5]]
        )
      ).split
        == ["moved: k6 from no split to meta-train"]
    )
  }

  /// In a split by examples each class stands in every part, and a picture may go from one to another.
  @Test func partsOfAClassAreToldApart() throws {
    var kinds = Self.kinds
    for index in kinds.indices { kinds[index].name = index % 2 == 0 ? "cat" : "dog" }
    let before = try record(kinds, kind: .examples)
    #expect(try changes(before, before).isEmpty)
    kinds[4].images.append(kinds[0].images[0])
    let added = try changes(before, record(kinds, kind: .examples))
    #expect(added.split.isEmpty)
    #expect(added.content == ["other numbers of pictures (cat in meta-test 4 instead of 3)"])
    kinds[0].images.removeFirst()
    let redrawn = try changes(before, record(kinds, kind: .examples))
    #expect(redrawn.split == ["pictures may have gone from one part to another (cat)"])
  }

  @Test func damagedRecordsAreComparedOrRefused() throws {
    let seed = UInt64.random(in: 0...(.max))
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let now = try record(turns: 0..<4)
    let whole = now.json.encoded()
    let words = ["null", "[]", "{}", "-1", "1e300", "\"k9\"", "9223372036854775808", ",", ":"]
    var (read, refused) = (0, 0)
    for _ in 0..<fuzzRounds(5_000) {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &generator))
        let word = words.randomElement(using: &generator) ?? ""
        bytes.replaceSubrange(place..<end, with: (Bool.random(using: &generator) ? "" : word).utf8)
      }
      guard let document = try? JSONView(bytes), now.changes(since: document) != nil else {
        refused += 1
        continue
      }
      read += 1
    }
    #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
  }

  @Test func anotherOrderMakesOtherEpisodes() throws {
    #expect(
      try changes(record(), record(Self.kinds, [[1, 0], [2, 3], [5, 4]])).split
        == [
          "the classes of meta-train stand in another order",
          "the classes of meta-test stand in another order",
        ]
    )
    #expect(
      try changes(record(), record(turns: 0..<4)).split.first
        == "other turns of the classes of meta-train"
    )
  }

  @Test func picturesThatWereAddedReplacedOrReordered() throws {
    var kinds = Self.kinds
    kinds[1].images.append(kinds[0].images[0])
    kinds[3].images.swapAt(0, 1)
    kinds[4].images[2][5] ^= 1
    let found = try changes(record(), record(kinds))
    #expect(found.split.isEmpty)
    #expect(
      found.content == [
        "other numbers of pictures (k1 4 instead of 3)",
        "other pictures, or in another order (k3, k4)",
      ]
    )
    let tall = ImageShape(height: 3, width: 2, channels: 1)
    #expect(
      try changes(record(), record(shape: tall)).content
        == ["pictures are read as 3×2×1, and were not then"]
    )
  }

  @Test func manyAreCounted() throws {
    let kinds = Self.kinds.map { Kind(name: $0.name, images: $0.images + [$0.images[0]]) }
    #expect(
      try changes(record(), record(kinds)).content == [
        "other numbers of pictures (k0 4 instead of 3, k1 4 instead of 3, k2 4 instead of 3 and 3 more)"
      ]
    )
  }

  @Test func whatIsNoRecordIsNone() throws {
    let now = try record()
    for text in [
      "{}", "[]", "{\"classes\":[],\"splits\":{}}", "{\"classes\":[[1]],\"splits\":{}}",
      "{\"classes\":[[\"a\",2]],\"splits\":{\"train\":{},\"validation\":{},\"test\":{}}}",
    ] {
      #expect(now.changes(since: try JSONView(Array(text.utf8))) == nil, "\(text)")
    }
  }

  /// The documentation's formula, worked out without the product's code.
  @Test func aDigestIsWhatTheDocumentationSays() {
    func mixed(_ value: UInt64) -> UInt64 {
      let product = value &* 0x9e37_79b9_7f4a_7c15
      return product ^ (product >> 29)
    }
    let shape = ImageShape(height: 2, width: 5, channels: 1)
    let images: [[UInt8]] = [Array(1...10), Array(11...20)]
    var expected = UInt64(images.count)
    for image in images {
      expected = mixed(expected ^ 10)
      expected = mixed(expected ^ image[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      expected = mixed(expected ^ UInt64(image[8]))
      expected = mixed(expected ^ UInt64(image[9]))
    }
    let stored = collection([Kind(name: "a", images: images)], shape)
    #expect(stored.digest(ofClass: 0) == expected)
  }
}
