import CellGrid
import Files
import Glibc
import TestSupport
import Testing
import VirtualTerminal

@Suite("No key ends or changes what it does not seem to", .serialized)
struct HarmlessKeyTests {
  private func opened(_ arguments: [String] = ["--methods", "maml"]) throws -> DashboardSession {
    let session = try DashboardSession(arguments)
    #expect(session.shows("● MAML"))
    #expect(session.shows(" 1 / 1 "), "\(session.text)")
    return session
  }

  @Test("q closes the help, and the palette's Enter does not quit")
  func overlays() throws {
    let session = try opened()
    session.send("?q")
    #expect(session.hides("─ keys"))
    session.send(":")
    #expect(session.shows("─ actions"))
    session.send("\r")
    #expect(session.shows("what is what"), "the first entry explains")
    session.send("\u{1B}")
    #expect(session.hides("what is what"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("q asks, q stays, and what is ended is kept whole")
  func dialog() throws {
    let session = try opened()
    session.send("q")
    #expect(session.shows("end and keep") && session.shows("a checkpoint"))
    session.send("q")
    #expect(session.hides("end and keep"))
    session.send("qe")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let run = try #require(try session.runs().first)
    #expect(run.state["status"] == "stopped")
  }

  @Test("The runs can be scored before they end")
  func conclusion() throws {
    let session = try opened()
    session.send("q")
    #expect(session.shows("meta-test now"))
    session.send("t")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let run = try #require(try session.runs().first)
    #expect(run.state["status"] == "stopped")
    #expect(run.summary["test_loss"]?.double != nil && run.summary["test_episodes"] == 2000)
  }

  @Test("Ctrl-C asks, and twice leaves at once")
  func interrupt() throws {
    let session = try opened()
    session.send("\u{3}")
    #expect(session.shows("end and keep"))
    session.send("\u{1B}")
    #expect(session.hides("end and keep"))
    session.send("\u{3}")
    #expect(session.shows("end and keep"))
    session.send("\u{3}")
    #expect(session.exitStatus() == 130)
    session.expectRestored()
  }

  @Test("A heavy step is given up between two episodes, and the screen stays until then")
  func heavyRun() throws {
    let session = try DashboardSession([
      "--methods", "maml", "--task", "glyphs", "--width", "64", "--meta-batch", "200", "--shot",
      "5",
      "--set", "inner-steps=5", "--threads", "1",
    ])
    #expect(session.shows("first outer step, for"), "\(session.text)")
    session.send(" ")
    #expect(session.shows("pausing after the step under way"))
    session.send("q")
    #expect(session.shows("1 run is under way (outer step 0)"))
    session.send("e")
    #expect(session.shows("leaves outer step 1 unfinished"))
    #expect(session.terminal.screen.isAlternate || session.exitStatus() == 0)
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let run = try #require(try session.runs().first)
    #expect(run.state["status"] == "stopped" && run.state["step"] == 0)
    #expect(run.metrics.isEmpty)
  }

  @Test("The cursor takes the arrows, Esc goes back, and one undo takes a key back")
  func arrows() throws {
    let session = try DashboardSession(["--methods", "maml,cml"])
    #expect(session.shows("inner-lr        0.01") && session.shows(" 1 / 1 "))
    session.send(" ")
    #expect(session.shows("PAUSED"))
    session.send("c")
    #expect(session.shows("← → move the cursor"))
    session.send("\u{1B}OC\u{1B}ODv")
    #expect(session.hides("─ hyperparameters"))
    // The cursor first, then the panel that is alone.
    session.send("\u{1B}")
    session.send("\u{1B}")
    #expect(session.shows("─ hyperparameters"), "\(session.text)")
    session.send("F")
    #expect(session.shows("first-order off → on"), "\(session.text)")
    #expect(session.shows("first order is "), "\(session.text)")
    session.send("u")
    #expect(session.shows("first-order back to off"))
    session.leave()
    #expect(session.exitStatus() == 0)
    let changes = try session.runs().map { run in
      run.events.filter { $0["event"] == "hyperparameter" }.compactMap { $0["value"]?.double }
    }
    #expect(changes == [[1, 0], [1, 0]])
  }

  @Test("A path of any length is typed, completed by tab, and a wrong one is said whole")
  func paths() throws {
    let folder = try TemporaryFolder()
    let deep = folder / ("pictures-" + String(repeating: "long", count: 20))
    try SystemFile.createFolders(deep)
    let session = try DashboardSession(["--methods", "maml"], folder: folder)
    #expect(session.shows("● MAML"))
    session.send("n")
    #expect(session.shows("─ new comparison"))
    session.send("\u{1B}[Bfolder:\(folder.path)/pict\t")
    #expect(session.shows("longlong/"), "\(session.text)")
    session.send("\r")
    #expect(session.shows("task: "), "\(session.text)")
    #expect(session.shows("▸ task"))
    session.send("\u{1B}[H\u{15}")
    session.send("\u{1B}")
    #expect(session.hides("─ new comparison"))
    session.leave()
    #expect(session.exitStatus() == 0)
  }

  @Test("The form tells the time of what was never trained")
  func time() throws {
    let session = try opened(["--methods", "maml"])
    session.send("n")
    #expect(session.shows("─ new comparison"))
    session.send("\u{1B}[Blandscape")
    session.send("\r")
    #expect(session.shows("steps of each run"), "\(session.text)")
    session.send("\u{1B}")
    // Esc and a key in one burst are Alt and that key.
    #expect(session.hides("─ new comparison"))
    session.leave()
    #expect(session.exitStatus() == 0)
  }

  @Test("A file of keys that takes another action's key is refused, and no key changes")
  func ownKeys() throws {
    let folder = try TemporaryFolder()
    try SystemFile.createFolders(folder / "config/metatop")
    try SystemFile.append(Array("undo: z\n".utf8), to: folder / "config/metatop/keys.yaml")
    let session = try DashboardSession(
      ["--methods", "maml"],
      environment: ["XDG_CONFIG_HOME": folder / "config"],
      folder: folder
    )
    // The log has the file's path first, which is as long as the line.
    #expect(session.shows(String(folder.path.prefix(13))), "\(session.text)")
    #expect(session.shows("smoothed 0.98 "))
    session.send("z")
    #expect(session.shows("smoothed 0.995"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
  }

  @Test("The mouse can be left to the terminal")
  func mouse() throws {
    let session = try opened(["--methods", "maml", "--mouse", "off"])
    #expect(session.terminal.screen.modes.isDisjoint(with: [1000, 1002, 1006]))
    session.leave()
    #expect(session.exitStatus() == 0)
    let other = try opened()
    #expect(other.terminal.screen.modes.isSuperset(of: [1000, 1002, 1006]))
    other.leave()
    #expect(other.exitStatus() == 0)
    other.expectRestored()
  }
}
