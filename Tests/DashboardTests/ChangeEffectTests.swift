import CellGrid
import Events
import Glibc
import Testing

@testable import Dashboard

/// What a change did, and the inner loop of the step under the cursor.
@Suite struct ChangeEffectTests {
  private func report(_ step: Int, _ loss: Float, seconds: Double) -> RunEvent {
    .step(
      StepReport(
        run: RunID(0),
        step: step,
        seconds: seconds,
        queryLoss: loss,
        supportLoss: loss,
        metaGradientNorm: 1,
        probes: StepProbes(
          supportLosses: [Float(step), loss],
          queryLosses: [Float(2 * step), loss],
          innerGradientNorms: [],
          values: []
        )
      )
    )
  }

  /// A curve that falls with the logarithm of the step, with a little noise; at 500 it jumps by `jump`,
  /// and steps cost twice.
  private func trained(_ count: Int, jump: Float, changes: [Int] = [500]) -> DashboardState {
    var state = DashboardState.demo(runs: 1)
    var random = SplitMix(state: 3)
    var seconds = 0.0
    for step in 1...count {
      seconds += step > 500 ? 0.004 : 0.002
      let noise = 0.02 * (random.unit() - 0.5)
      let loss = 4 - 0.5 * logf(Float(step)) + (step > 500 ? jump : 0) + noise
      state.apply(report(step, loss, seconds: seconds))
      if changes.contains(step) {
        state.apply(
          .hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.02 + Double(step), step: step)
        )
      }
    }
    return state
  }

  private func effects(_ state: DashboardState) -> [String] {
    state.log.entries.filter { $0.kind == .effect }.map(\.text)
  }

  /// 4 − 0.5 ln 628 is 0.78, about the mean of 256 further steps without the jump.
  @Test func aJumpIsMeasuredBesideTheTrend() throws {
    let told = effects(trained(800, jump: -0.3))
    let text = try #require(told.first)
    #expect(told.count == 1)
    let number = try #require(text.firstMatch(of: /^inner-lr 500\.02: −(0\.\d+) ± (0\.\d+) beside/))
    #expect(abs((Double(number.1) ?? 0) - 0.3) < 0.01 && (Double(number.2) ?? 1) < 0.01)
    #expect(text.contains("(loss 0.4") && text.contains("over 256 steps)"))
    #expect(!text.contains("chance"))
    #expect(text.hasSuffix("4.0000 ms a step, 2.0000 before"), "\(text)")
  }

  @Test func whatIsNoMoreThanChanceSaysSo() throws {
    let text = try #require(effects(trained(800, jump: 0)).first)
    #expect(text.contains(": no more than chance"), "\(text)")
  }

  @Test func tooFewStepsSayNothing() {
    #expect(effects(trained(700, jump: -1)).isEmpty, "256 steps are not made yet")
    #expect(effects(trained(900, jump: 0, changes: [20])).isEmpty, "20 steps are no trend")
    #expect(effects(trained(900, jump: 0, changes: [500, 510])).isEmpty, "10 steps neither")
    #expect(effects(trained(900, jump: 0, changes: [400, 600])).count == 1)
    var state = trained(500, jump: 0)
    for step in 501...800 { state.apply(report(step, step == 600 ? .nan : 1, seconds: 9)) }
    #expect(effects(state).isEmpty)
  }

  // MARK: - Under the cursor

  @Test func theInnerLoopIsThatOfTheStepUnderTheCursor() throws {
    var state = trained(1000, jump: 0)
    for step in stride(from: 100, through: 1000, by: 100) {
      state.apply(.fit(.demo(step: step, of: 0)))
    }
    #expect(state.runAtCursor?.probes?.supportLosses.first == 1000)
    state.resize(to: GridSize(columns: 200, rows: 50))
    state.show(.chart)
    state.chart.cursor = 400
    let run = try #require(state.runAtCursor)
    #expect(
      abs(run.probeStep - 400) <= 4 && run.probes?.supportLosses.first == Float(run.probeStep)
    )
    #expect(run.fit?.step == 400)
    let screen = state.screen(200, 50)
    #expect(screen.contains("step \(run.probeStep) query loss"), "\(screen)")
    state.chart.axis = .seconds
    state.chart.cursor = 0.5
    #expect(abs((state.runAtCursor?.probeStep ?? 0) - 250) <= 8)
    state.chart.axis = .episodes
    state.chart.cursor = 25 * 300
    #expect(abs((state.runAtCursor?.probeStep ?? 0) - 300) <= 4)
    state.chart.cursor = nil
    #expect(state.runAtCursor?.probeStep == 1000)
  }

  @Test func keptMeasurementsAreThinned() {
    var kept = KeptMeasurements<Int>(capacity: 16)
    for step in 1...1000 { kept.add(step, step: step) }
    #expect(kept.entries.count <= 16 && kept.entries.allSatisfy { $0.step == $0.value })
    #expect(kept.entries.map(\.step) == kept.entries.map(\.step).sorted())
    let nearest = kept.nearest(to: 500)?.step ?? 0
    #expect(abs(nearest - 500) <= 64)
    // A recording that went back.
    kept.add(7, step: 20)
    #expect(kept.entries.allSatisfy { $0.step <= 20 })
    #expect(KeptMeasurements<Int>(capacity: 0).nearest(to: 3) == nil)
  }
}
