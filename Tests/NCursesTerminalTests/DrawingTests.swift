import CellGrid
import NCursesTerminal
import Testing
import VirtualTerminal

/// What curses sends, read by an independent emulator, is the grid that was drawn.
@Suite struct DrawingTests {
  static let seed = UInt64.random(in: 0...UInt64.max)

  @Test(arguments: [
    ("xterm-256color", 256), ("tmux-256color", 256), ("screen-256color", 256), ("xterm", 8),
    ("linux", 8), ("vt100", 0),
  ])
  func everyFrameArrivesCellForCell(_ name: String, _ colors: Int) throws {
    print("seed \(Self.seed)")
    let capabilities = TerminalCapabilities(colors: colors, isUnicode: true)
    try expectFrames(["TERM": name, "LC_ALL": "C.UTF-8"], capabilities, [])
  }

  @Test(arguments: ["xterm-256color", "tmux-256color", "xterm"])
  func anyColorArrivesWhereTheTerminalSaysItCan(_ name: String) throws {
    try expectFrames(
      ["TERM": name, "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"],
      TerminalCapabilities(colors: 1 << 24, isUnicode: true),
      []
    )
  }

  @Test(arguments: ["NO_COLOR=1", "CLICOLOR=0"])
  func noColorKeepsAttributesOnly(_ setting: String) throws {
    let parts = setting.split(separator: "=").map(String.init)
    let environment = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", parts[0]: parts[1]]
    let child = try expectFrames(
      environment,
      TerminalCapabilities(colors: 0, isUnicode: true),
      [],
      size: (40, 10)
    )
    #expect(child.screen.unknown == [])
    let sent = String(decoding: child.transcript, as: UTF8.self)
    #expect(!sent.contains("[38;5;") && !sent.contains("[31m"))
  }

  @Test func whatAsksForNoColor() {
    func refusal(_ variables: [String: String]) -> String? { colorRefusal { variables[$0] } }
    #expect(refusal(["NO_COLOR": "1", "CLICOLOR": "0"]) == "NO_COLOR")
    #expect(refusal(["CLICOLOR": "0"]) == "CLICOLOR=0")
    #expect(refusal(["CLICOLOR": "1"]) == nil)
    #expect(refusal(["CLICOLOR": "0", "CLICOLOR_FORCE": "1"]) == nil)
    #expect(refusal(["CLICOLOR": "0", "CLICOLOR_FORCE": "0"]) == "CLICOLOR=0")
  }

  @Test func asciiIsEnoughWithoutALocale() throws {
    try expectFrames(
      ["TERM": "xterm-256color", "LC_ALL": "C"],
      TerminalCapabilities(colors: 256, isUnicode: false),
      [],
      size: (40, 10)
    )
    try expectFrames(
      ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"],
      TerminalCapabilities(colors: 256, isUnicode: false),
      ["--ascii"],
      size: (40, 10)
    )
  }

  @Test func aLocaleThatThisMachineLacksStillShowsBraille() throws {
    try expectFrames(
      ["TERM": "xterm-256color", "LC_ALL": "xx_YY.UTF-8"],
      TerminalCapabilities(colors: 256, isUnicode: true),
      [],
      size: (40, 10)
    )
  }

  @Test(arguments: [(1, 1), (2, 1), (1, 5), (300, 100)])
  func everySizeWorks(_ columns: Int, _ rows: Int) throws {
    try expectFrames(
      ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"],
      TerminalCapabilities(colors: 256, isUnicode: true),
      [],
      size: (columns, rows),
      count: 5
    )
  }

  @Test func anUnchangedFrameSendsNothing() throws {
    let child = try PseudoTerminalProcess(builtExecutable("TerminalFixture"), ["session"])
    #expect(child.waitForScreen { $0.line(0) == "80x24" })
    let before = child.transcript.count
    child.send("xyz")
    child.send("q")
    #expect(child.waitForExit() == 0)
    let after = String(decoding: child.transcript[before...], as: UTF8.self)
    #expect(!after.contains("2026h"), "three keys that change nothing, but: \(after)")
  }

  /// Runs the same random frames in the child and here, and compares after each.
  @discardableResult
  private func expectFrames(
    _ environment: [String: String],
    _ capabilities: TerminalCapabilities,
    _ options: [String],
    size: (Int, Int) = (80, 24),
    count: Int = 40
  ) throws -> PseudoTerminalProcess {
    let size = GridSize(columns: size.0, rows: size.1)
    let child = try PseudoTerminalProcess(
      builtExecutable("TerminalFixture"),
      ["frames", "\(Self.seed)", "\(count)"] + options,
      environment: environment,
      size: size
    )
    var frames = RandomFrames(seed: Self.seed, size: size, capabilities: capabilities)
    for index in 0..<count {
      let expected = frames.next()
      try #require(
        child.waitForScreen { $0.commands.last == "frame \(index)" },
        "\(environment), frame \(index): \(child.screen.text)"
      )
      let wrong = differences(child.screen.grid, expected)
      try #require(wrong == [], "\(environment), frame \(index), seed \(Self.seed)")
      child.send(" ")
    }
    #expect(child.waitForExit() == 0)
    #expect(child.screen.unknown == [])
    return child
  }

  /// The first cells that differ, readable; reading a blank's foreground is impossible, so two
  /// blanks are the same if they look the same.
  private func differences(_ shown: CellGrid, _ expected: CellGrid) -> [String] {
    guard shown != expected else { return [] }
    var found: [String] = []
    for row in 0..<expected.size.rows {
      for column in 0..<expected.size.columns where found.count < 5 {
        let (left, right) = (shown[row: row, column: column], expected[row: row, column: column])
        if left != right && !looksBlank(left, right) {
          found.append("row \(row) column \(column): shown \(left), expected \(right)")
        }
      }
    }
    return found
  }

  private func looksBlank(_ left: Cell, _ right: Cell) -> Bool {
    let visible: Attributes = [.underline, .reverse]
    return left.scalar == " " && right.scalar == " "
      && left.style.background == right.style.background
      && left.style.attributes.isDisjoint(with: visible)
      && right.style.attributes.isDisjoint(with: visible)
  }
}
