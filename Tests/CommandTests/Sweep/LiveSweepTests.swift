import CellGrid
import Experiments
import Files
import Foundation
import Glibc
import TestSupport
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

  /// A sweep of longer runs, on a screen with room for remarks.
  private func wideSession(
    of sweep: SweepFolder,
    steps: Int,
    _ options: String = ""
  ) throws -> DashboardSession {
    let line = SweepFolder.line.replacingOccurrences(of: "--steps 20", with: "--steps \(steps)")
    return try session(
      line + options + " --live --out " + (sweep.folder / "runs"),
      folder: sweep.folder,
      size: GridSize(columns: 170, rows: 40)
    )
  }

  /// A sweep that has ended on the screen.
  private func endedSession(of sweep: SweepFolder) throws -> DashboardSession {
    let line = SweepFolder.line + " --live --out " + (sweep.folder / "runs")
    let session = try session(line, folder: sweep.folder)
    #expect(session.shows("12 of 12 runs · ended"))
    return session
  }

  @Test func theTableFillsWhileRunsAreMade() throws {
    let sweep = try SweepFolder()
    let line = SweepFolder.line + " --live --out " + (sweep.folder / "runs")
    let session = try session(line, folder: sweep.folder)
    #expect(session.shows("─ league table"))
    #expect(session.shows("12 of 12 runs · ended"))
    #expect(session.shows("─ map of the ") && session.shows("─ importance"))
    session.send("\u{1B}[B\u{1B}[C\u{1B}[C")
    #expect(session.shows("inner-lr▾"))
    session.leave()
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
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    #expect(session.text.contains("go on with: metatop sweep --resume"))
    #expect(try sweep.directories().count < SweepFolder.runs)
    // Somebody else looks at it, and touches nothing.
    let before = try sweep.directories()
    let watcher = try self.session("attach " + sweep.path, folder: sweep.folder)
    #expect(watcher.shows("of 12 runs"))
    watcher.leave()
    #expect(watcher.exitStatus() == 0)
    watcher.expectRestored()
    #expect(try sweep.directories() == before)
  }

  /// A sweep that has ended on the screen, and the runs of its best row opened.
  private func openedRun(of sweep: SweepFolder) throws -> DashboardSession {
    let session = try endedSession(of: sweep)
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
    #expect(session.shows("─ keys ─"))
    session.send("?")
    session.send("q")
    #expect(session.shows("─ league table"))
    session.leave()
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

  @Test("2 opens a run in the layout to compare, 6 comes back, b begins a branch")
  func layoutsOnNumberKeys() throws {
    let sweep = try SweepFolder()
    let session = try endedSession(of: sweep)
    session.send("2")
    #expect(session.shows("layout: compare"))
    session.send("6")
    #expect(session.shows("─ league table"))
    session.send("b")
    #expect(session.shows("─ branch of a run"))
    session.send("\u{1B}")
    #expect(session.hides("─ branch of a run"))
    session.send("q")
    #expect(session.shows("─ league table"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("A sweep is paused, a combination stopped and let go on, and halved, on its screen")
  func steering() throws {
    let sweep = try SweepFolder()
    let session = try wideSession(of: sweep, steps: 400_000)
    #expect(session.shows("2 running"))
    session.send(" ")
    #expect(session.shows("PAUSED"))
    // What is stopped while all wait, has stopped when they go on.
    session.send("s")
    #expect(session.shows("is stopped; s lets it go on") && session.shows("2 stopped"))
    session.send(" ")
    #expect(session.hides("PAUSED") && session.shows("2 running"))
    session.send("s")
    #expect(session.shows("goes on") && session.hides("2 stopped"))
    session.send("h")
    #expect(session.shows("rung 1/1 at step 200000"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let decisions = try String(contentsOfFile: sweep.path + "/decisions.jsonl", encoding: .utf8)
    let words = decisions.split(separator: "\n").map { line in
      (try? JSONValue(parsing: Array(line.utf8)))?["decision"]?.string
    }
    #expect(words == ["stop", "go on", "halving"])
  }

  @Test("A combination that is made first is made before those that stood before it")
  func priority() throws {
    let sweep = try SweepFolder()
    let session = try wideSession(of: sweep, steps: 3_000, " --threads 1")
    #expect(session.shows("1 running"))
    session.send(" ")
    #expect(session.shows("PAUSED"))
    session.send("\u{1B}[F")
    session.send("f")
    #expect(session.shows("CML, inner-lr 0.05, gamma 0.5 comes next"))
    session.send(" ")
    // Its two seeds have ended, and all others but the one that was under way have not begun.
    #expect(session.shows("3 of 12 runs"))
    session.leave()
    #expect(session.exitStatus() == 0)
    let ended = try sweep.combinations(sweep.testLosses().keys).filter { $0.contains("0.05") }
    #expect(ended.count { $0.contains("\"gamma\":\"0.5\"") } == 2)
  }

  @Test("a trains a comparison with the selected combination's values")
  func adopting() throws {
    let sweep = try SweepFolder()
    let session = try endedSession(of: sweep)
    session.send("/cml inner-lr=0.05 gamma=0.5\r")
    #expect(session.shows("1 of 1"))
    session.send("a")
    #expect(session.shows("● MAML") && session.shows("■ CML"))
    session.send("m")
    #expect(session.shows("0.05"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let folders = try FileManager.default.contentsOfDirectory(atPath: sweep.folder / "runs")
    let own = try #require(folders.first { $0.hasPrefix("sinusoid-cml-") })
    let adopted = try RecordedRun(sweep.folder / "runs/\(own)")
    #expect(adopted.configuration["hyperparameters"]?["inner-lr"]?.double == 0.05)
    #expect(adopted.configuration["hyperparameters"]?["gamma"]?.double == 0.5)
    #expect(adopted.configuration["meta_batch"] == 3)
  }

  @Test("A sweep on a cluster is joined with what its queue says; the queue's words stay words")
  func queue() throws {
    let sweep = try SweepFolder()
    let folder = sweep.folder
    for (name, text) in [
      ("sbatch", "echo 77"),
      (
        "squeue",
        "echo \"$@\" > \(folder / "asked"); printf '1 RUNNING node-3\\n7 PENDING\\n2 PENDING \\033[31m\\n'"
      ),
    ] {
      let path = try folder.write("#!/bin/sh\n\(text)\n", to: "bin/\(name)")
      #expect(chmod(path, 0o755) == 0)
    }
    let path = "\(folder / "bin"):/usr/bin:/bin"
    let submitted = try Program.run(
      SweepFolder.words(SweepFolder.line + " --slurm"),
      in: folder,
      environment: ["PATH": path, "LC_ALL": "C.UTF-8"]
    )
    #expect(submitted.status == 0 && submitted.errors.contains("job array 77"))
    let session = try DashboardSession(
      ["attach", sweep.path],
      environment: ["PATH": path],
      size: GridSize(columns: 170, rows: 40),
      folder: folder,
      isTraining: false
    )
    // Both seeds of the first combination: one is on a node, one waits.
    #expect(session.shows("1 running on node-3") && session.shows("2 in the queue"))
    #expect(session.shows("1 pending on \u{FFFD}[31m"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    #expect(try String(contentsOfFile: folder / "asked", encoding: .utf8).contains("--jobs=77"))
  }

  @Test("Without a screen a sweep tells the same in lines, to whoever makes it and to who attaches")
  func plain() throws {
    let sweep = try SweepFolder()
    let program = try sweep.run(
      "sweep --methods maml --grid inner-lr=0.01,0.05 --seeds 1 --steps 5 --meta-batch 2 --name first "
        + "--evaluate-every 0 --evaluation-episodes 4 --live --plain"
    )
    #expect(program.errors.contains("2 of 2  ") && program.output.contains("first: sinusoid"))
    #expect(!(program.output + program.errors).contains("\u{1B}"))
    let watcher = try sweep.run("attach runs/first --plain")
    #expect(watcher.output == program.output && !watcher.errors.contains("\u{1B}"))
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
