import CellGrid
import TestSupport
import Testing
import VirtualTerminal

/// The dashboard on a pseudo terminal, recording into a folder of its own.
final class DashboardSession {
  let folder: TemporaryFolder
  let terminal: PseudoTerminalProcess

  /// How long to wait for what must come; generous, because the machine may be busy.
  static let patience = PseudoTerminalProcess.patience

  /// Trains without end unless the arguments say otherwise.
  ///
  /// The environment comes beside or instead of a terminal with 256 colours and UTF-8; an empty
  /// value leaves the variable out. The program works where the test does, or inside of its folder.
  init(
    _ arguments: [String],
    environment: [String: String] = [:],
    size: GridSize = GridSize(columns: 120, rows: 40),
    folder: TemporaryFolder? = nil,
    isTraining: Bool = true,
    isInside: Bool = false
  ) throws {
    let folder = try folder ?? TemporaryFolder()
    let usual = [
      "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
    ]
    self.folder = folder
    let endless = arguments.contains("--steps") ? [] : ["--steps", "100000000"]
    let training = ["--out", folder / "runs", "--evaluate-every", "0"] + endless
    let program = [builtExecutable("metatop")] + (isTraining ? training : []) + arguments
    let moved = ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder.path] + program
    let command = isInside ? moved : program
    terminal = try PseudoTerminalProcess(
      command[0],
      Array(command.dropFirst()),
      environment: usual.merging(environment) { $1 }.filter { !$0.value.isEmpty },
      size: size
    )
  }

  var text: String { terminal.screen.text }

  /// Whether the text came to the screen.
  func shows(_ text: String) -> Bool {
    terminal.waitForScreen(timeout: Self.patience) { $0.text.contains(text) }
  }

  /// Whether the text went from the screen.
  func hides(_ text: String) -> Bool {
    terminal.waitForScreen(timeout: Self.patience) { !$0.text.contains(text) }
  }

  func send(_ keys: String) { terminal.send(keys) }

  /// Quits; where something is under way, ends and keeps it.
  func leave() { send("q\r") }

  func exitStatus() -> Int32? { terminal.waitForExit(timeout: Self.patience) }

  func runs() throws -> [RecordedRun] { try RecordedRun.all(under: folder / "runs") }

  /// Expects the terminal as it was before the program came.
  func expectRestored(_ location: SourceLocation = #_sourceLocation) {
    let screen = terminal.screen
    #expect(!screen.isAlternate && screen.isCursorShown, sourceLocation: location)
    #expect(
      screen.modes.isDisjoint(with: [2004, 1000, 1006, 2026]),
      sourceLocation: location
    )
    #expect(screen.pen == .plain, sourceLocation: location)
    #expect(screen.unknown == [], sourceLocation: location)
    #expect(terminal.modes == terminal.initialModes, sourceLocation: location)
  }
}
