import CellGrid
import Events
import Glibc
import Testing

@testable import Dashboard

extension FitSnapshot {
  /// A made-up sinusoid that is fitted better with every inner step.
  static func demo(step: Int, of run: Int, innerSteps: Int = 2) -> Self {
    let target = (0..<100).map { index -> Point in
      let x = Float(index) / 10 - 5
      return Point(x: x, y: 3 * sinf(x + 0.5))
    }
    let fits = (0...innerSteps).map { inner in
      target.map { $0.y * Float(inner) / Float(innerSteps) + 0.3 * cosf($0.x * 2) }
    }
    return Self(
      run: RunID(run),
      step: step,
      support: stride(from: 5, to: 100, by: 11).map { target[$0] },
      target: target,
      fits: fits,
      supportLosses: (0...innerSteps).map { 4 / Float(1 + $0 * $0 * 3) }
    )
  }
}

/// The inner loop, moment by moment.
@Suite struct InnerLoopTests {
  private func watched(
    _ capabilities: TerminalCapabilities = .full,
    run: Int = 0,
    isPaused: Bool = false
  ) -> DashboardState {
    var state = DashboardState.demo(steps: 300, capabilities: capabilities)
    for index in 0..<3 {
      state.apply(.fit(.demo(step: 300, of: index)))
      if isPaused { state.apply(.statusChanged(RunID(index), .paused, step: 300)) }
    }
    for _ in 0..<run { _ = state.press(.character("m")) }
    return state
  }

  @Test func theMomentsOfEachMethod() {
    let state = watched()
    #expect(
      state.runs[0].innerPhases == [.inner(0), .inner(1), .query, .metaGradient, .update]
    )
    #expect(state.runs[1].innerPhases.contains(.declared(id: "co-learner", step: 0)))
    #expect(state.runs[2].innerPhases.first == .declared(id: "perturbation", step: 0))
  }

  @Test func walkingThroughAnOuterStep() {
    var state = watched()
    for phase in [InnerPhase.inner(1), .query, .metaGradient, .update, .inner(0)] {
      #expect(state.press(.character("i")).isEmpty)
      #expect(state.innerPhase == phase && state.panel == .innerLoop)
    }
    _ = state.press(.character("I"))
    #expect(state.innerPhase == .update)
  }

  @Test func behindTheLastMomentAPausedRunMakesAnotherStep() {
    var state = watched(isPaused: true)
    for _ in 0..<4 { #expect(state.press(.character("i")).isEmpty) }
    #expect(state.press(.character("i")) == [.send(.singleStep)])
    #expect(state.innerPhase == .inner(0))
  }

  @Test func anotherTaskByItsDifficultyOrItsNumber() {
    var state = watched()
    #expect(
      state.disabledReason(.task(.next))
        == "there was no meta-validation yet"
    )
    var scored = ValidationReport(loss: 1, lossConfidence95: 0, lossByInnerStep: [], episodes: 9)
    scored.scores = [5, 1, 9, 3, 7, .nan, 2, 8, 4]
    state.apply(.validation(scored))
    let hardest = [5, 7, 0, 3, 1]
    for task in hardest + [0] {
      #expect(state.press(.character("T")) == [.send(.showTask(task))])
      var fit = FitSnapshot.demo(step: 300, of: 0)
      fit.task = task
      state.apply(.fit(fit))
    }
    #expect(state.runs[0].difficulty(of: 1) == "the easiest of 9")
    #expect(state.runs[0].difficulty(of: 4) == "harder than 63 % of 9")
    #expect(state.press(.character("P")) == [.send(.showTask(8))])
    #expect(state.press(.character("N")) == [.send(.showTask(1))])
    var fit = FitSnapshot.demo(step: 300, of: 0)
    fit.task = 2
    state.apply(.fit(fit))
    _ = state.press(.character("v"))
    #expect(state.screen(120, 40).contains("task 3, the hardest of 9"))
  }

  @Test func slowMotionMovesEverySixSeconds() {
    var state = watched()
    _ = state.press(.character("S"))
    for _ in 1...7 {
      state.tick(now: state.now + 5)
      state.tick(now: state.now + 1)
    }
    #expect(state.innerPhase == .query, "seven moments later, around the end")
    _ = state.press(.character("S"))
    state.tick(now: state.now + 60)
    #expect(state.innerPhase == .query)
  }

  @Test func screens() {
    var state = watched()
    _ = state.press(.character("5"))
    expectGolden("200x50-inner", state, 200, 50)
    expectGolden("80x24-inner", state, 80, 24)
    expectGolden("40x12-inner", state, 40, 12)
    _ = state.press(.character("i"), .character("i"), .character("i"))
    expectGolden("80x24-inner-gradient", state, 80, 24)
    var ascii = watched(.ascii, run: 1)
    _ = ascii.press(
      .character("i"),
      .character("v"),
      .character("i"),
      .character("i"),
      .character("i")
    )
    expectGolden("120x40-inner-ascii", ascii, 120, 40)
    let isASCII = ascii.screen(120, 40).unicodeScalars.allSatisfy { $0.isASCII }
    #expect(isASCII)
  }

  @Test func secondOrderTermsComeAndGo() {
    var state = watched()
    let on = state.press(.character("F"))
    #expect(on.count == 3)
    #expect(on[0] == .send(.setHyperparameter(RunID(0), id: "first-order", value: 1)))
    for index in 0..<3 {
      state.apply(.hyperparameterChanged(RunID(index), id: "first-order", value: 1, step: 300))
    }
    _ = state.press(.character("i"), .character("i"), .character("i"))
    let words = InnerExplanation(state: state, run: state.runs[0], phase: .metaGradient)
    #expect(words.words.contains("second-order terms are dropped") && !words.equation.contains("²"))
    #expect(
      state.press(.character("F")).first
        == .send(.setHyperparameter(RunID(0), id: "first-order", value: 0))
    )
  }

  @Test func theCoLearnerGoesAndComesBackAsItWas() {
    var state = watched()
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 0.4, step: 300))
    #expect(
      state.press(.character("C")) == [.send(.setHyperparameter(RunID(1), id: "gamma", value: 0))]
    )
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 0, step: 300))
    let words = InnerExplanation(
      state: state,
      run: state.runs[1],
      phase: .declared(id: "co-learner", step: 0)
    )
    #expect(words.words.hasPrefix("Switched off"))
    #expect(
      state.press(.character("C")) == [.send(.setHyperparameter(RunID(1), id: "gamma", value: 0.4))]
    )
    var single = DashboardState.demo(runs: 1, steps: 3)
    #expect(single.press(.character("C")).isEmpty)
    #expect(single.message?.text == "no method here has a part that can be switched off")
  }

  @Test func wordsOfEveryMoment() {
    let state = watched()
    for run in state.runs {
      for phase in run.innerPhases {
        let words = InnerExplanation(state: state, run: run, phase: phase)
        #expect(words.words.count > 40 && !words.words.contains("–"), "\(phase): \(words.words)")
        #expect(!words.equation.isEmpty && !words.equation.asciiSpelling.contains("?"))
        #expect(!words.words.asciiSpelling.contains("?"))
      }
    }
  }
}
