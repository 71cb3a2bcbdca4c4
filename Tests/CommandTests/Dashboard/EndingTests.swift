import CellGrid
import Files
import Glibc
import TestSupport
import Testing
import VirtualTerminal

@Suite("However the dashboard ends, the terminal and the runs are whole", .serialized)
struct EndingTests {
  @Test("Signals end it with their status", arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
  func signals(_ signal: Int32) throws {
    let session = try opened()
    session.terminal.signal(signal)
    #expect(session.exitStatus() == 128 + signal)
    session.expectRestored()
    try expectStopped(session)
  }

  @Test("Ctrl-C is an interrupt where nothing is under way")
  func controlC() throws {
    let session = try DashboardSession(["--methods", "maml", "--steps", "2"])
    #expect(session.shows("metatop · ended"))
    session.send("\u{3}")
    #expect(session.exitStatus() == 130)
    session.expectRestored()
  }

  @Test("A closed window ends it like a hang-up, with everything written")
  func closedWindow() throws {
    let session = try opened()
    session.terminal.hangUp()
    #expect(session.exitStatus() == 129)
    try expectStopped(session)
  }

  @Test("A crash gives the terminal back", arguments: [SIGSEGV, SIGABRT])
  func crash(_ signal: Int32) throws {
    let session = try opened()
    session.terminal.signal(signal)
    #expect(session.exitStatus() == 128 + signal)
    session.expectRestored()
  }

  @Test("Ctrl-Z gives the terminal to the shell, and fg takes it again")
  func suspension() throws {
    let session = try opened()
    session.send("\u{1A}")
    #expect(session.terminal.waitForStop(timeout: DashboardSession.patience))
    session.expectRestored()
    session.terminal.signal(SIGCONT)
    #expect(session.terminal.waitForScreen { $0.isAlternate })
    #expect(session.shows("● MAML") && session.shows("q quit"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("Names with escape sequences reach the terminal without them")
  func hostileNames() throws {
    let folder = try TemporaryFolder()
    let evil = "\u{1B}]0;gotcha\u{7}\u{9B}2J"
    let session = try DashboardSession(
      ["--methods", "maml", "--out", folder / "a\(evil)"],
      size: GridSize(columns: 400, rows: 30),
      folder: folder
    )
    #expect(session.shows("● MAML"))
    session.leave()
    #expect(session.exitStatus() == 0)
    #expect(session.shows("a\u{FFFD}]0;gotcha\u{FFFD}\u{FFFD}2J"), "\(session.text)")
    #expect(session.terminal.screen.commands == [])
    session.expectRestored()
  }

  @Test("A theme's name with escape sequences is shown without them")
  func hostileTheme() throws {
    let folder = try TemporaryFolder()
    let source = try SystemFile.read(#filePath.projectFolder + "/themes/metatop-dark.yaml")
    let themes = folder / "config/metatop/themes"
    try SystemFile.createFolders(themes)
    try SystemFile.append(source, to: themes + "/aa\u{1B}]0;gotcha\u{7}.yaml")
    let session = try DashboardSession(
      ["--methods", "maml", "--theme", "metatop-dark"],
      environment: ["XDG_CONFIG_HOME": folder / "config"],
      folder: folder
    )
    #expect(session.shows("● MAML"))
    for _ in 1...4 {
      session.send("t")
      #expect(session.shows("theme: "))
    }
    session.leave()
    #expect(session.exitStatus() == 0)
    #expect(session.terminal.screen.commands == [])
    session.expectRestored()
  }

  private func opened() throws -> DashboardSession {
    let session = try DashboardSession(["--methods", "maml"])
    #expect(session.shows(" 1 / 1 "), "\(session.text)")
    return session
  }

  private func expectStopped(
    _ session: DashboardSession,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let run = try #require(try session.runs().first, sourceLocation: location)
    #expect(run.state["status"] == "stopped", sourceLocation: location)
    #expect(run.last.shape(named: "head.weight") == [1, 40], sourceLocation: location)
  }
}
