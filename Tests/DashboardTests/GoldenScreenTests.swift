import CellGrid
import Events
import Testing

@testable import Dashboard

/// Whole screens as text, one file a size.
@Suite struct GoldenScreenTests {
  static let state = DashboardState.demo(steps: 12_345)

  @Test func large() { expectGolden("200x50", Self.state, 200, 50) }

  @Test func medium() { expectGolden("120x40", Self.state, 120, 40) }

  @Test func standard() { expectGolden("80x24", Self.state, 80, 24) }

  @Test func smallest() { expectGolden("40x12", Self.state, 40, 12) }

  /// Eight methods: all cards, all names, all curves.
  @Test func eightMethods() {
    var state = DashboardState.demo(runs: 8, steps: 3000)
    expectGolden("200x50-eight", state, 200, 50)
    expectGolden("120x40-eight", state, 120, 40)
    expectGolden("80x24-eight", state, 80, 24)
    _ = state.press(.character("2"), .character("d"))
    expectGolden("200x50-eight-multiples", state, 200, 50)
    let ascii = DashboardState.demo(runs: 8, steps: 3000, capabilities: .ascii)
    expectGolden("120x40-eight-ascii", ascii, 120, 40)
    for screen in [state.screen(200, 50), ascii.screen(120, 40)] {
      for run in state.runs { #expect(screen.contains(run.name), "\(run.name)") }
    }
    // Beyond eight, colours and markers begin again, and the cards are those around the focused.
    let many = DashboardState.demo(runs: 20, steps: 30)
    for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 50)] {
      #expect(many.render(size: GridSize(columns: columns, rows: rows)).violation == nil)
    }
  }

  @Test func panelsOfASmallScreen() {
    var state = Self.state
    state.show(.coLearner)
    expectGolden("80x24-colearner", state, 80, 24)
    state.show(.perturbation)
    expectGolden("80x24-perturbation", state, 80, 24)
    state.show(.log)
    expectGolden("80x24-events", state, 80, 24)
    _ = state.press(.character("?"))
    expectGolden("80x24-help", state, 80, 24)
  }

  @Test func theChartAlone() {
    var state = Self.state
    state.show(.chart)
    _ = state.press(.character("v"), .character("l"), .character("z"), .character("z"))
    expectGolden("120x40-chart", state, 120, 40)
  }

  @Test func classificationWithALateStart() {
    var state = DashboardState.demo(steps: 700, task: DemoEvents.images)
    for index in 0..<3 { state.apply(.statusChanged(RunID(index), .paused, step: 700)) }
    expectGolden("120x40-paused", state, 120, 40)
  }

  @Test func asciiWithoutColors() {
    let state = DashboardState.demo(steps: 3000, capabilities: .ascii)
    expectGolden("120x40-ascii", state, 120, 40)
    expectGolden("80x24-ascii", state, 80, 24)
    let cells = state.render(size: GridSize(columns: 120, rows: 40)).cells
    #expect(cells.allSatisfy { $0.scalar.isASCII })
    #expect(
      cells.allSatisfy { $0.style.foreground == .terminal && $0.style.background == .terminal }
    )
  }
}
