import Events
import Testing

@testable import Dashboard

/// A run that leaves its band is told of, and one key goes back before it.
@Suite struct RescueTests {
  private let report = DivergenceReport(
    run: RunID(0),
    step: 640,
    quantity: "query loss",
    since: 621,
    value: 5e6,
    median: 0.8,
    isDivergence: false
  )

  private func state(kept: [Int]) -> DashboardState {
    var state = DashboardState.demo(steps: 700)
    state.branchForms[RunID(0)] = ComparisonForm(
      title: "branch of a run",
      fields: [
        .init(id: "branch", label: "from run", help: "", value: "runs/a"),
        .init(
          id: "checkpoint",
          label: "checkpoint",
          help: "",
          kind: .choice(["last", "best"]),
          value: "last"
        ),
        .init(id: "set", label: "hyperparameters", help: "", value: ""),
      ]
    )
    for step in kept { state.apply(.checkpointKept(RunID(0), step: step)) }
    return state
  }

  @Test func oneKeyGoesBackAtHalfTheRate() throws {
    var state = state(kept: [300, 600, 650])
    #expect(state.disabledReason(.rescue) == "this run has not left its band")
    #expect(state.press(.character("R")).isEmpty)
    state.apply(.diverging(report))
    #expect(state.disabledReason(.rescue) == nil)
    let rate = try #require(state.runs[0].hyperparameter(in: .innerRate))
    let half = rate.format(state.runs[0].value(rate) / 2)
    #expect(state.screen(200, 50).contains("R: back to 600 with inner-lr \(half)"))
    #expect(
      state.press(.character("R")) == [
        .startComparison(["branch": "runs/a", "checkpoint": "600", "set": "inner-lr=\(half)"])
      ]
    )
    let entry = try #require(state.log.entries.last)
    #expect(entry.kind == .failure && entry.text == report.sentence && entry.step == 640)
  }

  @Test func withoutACheckpointItSaysWhatWouldHaveKeptOne() {
    var state = state(kept: [650])
    state.apply(.diverging(report))
    #expect(
      state.disabledReason(.rescue)
        == "no checkpoint from before outer step 621 was kept; --keep-every N keeps one every N steps"
    )
    #expect(state.press(.character("R")).isEmpty)
  }
}
