import CellGrid
import Files
import Glibc
import TestSupport
import Testing
import VirtualTerminal

@Suite("The dashboard opens", .serialized)
struct OpeningTests {
  @Test("Three cards appear, training starts, and quitting leaves complete runs")
  func openAndQuit() throws {
    let session = try DashboardSession([])
    for name in ["● MAML", "■ CML", "▲ MetaPerturb"] {
      #expect(session.shows("╭─ \(name) "), "\(session.text)")
    }
    #expect(session.shows(" 1 / 1 "), "the first outer step is made")
    #expect(session.text.contains("metatop · sinusoid · 10-shot, 10 query"))
    #expect(session.text.contains("q quit  ? help  1…6 layouts  : actions  space pause"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let runs = try session.runs()
    // Paths are longer than the terminal's lines.
    let told = session.text.replacing("\n", with: "")
    #expect(runs.map { $0.summary["method"]?.string } == ["cml", "maml", "metaperturb"])
    for run in runs {
      #expect(run.state["status"] == "stopped" && run.summary["status"] == "stopped")
      #expect(run.last.shape(named: "body.layer1.weight") == [40, 1])
      #expect(told.contains("recorded in \(run.path)"))
    }
  }

  @Test(
    "It draws in every size from its minimum on, and says what it needs below",
    arguments: [(200, 50), (120, 40), (80, 24), (40, 12)]
  )
  func sizes(columns: Int, rows: Int) throws {
    let size = GridSize(columns: columns, rows: rows)
    let session = try DashboardSession(["--methods", "maml,cml"], size: size)
    #expect(session.shows("● MAML") && session.shows("■ CML") && session.shows("q quit"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("It follows every resize, down to one cell and back")
  func resizing() throws {
    let session = try DashboardSession(["--methods", "maml"])
    #expect(session.shows("● MAML"))
    for (columns, rows, text) in [
      (20, 5, "metatop needs 40×12,\nthis is 20×5"), (80, 24, "q quit"), (1, 1, "m"),
      (41, 12, "q quit"), (200, 50, "x axis  v full"),
    ] {
      session.terminal.resize(GridSize(columns: columns, rows: rows))
      #expect(session.shows(text), "\(columns)×\(rows): \(session.text)")
    }
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test(
    "Without UTF-8 it draws ASCII only",
    arguments: [(["LC_ALL": "C"], []), ([:], ["--ascii"])] as [([String: String], [String])]
  )
  func ascii(environment: [String: String], option: [String]) throws {
    let session = try DashboardSession(["--methods", "maml"] + option, environment: environment)
    #expect(session.shows("o MAML") && session.shows("j/k select"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    #expect(session.terminal.transcript.allSatisfy { $0 < 0x80 })
    session.expectRestored()
  }

  @Test(
    "Without colour it uses none",
    arguments: [(["NO_COLOR": "1"], []), ([:], ["--no-color"]), (["TERM": "vt100"], [])]
      as [([String: String], [String])]
  )
  func noColor(environment: [String: String], option: [String]) throws {
    let session = try DashboardSession(["--methods", "maml"] + option, environment: environment)
    #expect(session.shows("● MAML") && session.shows("q quit"))
    let cells = session.terminal.screen.grid.cells
    #expect(
      cells.allSatisfy { $0.style.foreground == .terminal && $0.style.background == .terminal }
    )
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test(
    "A terminal without a second screen keeps the picture, and the sentences begin clean lines",
    arguments: ["linux", "vt100"]
  )
  func noSecondScreen(name: String) throws {
    let session = try DashboardSession(["--methods", "maml"], environment: ["TERM": name])
    #expect(session.shows("● MAML") && session.shows("q quit"))
    session.leave()
    #expect(session.exitStatus() == 0)
    #expect(!session.text.contains("q quit"), "the footer is gone: \(session.text)")
    let said = session.text.split(separator: "\n").filter { $0.contains("metatop: ") }
    #expect(said.allSatisfy { $0.hasPrefix("metatop: ") } && said.count == 2, "\(session.text)")
    session.expectRestored()
  }

  @Test(
    "An unusable terminal is refused in one sentence, before any directory is made",
    arguments: [
      ("", "TERM is not set"), ("dumb", "cannot move its cursor"),
      ("a\u{1B}]0;x\u{7}b", "TERM=a\u{FFFD}]0;x\u{FFFD}b is not"),
    ]
  )
  func unusable(name: String, words: String) throws {
    let size = GridSize(columns: 400, rows: 24)
    let session = try DashboardSession([], environment: ["TERM": name], size: size)
    #expect(session.exitStatus() == 64)
    let lines = session.text.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].hasPrefix("metatop: "), "\(session.text)")
    #expect(session.text.contains(words), "\(session.text)")
    #expect(session.terminal.screen.commands == [] && session.terminal.screen.unknown == [])
    #expect(try session.folder.names() == [])
  }

  @Test("Standard input that is no terminal is refused in one sentence")
  func noTerminal() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["--out", "runs"], in: folder)
    #expect(program.status == 64 && program.complaints.count == 1)
    #expect(program.errors.contains("standard input is not a terminal"))
    #expect(access(folder / "runs", F_OK) != 0)
  }
}
