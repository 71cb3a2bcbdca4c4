import CellGrid
import Events
import Testing

@testable import Dashboard

/// What a look at the probes costs is said, where it is looked at.
@Suite struct ProbePaceTests {
  private static let sentence = "probes every 15 steps, up to 15 % of the time"

  private func state() -> DashboardState {
    var state = DashboardState.demo(runs: 2, steps: 40)
    for run in 0..<2 {
      let pace = ProbePace(cost: 2, every: 80, early: nil, watchedEvery: 15)
      state.apply(.probesPaced(RunID(run), pace))
    }
    return state
  }

  private func isSaid(_ state: DashboardState) -> Bool {
    state.screen(160, 50).contains(Self.sentence)
  }

  @Test(arguments: [PanelKind.adaptation, .heatmap, .coLearner, .gain])
  private func aPanelOfProbesSaysIt(_ kind: PanelKind) {
    var state = state()
    state.show(.hyperparameters)
    #expect(!state.showsProbes && !isSaid(state))
    state.show(kind)
    state.isZoomed = true
    #expect(state.showsProbes && isSaid(state))
    // What lies over the screen is looked at instead.
    _ = state.press(.character("?"))
    #expect(!state.showsProbes)
    _ = state.press(.escape)
    #expect(state.showsProbes)
  }

  /// A recording is not measured again, and a run that is over takes no time.
  @Test func nothingIsSaidWhereNothingIsMeasured() {
    var state = state()
    state.show(.adaptation)
    for run in 0..<2 { state.apply(.statusChanged(RunID(run), .finished, step: 40)) }
    #expect(!isSaid(state))
    state = self.state()
    state.show(.adaptation)
    state.apply(.inRecording)
    #expect(!state.showsProbes && !isSaid(state))
  }
}
