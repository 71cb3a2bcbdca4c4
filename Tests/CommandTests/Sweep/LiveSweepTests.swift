import CellGrid
import Foundation
import Glibc
import Testing
import VirtualTerminal

/// The league table in a real terminal.
@Suite struct LiveSweepTests {
  private func session(
    _ line: String,
    folder: TemporaryFolder,
    size: GridSize = GridSize(columns: 120, rows: 40)
  ) throws -> DashboardSession {
    try DashboardSession(
      SweepFolder.words(line),
      size: size,
      folder: folder,
      isTraining: false
    )
  }

  @Test func theTableFillsWhileRunsAreMade() throws {
    let sweep = try SweepFolder()
    let line = SweepFolder.line + " --live --out " + (sweep.folder / "runs")
    let session = try session(line, folder: sweep.folder)
    #expect(session.shows("─ league table"))
    #expect(session.shows("12 of 12 runs · ended"))
    #expect(session.shows("─ map of the test") && session.shows("─ importance"))
    session.send("\u{1B}[B\u{1B}[C\u{1B}[C")
    #expect(session.shows("inner-lr▾"))
    session.send("q")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    // What was on the screen stands in the terminal afterwards.
    #expect(session.text.contains("best of 6:"))
    #expect(try sweep.directories().count == SweepFolder.runs)
  }

  @Test func leavingStopsItAndItGoesOn() throws {
    let sweep = try SweepFolder()
    let long = SweepFolder.line.replacingOccurrences(of: "--steps 20", with: "--steps 20000")
    let session = try session(
      long + " --live --out " + (sweep.folder / "runs"),
      folder: sweep.folder
    )
    #expect(session.shows("2 running") || session.shows("1 running"))
    session.send("q")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    #expect(session.text.contains("go on with: metatop sweep --resume"))
    #expect(try sweep.directories().count < SweepFolder.runs)
    // Somebody else looks at it, and touches nothing.
    let before = try sweep.directories()
    let watcher = try self.session("attach " + sweep.path, folder: sweep.folder)
    #expect(watcher.shows("of 12 runs"))
    watcher.send("q")
    #expect(watcher.exitStatus() == 0)
    watcher.expectRestored()
    #expect(try sweep.directories() == before)
  }

  /// A sweep that has ended on the screen, and the runs of its best row opened.
  private func openedRun(of sweep: SweepFolder) throws -> DashboardSession {
    let line = SweepFolder.line + " --live --out " + (sweep.folder / "runs")
    let session = try session(line, folder: sweep.folder)
    #expect(session.shows("12 of 12 runs · ended"))
    session.send("\r")
    #expect(session.shows("ATTACHED"))
    return session
  }

  @Test func enterOpensARunAndComesBack() throws {
    let sweep = try SweepFolder()
    let session = try openedRun(of: sweep)
    // Suspending what the shell does not know of would leave a dead terminal.
    session.send("\u{1A}")
    session.send("?")
    #expect(session.shows("pause or resume"))
    session.send("?")
    session.send("q")
    #expect(session.shows("─ league table"))
    session.send("q")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test func aSignalEndsTheOpenedRunToo() throws {
    let sweep = try SweepFolder()
    let session = try openedRun(of: sweep)
    session.terminal.signal(SIGTERM)
    #expect(session.exitStatus() == 128 + SIGTERM)
    session.expectRestored()
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func signalsRestoreTheTerminal(_ signal: Int32) throws {
    let sweep = try SweepFolder()
    let long = SweepFolder.line.replacingOccurrences(of: "--steps 20", with: "--steps 200000")
    let session = try session(
      long + " --live --out " + (sweep.folder / "runs"),
      folder: sweep.folder,
      size: GridSize(columns: 80, rows: 24)
    )
    #expect(session.shows("─ league table"))
    session.terminal.signal(signal)
    #expect(session.exitStatus() == 128 + signal)
    session.expectRestored()
  }
}
