import CellGrid
import Events
import Testing

@testable import Dashboard

/// What colours say, as pictures: one letter a cell for the role whose style it has.
@Suite struct StyleTests {
  private func roles(_ look: Look) -> [(Character, Style)] {
    [
      ("a", look.accent), ("g", look.good), ("w", look.warning), ("x", look.bad),
      ("t", look.title), ("d", look.dim), ("b", look.border), ("0", look.series(0)),
      ("1", look.series(1)), ("2", look.series(2)), (" ", look.text),
    ]
  }

  /// The theme has to tell its roles apart for the letters to mean something.
  private var theme: Theme {
    get throws { try Theme.load(file: themePath("metatop-dark")) }
  }

  private func styles(_ state: DashboardState, _ columns: Int, _ rows: Int) -> [String] {
    let look = Look(theme: state.theme, capabilities: state.capabilities)
    let table = roles(look)
    let grid = state.render(size: GridSize(columns: columns, rows: rows))
    let picture = grid.dumpStyles { style in table.first { $0.1 == style }?.0 ?? "?" }
    return picture.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private func demo() throws -> DashboardState {
    var state = DashboardState.demo(steps: 20)
    state.theme = try theme
    return state
  }

  @Test func theFocusedMethodHasABrightFrame() throws {
    var state = try demo()
    _ = state.press(.character("m"))
    let top = styles(state, 120, 40)[1]
    #expect(top.prefix(40) == "bbb00ttttbbbbbbbbbbbbbbbbbbbbbgggggggbbb")
    #expect(top.dropFirst(40).prefix(40) == "aaa11tttaaaaaaaaaaaaaaaaaaaaaagggggggaaa")
  }

  @Test func pendingValuesAndSelectionStandOut() throws {
    var state = try demo()
    _ = state.press(.down, .right)
    let lines = styles(state, 80, 24)[7...10].map { String($0.dropFirst(40)) }
    #expect(
      lines.joined(separator: "\n") == """
        aaatttttttttttttttt00ttttaaaaaaaaaaaaaaa
        a aad                           dddddd a
        a aad  aaaaaaaaaaa   wwwwww     dddddd a
        a aad                            ddddd a
        """
    )
  }

  @Test func statusesHaveTheirColour() throws {
    for (status, letter) in [
      (RunStatus.running, "g"), (.paused, "w"), (.finished, "g"), (.diverged, "x"), (.stopped, "w"),
    ] {
      var state = try demo()
      state.apply(.statusChanged(RunID(1), status, step: 20))
      let row = styles(state, 120, 40)[1].dropFirst(40).prefix(40)
      #expect(row.contains(String(repeating: letter, count: status.rawValue.count)), "\(status)")
    }
  }

  @Test func messagesAndProblems() throws {
    var state = try demo()
    _ = state.press(.character("s"))
    #expect(styles(state, 80, 24)[23] == " " + String(repeating: "w", count: 19))
    _ = state.press(.character("="), .character("x"), .enter)
    #expect(styles(state, 80, 24)[23].contains("xxxxxxxx"))
  }

  @Test func disabledKeysAreDim() throws {
    let state = try demo()
    // " q quit  ? help  1…6 layouts  : actions  space pause   s step": running, so a single step is
    // disabled.
    #expect(
      styles(state, 80, 24)[23].prefix(61)
        == " a dddd  a dddd  aaa ddddddd  a ddddddd  aaaaa dddddd  d bbbb"
    )
  }

  @Test func withoutColorsThePictureIsTheSame() throws {
    let plain = DashboardState.demo(
      steps: 20,
      capabilities: TerminalCapabilities(colors: 0, isUnicode: true)
    )
    #expect(plain.screen(120, 40) == (try demo()).screen(120, 40))
    let cells = plain.render(size: GridSize(columns: 120, rows: 40)).cells
    #expect(cells.allSatisfy { $0.style.foreground == .terminal })
    #expect(cells.contains { $0.style.attributes == .bold })
    #expect(cells.contains { $0.style.attributes == .dim })
  }

  @Test func theBackgroundIsTheThemesEverywhere() throws {
    let state = try demo()
    let background = try theme[.background]
    for (columns, rows) in [(200, 50), (80, 24), (40, 12), (20, 3)] {
      let cells = state.render(size: GridSize(columns: columns, rows: rows)).cells
      #expect(cells.allSatisfy { $0.style.background == background })
    }
  }
}
