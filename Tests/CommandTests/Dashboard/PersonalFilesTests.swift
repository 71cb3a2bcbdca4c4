import CellGrid
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@Suite("A person's files are read again while the dashboard runs", .serialized)
struct PersonalFilesTests {
  @Test("Keys, chords and themes hold as soon as they are written; a broken file changes nothing")
  func reloading() throws {
    let folder = try TemporaryFolder()
    let source = try SystemFile.read(#filePath.projectFolder + "/themes/dusk.yaml")
    let text = String(decoding: source, as: UTF8.self)
    _ = try folder.write(text, to: "config/metatop/themes/mine.yaml")
    let session = try DashboardSession(
      ["--methods", "maml", "--theme", "mine", "--threads", "1"],
      environment: ["XDG_CONFIG_HOME": folder / "config", "COLORTERM": "truecolor"],
      folder: folder
    )
    #expect(session.shows("● MAML") && session.shows(" 1 / 1 "))
    _ = try folder.write("go-to: f6\ntoggle-pause: g p\n", to: "config/metatop/keys.yaml")
    #expect(session.shows("taken over"), "\(session.text)")
    session.send("g")
    #expect(session.shows("g … · p pause or resume all runs"))
    session.send("p")
    #expect(session.shows("PAUSED"))
    _ = try folder.write("toggle-pause: q\n", to: "config/metatop/keys.yaml")
    #expect(session.shows("the keys stay as they were"), "\(session.text)")
    session.send("gp")
    #expect(session.hides("PAUSED"))
    // Another background in the theme's file is another background on the screen.
    let old = session.terminal.screen.grid[row: 1, column: 1].style.background
    let line = text.split(separator: "\n").first { $0.contains("background:") } ?? ""
    _ = try folder.write(
      text.replacingOccurrences(of: line, with: "  background: \"#012345\""),
      to: "config/metatop/themes/mine.yaml"
    )
    #expect(
      session.terminal.waitForScreen(timeout: DashboardSession.patience) {
        $0.grid[row: 1, column: 1].style.background != old
      }
    )
    _ = try folder.write("roles: nothing\n", to: "config/metatop/themes/mine.yaml")
    #expect(session.shows("the look stays as it was"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }
}
