import Foundation

/// A folder of its own for one test, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "metatop-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static func / (folder: TemporaryFolder, name: String) -> String { folder.path + "/" + name }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path) }
}

/// Reference files that are not part of the project; tests that need them skip without them.
enum SharedFiles {
  private static let root: String =
    ProcessInfo.processInfo.environment["METATOP_SHARED"]
    ?? URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../../shared").standardized
    .path

  static let exist = FileManager.default.fileExists(atPath: root)

  static func path(_ name: String) -> String { root + "/" + name }
}

/// A seeded generator, so that a failure can be repeated from the printed seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// How many damaged inputs a test reads: `METATOP_FUZZ`, where it is set.
func fuzzRounds(_ usual: Int) -> Int {
  ProcessInfo.processInfo.environment["METATOP_FUZZ"].flatMap { Int($0) } ?? usual
}
