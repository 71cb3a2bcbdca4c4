import Events
import MetaLearning
import Testing

@testable import Training

/// What counts as an alarm, what as divergence, and what is named.
@Suite struct DivergenceWatchTests {
  private func report(
    _ step: Int,
    loss: Float = 1,
    norm: Float = 2,
    inner: [Float]? = nil
  ) -> StepReport {
    StepReport(
      run: RunID(0),
      step: step,
      seconds: 0,
      queryLoss: loss,
      supportLoss: 1,
      metaGradientNorm: norm,
      probes: inner.map {
        StepProbes(supportLosses: [], queryLosses: [], innerGradientNorms: $0, values: [])
      }
    )
  }

  @Test func aLossFarOutForTwentySteps() throws {
    var watch = DivergenceWatch(layers: [])
    var found: [DivergenceReport] = []
    for step in 1...60 {
      let loss: Float = step > 30 ? 5000 : 1
      if let alarm = watch.note(report(step, loss: loss), innerRate: 1) { found.append(alarm) }
    }
    let alarm = try #require(found.first)
    #expect(found.count == 1 && alarm.quantity == "query loss" && !alarm.isDivergence)
    #expect(alarm.since == 31 && alarm.step == 50 && alarm.value == 5000 && alarm.median == 1)
    #expect(
      alarm.sentence == "alarm: query loss left first, at outer step 31: 5000, where 1 was usual"
    )
  }

  @Test func aSingleSpikeAndABeginningAreNone() {
    var watch = DivergenceWatch(layers: [])
    for step in 1...200 {
      // It begins at 1e6, falls to 1, and jumps for 19 steps at a time.
      let loss: Float = step == 1 ? 1e6 : (50..<69).contains(step) || step == 100 ? 2e6 : 1
      #expect(watch.note(report(step, loss: loss), innerRate: 1) == nil, "step \(step)")
    }
    var high = DivergenceWatch(layers: [])
    for step in 1...200 {
      let loss: Float = step == 1 ? 1e6 : step > 100 ? 1e5 : 1
      #expect(high.note(report(step, loss: loss), innerRate: 1) == nil, "below its beginning")
    }
  }

  @Test func itIsSaidAgainOnlyAfterItCameBack() {
    var watch = DivergenceWatch(layers: [])
    var steps: [Int] = []
    for step in 1...200 {
      let isOut = (41...80).contains(step) || step > 120
      if watch.note(report(step, norm: isOut ? 1e9 : 1), innerRate: 1) != nil { steps.append(step) }
    }
    #expect(steps == [60, 140])
  }

  @Test func theFirstThatLeftIsNamed() throws {
    var watch = DivergenceWatch(layers: ["layer1", "layer2"])
    var alarm: DivergenceReport?
    for step in 1...80 {
      let inner: [Float] = [1, step > 40 ? 1e7 : 1]
      let loss: Float = step > 45 ? 1e7 : 1
      let next = report(step, loss: loss, inner: step % 2 == 0 ? inner : nil)
      alarm = alarm ?? watch.note(next, innerRate: 0.5)
    }
    let found = try #require(alarm)
    #expect(found.quantity == "α‖∇L_S‖ of layer2" && found.since == 42 && found.step == 61)
    #expect(found.value == 0.5e7 && found.median == 0.5)
  }

  @Test func theFirstNonFiniteInTheOrderOfComputation() {
    func diagnosis(
      _ support: [Float],
      _ query: [Float],
      _ norms: [Float],
      _ gradient: String? = nil
    ) -> String? {
      StepDiagnosis(
        probes: .init(
          supportLosses: support,
          queryLosses: query,
          innerGradientNorms: norms,
          values: []
        ),
        layers: ["layer1", "head"],
        gradient: gradient
      ).firstNonFinite
    }
    #expect(diagnosis([.nan, .nan], [.nan], [.nan, .nan]) == "support loss before adaptation")
    #expect(diagnosis([1, .nan], [1, .nan], [1, .infinity]) == "α‖∇L_S‖ of head")
    #expect(
      diagnosis([1, 2, .infinity], [1, 2, .nan], [1, 1]) == "support loss after inner step 2"
    )
    #expect(diagnosis([1, 2], [.nan, 3], [1, 1]) == "query loss before adaptation")
    #expect(diagnosis([1, 2], [1, .nan], [1, 1]) == "query loss after inner step 1")
    #expect(
      diagnosis([1], [1], [1, 1], "body.layer1.weight") == "meta-gradient of body.layer1.weight"
    )
    #expect(diagnosis([1], [1], [1, 1]) == nil)
  }

  // MARK: In a comparison

  private func run(
    _ policy: DivergencePolicy,
    rate: Double
  ) throws -> (comparison: Comparison, log: EventLog) {
    let log = EventLog()
    let wild = try smallRun(MAML(), steps: 40, ["inner-lr": rate, "inner-steps": 20])
    let calm = try smallRun(MAML(), steps: 40)
    let mailbox = Mailbox()
    let comparison = try Comparison([wild, calm], mailbox: mailbox, onDivergence: policy) {
      log.post($0)
    }
    // Somebody who is told of a pause leaves.
    log.react { event in
      if case .statusChanged(_, .paused, _) = event { mailbox.post(.stop) }
    }
    comparison.run()
    return (comparison, log)
  }

  private func divergences(_ log: EventLog) -> [DivergenceReport] {
    log.all.compactMap { if case .diverging(let report) = $0 { report } else { nil } }
  }

  @Test func stopEndsTheOneAndNamesWhy() throws {
    let (comparison, log) = try run(.stop, rate: 10)
    #expect(comparison.sessions.map(\.status) == [.diverged, .finished])
    let report = try #require(divergences(log).last)
    #expect(report.isDivergence && report.run == RunID(0) && !report.quantity.isEmpty)
    #expect(report.quantity.contains("inner step") || report.quantity.contains("α‖∇L_S‖"))
  }

  @Test func pausePausesTheOthers() throws {
    let (comparison, log) = try run(.pause, rate: 10)
    #expect(comparison.sessions.map(\.status) == [.diverged, .stopped])
    #expect(log.all.contains(.statusChanged(RunID(1), .paused, step: comparison.sessions[1].step)))
  }

  /// What a single step or a run that catches up finds has been seen when everything pauses.
  @Test func aPauseIsNotAskedForTwice() throws {
    let log = EventLog()
    let mailbox = Mailbox()
    let comparison = try Comparison(
      [try smallRun(MAML(), steps: 40)],
      mailbox: mailbox,
      onDivergence: .pause
    ) { log.post($0) }
    let isPaused = { @Sendable (event: RunEvent) in
      if case .statusChanged(_, .paused, _) = event { true } else { false }
    }
    log.react { event in
      if case .step(let report) = event, report.step == 5 { mailbox.post(.pause) }
      guard isPaused(event) else { return }
      guard log.all.count(where: isPaused) == 1 else { return mailbox.post(.stop) }
      comparison.sessions[0].wantsPause = true
      mailbox.post(.resume)
    }
    comparison.run()
    #expect(comparison.sessions[0].status == .finished)
  }

  @Test func goOnLeavesUpdatesOut() throws {
    let (comparison, log) = try run(.goOn, rate: 10)
    #expect(comparison.sessions.map(\.status) == [.finished, .finished])
    #expect(comparison.sessions[0].step == 40 && comparison.sessions[0].episodicState.isFinite)
    #expect(!divergences(log).isEmpty)
    let calm = try run(.goOn, rate: 0.01)
    #expect(divergences(calm.log).isEmpty)
  }
}
