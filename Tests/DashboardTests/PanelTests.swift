import CellGrid
import Events
import Testing

@testable import Dashboard

/// Each panel alone, as a picture.
@Suite struct PanelTests {
  /// Draws with `body` on a grid of this size and returns its text.
  private func picture(
    _ columns: Int,
    _ rows: Int,
    capabilities: TerminalCapabilities = .full,
    _ body: (inout Painter, Rect) -> Void
  ) -> String {
    let size = GridSize(columns: columns, rows: rows)
    let look = Look(theme: .terminal, capabilities: capabilities)
    var painter = Painter(size: size, look: look)
    body(&painter, Rect(size))
    #expect(painter.grid.violation == nil)
    return painter.grid.dump()
  }

  static let state = DashboardState.demo(steps: 3001)

  // MARK: - Cards

  private func card(
    _ style: ScreenLayout.CardStyle,
    _ columns: Int,
    _ rows: Int,
    _ index: Int = 1
  )
    -> String
  {
    picture(columns, rows) {
      CardPanel(state: Self.state, index: index).draw(on: &$0, in: $1, style)
    }
  }

  @Test func wideCard() {
    #expect(
      card(.full, 66, 7) == """
        ╭─ ■ CML ────────────────────────────────────────────── running ─╮
        │ outer          3,001 / 30,000  ██▌······················  10 % │
        │ inner         1 / 1            75,025 inner steps              │
        │ query loss    0.5528           3.2788 before adaptation        │
        │ validation    0.5467 ± 0.0248  at step 3,000                   │
        │ meta-gradient 0.3317             29.1 steps/s                  │
        ╰────────────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func narrowCard() {
    #expect(
      card(.full, 40, 8) == """
        ╭─ ■ CML ──────────────────── running ─╮
        │ outer        3,001 / 30,000          │
        │ ███···························  10 % │
        │ inner       1 / 1      75,025 in all │
        │ query loss  0.5528     3.2788 before │
        │ validation  0.5467 ± 0.0248          │
        │ gradient    0.3317      29.1 steps/s │
        ╰──────────────────────────────────────╯
        """
    )
  }

  @Test func compactCard() {
    #expect(
      card(.compact, 26, 6, 2) == """
        ╭─ ▲ MetaPerturb ── run ─╮
        │ outer  3,001 / 30,000  │
        │ █▋··············  10 % │
        │ inner 1/1  loss 0.6211 │
        │ val 0.6067 ± 0.0254    │
        ╰────────────────────────╯
        """
    )
  }

  @Test func lineCards() {
    let lines = [40, 70, 110].map { card(.line, $0, 1, 2) }.joined(separator: "\n")
    #expect(
      lines == """
          ▲ MetaPerturb step  3,001 loss 0.6211
          ▲ MetaPerturb running  outer  3,001 / 30,000  loss 0.6211
          ▲ MetaPerturb running  outer  3,001 / 30,000  loss 0.6211  validation 0.6067 ± 0.0254
        """
    )
  }

  @Test func cardsOfClassificationShowAccuracy() {
    let task = TaskDescription(name: "o", kind: .classification, way: 5, shot: 1, queryShot: 15)
    let state = DashboardState.demo(runs: 1, steps: 50, task: task)
    let text = picture(66, 8) { CardPanel(state: state, index: 0).draw(on: &$0, in: $1, .full) }
    let accuracy = Double(state.runs[0].shown.queryAccuracy.value(.strong) ?? 0) * 100
    #expect(text.contains("accuracy      \(Numbers.fixed(accuracy, 1)) %  "))
    #expect(text.contains("20.0 % chance"))
  }

  @Test(arguments: [
    (RunStatus.running, "running", "run"), (.paused, "paused", "pause"),
    (.finished, "finished", "done"), (.diverged, "diverged", "NaN"), (.stopped, "stopped", "stop"),
  ])
  func everyStatusIsAWord(status: RunStatus, long: String, short: String) {
    var state = DashboardState.demo(runs: 3, steps: 2)
    state.apply(.statusChanged(RunID(2), status, step: 2))
    let full = picture(40, 8) { CardPanel(state: state, index: 2).draw(on: &$0, in: $1, .full) }
    #expect(full.hasPrefix("╭─ ▲ MetaPerturb ─") && full.contains(" \(long) ─╮"))
    let compact = picture(26, 6) {
      CardPanel(state: state, index: 2).draw(on: &$0, in: $1, .compact)
    }
    #expect(compact.contains(" \(short) ─╮"))
  }

  // MARK: - Methods' own panels

  @Test func coLearner() {
    #expect(
      picture(70, 9) { DeclaredPanel(state: Self.state, id: "co-learner").draw(on: &$0, in: $1) }
        == """
        ╭─ co-learner ■ CML ──────────────────────────────────── step 3,001 ─╮
        │ co-learner loss   0.7500  ▅▆▆▆▆▅▇▆▅▆▇▅▆▃▆█▆▅█▆▄█▄▁                 │
        │ cos(g_m, g_c)    +0.3636  ▂▂▆▅▇▄▁▅▆▃▄█▅▆▄▅▃▇▅▇▅█▄▆                 │
        │ γ‖g_c‖/‖g_m‖      0.3895  ▂▃▃▅▅▃▅█▃▄▂▄▄▅▂█▃▃▄▅▆▄▂▁                 │
        │ layer       cosine                              ratio   ⟨m, c⟩ > 0 │
        │ layer1      +0.536  ············│██████······   0.216  ● agrees    │
        │ layer2      −0.219  ·········███│············   0.330  ○ opposes   │
        │                                                                    │
        ╰────────────────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func coLearnerInAscii() {
    #expect(
      picture(44, 9, capabilities: .ascii) {
        DeclaredPanel(state: Self.state, id: "co-learner").draw(on: &$0, in: $1)
      } == """
        +- co-learner x CML ---------- step 3,001 -+
        | co-learner loss   0.7500  +*+%+*=#+#*_   |
        | cos(g_m, g_c)    +0.3636  _%*-+%*+*%#*   |
        | gamma g_c/g_m     0.3895  .=+#=-++-+*_   |
        | layer       cosine    ratio      m.c > 0 |
        | layer1      +0.536    0.216  * agrees    |
        | layer2      -0.219    0.330  o opposes   |
        |                                          |
        +------------------------------------------+
        """
    )
  }

  @Test func coLearnerInASmallPanel() {
    #expect(
      picture(38, 9) { DeclaredPanel(state: Self.state, id: "co-learner").draw(on: &$0, in: $1) }
        == """
        ╭─ co-learner ■ CML ──── step 3,001 ─╮
        │ co-learner loss   0.7500  ▅█▆▆█▁   │
        │ cos(g_m, g_c)    +0.3636  ▁▂▅▄▆█   │
        │ γ‖g_c‖/‖g_m‖      0.3895  ▁█▂▆▂▂   │
        │ layer     cosine  ratio ⟨m, c⟩ > 0 │
        │ layer1    +0.536  0.216  ● agrees  │
        │ layer2    −0.219  0.330  ○ opposes │
        │                                    │
        ╰────────────────────────────────────╯
        """
    )
  }

  @Test func perturbation() {
    #expect(
      picture(64, 8) { DeclaredPanel(state: Self.state, id: "perturbation").draw(on: &$0, in: $1) }
        == """
        ╭─ perturbation ▲ MetaPerturb ──────────────────── step 3,001 ─╮
        │ κ noise    0.750  ███████████████████████████████▌·········· │
        │ site          mean     std                scale              │
        │ all         +0.004   0.242 ▄█▁█▃▃         0.877 ▁▃▅█▇▄       │
        │ layer1      +0.002   0.120 ▄▄█▅▂▁         0.919 ▇▁█▄▇▅       │
        │ layer2      −0.001   0.126 ▃▂▅█▃▁         1.002 ▃▄▃▆█▁       │
        │                                                              │
        ╰──────────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func panelsWithoutTheirMethod() {
    let state = DashboardState.demo(runs: 1)
    let coLearner = picture(44, 3) {
      DeclaredPanel(state: state, id: "co-learner").draw(on: &$0, in: $1)
    }
    #expect(coLearner.contains("no method here has this panel"))
    let noise = picture(44, 3) {
      DeclaredPanel(state: state, id: "perturbation").draw(on: &$0, in: $1)
    }
    #expect(noise.contains("no method here has this panel"))
  }

  @Test func panelsBeforeTheFirstProbe() {
    let state = DashboardState.demo()
    #expect(
      picture(44, 9) { DeclaredPanel(state: state, id: "co-learner").draw(on: &$0, in: $1) } == """
        ╭─ co-learner ■ CML ──── not measured yet ─╮
        │ co-learner loss        –                 │
        │ cos(g_m, g_c)          –                 │
        │ γ‖g_c‖/‖g_m‖           –                 │
        │ layer       cosine    ratio   ⟨m, c⟩ > 0 │
        │ layer1           –        –  –           │
        │ layer2           –        –  –           │
        │                                          │
        ╰──────────────────────────────────────────╯
        """
    )
  }

  // MARK: - The inner loop and validation

  @Test func adaptation() {
    #expect(
      picture(60, 8) { AdaptationPanel(state: Self.state).draw(on: &$0, in: $1) } == """
        ╭─ adaptation ● MAML ───────────────── query loss −81.0 % ─╮
        │ inner   support     query  meta-val                      │
        │     0    3.2346    3.3346    3.3867  ███████████████████ │
        │     1    0.5077    0.6346    0.6867  ███▉··············· │
        │     2         –         –    0.5905  ███▍··············· │
        │     3         –         –    0.5562  ███▏··············· │
        │     4         –         –    0.5493  ███▏··············· │
        ╰──────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func validation() {
    #expect(
      picture(72, 8) { ValidationPanel(state: Self.state).draw(on: &$0, in: $1) } == """
        ╭─ meta-validation loss ─────────────────────────────── 95 % interval ─╮
        │ ● MAML          0.6867 ± 0.0262                        ├───●──┤      │
        │ ■ CML           0.5467 ± 0.0248      ├──■──┤                         │
        │ ▲ MetaPerturb   0.6067 ± 0.0254              ├──▲──┤                 │
        │                                   0.50                          0.75 │
        │                                                         600 episodes │
        │                                                                      │
        ╰──────────────────────────────────────────────────────────────────────╯
        """
    )
  }

  // MARK: - Hyperparameters

  @Test func hyperparametersWithAPendingValue() {
    var state = DashboardState.demo(steps: 10)
    _ = state.press(.character("m"), .down, .down, .right)
    #expect(
      picture(52, 10) { HyperparameterPanel(state: state).draw(on: &$0, in: $1) } == """
        ╭─ hyperparameters ■ CML ──────────────────────────╮
        │   α  inner-lr     0.01                    0 … 10 │
        │   M  inner-steps  1                       1 … 20 │
        │ ▸ β  outer-lr     0.001 → 0.002 …          0 … 1 │
        │   ∂¹ first-order  off                    on, off │
        │   γ  gamma        0.2                     0 … 10 │
        │   φ  co-learner   trained                        │
        │ outer-loop learning rate of Adam; 0.001 in all   │
        │ three papers                                     │
        ╰──────────────────────────────────────────────────╯
        """
    )
  }

  @Test func theSelectedHyperparameterStaysVisible() {
    var state = DashboardState.demo(steps: 10)
    _ = state.press(.up)
    #expect(
      picture(40, 5, capabilities: .ascii) {
        HyperparameterPanel(state: state).draw(on: &$0, in: $1)
      } == """
        +- hyperparameters o MAML -------------+
        |   outer-lr     0.001          0 .. 1 |
        | > first-order  off           on, off |
        | drop the second-order terms: inner.. |
        +--------------------------------------+
        """
    )
  }

  // MARK: - Log, header, footer

  @Test func log() {
    var state = DashboardState.demo(runs: 2, steps: 1000)
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 0.75, step: 1000))
    state.apply(.commandRefused(RunID(0), reason: "the run is paused", step: 1000))
    state.apply(.note(nil, "checkpoint written"))
    #expect(
      picture(60, 7) { LogPanel(state: state).draw(on: &$0, in: $1) } == """
        ╭─ events by outer step ───────────────────────────────────╮
        │ 1,000 ● MAML        val loss 0.9765 ± 0.0262             │
        │ 1,000 ■ CML         val loss 0.8365 ± 0.0248             │
        │ 1,000 ■ CML         gamma 0.2 → 0.75                     │
        │ 1,000 ● MAML        refused: the run is paused           │
        │                     checkpoint written                   │
        ╰──────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func headerDropsTheLeastImportantFirst() {
    var state = Self.state
    state.noteDropped(12)
    let lines = [160, 110, 80, 60, 40]
      .map { columns in picture(columns, 1) { HeaderPanel(state: state).draw(on: &$0, in: $1) } }
    #expect(
      lines.joined(separator: "\n") == """
         metatop · sinusoid · 10-shot, 10 query · seed 42 · 2 threads · equal steps                12 events dropped ·   87.3 outer steps/s · ETA 15:27 · elapsed  1:23
         metatop · sinusoid · 10-shot, 10 query  12 events dropped ·   87.3 outer steps/s · ETA 15:27 · elapsed  1:23
         metatop · sinusoid               12 events dropped · ETA 15:27 · elapsed  1:23
         metatop · sinusoid       12 events dropped · elapsed  1:23
         metatop              12 events dropped
        """
    )
  }

  @Test func footerShowsWhatFits() {
    let lines = [140, 80, 40]
      .map { columns in
        picture(columns, 1) { FooterPanel(screen: Self.state).draw(on: &$0, in: $1) }
      }
    #expect(
      lines.joined(separator: "\n") == """
         q quit  ? help  1…6 layouts  : actions  space pause   s step  tab focus  n new  m method  ↑↓ select  ←→ change  d diff  = type  r sweep
         q quit  ? help  1…6 layouts  : actions  space pause   s step  tab focus  n new
         q quit  ? help  1…6 layouts  : actions
        """
    )
  }

  @Test func helpScrollsWhereItDoesNotFit() {
    var state = DashboardState.demo(runs: 1, steps: 1)
    _ = state.press(.character("?"), .down, .down)
    #expect(
      picture(48, 6) { HelpPanel(screen: state).draw(on: &$0, in: $1) } == """
        ╭─ keys ────── ↑↓ Enter · / search · q closes ─╮
        │ the program                                  │
        │         K  explain: what this panel's numbe… │
        │ ▸       q  quit (also Ctrl-C)                │
        │         ?  this help                         │
        ╰──────────────────────────────────────────────╯
        """
    )
  }

  // MARK: - The chart

  @Test func chart() {
    #expect(
      picture(72, 14) { ChartPanel(state: Self.state).draw(on: &$0, in: $1) } == """
        ╭─ query loss after adaptation ────────────────── log · smoothed 0.98 ─╮
        │ ● MAML  0.6773   ■ CML  0.5528   ▲ MetaPerturb  0.6211               │
        │     5 ┤⣆⡀          ┊inner-lr 0.02                                    │
        │       │⠘⢦⡀         ┊                                                 │
        │       │⠐⠈⠙⢦⣀⣀⡀     ┊                                                 │
        │       │  ⠳⠈⠉⠳⢤⣀⣀⢤⢤⣀⣀⣀                                                │
        │     1 ┤    ⠑⠳⢕⠉⠉⠋⠓⠒⠲⠤⣤⣤⣀⣀⣀⡀⢀⢖⢦⢦⢤⢤⢤⢤⢤⢤⢤⣠⢄⣀⣀⣀⡀                         │
        │       │        ⠈⠉⠓⠓⠳⠵⠈⠉⠉⠙⠉⠉⠉⠉⠉⠉⠛⠛⠒⠓⠒⠒⠒⠒⠒⠖⠖⠦●                         │
        │       │            ┊      ⠈⠈⠉⠉⠁⠉⠉⠑⠑⠈⠉⠉⠉⠉⠉⠉⠉■                         │
        │       │            ┊                                                 │
        │   0.2 ┤            ┊                                                 │
        │       └┬───────────────────────┬───────────────────────┬──────────── │
        │  step  0                     2,000                   4,000           │
        ╰──────────────────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func chartLegendKeepsAllMarkers() {
    let text = picture(38, 10) { ChartPanel(state: Self.state).draw(on: &$0, in: $1) }
    #expect(text.contains("● MAML  ■ CML  ▲ MetaPerturb"))
  }

  @Test(arguments: [
    (0, 30_000, 100.0), (100, 30_000, 100), (101, 30_000, 200), (12_345, 30_000, 20_000),
    (20_001, 30_000, 30_000), (30_000, 30_000, 30_000), (40_000, 30_000, 50_000), (3, 60, 60),
    (5, 0, 100),
  ])
  func theWindowFillsUpAndGrows(steps: Int, total: Int, end: Double) {
    #expect(ChartView.window(reaching: Double(steps), total: Double(total)) == end)
  }
}
