import CellGrid
import Events
import Testing

@testable import Dashboard

/// Path B: what keys do.
@Suite struct InputTests {
  private func paused(_ runs: Int = 2) -> DashboardState {
    var state = DashboardState.demo(runs: runs, steps: 5)
    for index in 0..<runs { state.apply(.statusChanged(RunID(index), .paused, step: 5)) }
    return state
  }

  private func set(_ id: String, _ value: Double, run: Int = 0) -> DashboardEffect {
    .send(.setHyperparameter(RunID(run), id: id, value: value))
  }

  // MARK: - Program and runs

  @Test func quittingSuspendingAndRedrawing() {
    var state = DashboardState.demo()
    for index in 0..<3 { state.apply(.statusChanged(RunID(index), .finished, step: 9)) }
    #expect(state.press(.character("q")) == [.quit])
    #expect(state.press(.control("c")) == [.quit])
    #expect(state.press(.control("z")) == [.suspend])
    #expect(state.press(.control("l")) == [.redrawAll])
  }

  @Test func spacePausesAndResumes() {
    var state = DashboardState.demo(steps: 1)
    #expect(state.press(.character(" ")) == [.send(.pause)])
    var paused = paused()
    #expect(paused.press(.character(" ")) == [.send(.resume)])
    #expect(paused.screen(80, 24).contains("PAUSED"))
    #expect(paused.screen(80, 24).contains("space resume"))
  }

  @Test func oneStepNeedsAPauseFirst() {
    var state = DashboardState.demo(steps: 1)
    #expect(state.press(.character("s")).isEmpty)
    #expect(state.message?.text == "pause first (space)")
    var paused = paused()
    #expect(paused.press(.character("s")) == [.send(.singleStep)])
  }

  @Test func nothingIsLeftToPauseAfterTheEnd() {
    var state = DashboardState.demo(runs: 1, steps: 1)
    state.apply(.statusChanged(RunID(0), .finished, step: 1))
    #expect(state.press(.character(" "), .character("s")).isEmpty)
    #expect(state.message?.text == "all runs have ended")
    #expect(state.press(.right).isEmpty)
    #expect(state.message?.text == "MAML has ended (finished)")
  }

  @Test func fairness() {
    var state = DashboardState.demo(steps: 1)
    #expect(state.press(.character("f")) == [.send(.setFairness(.equalCompute))])
    #expect(state.screen(200, 50).contains("equal steps → equal compute …"))
    state.apply(.fairnessChanged(.equalCompute))
    #expect(state.fairness == .equalCompute)
    #expect(!state.screen(200, 50).contains("equal steps"))
    var single = DashboardState.demo(runs: 1)
    #expect(single.press(.character("f")).isEmpty)
    #expect(single.message?.text == "fairness needs two methods")
  }

  // MARK: - Hyperparameters

  @Test func aChangeIsPendingUntilTheEngineConfirms() {
    var state = DashboardState.demo(steps: 9)
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.01, step: 9))
    #expect(state.press(.right) == [set("inner-lr", 0.02)])
    #expect(state.screen(80, 24).contains("α  inner-lr     0.01 → 0.02 …"))
    #expect(state.runs[0].values["inner-lr"] == 0.01)
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.02, step: 10))
    #expect(state.screen(80, 24).contains("α  inner-lr     0.02  "))
    #expect(state.runs[0].changes.last == .init(step: 10, id: "inner-lr", value: 0.02))
  }

  @Test func aSecondPressStepsFromThePendingValue() {
    var state = DashboardState.demo()
    #expect(state.press(.right, .right) == [set("inner-lr", 0.02), set("inner-lr", 0.05)])
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.02, step: 1))
    #expect(state.runs[0].pending["inner-lr"] == .init(value: 0.05, outstanding: 1))
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.05, step: 1))
    #expect(state.runs[0].pending.isEmpty)
  }

  @Test func aRefusalTakesThePendingMarkAwayAndSaysWhy() {
    var state = DashboardState.demo()
    #expect(state.press(.left) == [set("inner-lr", 0.005)])
    state.apply(.commandRefused(RunID(0), reason: "the run is being saved", step: 3))
    #expect(state.runs[0].pending.isEmpty)
    #expect(state.screen(80, 24).hasSuffix(" the run is being saved"))
    #expect(!state.screen(80, 24).contains("→"))
  }

  @Test func otherRefusalsLeavePendingMarks() {
    var state = DashboardState.demo()
    _ = state.press(.left, .character("f"))
    state.apply(.commandRefused(RunID(1), reason: "no", step: 3))
    #expect(state.pendingFairness == .equalCompute)
    state.apply(.commandRefused(nil, reason: "no", step: 3))
    #expect(state.pendingFairness == nil)
    #expect(state.runs[0].pending.count == 1)
  }

  @Test func stepsOfEveryKind() {
    var state = DashboardState.demo(runs: 2)
    #expect(state.press(.character("]")) == [set("inner-lr", 0.011)])
    #expect(state.press(.down, .character("+")) == [set("inner-steps", 2)])
    #expect(state.press(.character("j"), .character("j"), .right) == [set("first-order", 1)])
    #expect(state.press(.character("k"), .left) == [set("outer-lr", 0.0005)])
    #expect(state.press(.character("m"), .up, .up, .up, .up, .right) == [set("gamma", 0.3, run: 1)])
    #expect(state.press(.character("[")) == [set("gamma", 0.29, run: 1)])
  }

  @Test func theEndOfARangeIsSaid() {
    var state = DashboardState.demo(runs: 1)
    #expect(state.press(.down, .left).isEmpty)
    #expect(state.message?.text == "inner-steps is at its end; use a whole number from 1 to 20")
  }

  @Test func selectionGoesAround() {
    var state = DashboardState.demo(runs: 3)
    _ = state.press(.up)
    #expect(state.hyperparameter?.id == "first-order")
    _ = state.press(.down)
    #expect(state.hyperparameter?.id == "inner-lr")
    _ = state.press(.character("M"))
    #expect(state.focusedRun == 2)
    _ = state.press(.character("m"))
    #expect(state.focusedRun == 0)
  }

  // MARK: - The editor

  @Test func typingAValue() {
    var state = DashboardState.demo()
    #expect(state.press(.character("="), .character("0"), .character("."), .character("3")).isEmpty)
    #expect(state.screen(80, 24).contains("inner-lr = 0.3▏ Enter: set · Esc: cancel"))
    #expect(state.press(.enter) == [set("inner-lr", 0.3)])
    #expect(state.editor == nil)
  }

  @Test func aTypedValueThatIsNotAllowed() {
    var state = DashboardState.demo()
    #expect(state.press(.enter, .character("5"), .character("0"), .enter).isEmpty)
    #expect(
      state.screen(80, 24).hasSuffix(
        " inner-lr = 50▏ 50 is not allowed; use a number from 0 to 10"
      )
    )
    #expect(state.press(.backspace, .enter) == [set("inner-lr", 5)])
  }

  @Test func escapeCancelsAndKeysAreText() {
    var state = DashboardState.demo()
    #expect(state.press(.character("="), .character("q"), .character(" ")).isEmpty)
    #expect(state.editor?.text == "q ")
    _ = state.press(.escape)
    #expect(state.editor == nil)
    #expect(state.press(.character("="), .control("c")).isEmpty)
    #expect(state.overlay == .leaving(LeaveDialog(choices: [.keep, .test, .stay])))
  }

  @Test func pastedTextIsNeverKeys() {
    var state = DashboardState.demo()
    #expect(state.handle(.paste("q")).isEmpty)
    _ = state.press(.character("="))
    #expect(state.handle(.paste(" 0.2\u{1b}[A\n")).isEmpty)
    #expect(state.editor?.text == " 0.2[A")
    _ = state.press(.backspace, .backspace)
    #expect(state.press(.enter) == [set("inner-lr", 0.2)])
    _ = state.press(.character("="))
    _ = state.handle(.paste(String(repeating: "1", count: 10_000)))
    #expect(state.editor?.text.count == 10_000, "whole, however long")
  }

  @Test func theEditorClosesWhenItsRunEnds() {
    var state = DashboardState.demo()
    _ = state.press(.character("="))
    state.apply(.statusChanged(RunID(0), .diverged, step: 2))
    #expect(state.editor == nil)
  }

  // MARK: - View

  @Test func viewKeys() {
    var state = DashboardState.demo()
    _ = state.press(.character("l"), .character("z"), .character("z"), .character("v"))
    #expect(!state.isLogarithmic)
    #expect(state.smoothing == .off)
    #expect(state.isZoomed)
    #expect(state.screen(120, 40).contains("hyperparameters"))
    #expect(!state.screen(120, 40).contains("co-learner"))
  }

  /// Nothing is changed unseen: the panel comes forward, or the footer says what was asked for.
  @Test func changesAreSeenInWhateverPanel() {
    var state = DashboardState.demo()
    state.show(.log)
    #expect(state.press(.right).isEmpty, "at 80×24 the log had their place")
    #expect(state.panel == .hyperparameters)
    #expect(state.press(.right) == [set("inner-lr", 0.02)])
    state.show(.validation)
    #expect(state.press(.character("v"), .right).isEmpty)
    #expect(state.panel == .validation)
    #expect(state.message?.text == "the hyperparameters are hidden; Esc shows all panels")
  }

  @Test func panelsWithoutContentAreSkipped() {
    var state = DashboardState.demo(runs: 1)
    var seen: [PanelKind] = []
    for _ in 0..<7 {
      _ = state.press(.character("p"))
      seen.append(state.panel)
    }
    #expect(
      seen == [.adaptation, .validation, .heatmap, .log, .gain, .innerLoop, .chart]
    )
    _ = state.press(.character("g"), .character("c"))
    #expect(state.message?.text == "no panel has the letter c")
  }

  @Test func themesGoAround() throws {
    let other = try Theme.load(file: themePath("metatop-dark"))
    var state = DashboardState(theme: .terminal, themes: [other], capabilities: .full)
    #expect(state.themes.map(\.name) == ["terminal", "metatop-dark"])
    _ = state.press(.character("t"))
    #expect(state.theme == other)
    #expect(state.message?.text == "theme: metatop-dark")
    _ = state.press(.character("t"))
    #expect(state.theme == .terminal)
  }

  @Test func helpScrollsAndCloses() {
    var state = DashboardState.demo()
    _ = state.press(.character("?"), .down, .down, .up)
    #expect(state.help?.selected == 0)
    #expect(state.press(.character("q")).isEmpty)
    #expect(!state.isHelpShown)
    _ = state.press(.character("?"), .escape)
    #expect(!state.isHelpShown)
    _ = state.press(.character("?"), .character("?"))
    #expect(!state.isHelpShown)
  }

  /// Enter runs the row that the arrows chose, and closes where they chose none.
  @Test func helpRunsWhatIsChosen() {
    var state = DashboardState.demo(steps: 3)
    #expect(state.press(.character("?"), .enter).isEmpty)
    #expect(!state.isHelpShown)
    _ = state.press(.character("?"))
    let place = state.helpBindings.firstIndex { $0.action == .togglePause } ?? 0
    for _ in 0...place { _ = state.press(.down) }
    #expect(state.press(.enter) == [.send(.pause)])
    #expect(!state.isHelpShown)
    _ = state.press(.character("?"), .end, .pageUp, .home)
    #expect(state.help?.selected == 0)
  }

  /// A sentence that is longer than the last line stands whole, in those above it.
  @Test func longMessagesAreNotCut() {
    var state = DashboardState.demo(steps: 3)
    let sentence =
      "/home/somebody/.config/metatop/keys.yaml, line 2: q for toggle-pause is the key of quit; give "
      + "quit a line with another key, as in quit: f5; the standard keys hold"
    state.note(sentence, isProblem: true)
    for columns in [40, 80, 200] {
      let screen = state.screen(columns, 24).split(separator: "\n").suffix(6)
      let text = screen.joined(separator: " ").split(separator: " ").joined(separator: " ")
      #expect(text.contains("the standard keys hold"), "\(columns)")
      #expect(text.contains("is the key of quit;") || columns == 40, "\(columns)")
    }
  }

  @Test func unknownKeysDoNothing() {
    var state = DashboardState.demo()
    state.markDrawn()
    #expect(state.press(.function(5), .character("ü"), .home).isEmpty)
    #expect(!state.needsRedraw)
  }
}

@Suite struct KeyBindingTests {
  @Test func noKeyIsBoundTwice() {
    let contexts: [KeyBinding.Context] = [
      .anywhere, .zoomed, .charts, .replay, .events, .slowMotion, .table, .always,
    ]
    for context in contexts {
      let keys = KeyBinding.standard.filter { $0.context.meets(context) }.flatMap(\.keys)
      let both = KeyBinding.standard.filter { $0.context == context || $0.context == .always }
      #expect(Set(both.flatMap(\.keys)).count == both.flatMap(\.keys).count, "\(keys)")
    }
  }

  @Test func everyBindingExplainsItself() {
    for binding in KeyBinding.standard {
      #expect(!binding.keys.isEmpty && !binding.label.isEmpty && !binding.title.isEmpty)
      #expect(binding.title.count <= 60)
    }
  }

  /// The help has all rows on a screen that is high enough, with reasons for what is disabled.
  @Test func helpShowsTheWholeTable() {
    var state = DashboardState.demo(runs: 1, steps: 1)
    _ = state.press(.character("?"))
    let screen = state.screen(100, 100)
    #expect(state.screen(200, 50).contains("suspend to the shell"), "two columns")
    for binding in KeyBinding.standard where ![.replay, .table].contains(binding.context) {
      let isShown = screen.contains("\(binding.label)  \(binding.title)")
      #expect(isShown == state.mayEverApply(binding.action), "\(binding.title)")
    }
    #expect(screen.contains("one outer step while paused  (pause first (space))"))
  }
}
