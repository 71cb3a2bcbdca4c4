import CellGrid
import Events
import Testing

@testable import Dashboard

/// Numbers that outgrow their place: shortened, never cut.
@Suite struct LongNumberTests {
  private func state(total: Int) -> DashboardState {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    for run in 0...2 { state.apply(.started(DemoEvents.description(run, total: total))) }
    return state
  }

  private func report(_ run: Int, _ step: Int, loss: Float) -> RunEvent {
    let probes = StepProbes(
      supportLosses: [1, loss],
      queryLosses: [1, loss],
      innerGradientNorms: [],
      values: []
    )
    return .step(
      StepReport(
        run: RunID(run),
        step: step,
        seconds: 1,
        queryLoss: loss,
        supportLoss: 1,
        metaGradientNorm: .infinity,
        probes: probes
      )
    )
  }

  private func screen(_ state: DashboardState, _ columns: Int, _ rows: Int) -> String {
    state.render(size: GridSize(columns: columns, rows: rows)).dump()
  }

  @Test(arguments: [
    (200_000, "outer 123,456 / 200k"), (100_000_000, "outer 123,456 / 100M"),
    (30_000_000_000, "outer 123,456 / 3e10"),
  ])
  func theGoalOfACompactCardIsShortened(total: Int, expected: String) {
    var state = state(total: total)
    state.apply(report(2, 123_456, loss: 0.5))
    let text = screen(state, 78, 24)
    #expect(text.contains(expected), "\(text)")
  }

  @Test func aLineKeepsItsLossBesideALongGoal() {
    var state = state(total: 1_000_000_000_000)
    state.apply(report(2, 123_456, loss: 0.5))
    let text = screen(state, 40, 12)
    #expect(text.contains("step 123,456 loss 0.5000"), "\(text)")
    state.apply(.started(DemoEvents.description(2, total: 200_000)))
    state.apply(report(2, 123_456, loss: 33_216.7))
    #expect(screen(state, 40, 12).contains("step 123,456 loss 3.3e4"), "\(text)")
  }

  @Test func hugeLossesKeepTheirColumnsAndAxisLabelsApart() {
    var state = state(total: 300)
    state.apply(report(0, 1, loss: 4.8e8))
    state.apply(report(0, 2, loss: 3e23))
    let text = screen(state, 120, 40)
    #expect(text.contains("1    3e23    3e23"), "\(text)")
    #expect(!text.contains("e+ ┤"), "\(text)")
  }

  @Test func aFinishedRunSaysThatItsMetaTestIsUnderWay() {
    var state = state(total: 2)
    state.apply(report(0, 2, loss: 0.5))
    #expect(!screen(state, 120, 40).contains("under way"))
    state.apply(.statusChanged(RunID(0), .finished, step: 2))
    #expect(screen(state, 120, 40).contains("meta-test   under way"))
    #expect(screen(state, 80, 24).contains("test under way"))
    let report = ValidationReport(
      run: RunID(0),
      step: 2,
      loss: 0.4,
      lossConfidence95: 0.1,
      lossByInnerStep: [],
      episodes: 9,
      isMetaTest: true
    )
    state.apply(.validation(report))
    #expect(screen(state, 120, 40).contains("meta-test   0.4000 ± 0.1000"))
    #expect(screen(state, 80, 24).contains("test 0.4000 ± 0.1000"))
  }
}
