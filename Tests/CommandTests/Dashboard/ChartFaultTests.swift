import CellGrid
import Files
import TestSupport
import Testing
import VirtualTerminal

/// What people stumbled over once on charts, in numbers and in what is taken along.
///
/// `Documentation/Features.md` has every one of these faults with the test that holds it.
@Suite("What people stumbled over on charts and in files stays mended", .serialized)
struct ChartFaultTests {
  private static let right = "\u{1B}[C"
  private static let down = "\u{1B}[B"

  @Test("A light look on a light terminal, marks with their words, whole numbers at any width")
  func charts() throws {
    let session = try DashboardSession(
      [
        "--methods", "maml,cml", "--threads", "1", "--evaluate-every", "40",
        "--evaluation-episodes", "4",
      ],
      size: GridSize(columns: 160, rows: 40)
    )
    #expect(session.shows(" 1 / 1 "))
    // A terminal tells its background, and the dashboard follows.
    let before = session.terminal.screen.grid[row: 0, column: 1].style
    session.send("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\")
    #expect(
      session.terminal.waitForScreen { $0.grid[row: 0, column: 1].style != before },
      "still \(before)"
    )
    #expect(session.shows("d: differences"), "\(session.text)")
    session.send(Self.right)
    #expect(
      session.terminal.waitForScreen { $0.text.contains(/┊inner-lr 0\.02|inner-lr 0\.02┊/) },
      "\(session.text)"
    )
    for columns in [117, 119, 135, 138, 141] {
      session.terminal.resize(GridSize(columns: columns, rows: 40))
      let isDrawn = session.terminal.waitForScreen { screen in
        screen.text.split(separator: "\n").contains { $0.count == columns }
      }
      #expect(isDrawn && session.shows("meta-v") || session.shows(" val"), "\(session.text)")
      let cut = session.text.firstMatch(of: /\d\.\d*…/)
      #expect(cut == nil, "\(columns): \(session.text)")
    }
    session.send("dd")
    #expect(session.shows("minus ● MAML"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("After a divergence one key goes back to before the change, at half the rate")
  func rescue() throws {
    let session = try DashboardSession(
      ["--methods", "maml", "--threads", "1", "--keep-every", "50"],
      size: GridSize(columns: 160, rows: 40)
    )
    #expect(session.shows(" 1 / 1 ") && session.shows("─ query loss"))
    #expect(session.terminal.waitForScreen { $0.text.contains(/outer +[\d,]*[1-9]\d\d \//) })
    session.send("=10\r")
    #expect(session.shows("R: back to"), "\(session.text)")
    session.send("R")
    #expect(session.shows("MAML (parent)"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let forks = try session.runs().filter { $0.configuration["branched_from"] != nil }
    #expect(forks.first?.configuration["hyperparameters"]?["inner-lr"]?.double == 5)
  }

  @Test("A fork from before a change goes on beside its run")
  func fork() throws {
    let session = try DashboardSession(
      ["--methods", "maml", "--threads", "1"],
      size: GridSize(columns: 160, rows: 40)
    )
    #expect(session.shows(" 1 / 1 ") && session.shows("─ query loss"))
    #expect(session.terminal.waitForScreen { $0.text.contains(/outer +[\d,]*[1-9]\d\d \//) })
    session.send(Self.right)
    #expect(session.shows("inner-lr 0.01 → 0.02"), "\(session.text)")
    session.send("U")
    #expect(session.shows("─ branch of a run") && session.shows("its parent"), "\(session.text)")
    session.send("\r")
    #expect(session.shows("1 run, "), "\(session.text)")
    session.send("\r")
    #expect(session.shows("● MAML α 0.02") && session.shows("MAML α 0.01"), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    let runs = try session.runs()
    #expect(runs.count == 2 && runs.allSatisfy { $0.state["status"] == "stopped" })
    let rates = runs.compactMap { $0.configuration["hyperparameters"]?["inner-lr"]?.double }
    #expect(Set(rates) == [0.01], "the parent began with it, the fork goes on with it")
  }

  @Test("The charts' file has the accuracy, recording and hidden panels a sign, tasks are chosen")
  func taken() throws {
    let session = try DashboardSession(
      [
        "--methods", "maml", "--task", "glyphs", "--way", "3", "--shot", "1", "--query", "2",
        "--width", "4", "--meta-batch", "2", "--threads", "1", "--evaluate-every", "10",
        "--evaluation-episodes", "8",
      ],
      size: GridSize(columns: 200, rows: 50),
      isInside: true
    )
    #expect(session.shows(" 1 / 1 ") && session.shows("8 episodes") || session.shows("val acc"))
    session.send("o")
    #expect(session.shows("written: metatop-"), "\(session.text)")
    let table = try #require(
      SystemFile.names(in: session.folder.path).first { $0.hasSuffix(".csv") }
    )
    let bytes = try SystemFile.read(session.folder / table)
    let head = String(decoding: bytes.prefix(200), as: UTF8.self)
    #expect(head.contains("accuracy_percent_mean"), "\(head)")
    session.send("W")
    #expect(session.shows("REC"), "\(session.text)")
    session.send("H")
    #expect(session.shows("REC · 1 hidden (A shows)"), "\(session.text)")
    session.send("AW")
    #expect(session.hides("REC") && session.hides("hidden (A shows)"))
    session.send("eT")
    #expect(session.terminal.waitForScreen { $0.text.contains(/task \d[,:] the hardest of 8/) })
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }
}
