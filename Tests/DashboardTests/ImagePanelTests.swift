import CellGrid
import Events
import Testing

@testable import Dashboard

/// The panels of classification alone.
@Suite struct ImagePanelTests {
  private func grid(
    _ columns: Int,
    _ rows: Int,
    capabilities: TerminalCapabilities = .full,
    _ body: (inout Painter, Rect) -> Void
  ) -> CellGrid {
    let size = GridSize(columns: columns, rows: rows)
    let look = Look(theme: .terminal, capabilities: capabilities)
    var painter = Painter(size: size, look: look)
    body(&painter, Rect(size))
    #expect(painter.grid.violation == nil, "\(columns)×\(rows)")
    return painter.grid
  }

  private func showing(_ episode: EpisodeSnapshot) -> DashboardState {
    var state = DashboardState.demo(runs: 1, task: DemoEvents.images)
    state.apply(.episode(episode))
    return state
  }

  static let state = DashboardState.demo(steps: 1250, task: DemoEvents.images)

  // MARK: - The episode

  @Test func theEpisodeInASmallPanel() {
    let text = grid(46, 14) { EpisodePanel(state: Self.state).draw(on: &$0, in: $1) }.dump()
    #expect(
      text == """
        ╭─ episode ● MAML ───────────────────────────╮
        │ 0 ch…05 1 ch…23 2 ch…0° 3 ch…01 4 ch…11    │
        │                            ▄▄      ▄       │
        │   ▀▄▄    ▀▄▄ ▄▄           █▀▀      ▀▄▄     │
        │ ▄▄▀▀▀     ▀▀▄▀█   ▄▄▀     ▀▄▀       ▀▀     │
        │ ▀▀▄▄        ▀▀▀   ▀▀▀▀    ▀▀               │
        │ query: before → after                      │
        │                           ▄▄       ▄▄      │
        │   ▀▄▄    ▀▄▄ ▄      ▄▄   █▀ ▀      ▀▄▄▀    │
        │  █▀▀▀      ▀▄▀    ▄▀▀▄▄  ▀▄▄▀       ▀█▄    │
        │  ▀▀▀        ▀▀   ▀▀▀▀▀    ▀▀         ▀     │
        │ 3→0 ✓   3→1 ✓   2→2 ✓   0→3 ✓   0→2 ✗      │
        │                                            │
        ╰────────────────────────────────────────────╯
        """
    )
  }

  @Test func aReplayWithoutPicturesSaysWhy() {
    var episode = EpisodeSnapshot.demo(step: 1250, of: 0)
    episode.support = []
    for index in episode.query.indices { episode.query[index].pixels = [] }
    episode.obstacle = "its pictures cannot be shown: d: other pictures (cat)"
    let state = showing(episode)
    let text = grid(40, 9, capabilities: .ascii) {
      EpisodePanel(state: state).draw(on: &$0, in: $1)
    }
    .dump()
    #expect(text.contains("| its pictures cannot be shown: d:     |"))
    #expect(text.contains("| other pictures (cat)                 |"))
    #expect(text.contains("| 0 Futurama/character05"))
    // In every size the panel stays within its bounds.
    for rows in 0...14 {
      for columns in [0, 1, 5, 12, 30, 80] {
        _ = grid(columns, rows) { EpisodePanel(state: state).draw(on: &$0, in: $1) }
      }
    }
  }

  @Test func withoutRoomForPicturesSignsRemain() {
    let text = grid(40, 7, capabilities: .ascii) {
      EpisodePanel(state: Self.state).draw(on: &$0, in: $1)
    }
    .dump()
    #expect(
      text == """
        +- episode o MAML ---------------------+
        | 0 Futurama/character05   xxxx > ++x+ |
        | 1 Latin/character23      xxx+ > ++++ |
        | 2 character40 turned 90? ++xx > ++++ |
        | 3 Greek/character01      xxxx > ++x+ |
        | 4 Braille/character11    xx+x > x+xx |
        +--------------------------------------+
        """
    )
  }

  @Test(arguments: [
    TerminalCapabilities.full, .ascii, .init(colors: 16, isUnicode: true),
    .init(colors: 8, isUnicode: false), .init(colors: 0, isUnicode: true),
  ])
  func everyPanelAtEverySize(capabilities: TerminalCapabilities) {
    let states = [
      Self.state, DashboardState(theme: .terminal, capabilities: capabilities),
      showing(.demo(step: 0, of: 0, side: 32, channels: 3)),
      showing(.demo(step: 9, of: 0, names: ["one"], queryShot: 1)),
      showing(.demo(step: 9, of: 0, names: [], queryShot: 0)),
      showing(.demo(step: 9, of: 0, queryShot: 0)),
    ]
    for state in states {
      for (columns, rows) in [(0, 0), (1, 1), (2, 3), (5, 40), (40, 7), (78, 16), (200, 41)] {
        for index in state.runs.indices {
          for style in [ScreenLayout.CardStyle.full, .compact, .line] {
            _ = grid(columns, rows, capabilities: capabilities) {
              CardPanel(state: state, index: index).draw(on: &$0, in: $1, style)
            }
          }
        }
        _ = grid(columns, rows, capabilities: capabilities) {
          EpisodePanel(state: state).draw(on: &$0, in: $1)
        }
        _ = grid(columns, rows, capabilities: capabilities) {
          ChartPanel(state: state, quantity: .accuracy).draw(on: &$0, in: $1)
        }
        _ = grid(columns, rows, capabilities: capabilities) {
          AdaptationPanel(state: state).draw(on: &$0, in: $1)
        }
        _ = grid(columns, rows, capabilities: capabilities) {
          ValidationPanel(state: state).draw(on: &$0, in: $1)
        }
      }
    }
  }

  @Test func whatIsRightIsSaidBySignAndByColour() {
    let drawn = grid(200, 41) { EpisodePanel(state: Self.state).draw(on: &$0, in: $1) }
    let look = Look(theme: .terminal, capabilities: .full)
    let episode = Self.state.runs[0].episode
    let right = episode?.query.count { $0.after.label == $0.label }
    let signs = drawn.cells.filter { $0.scalar == "✓" }
    #expect(signs.count == right && signs.allSatisfy { $0.style == look.good })
    let wrong = drawn.cells.filter { $0.scalar == "✗" }
    #expect(wrong.count == 20 - signs.count && wrong.allSatisfy { $0.style == look.bad })
  }

  @Test func picturesAreInColourOnlyWhereTheTerminalHasShades() {
    let episode = EpisodeSnapshot.demo(step: 0, of: 0, side: 32, channels: 3)
    func colors(_ capabilities: TerminalCapabilities) -> Set<Color> {
      let drawn = grid(78, 16, capabilities: capabilities) {
        EpisodePanel(state: showing(episode)).draw(on: &$0, in: $1)
      }
      return Set(drawn.cells.map(\.style.background))
    }
    // Strokes are brighter in red than in blue; 32 steps a channel keep that.
    #expect(colors(.full).contains(.rgb(0, 0, 0)))
    #expect(colors(.init(colors: 16, isUnicode: true)) == [.terminal])
    #expect(colors(.ascii) == [.terminal])
  }

  @Test func namesFromOutsideAreHarmlessAndShort() {
    var episode = EpisodeSnapshot.demo(step: 0, of: 0)
    episode.classNames = [
      "\u{1b}[2J\u{7}evil", "a/b/漢字漢字漢字漢字漢字", "", "/", "\u{202e}gnp.exe/x\u{9b}31m",
    ]
    for columns in [0, 1, 12, 40, 78, 200] {
      let drawn = grid(columns, 16) { EpisodePanel(state: showing(episode)).draw(on: &$0, in: $1) }
      #expect(!drawn.cells.contains { $0.scalar.value < 32 && $0.scalar.value != 0 })
    }
    #expect("Latin/character05".shortName(20, ellipsis: "…") == "Latin/character05")
    #expect("Latin/character05".shortName(12, ellipsis: "…") == "character05")
    #expect("Latin/character05".shortName(8, ellipsis: "…") == "chara…05")
    #expect("Latin/character05".shortName(3, ellipsis: "…") == "character05")
  }

  @Test func theEpisodeFollowsTheChosenMethod() {
    var state = Self.state
    for name in ["● MAML", "■ CML", "▲ MetaPerturb"] {
      let text = grid(78, 16) { EpisodePanel(state: state).draw(on: &$0, in: $1) }.dump()
      #expect(text.hasPrefix("╭─ episode \(name) ─"))
      _ = state.press(.character("m"))
    }
  }

  @Test func beforeTheFirstEpisodeThePanelSaysWhenItComes() {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    state.apply(.started(DemoEvents.description(0, task: DemoEvents.images)))
    let text = grid(50, 4) { EpisodePanel(state: state).draw(on: &$0, in: $1) }.dump()
    #expect(text.contains("shown with the first meta-validation"))
  }

  // MARK: - Geometry

  @Test(arguments: [
    (76, 14, 10, 5, 1, 1), (196, 39, 18, 9, 4, 2), (64, 19, 10, 5, 2, 1), (36, 14, 6, 3, 2, 1),
    (100, 60, 18, 9, 4, 1),
  ])
  func picturesFillTheRoom(
    columns: Int,
    rows: Int,
    width: Int,
    height: Int,
    queries: Int,
    across: Int
  ) throws {
    let picture = Picture(height: 28, width: 28, channels: 1, pixels: [])
    let size = GridSize(columns: columns, rows: rows)
    let grid = try #require(PictureGrid(size, classes: 5, queries: 4, picture: picture))
    #expect([grid.columns, grid.rows] == [width, height])
    #expect([grid.queries, grid.across] == [queries, across])
  }

  @Test func everyArrangementStaysInItsRoom() {
    let shapes = [(28, 28), (32, 32), (8, 32), (32, 8), (3, 2)]
    for (height, width) in shapes {
      let picture = Picture(height: height, width: width, channels: 1, pixels: [])
      for columns in stride(from: 0, to: 210, by: 7) {
        for rows in 0..<60 {
          for classes in [0, 1, 2, 5] {
            let size = GridSize(columns: columns, rows: rows)
            guard
              let grid = PictureGrid(size, classes: classes, queries: 4, picture: picture)
            else { continue }
            let lines = (grid.queries + grid.across - 1) / grid.across
            let used = 1 + grid.rows + (grid.hasRule ? 1 : 0) + lines * (grid.rows + 1)
            #expect(used <= rows)
            #expect(grid.across * (grid.columns + 1) - 1 <= grid.room)
            #expect((classes - 1) * grid.pitch + grid.room <= columns)
          }
        }
      }
    }
  }

  // MARK: - Scores

  @Test func cardsOfEveryStyle() {
    let cards: [(ScreenLayout.CardStyle, Int, Int)] = [
      (.full, 66, 8), (.full, 40, 9), (.compact, 26, 6), (.line, 40, 1), (.line, 110, 1),
    ]
    let text = cards.map { style, columns, rows in
      grid(columns, rows) { CardPanel(state: Self.state, index: 2).draw(on: &$0, in: $1, style) }
        .dump()
    }
    .joined(separator: "\n")
    #expect(
      text == """
        ╭─ ▲ MetaPerturb ────────────────────────────────────── running ─╮
        │ outer          1,250 / 30,000  █························   4 % │
        │ inner         1 / 1            5,000 inner steps               │
        │ accuracy      75.3 %           20.0 % chance                   │
        │ validation    75.5 % ± 1.6     at step 1,200                   │
        │ query loss    0.4931           3.3109 before adaptation        │
        │ meta-gradient 0.2959             12.0 steps/s                  │
        ╰────────────────────────────────────────────────────────────────╯
        ╭─ ▲ MetaPerturb ──────────── running ─╮
        │ outer        1,250 / 30,000          │
        │ █▎····························   4 % │
        │ inner       1 / 1       5,000 in all │
        │ accuracy    75.3 %     20.0 % chance │
        │ validation  75.5 % ± 1.6             │
        │ query loss  0.4931     3.3109 before │
        │ gradient    0.2959      12.0 steps/s │
        ╰──────────────────────────────────────╯
        ╭─ ▲ MetaPerturb ── run ─╮
        │ outer  1,250 / 30,000  │
        │ ▋···············   4 % │
        │ inner 1/1  acc. 75.3 % │
        │ val 75.5 % ± 1.6       │
        ╰────────────────────────╯
          ▲ MetaPerturb step  1,250 acc. 75.3 %
          ▲ MetaPerturb running  outer  1,250 / 30,000  accuracy 75.3 %  validation 75.5 % ± 1.6
        """
    )
  }

  @Test func adaptationShowsAccuracy() {
    let text = grid(70, 9) { AdaptationPanel(state: Self.state).draw(on: &$0, in: $1) }.dump()
    #expect(
      text == """
        ╭─ adaptation ● MAML ─────────────────────── accuracy 21.0 → 69.9 % ─╮
        │ inner   support     query  val loss  val acc.                      │
        │     0    2.9642    3.0642    1.7000    21.0 %  ████··············· │
        │     1    0.2913    0.3642    0.6018    69.9 %  █████████████▎····· │
        │     2         –         –    0.5416    81.9 %  ███████████████▋··· │
        │     3         –         –    0.5296    85.0 %  ████████████████▏·· │
        │     4         –         –    0.5235    85.0 %  ████████████████▏·· │
        │     5         –         –    0.5235    85.0 %  ████████████████▏·· │
        ╰────────────────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func validationShowsAccuracy() {
    let text = grid(72, 8) { ValidationPanel(state: Self.state).draw(on: &$0, in: $1) }.dump()
    #expect(
      text == """
        ╭─ meta-validation accuracy ─────────────────────────── 95 % interval ─╮
        │ ● MAML          69.9 % ± 1.9           ├──●──┤                       │
        │ ■ CML           81.0 % ± 1.3                              ├─■──┤     │
        │ ▲ MetaPerturb   75.5 % ± 1.6                     ├─▲──┤              │
        │                                   65 %                          85 % │
        │                                                         100 episodes │
        │                                                                      │
        ╰──────────────────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func theAccuracyChartHasTheValidationsAsMarkers() {
    var state = DashboardState.demo(runs: 1, steps: 600, total: 1000, task: DemoEvents.images)
    _ = state.press(.character("a"))
    let text = grid(100, 14) { ChartPanel(state: state, quantity: .accuracy).draw(on: &$0, in: $1) }
      .dump()
    #expect(
      text == """
        ╭─ query accuracy in %, after adaptation ──────── markers: meta-validation ± 95 % · smoothed 0.98 ─╮
        │ ● MAML  57.2 %                                                                                   │
        │   100 ┤                  ┊inner-lr 0.02                                                          │
        │       │                  ┊                                                                       │
        │       │                  ┊             ⡀⢀⣠⢠⢀ ⣠⢠⠄⣀⣠ ⢠⢀⣐⢦⢦⣠⢔⣠⣀⡀                                    │
        │       │      ⢀⢀ ⡀  ⢀⣀⠄⢐ ⢐⣐⢕⢦⢠⢐⢞⢝⠄⢦⢅⣐⢥⢖⢥⢕⢖⢕⢔⢐⢥⢕⢖⢝⢕⢕⢞⡀⢕⢕⣀⢕⣀⣀⣀⣀●                                    │
        │    50 ┤⠆⡀⢤⢖⢕ ⢐⣐⢝⠅⠄⠆⢕⢕⢝⢖⢆⢕⢕⢕⢕⢕⢕⢀⣀⣀●⣀⣀⣀⣀⣀⡤⠤⠒●⠶⠒⠖⠒⠒⠚⠋⠉●⠉⠉⠉⠉⠁⣕⠵⢐⠅                                    │
        │       │⣆⢅⢕⢕⢕⢥⢔⢕⢕⡄⢝⢕⢕⢕⢀⣀⣄⣠●⠶⠒⠚⠋⠉⠉⠈⠁⠁⠁⠕⡅⠵⠅⠵⡕⢕⣕⠑⡍⠁⠕⠃⠅⠐⠁ ⠁⠐⠃  ⠁⠈⠁                                    │
        │       │⠻⢧⣤⠤⠶⠒⠶⠒⠒●⠒⠒⠚⠉⠁⠵⢕⣕⢓⡅⡍⠃⠃⠳⠁⠰⠵ ⠅⠃ ⠃   ⠈                                                      │
        │       │⢐⢕⢕⢑⢕⢐⢕⠳⢕⢕⣕⢕⠰⡍⠱⠅⠑ ┊                                                                       │
        │     0 ┤⠈⠉⠉⠈⠉⠈⠉ ⠉⠉⠈⠈      ┊                                                                       │
        │       └┬─────────────────┬────────────────┬─────────────────┬────────────────┬─────────────────┬ │
        │  step  0                200              400               600              800            1,000 │
        ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
        """
    )
  }

  // MARK: - Keys

  @Test func aKeySwitchesBetweenAccuracyAndLoss() {
    var state = Self.state
    #expect(state.screen(80, 24).contains("query accuracy"))
    _ = state.press(.character("a"))
    #expect(state.panel == .accuracy)
    _ = state.press(.character("a"))
    #expect(state.panel == .chart && state.screen(80, 24).contains("query loss"))
    state.show(.hyperparameters)
    #expect(state.screen(80, 24).contains("╭─ query loss"), "the chart chosen last stays")
    state.show(.accuracy)
    state.show(.hyperparameters)
    #expect(state.screen(80, 24).contains("╭─ query accuracy"))
    let both = state.screen(200, 50)
    #expect(both.contains("╭─ query accuracy") && both.contains("╭─ query loss"))
  }

  @Test func regressionHasNeither() {
    var state = DashboardState.demo(steps: 10)
    for key in ["a", "e", "8", "9"] as [Character] {
      _ = state.press(.character(key))
      #expect(state.panel == .hyperparameters)
      let reasons = ["regression has no accuracy", "this task has no pictures"]
      #expect(state.message.map { reasons.contains($0.text) } == true)
    }
    #expect(!state.screen(200, 50).contains("a accuracy"))
    #expect(!state.availablePanels.contains(.episode))
  }
}
