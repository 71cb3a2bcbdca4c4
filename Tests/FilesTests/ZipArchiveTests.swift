import Files
import TestSupport
import Testing

@Suite("Zip archives")
struct ZipArchiveTests {
  private let text = Array(String(repeating: "meta-learning ", count: 200).utf8)

  @Test("Stored, deflated, empty and zip64-style entries read back")
  func roundTrip() throws {
    var numpy = TestZip.Entry("c.npy", text, isDeflated: false)
    numpy.isZip64Style = true
    let zip = TestZip(entries: [
      .init("a/b.txt", text), .init("stored", text, isDeflated: false), .init("empty", []), numpy,
    ])
    let archive = try ZipArchive(bytes: zip.bytes, path: "x.zip")
    #expect(archive.entries.map(\.name) == ["a/b.txt", "stored", "empty", "c.npy"])
    #expect(try archive.entries.map { try archive.content(of: $0) } == [text, text, [], text])
  }

  @Test("Wrong entries are refused with a sentence that names them", arguments: wrongEntries)
  func refusals(change: @Sendable (inout TestZip.Entry) -> Void, words: String) {
    var zip = TestZip(entries: [.init("ink.png", text)])
    change(&zip.entries[0])
    let error = #expect(throws: DatasetError.self) {
      let archive = try ZipArchive(bytes: zip.bytes, path: "x.zip")
      _ = try archive.content(of: archive.entries[0])
    }
    #expect(error?.description.hasPrefix("x.zip") == true)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")")
  }

  static let wrongEntries: [(@Sendable (inout TestZip.Entry) -> Void, String)] = [
    ({ $0.name = Array("../../etc/passwd".utf8) }, "climbs out"),
    ({ $0.name = Array("/etc/passwd".utf8) }, "climbs out"),
    ({ $0.name = Array("a\\b".utf8) }, "climbs out"),
    ({ $0.claimedSize = 4_000_000_000 }, "cannot be"),
    ({ $0.claimedSize = 10 }, "cannot be unpacked"),
    ({ $0.claimedSize = 3_000 }, "cannot be unpacked"),
    ({ $0.checksum = 1 }, "checksum"),
    ({ $0.method = 14 }, "method 14"),
    ({ $0.flags = 1 }, "encrypted"),
  ]

  @Test("Limits hold before anything is unpacked")
  func limit() throws {
    let zip = TestZip(entries: [.init("a", text)])
    let archive = try ZipArchive(bytes: zip.bytes, path: "x.zip")
    #expect(throws: DatasetError.self) { try archive.content(of: archive.entries[0], limit: 100) }
  }

  @Test("A file that is no zip, or is missing, is a sentence")
  func noZip() {
    for bytes in [[], Array("PK".utf8), text] {
      let error = #expect(throws: DatasetError.self) { try ZipArchive(bytes: bytes, path: "x.zip") }
      #expect(error?.description.contains("no zip directory") == true)
    }
    let error = #expect(throws: DatasetError.self) { try ZipArchive(reading: "/nowhere/x.zip") }
    #expect(error?.description == "/nowhere/x.zip: cannot be read (No such file or directory)")
  }

  @Test("Five thousand damaged archives are an error or content, never a crash")
  func mutations() {
    let seed: UInt64 = 41
    print("damaged archives: seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let zip = TestZip(entries: [
      .init("a/b.txt", text), .init("stored", Array(text.prefix(50)), isDeflated: false),
    ])
    let bytes = zip.bytes
    var refused = 0
    for _ in 0..<5_000 {
      do throws(DatasetError) {
        let archive = try ZipArchive(bytes: mutated(bytes, &random), path: "x.zip")
        for entry in archive.entries { _ = try archive.content(of: entry) }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1_000)
  }
}

@Suite("Numpy arrays")
struct NumpyArrayTests {
  @Test("Type and shape are read from the header")
  func header() throws {
    let array = try NumpyArray(
      bytes: TestArray.npy("|u1", [2, 3], [1, 2, 3, 4, 5, 6]),
      path: "x"
    )
    #expect(array.element.name == "|u1" && array.shape == [2, 3] && array.count == 6)
    let scalar = try NumpyArray(bytes: TestArray.npy("<f4", [], [0, 0, 128, 63]), path: "x")
    #expect(scalar.element.name == "<f4" && scalar.shape == [])
  }

  @Test(
    "What cannot be read is a sentence",
    arguments: [
      ("|O", [1], 8, "is of type"), ("<f4", [3], 8, "needs 12"),
      ("|u1", [1 << 62, 1 << 62], 0, "beyond any memory"),
      ("<c8", [1], 8, "is of type '<c8', which is not read; convert it"),
    ]
  )
  func refusals(type: String, shape: [Int], count: Int, words: String) {
    let bytes = TestArray.npy(type, shape, Array(repeating: 0, count: count))
    let error = #expect(throws: DatasetError.self) { try NumpyArray(bytes: bytes, path: "x.npy") }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")")
  }

  @Test("Five thousand damaged arrays are an error or an array, never a crash")
  func mutations() {
    let seed: UInt64 = 43
    print("damaged arrays: seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let bytes = TestArray.npy("<f4", [2, 2], Array(repeating: 1, count: 16))
    var refused = 0
    for _ in 0..<5_000 {
      do throws(DatasetError) {
        _ = try NumpyArray(bytes: mutated(bytes, &random), path: "x")
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1_000)
  }
}
