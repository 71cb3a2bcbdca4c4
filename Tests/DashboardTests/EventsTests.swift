import CellGrid
import Events
import Testing

@testable import Dashboard

/// Path A: what runs tell.
@Suite struct EventsTests {
  private var empty: DashboardState { DashboardState(theme: .terminal, capabilities: .full) }

  private func log(_ state: DashboardState) -> [String] {
    state.log.entries.map { entry in
      "\(entry.step.map(String.init) ?? "-") \(entry.run?.rawValue.description ?? "-") \(entry.text)"
    }
  }

  @Test func runsAppearInTheirOrder() {
    var state = empty
    for index in [2, 0, 1] { state.apply(.started(DemoEvents.description(index))) }
    #expect(state.runs.map(\.name) == ["MAML", "CML", "MetaPerturb"])
    state.apply(.started(DemoEvents.description(1)))
    #expect(state.runs.count == 3)
  }

  @Test func stepsCount() {
    let state = DashboardState.demo(steps: 30)
    #expect(state.runs.map(\.step) == [30, 30, 30])
    #expect(state.runs[0].shown.innerSteps == 30 * 25)
    #expect(state.runs[0].probeStep == 21)
    #expect(state.runs[0].history.buckets.count == 30)
  }

  @Test("What is read of a long past is said, is no speed and no first step, and then is over")
  func readingAPast() {
    var state = DashboardState.demo(runs: 2)
    var demo = DemoEvents()
    func read(_ step: Int, at second: Double) {
      state.apply(.readingPast(RunID(0)))
      for step in step..<(step + 500) { state.apply(demo.step(step, of: 0)) }
      state.tick(now: second)
      state.markDrawn()
    }
    read(1, at: 83.1)
    #expect(state.isBehind && !state.screen(120, 40).contains("reading"), "a short one is not said")
    read(501, at: 84.5)
    read(1001, at: 85.7)
    let head = state.screen(120, 40).split(separator: "\n").first ?? ""
    #expect(head.contains("metatop · reading MAML: step 1,500 · sinusoid"), "\(head)")
    #expect(!head.contains("steps/s") && !head.contains("ETA") && !head.contains("first outer"))
    #expect(state.press(.character("q")).isEmpty && state.overlay != nil, "keys are answered")
    state.apply(.readingPast(nil))
    #expect(!state.isBehind && !state.screen(120, 40).contains("reading"))
    for second in [86.0, 87] { state.tick(now: second) }
    #expect(state.rates.rate(state.runs[0]) == 0, "what was read was not made")
  }

  @Test func innerStepsFollowTheHyperparameter() {
    var state = DashboardState.demo(runs: 1, steps: 1)
    var demo = DemoEvents()
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-steps", value: 5, step: 1))
    state.apply(demo.step(2, of: 0))
    #expect(state.runs[0].shown.innerSteps == 25 + 5 * 25)
  }

  @Test func eventsOfUnknownRunsAreIgnored() {
    var state = empty
    var demo = DemoEvents()
    state.apply(demo.step(1, of: 2))
    state.apply(demo.validation(1, of: 2))
    state.apply(.statusChanged(RunID(7), .paused, step: 1))
    state.apply(.hyperparameterChanged(RunID(7), id: "x", value: 1, step: 1))
    #expect(state.runs.isEmpty)
    #expect(state.log.entries.isEmpty)
  }

  @Test func theLogTellsWhatHappened() {
    var state = DashboardState.demo(runs: 2, steps: 3)
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 0.75, step: 3))
    state.apply(.commandRefused(RunID(0), reason: "not now", step: 3))
    state.apply(.statusChanged(RunID(0), .diverged, step: 4))
    state.apply(.note(nil, "checkpoint written"))
    state.apply(.fairnessChanged(.equalCompute))
    #expect(
      log(state).suffix(5) == [
        "3 1 gamma 0.2 → 0.75",
        "3 0 refused: not now",
        "4 0 diverged: a loss or gradient was not finite; the last good parameters are kept",
        "- - checkpoint written",
        "- - fairness: equal compute",
      ]
    )
  }

  @Test func validationsHaveTheirInterval() {
    var state = DashboardState.demo(runs: 1, task: classification)
    let report = ValidationReport(
      run: RunID(0),
      step: 500,
      loss: 0.5,
      lossConfidence95: 0.02,
      accuracy: 0.913,
      accuracyConfidence95: 0.004,
      lossByInnerStep: [2, 0.5],
      accuracyByInnerStep: [0.2, 0.913],
      episodes: 600,
      isMetaTest: true
    )
    state.apply(.validation(report))
    let text = "500 0 meta-test accuracy 91.3 % ± 0.4, loss 0.5000 ± 0.0200"
    #expect(log(state).last == text)
    #expect(state.runs[0].validation?.lossByInnerStep == [2, 0.5])
    #expect(state.runs[0].validation?.accuracyByInnerStep == [0.2, 0.913])
    #expect(state.runs[0].validations.isEmpty, "the meta-test is no point of the curve")
    let score = state.runs[0].validation?.score
    #expect(score?.isAccuracy == true && abs((score?.value ?? 0) - 91.3) < 0.001)
  }

  @Test func validationsOfALongRunAreThinnedAndKeepTheNewest() {
    var state = DashboardState.demo(runs: 1, task: classification)
    let demo = DemoEvents()
    for step in 1...5000 { state.apply(demo.validation(step, of: 0, classification: true)) }
    let validations = state.runs[0].validations
    #expect(validations.count <= RunState.validationLimit && validations.count > 200)
    #expect(validations.last?.step == 5000)
    #expect(validations.map(\.step) == validations.map(\.step).sorted())
  }

  @Test func theNewestEpisodeStaysAndOneOfNobodyIsIgnored() {
    var state = DashboardState.demo(runs: 1, task: classification)
    for step in [100, 200] { state.apply(.episode(.demo(step: step, of: 0))) }
    state.apply(.episode(.demo(step: 300, of: 5)))
    #expect(state.runs[0].episode?.step == 200)
  }

  private var classification: TaskDescription {
    TaskDescription(name: "omniglot", kind: .classification, way: 5, shot: 1, queryShot: 15)
  }

  @Test func theLogIsBounded() {
    var state = empty
    for index in 0..<3000 { state.apply(.note(nil, "note \(index)")) }
    #expect(state.log.entries.count == EventLog.limit)
    #expect(state.log.entries.last?.text == "note 2999")
    state.apply(.note(nil, String(repeating: "x", count: 100_000)))
    #expect(state.log.entries.last?.text.count == 400)
  }

  @Test func changesOnTheChartAreBounded() {
    var state = DashboardState.demo(runs: 1)
    for step in 1...200 {
      state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.1, step: step))
    }
    #expect(state.runs[0].changes.count == RunState.changeLimit)
    #expect(state.runs[0].changes.last?.step == 200)
  }

  @Test func aLossThatIsNoNumberIsShown() {
    var state = DashboardState.demo(runs: 1)
    let report = StepReport(
      run: RunID(0),
      step: 1,
      seconds: 0.1,
      queryLoss: .nan,
      supportLoss: .infinity,
      metaGradientNorm: .nan
    )
    state.apply(.step(report))
    #expect(state.runs[0].queryLoss.value(.strong)?.isNaN == true)
    #expect(state.screen(120, 40).contains("query loss    NaN"))
  }

  @Test func dropsAreCountedAndShown() {
    var state = DashboardState.demo(steps: 5)
    state.markDrawn()
    state.noteDropped(0)
    #expect(!state.needsRedraw)
    state.noteDropped(1000)
    state.noteDropped(234)
    #expect(state.needsRedraw)
    for (columns, rows) in [(200, 50), (80, 24), (60, 20)] {
      #expect(state.screen(columns, rows).contains("1,234 events dropped"))
    }
  }

  @Test func probesAreFoundByKey() {
    let state = DashboardState.demo(steps: 11)
    let cml = state.runs[1]
    #expect(cml.panel("co-learner") != nil && cml.panel("perturbation") == nil)
    #expect(cml.layers(with: "colearner_cosine") == DemoEvents.body(.regression))
    #expect(cml.probe("colearner_alignment/layer2") == 0)
    #expect(cml.probe("kappa") == nil)
    #expect(state.runs[2].probe("kappa") == 0.75)
    #expect(state.runs[2].probeHistory("kappa")?.overview(5) == [0.75, 0.75])
    #expect(state.runs[0].description.panels.isEmpty)
  }

  @Test func redrawIsAskedForOnceAfterAnEvent() {
    var state = DashboardState.demo(steps: 1)
    var demo = DemoEvents()
    state.markDrawn()
    #expect(!state.needsRedraw)
    state.apply(demo.step(2, of: 0))
    #expect(state.needsRedraw)
    state.markDrawn()
    #expect(!state.needsRedraw)
  }
}

@Suite struct ReadingTests {
  @Test func digitsStandForATenthOfASecondWhileARunTrains() {
    var state = DashboardState.demo(runs: 1, steps: 7)
    var demo = DemoEvents()
    state.tick(now: 90)
    state.markDrawn()
    for step in 8...9 { state.apply(demo.step(step, of: 0)) }
    state.tick(now: 90.09)
    #expect(state.runs[0].step == 9)
    #expect(state.runs[0].shown.step == 7)
    #expect(state.runs[0].history.buckets.count == 9)
    state.markDrawn()
    state.tick(now: 90.11)
    #expect(state.runs[0].shown.step == 9)
    #expect(state.needsRedraw)
  }

  @Test func digitsOfAStoppedRunAreTheNewest() {
    var state = DashboardState.demo(runs: 1, steps: 7)
    var demo = DemoEvents()
    state.tick(now: 90)
    state.markDrawn()
    state.apply(demo.step(8, of: 0))
    state.apply(.statusChanged(RunID(0), .paused, step: 8))
    #expect(state.runs[0].shown.step == 8)
  }
}

@Suite struct TimeTests {
  @Test func onlyWholeSecondsAskForARedraw() {
    var state = DashboardState.demo()
    state.tick(now: 100)
    state.markDrawn()
    state.tick(now: 100.4)
    #expect(!state.needsRedraw)
    state.tick(now: 101.1)
    #expect(state.needsRedraw)
    #expect(state.screen(80, 24).contains("elapsed  1:41"))
  }

  @Test func timeNeverRunsBackwards() {
    var state = DashboardState.demo()
    state.tick(now: 100)
    state.tick(now: 50)
    state.tick(now: .nan)
    #expect(state.elapsed == 100)
  }

  @Test func ratesAndRemainingTime() {
    var state = DashboardState.demo(runs: 2, total: 1000)
    var demo = DemoEvents()
    state.tick(now: 100)
    for step in 1...100 { state.apply(demo.step(step, of: 0)) }
    for step in 1...50 { state.apply(demo.step(step, of: 1)) }
    #expect(state.totalRate == 0)
    state.tick(now: 101)
    let rates = state.runs.compactMap { state.rates.rate($0) }
    #expect(rates.count == 2 && rates[0] > rates[1])
    #expect((state.remaining ?? 0) > 0)
  }

  @Test func oneMeasurementIsNotEnoughForARate() {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    state.apply(.started(DemoEvents.description(0)))
    state.tick(now: 0)
    #expect(state.totalRate == nil)
    #expect(state.remaining == nil)
    #expect(state.screen(120, 40).contains("– steps/s"))
  }

  @Test func elapsedTimeStopsWithTheLastRun() {
    var state = DashboardState.demo(runs: 2)
    state.apply(.statusChanged(RunID(0), .finished, step: 10))
    state.tick(now: 90)
    #expect(state.elapsed == 90)
    state.apply(.statusChanged(RunID(1), .stopped, step: 10))
    state.tick(now: 200)
    state.markDrawn()
    state.tick(now: 300)
    #expect(state.elapsed == 90)
    #expect(!state.needsRedraw)
  }

  @Test func messagesGoAwayByThemselves() {
    var state = DashboardState.demo(steps: 1)
    state.apply(.commandRefused(nil, reason: "the reason", step: 1))
    #expect(state.screen(80, 24).contains("the reason"))
    // However long it takes until there is a frame, nobody has missed it.
    state.tick(now: 90 + FooterMessage.problemDuration)
    state.markDrawn()
    state.tick(now: 90 + 2 * FooterMessage.problemDuration - 0.1)
    #expect(state.message != nil)
    state.tick(now: 90 + 2 * FooterMessage.problemDuration)
    #expect(state.message == nil)
    #expect(state.screen(80, 24).contains("q quit"))
  }
}
