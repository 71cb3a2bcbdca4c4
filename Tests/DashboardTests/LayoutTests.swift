import CellGrid
import Events
import Testing

@testable import Dashboard

/// Presets, focus, hidden panels.
@Suite struct LayoutTests {
  private static let wide = GridSize(columns: 200, rows: 50)

  private func wide(_ steps: Int = 300) -> DashboardState {
    var state = DashboardState.demo(steps: steps)
    state.resize(to: Self.wide)
    return state
  }

  private func panels(_ state: DashboardState) -> Set<PanelKind> {
    Set(ScreenLayout(size: state.size, needs: state.needs).panels.keys)
  }

  @Test(arguments: Preset.onKeys)
  func presetsLeaveNoCellEmpty(preset: Preset) {
    for task in [DemoEvents.task, DemoEvents.images] {
      var state = DashboardState.demo(steps: 20, task: task)
      for (columns, rows) in [(110, 31), (120, 40), (200, 50), (400, 120)] {
        state.resize(to: GridSize(columns: columns, rows: rows))
        _ = state.carryOut(.choosePreset(preset))
        let layout = ScreenLayout(size: state.size, needs: state.needs)
        let covered = layout.panels.values.reduce(0) { $0 + $1.rows * $1.columns }
        let frame = 2 * columns + layout.cards.reduce(0) { $0 + $1.rows * $1.columns }
        #expect(covered + frame == columns * rows, "\(preset) at \(columns)×\(rows)")
        #expect(layout.panels[state.panel] != nil)
      }
    }
  }

  @Test func presetScreens() {
    var state = wide(2000)
    _ = state.press(.character("2"))
    expectGolden("200x50-compare", state, 200, 50)
    _ = state.press(.character("3"))
    expectGolden("200x50-colearner", state, 200, 50)
    _ = state.press(.character("4"))
    expectGolden("200x50-perturbation", state, 200, 50)
    expectGolden("80x24-preset-perturbation", state, 80, 24)
  }

  @Test func aPresetWithoutItsMethodSaysWhy() {
    var state = DashboardState.demo(runs: 1, steps: 1)
    _ = state.press(.character("3"))
    #expect(state.message?.text == "no method here has a panel of its own")
    #expect(state.preset == .overview)
  }

  @Test func tabWalksThroughWhatIsOnTheScreen() {
    var state = wide()
    let count = panels(state).count
    var seen: [PanelKind] = []
    for _ in 0..<count {
      _ = state.press(.tab)
      seen.append(state.panel)
    }
    #expect(Set(seen) == panels(state) && seen.count == count)
    #expect(seen.last == .hyperparameters)
    _ = state.press(.backTab)
    #expect(state.panel == seen[count - 2])
  }

  @Test func aClickFocusesPanelsAndMethods() {
    var state = wide()
    let layout = ScreenLayout(size: state.size, needs: state.needs)
    let log = layout.panels[.log] ?? .zero
    _ = state.handle(.mouse(.press, row: log.row + 1, column: log.column + 2))
    #expect(state.panel == .log)
    _ = state.handle(.mouse(.press, row: layout.cards[2].row, column: layout.cards[2].column + 1))
    #expect(state.focusedRun == 2)
    _ = state.handle(.mouse(.press, row: 900, column: 900))
    #expect(state.panel == .log)
  }

  @Test func hiddenPanelsLeaveTheirRoomToOthers() {
    var state = wide()
    state.show(.validation)
    _ = state.press(.character("H"))
    #expect(!panels(state).contains(.validation))
    let layout = ScreenLayout(size: state.size, needs: state.needs)
    let covered = layout.panels.values.reduce(0) { $0 + $1.rows * $1.columns }
    let frame = 400 + layout.cards.reduce(0) { $0 + $1.rows * $1.columns }
    #expect(covered + frame == 200 * 50)
    _ = state.press(.character("A"))
    #expect(state.message?.text == "all panels are shown")
    #expect(panels(state).contains(.validation))
    for _ in 0..<20 { _ = state.press(.character("H")) }
    #expect(panels(state).count == 1)
    #expect(state.message?.isProblem == true)
  }

  @Test func keysOfAHiddenChartSayWhere() {
    var state = DashboardState.demo(steps: 200)
    state.resize(to: GridSize(columns: 120, rows: 40))
    state.show(.heatmap)
    _ = state.press(.character("v"), .character("l"), .character("z"), .character("x"))
    #expect(state.isLogarithmic && state.smoothing == .strong && state.chart.axis == .steps)
    #expect(state.message?.text == "the charts are hidden; v shows all panels")
    _ = state.press(.character("v"), .character("l"))
    #expect(!state.isLogarithmic)
  }

  @Test func theSidesCanBeMadeWiderAndNarrower() {
    var state = wide()
    let before = ScreenLayout(size: state.size, needs: state.needs).panels[.chart]?.columns ?? 0
    _ = state.press(.character("}"))
    let after = ScreenLayout(size: state.size, needs: state.needs).panels[.chart]?.columns ?? 0
    #expect(after == before + 6)
    for _ in 0..<40 { _ = state.press(.character("{")) }
    #expect(state.leftShare == 25)
  }

  @Test func goingToAPanelByItsLetter() {
    var state = wide()
    _ = state.press(.character("g"))
    #expect(state.screen(200, 50).contains("c co-learner"))
    _ = state.press(.character("c"))
    #expect(state.panel == .coLearner && !state.isGoingTo)
    _ = state.press(.character("g"), .character("#"))
    #expect(state.message?.text == "no panel has the letter #")
    #expect(Set(state.letters.values).count == state.panelKinds.count)
  }

  @Test func heatmapCellsAreMeansOfNeighbours() {
    var history = SeriesHistory(capacity: 512)
    for step in 1...100 { history.add(Float((step - 1) / 10), step: step) }
    #expect(HeatmapPanel.cells(history, count: 10) == (0..<10).map(Float.init))
    #expect(HeatmapPanel.cells(history, count: 200).count == 100)
    #expect(HeatmapPanel.cells(SeriesHistory(), count: 5).isEmpty)
  }

  @Test func hWalksThroughTheLayersQuantities() {
    var state = wide()
    _ = state.press(.character("3"))
    let all = LayerQuantity.quantities(of: state.runs[1])
    #expect(all.count >= 2)
    _ = state.press(.character("h"))
    #expect(state.heatmap == 1)
    for _ in 1..<all.count { _ = state.press(.character("h")) }
    #expect(state.heatmap == 0)
    var single = DashboardState.demo(runs: 1, steps: 300)
    _ = single.press(.character("h"))
    #expect(single.panel == .heatmap)
    #expect(single.screen(120, 40).contains("inner gradient"))
  }
}
