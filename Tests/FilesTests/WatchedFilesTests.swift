import Files
import Foundation
import TestSupport
import Testing

/// Whether files are others than they were.
@Suite struct WatchedFilesTests {
  @Test func whatComesChangesAndGoesIsSeenOnce() throws {
    let folder = try TemporaryFolder()
    let (file, themes) = (folder / "keys.yaml", folder / "themes")
    var watched = WatchedFiles(files: [file], folders: [themes], suffix: ".yaml")
    func isNews() -> Bool { watched.haveChanged() }
    #expect(!isNews(), "nothing is there, and nothing has come")
    _ = try folder.write("undo: f5\n", to: "keys.yaml")
    #expect(isNews() && !isNews())
    _ = try folder.write("undo: f5, f6\n", to: "keys.yaml")
    #expect(isNews() && !isNews())
    _ = try folder.write("roles", to: "themes/dusk.yaml")
    #expect(isNews() && !isNews())
    _ = try folder.write("notes", to: "themes/readme.txt")
    #expect(!isNews())
    try FileManager.default.removeItem(atPath: themes + "/dusk.yaml")
    #expect(isNews() && !isNews())
    // Written anew with the same length, as editors do: another file.
    _ = try folder.write("undo: f7, f6\n", to: "other.yaml")
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.moveItem(atPath: folder / "other.yaml", toPath: file)
    #expect(isNews() && !isNews())
  }
}
