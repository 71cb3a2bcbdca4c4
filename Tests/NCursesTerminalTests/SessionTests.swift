import CellGrid
import Glibc
import Testing
import VirtualTerminal

/// The terminal's life in a real process on a pseudo terminal: input, signals, endings, crashes.
@Suite struct SessionTests {
  private let fixture = builtExecutable("TerminalFixture")

  @Test func keysMouseAndPasteArrive() throws {
    let child = try PseudoTerminalProcess(fixture, ["keys"])
    #expect(child.waitForScreen { $0.commands.contains("colors 256 unicode true") })
    let cases = [
      ("\u{1B}[A", "key(CellGrid.Key.up)"), ("\u{1B}OA", "key(CellGrid.Key.up)"),
      ("\u{1B}", "key(CellGrid.Key.escape)"), ("é", "key(CellGrid.Key.character(\"é\"))"),
      ("\u{13}", "key(CellGrid.Key.control(\"s\"))"), ("\u{1B}[3~", "key(CellGrid.Key.delete)"),
      ("\u{1B}[<0;3;2M", "mouse(CellGrid.MouseAction.press, row: 1, column: 2)"),
      ("\u{1B}[200~q\u{4}\u{1B}[201~", "paste(\"q\\u{04}\")"),
    ]
    for (sent, expected) in cases {
      child.send(sent)
      #expect(
        child.waitForScreen { $0.commands.last == expected },
        "sent \(sent.debugDescription), got \(child.screen.commands.last ?? "nothing")"
      )
    }
    child.send("\u{4}")
    #expect(child.waitForExit() == 0)
    #expect(child.screen.unknown == [])
  }

  @Test func endingRestoresEverything() throws {
    let child = try PseudoTerminalProcess(fixture, ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    #expect(child.screen.isAlternate && !child.screen.isCursorShown)
    #expect(child.screen.modes.isSuperset(of: [2004, 1000, 1006]))
    #expect(child.modes?.echoes == false)
    child.send("q")
    #expect(child.waitForExit() == 0)
    expectRestored(child)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
  func signalsEndCleanly(_ signal: Int32) throws {
    let child = try PseudoTerminalProcess(fixture, ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    child.signal(signal)
    #expect(child.waitForExit() == 128 + signal)
    expectRestored(child)
  }

  @Test("A terminal that takes nothing more, as over a dead connection, keeps nobody from leaving")
  func aStuckTerminalIsGivenBack() throws {
    let child = try PseudoTerminalProcess(
      fixture,
      ["flood"],
      size: GridSize(columns: 300, rows: 100)
    )
    #expect(child.waitForExitUnread() == 0)
  }

  @Test func controlCIsAnInterrupt() throws {
    let child = try PseudoTerminalProcess(fixture, ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    child.send("\u{3}")
    #expect(child.waitForExit() == 130)
  }

  @Test func closingTheWindowEndsTheProgram() throws {
    let child = try PseudoTerminalProcess(fixture, ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    child.hangUp()
    #expect(child.waitForExit() == 129)
  }

  @Test func resizingDrawsAgain() throws {
    let child = try PseudoTerminalProcess(fixture, ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    for (columns, rows) in [(100, 30), (4, 1), (120, 50), (1, 1), (90, 20)] {
      child.resize(GridSize(columns: columns, rows: rows))
      let expected = String("\(columns)x\(rows)".prefix(columns))
      #expect(child.waitForScreen { $0.line(0) == expected }, "\(child.screen.text)")
    }
    child.send("q")
    #expect(child.waitForExit() == 0)
  }

  @Test func aTerminalThatDoesNotKnowItsSizeGetsTheTraditionalOne() throws {
    let child = try PseudoTerminalProcess(fixture, ["session"], size: GridSize(columns: 0, rows: 0))
    #expect(
      child.waitForScreen { _ in
        String(decoding: child.transcript, as: UTF8.self).contains("80x24")
      }
    )
    child.send("q")
    #expect(child.waitForExit() == 0)
  }

  @Test(arguments: ["\u{1A}", nil] as [String?])
  func stoppingGivesTheTerminalBackAndContinuingTakesIt(_ key: String?) throws {
    let child = try PseudoTerminalProcess(fixture, ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    let during = child.modes
    if let key { child.send(key) } else { child.signal(SIGTSTP) }
    #expect(child.waitForStop())
    expectRestored(child)
    child.signal(SIGCONT)
    #expect(child.waitForScreen { $0.isAlternate && $0.line(0) == "80x24" })
    #expect(child.waitForScreen { $0.modes.contains(2004) && !$0.isCursorShown })
    #expect(child.modes == during)
    child.send("q")
    #expect(child.waitForExit() == 0)
    expectRestored(child)
  }

  @Test(arguments: [
    ("fatalError", SIGILL), ("segmentation", SIGSEGV), ("abort", SIGABRT), ("terminate", SIGTRAP),
    ("overflow", SIGSEGV),
  ])
  func crashesRestoreTheTerminalAndShowTheReason(_ kind: String, _ signal: Int32) throws {
    let child = try crashing(kind)
    #expect(child.waitForExit() == 128 + signal)
    expectRestored(child)
    #expect(child.screen.text.contains("said before the end"))
    if kind == "fatalError" { #expect(child.screen.text.contains("the reason")) }
  }

  @Test func leavingByExitRestoresToo() throws {
    let child = try crashing("exit")
    #expect(child.waitForExit() == 7)
    expectRestored(child)
    #expect(child.screen.text.contains("said before the end"))
  }

  @Test(arguments: [
    (["LC_ALL": "C"], "TERM is not set"), (["TERM": "dumb"], "cannot move its cursor"),
  ])
  func unusableTerminalsAreRefusedInASentence(
    _ environment: [String: String],
    _ words: String
  ) throws {
    let child = try PseudoTerminalProcess(fixture, ["session"], environment: environment)
    #expect(child.waitForExit() == 64)
    let text = child.screen.text.replacing("\n", with: "")
    #expect(text.contains(words) && text.contains("metatop train"), "\(text)")
    #expect(child.modes == child.initialModes)
  }

  /// Newer terminals than the database nearly all understand what the commonest does.
  @Test func anUnknownTerminalIsDrawnOnLikeTheCommonest() throws {
    let child = try PseudoTerminalProcess(
      fixture,
      ["session"],
      environment: ["TERM": "no-such-terminal", "LC_ALL": "C.UTF-8"]
    )
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    child.send("q")
    #expect(child.waitForExit() == 0)
    expectRestored(child)
  }

  private func crashing(_ kind: String) throws -> PseudoTerminalProcess {
    let environment = [
      "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
    ]
    let child = try PseudoTerminalProcess(fixture, ["crash", kind], environment: environment)
    #expect(child.waitForScreen { $0.line(0) == "about to crash" })
    #expect(!child.screen.text.contains("said before"), "stderr must wait while the screen is up")
    child.send(" ")
    return child
  }

  private func expectRestored(_ child: PseudoTerminalProcess) {
    #expect(!child.screen.isAlternate && child.screen.isCursorShown)
    #expect(child.screen.modes.isDisjoint(with: [2004, 1000, 1006, 2026]))
    #expect(child.screen.pen == .plain)
    #expect(child.modes == child.initialModes)
  }
}
