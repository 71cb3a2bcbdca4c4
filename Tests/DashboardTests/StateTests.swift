import CellGrid
import Events
import Testing

@testable import Dashboard

/// The small values that the state is made of.
@Suite struct RateMeterTests {
  private func run(_ index: Int, step: Int) -> RunState {
    var run = RunState(DemoEvents.description(index))
    run.setStatus(.running, step: step)
    return run
  }

  @Test func ratesAreMeasuredOnceASecond() throws {
    var meter = RateMeter()
    var measured = [meter.tick(now: 0, runs: [run(0, step: 0)])]
    measured.append(meter.tick(now: 0.9, runs: [run(0, step: 90)]))
    measured.append(meter.tick(now: 1.0, runs: [run(0, step: 100)]))
    measured.append(meter.tick(now: 1.5, runs: [run(0, step: 150)]))
    #expect(measured == [false, false, true, false])
    #expect(abs(try #require(meter.rate(run(0, step: 0))) - 100) < 1e-9)
  }

  @Test func pausedRunsKeepTheirRate() throws {
    var meter = RateMeter()
    _ = meter.tick(now: 0, runs: [run(0, step: 0)])
    _ = meter.tick(now: 1, runs: [run(0, step: 50)])
    var paused = run(0, step: 50)
    paused.setStatus(.paused, step: 50)
    for second in 2...9 { _ = meter.tick(now: Double(second), runs: [paused]) }
    #expect(abs(try #require(meter.rate(paused)) - 50) < 1e-9)
  }

  @Test func aRunThatAppearsLateHasNoRateAtFirst() {
    var meter = RateMeter()
    _ = meter.tick(now: 0, runs: [])
    _ = meter.tick(now: 1, runs: [run(0, step: 5000)])
    #expect(meter.rate(run(0, step: 5000)) == nil)
    _ = meter.tick(now: 3, runs: [run(0, step: 5020)])
    #expect(meter.rate(run(0, step: 5020)) == 10)
  }
}

@Suite struct ValueEditorTests {
  private func editor(_ id: String = "inner-lr") -> ValueEditor {
    let list = DemoEvents.hyperparameters("cml")
    let hyperparameter = list.first { $0.id == id } ?? list[0]
    return ValueEditor(run: RunID(0), hyperparameter: hyperparameter)
  }

  private func typed(_ text: String, _ id: String = "inner-lr") -> (Double?, String?) {
    var editor = editor(id)
    editor.input.insert(text)
    let value = editor.parse()
    return (value, editor.problem)
  }

  @Test func everyKindOfValue() {
    #expect(typed("0.3").0 == 0.3)
    #expect(typed("  1e-3 ").0 == 0.001)
    #expect(typed("7", "inner-steps").0 == 7)
    #expect(typed("on", "first-order").0 == 1)
    #expect(typed("frozen", "co-learner").0 == 1)
  }

  @Test func problemsSayWhatWouldBeRight() {
    #expect(typed("").1 == "\"\" is not allowed; use a number from 0 to 10")
    #expect(typed("nan").1 == "\"nan\" is not allowed; use a number from 0 to 10")
    #expect(typed("2.5", "inner-steps").1 == "2.5 is not allowed; use a whole number from 1 to 20")
    #expect(
      typed("none", "co-learner").1
        == "\"none\" is not allowed; use one of trained, frozen, adapted"
    )
  }

  @Test func editingForgetsTheProblem() {
    var editor = editor()
    editor.input.insert("x")
    _ = editor.parse()
    #expect(editor.problem != nil)
    editor.input.deleteLast()
    #expect(editor.problem == nil && editor.text == "")
    editor.input.deleteLast()
    #expect(editor.text == "")
  }
}

@Suite struct RunStateTests {
  @Test func timeStandsStillInAPause() {
    var state = DashboardState.demo(runs: 2, steps: 100)
    #expect(state.elapsed == 83 && state.remaining != nil)
    for run in 0..<2 { state.apply(.statusChanged(RunID(run), .paused, step: 100)) }
    let screen = state.screen(200, 50)
    #expect(screen.contains("ETA paused") && screen.contains("elapsed  1:23"), "\(screen)")
    state.markDrawn()
    state.tick(now: 183)
    #expect(state.elapsed == 83 && !state.needsRedraw)
    #expect(state.screen(200, 50) == screen)
    for run in 0..<2 { state.apply(.statusChanged(RunID(run), .running, step: 100)) }
    state.tick(now: 190)
    #expect(state.elapsed == 90)
  }

  @Test func aRunThatEndsForgetsWhatWasAskedFor() {
    var run = RunState(DemoEvents.description(0))
    run.request(0.5, for: "inner-lr")
    run.setStatus(.paused, step: 3)
    #expect(run.pending.count == 1 && !run.isOver)
    run.setStatus(.stopped, step: 3)
    #expect(run.pending.isEmpty && run.isOver)
  }

  @Test func adaptationStepsComeFromTheHyperparameterOrTheProbes() {
    var run = RunState(DemoEvents.description(0))
    #expect(run.adaptationSteps == 1)
    run.change("inner-steps", to: 5, step: 1)
    #expect(run.adaptationSteps == 5)
  }

  @Test func moreProbeValuesThanDescribedAreIgnored() {
    var run = RunState(DemoEvents.description(2))
    let probes = StepProbes(
      supportLosses: [],
      queryLosses: [],
      innerGradientNorms: [],
      values: [Float](repeating: 1, count: 100)
    )
    let report = StepReport(
      run: RunID(2),
      step: 1,
      seconds: 0,
      queryLoss: 1,
      supportLoss: 1,
      metaGradientNorm: 1,
      probes: probes
    )
    run.record(report)
    #expect(run.probe("noise_mean") == 1)
    #expect(run.probeHistories.count == run.description.probes.count)
  }

  @Test func fewerProbeValuesThanDescribedAreUnknown() {
    var run = RunState(DemoEvents.description(2))
    let probes = StepProbes(
      supportLosses: [],
      queryLosses: [],
      innerGradientNorms: [],
      values: [0.5]
    )
    let report = StepReport(
      run: RunID(2),
      step: 1,
      seconds: 0,
      queryLoss: 1,
      supportLoss: 1,
      metaGradientNorm: 1,
      probes: probes
    )
    run.record(report)
    #expect(run.probe("noise_mean") == 0.5)
    #expect(run.probe("kappa") == nil)
  }

  @Test func layersStandInTheNetworksOrder() {
    let run = RunState(DemoEvents.description(2))
    #expect(run.layers(with: "noise_std") == ["layer1", "layer2"])
    #expect(run.layers(with: "nothing").isEmpty)
  }
}

@Suite struct WrappingTests {
  @Test(arguments: [
    ("one two three", 7, ["one two", "three"]), ("one two three", 3, ["one", "two", "thr", "ee"]),
    ("one", 2, ["on", "e"]), ("", 5, []), ("a  b", 5, ["a b"]),
  ])
  func linesBreakBetweenWords(text: String, width: Int, lines: [String]) {
    #expect(text.wrapped(width) == lines)
  }
}
