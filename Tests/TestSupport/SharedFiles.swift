import Foundation

/// Reference files that are not part of the project; tests that need them skip without them.
package enum SharedFiles {
  private static let root: String =
    ProcessInfo.processInfo.environment["METATOP_SHARED"]
    ?? URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../shared").standardized
    .path

  package static let exist = FileManager.default.fileExists(atPath: root)

  package static func path(_ name: String) -> String { root + "/" + name }
}
