import CellGrid
import Files
import TestSupport
import Testing
import VirtualTerminal

/// What people stumbled over once, in sessions that each meet several of it.
///
/// `Documentation/Features.md` has every one of these faults with the test that holds it.
@Suite("What people stumbled over stays mended", .serialized)
struct FaultTests {
  private static let arrows = (
    up: "\u{1B}[A", down: "\u{1B}[B", right: "\u{1B}[C", left: "\u{1B}[D"
  )

  /// A click or a turn of the wheel at the first place of a text.
  private func mouse(
    _ session: DashboardSession,
    _ text: String,
    button: Int = 0,
    down: Int = 0
  ) throws {
    #expect(session.shows(text), "\(session.text)")
    let rows = session.text.split(separator: "\n", omittingEmptySubsequences: false)
    let row = try #require(rows.firstIndex { $0.contains(text) })
    let range = try #require(rows[row].range(of: text))
    let column = rows[row].distance(from: rows[row].startIndex, to: range.lowerBound)
    let place = "\(column + 2);\(row + 1 + down)"
    session.send("\u{1B}[<\(button);\(place)M" + (button == 0 ? "\u{1B}[<0;\(place)m" : ""))
  }

  @Test("Numbers explain themselves, layouts stand in the bar, Esc goes back, the mouse works")
  func watching() throws {
    let session = try DashboardSession(["--methods", "maml,cml", "--threads", "1"])
    #expect(session.shows("1…6 layouts") && session.shows(" 1 / 1 "))
    session.send("3")
    #expect(session.shows("hyperparameters ■ CML"), "a method's layout brings its values along")
    session.send("K")
    #expect(session.shows("what is what co-learner") && session.shows("healthy up to 1"))
    session.send("q")
    #expect(session.hides("what is what"))
    // Messages go by themselves, and the keys come back.
    #expect(session.shows("q quit"))
    session.send("\u{1B}")
    #expect(session.shows("● MAML") && session.hides("layers over time"))
    // Rows, entries, panels and the bar are clicked.
    session.send("M")
    try mouse(session, "outer-lr")
    #expect(session.shows("▸ β  outer-lr"), "\(session.text)")
    session.send(":")
    #expect(session.shows("─ actions"))
    session.send("toggle-pau")
    #expect(session.shows(": toggle-pau") && session.hides("toggle-logarithmic"))
    try mouse(session, "toggle-pause ")
    #expect(session.shows("PAUSED") && session.hides("─ actions"))
    let steps = outerSteps(session)
    #expect(steps.count == 2 && Set(steps).count == 1, "a pause brings all to one step: \(steps)")
    // Slow motion at the speed of reading, and slower.
    session.send("S")
    #expect(session.shows("6 s a moment"))
    session.send("[")
    #expect(session.shows("10 s a moment"))
    session.send("S1")
    #expect(session.shows("layout: overview"))
    session.send("q\r")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  private func outerSteps(_ session: DashboardSession) -> [String] {
    let line = session.text.split(separator: "\n").first { $0.contains(" outer ") } ?? ""
    let words = line.split(separator: " ").map(String.init)
    return words.indices.filter { words[$0] == "outer" && $0 + 1 < words.count }
      .map { words[$0 + 1] }
  }

  @Test(
    "Runs of a method are told apart, keep their colours, scroll their events and copy their command"
  )
  func recordings() throws {
    let folder = try TemporaryFolder()
    let made = try Program.run(
      [
        "train", "--methods", "maml,cml", "--seeds", "2", "--steps", "40", "--meta-batch", "2",
        "--evaluate-every", "2", "--evaluation-episodes", "4", "--test-episodes", "4", "--out",
        "runs",
      ],
      in: folder
    )
    #expect(made.status == 0, "\(made.errors)")
    let runs = SystemFile.names(in: folder / "runs").filter { $0.hasPrefix("sinusoid-") }
      .sorted()
      .map { folder / "runs/\($0)" }
    #expect(runs.count == 4)
    let session = try DashboardSession(
      ["replay"] + runs,
      size: GridSize(columns: 160, rows: 40),
      isTraining: false
    )
    #expect(session.shows("REPLAY"))
    session.send(")")
    // Two seeds a method are one series; `B` shows each by its seed, in its method's colour.
    #expect(session.shows("● MAML ×2") && session.shows("■ CML ×2"), "\(session.text)")
    session.send("B")
    #expect(session.shows("MAML s0") && session.shows("CML s1"), "\(session.text)")
    session.send("B")
    #expect(session.shows("bands: 95 % over seeds"))
    session.send("ge")
    session.send("v")
    #expect(session.shows("meta-test"), "\(session.text)")
    session.send("\u{1B}[H")
    #expect(session.shows("started: 40 outer steps"), "\(session.text)")
    session.send("y")
    #expect(session.shows("copied: metatop replay"))
    session.send("q")
    #expect(session.exitStatus() == 0)
    session.expectRestored()
    // Alone and gone on with, a method has the colour that it had beside the other.
    // Names say when a run began and not which seed it has; the first has the method's own mark.
    let cml = try #require(
      runs.first {
        guard $0.contains("-cml-") else { return false }
        return try RecordedRun($0).configuration["seed"] == 0
      }
    )
    let alone = try DashboardSession(
      ["--resume", cml, "--steps", "100000000", "--threads", "1"],
      isTraining: false
    )
    #expect(alone.shows("■ CML"), "\(alone.text)")
    alone.leave()
    #expect(alone.exitStatus() == 0)
  }

  @Test(
    "A divergence says what, where and the way back; on the smallest screen the loss comes first"
  )
  func divergence() throws {
    let session = try DashboardSession(
      [
        "--methods", "maml", "--set", "inner-lr=10", "--set", "outer-lr=1", "--steps", "400",
        "--keep-every", "1", "--threads", "1",
      ],
      size: GridSize(columns: 140, rows: 40)
    )
    #expect(session.shows("MAML"))
    #expect(session.shows("diverged") || session.shows("alarm"), "\(session.text)")
    session.terminal.resize(GridSize(columns: 40, rows: 12))
    #expect(session.shows("─ query loss after adaptation"), "\(session.text)")
    #expect(session.shows("● MAML"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }

  @Test("Curves without braille, and the inner loop as a picture in forty columns")
  func smallest() throws {
    let session = try DashboardSession(
      [
        "--methods", "maml", "--blocks", "--threads", "1", "--evaluate-every", "100",
        "--evaluation-episodes", "4",
      ],
      size: GridSize(columns: 40, rows: 12)
    )
    #expect(session.shows("─ query loss after adaptation") && session.shows("loss "))
    let isBraille = { (scalar: Unicode.Scalar) in (0x2801...0x28FF).contains(scalar.value) }
    #expect(!session.text.unicodeScalars.contains(where: isBraille))
    session.send("5")
    #expect(session.shows("─ inner loop") && session.shows("┤") && session.shows("inner step 1"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }
}
