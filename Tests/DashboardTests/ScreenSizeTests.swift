import CellGrid
import Events
import Glibc
import Testing

@testable import Dashboard

@Suite struct ScreenSizeTests {
  static let states: [DashboardState] = {
    var diverged = DashboardState.demo(steps: 40)
    diverged.apply(.statusChanged(RunID(1), .diverged, step: 40))
    diverged.noteDropped(7)
    _ = diverged.press(.right)
    var help = DashboardState.demo(steps: 12)
    _ = help.press(.character("?"))
    var editing = DashboardState.demo(steps: 12, capabilities: .ascii)
    _ = editing.press(.character("="), .character("1"))
    return [
      DashboardState(theme: .terminal, capabilities: .full), DashboardState.demo(runs: 1),
      diverged, help, editing, DashboardState.demo(runs: 9, steps: 20),
      DashboardState.demo(runs: 2, steps: 210, task: DemoEvents.images),
    ]
  }()

  @Test func everySizeIsDrawnWithoutViolations() {
    for state in Self.states {
      for columns in [0, 1, 2, 5, 20, 39, 40, 41, 60, 69, 70, 80, 109, 110, 132, 200, 400] {
        for rows in [0, 1, 2, 5, 11, 12, 13, 19, 20, 24, 30, 40, 50, 120] {
          let grid = state.render(size: GridSize(columns: columns, rows: rows))
          #expect(grid.violation == nil, "\(columns)×\(rows)")
          #expect(grid.cells.count == columns * rows)
        }
      }
    }
  }

  @Test func everyPanelIsDrawnAtEverySize() {
    var state = DashboardState.demo(steps: 300, task: DemoEvents.images)
    for kind in state.panelKinds {
      state.panel = kind
      for isZoomed in [false, true] {
        state.isZoomed = isZoomed
        for (columns, rows) in [(40, 12), (41, 13), (80, 24), (120, 40), (200, 50), (400, 120)] {
          let grid = state.render(size: GridSize(columns: columns, rows: rows))
          #expect(grid.violation == nil, "\(kind) at \(columns)×\(rows)")
          let titles: [PanelKind: String] = [.chart: "query loss", .accuracy: "query accuracy"]
          let title = titles[kind] ?? state.title(of: kind)
          #expect(grid.dump().contains(title), "\(kind) at \(columns)×\(rows)")
        }
      }
    }
  }

  @Test func belowTheMinimumTheScreenSaysSo() {
    let state = DashboardState.demo()
    #expect(state.screen(39, 2) == "metatop needs 40×12, this is 39×2\n")
    #expect(state.screen(20, 5) == "metatop needs 40×12,\nthis is 20×5\n\n\n")
    #expect(state.screen(7, 3) == "metatop\nneeds\n40×12,")
    #expect(state.screen(1, 1) == "m")
    #expect(state.screen(0, 0) == "")
    let ascii = DashboardState.demo(capabilities: .ascii)
    #expect(ascii.screen(200, 1) == "metatop needs 40x12, this is 200x1")
  }

  @Test func theSameStateGivesTheSameCells() {
    let state = Self.states[2]
    let size = GridSize(columns: 120, rows: 40)
    #expect(state.render(size: size) == state.render(size: size))
  }

  /// A new step may change numbers and curves, not the places where they stand.
  @Test func nothingJumpsWhileStepsArrive() {
    var state = DashboardState.demo(steps: 9000, total: 30_000)
    var demo = DemoEvents()
    let before = frames(state.screen(120, 40))
    for step in 9001...9100 { state.apply(demo.step(step, of: 0)) }
    #expect(frames(state.screen(120, 40)) == before)
  }

  /// The screen with all but its frames and letters left out.
  private func frames(_ screen: String) -> String {
    String(screen.filter { "╭╮╰╯│\n".contains($0) || $0.isLetter })
  }

  @Test func textFromOutsideCannotReachTheTerminal() {
    var state = DashboardState.demo(steps: 1)
    state.apply(.note(nil, "\u{1b}]0;owned\u{7} \u{202e}gnp.exe 漢字 \u{9b}31m"))
    let grid = state.render(size: GridSize(columns: 120, rows: 40))
    #expect(grid.violation == nil)
    #expect(grid.dump().contains("�]0;owned� �gnp.exe 漢字 �31m"))
  }

  @Test func layoutHidesWhatHasNoRoom() {
    let kinds =
      PanelKind.beforeDeclared + [.coLearner, .perturbation] + PanelKind.afterDeclared
    func panels(_ columns: Int, _ rows: Int, _ chosen: PanelKind = .log) -> [PanelKind] {
      let needs = ScreenLayout.Needs(
        runs: 3,
        hasAccuracy: chosen.isChart,
        hasPictures: chosen.isChart,
        hyperparameters: 4,
        declared: [.init(id: "co-learner", rows: 7), .init(id: "perturbation", rows: 7)],
        panel: chosen,
        isZoomed: false
      )
      let layout = ScreenLayout(size: GridSize(columns: columns, rows: rows), needs: needs)
      return kinds.filter { layout.panels[$0] != nil }
    }
    #expect(
      panels(200, 50, .chart) == kinds.filter { ![.heatmap, .innerLoop, .gain].contains($0) }
    )
    #expect(
      panels(200, 50)
        == kinds.filter { ![.accuracy, .gain, .episode, .heatmap, .innerLoop].contains($0) }
    )
    #expect(panels(120, 34, .hyperparameters).contains(.coLearner))
    #expect(!panels(120, 34, .hyperparameters).contains(.perturbation))
    #expect(panels(120, 34).contains(.log) && panels(120, 34).contains(.chart))
    #expect(panels(80, 24) == [.chart, .log])
    #expect(panels(60, 24) == [.log])
    #expect(panels(40, 12) == [.log])
  }
}

/// Keys and events in any order never crash, and every screen stays drawable.
@Suite struct FuzzTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func anyKeysAndEvents(seed: UInt64) {
    var random = SplitMix(state: seed)
    var demo = DemoEvents()
    let ascii = TerminalCapabilities.ascii
    var state = DashboardState(theme: .terminal, capabilities: seed % 2 == 0 ? ascii : .full)
    var step = 0
    let rounds = getenv("METATOP_FUZZ").flatMap { Int(String(cString: $0)) } ?? 4000
    for round in 0..<rounds {
      switch random.next() % 10 {
      case 0...4: _ = state.press(key(&random))
      case 5: _ = state.handle(.paste(String(UInt64(random.next()), radix: 36)))
      case 6:
        let actions: [MouseAction] = [.press, .release, .wheelUp, .wheelDown]
        let (row, column) = (Int(random.next() % 64) - 2, Int(random.next() % 230) - 2)
        let action = actions[Int(random.next() % 4)]
        _ = state.handle(.mouse(action, row: row, column: column))
      default:
        step += 1
        state.apply(event(step, &demo, &random))
      }
      state.tick(now: Double(round) / 10)
      guard round % 40 == 0 else { continue }
      let size = GridSize(columns: Int(random.next() % 220), rows: Int(random.next() % 60))
      state.resize(to: size)
      #expect(state.render(size: size).violation == nil, "seed \(seed), round \(round)")
    }
  }

  private func key(_ random: inout SplitMix) -> Key {
    let bound =
      KeyBinding.standard.flatMap(\.keys) + [.escape, .backspace, .enter, .character("7")]
    return bound[Int(random.next() % UInt64(bound.count))]
  }

  private func event(_ step: Int, _ demo: inout DemoEvents, _ random: inout SplitMix) -> RunEvent {
    let run = Int(random.next() % 4)
    let statuses: [RunStatus] = [.running, .paused, .finished, .diverged, .stopped, .running]
    switch random.next() % 11 {
    case 0: return .started(DemoEvents.description(run))
    case 1: return demo.validation(step, of: run)
    case 2:
      return .statusChanged(RunID(run), statuses[Int(random.next() % 6)], step: step)
    case 3:
      return .hyperparameterChanged(RunID(run), id: "inner-lr", value: 0.3, step: step)
    case 4: return .commandRefused(run == 3 ? nil : RunID(run), reason: "no", step: step)
    case 5: return .fairnessChanged(.equalCompute)
    case 6: return .fit(.demo(step: step, of: run))
    case 7: return .episode(.demo(step: step, of: run))
    case 8:
      return .probesPaced(
        RunID(run),
        ProbePace(cost: 2, every: 80, early: nil, watchedEvery: 15)
      )
    default: return demo.step(step, of: run)
    }
  }
}
