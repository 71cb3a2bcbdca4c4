import CellGrid
import Events
import Testing

@testable import Dashboard

/// The form for a new comparison.
@Suite struct FormTests {
  private static let template = ComparisonForm(
    fields: [
      .init(
        id: "methods",
        label: "methods",
        help: "→ or typing opens the list",
        kind: .subset(["maml", "cml", "metaperturb"]),
        value: "maml,cml,metaperturb"
      ),
      .init(
        id: "task",
        label: "task",
        help: "a name, or folder:PATH",
        kind: .choice(["sinusoid", "glyphs"]),
        value: "sinusoid"
      ),
      .init(id: "steps", label: "outer steps", help: "1 or more", value: "30000"),
    ],
    recent: [["methods": "cml", "task": "glyphs", "steps": "7"], ["steps": "8"]]
  )

  private func opened() -> DashboardState {
    var state = DashboardState.demo(steps: 200)
    state.formTemplate = Self.template
    _ = state.press(.character("n"))
    return state
  }

  @Test func nothingOpensWhereNothingCanBeStarted() {
    var state = DashboardState.demo(steps: 2)
    _ = state.press(.character("n"))
    #expect(state.form == nil)
    #expect(state.message?.text == "nothing new can be started from here")
  }

  @Test func aSweepGoesAroundTheValue() {
    var state = DashboardState.demo(steps: 200)
    _ = state.press(.character("r"))
    #expect(state.form == nil && state.message?.text == "nothing can be swept from here")
    state.sweepTemplate = ComparisonForm(
      title: "sweep",
      fields: [
        .init(id: "grid", label: "grid", help: "", value: ""),
        .init(id: "grid-2", label: "and", help: "", value: ""),
        .init(id: "methods", label: "methods", help: "", value: "maml,cml"),
        .init(id: "seeds", label: "seeds", help: "", value: "3"),
        .init(id: "steps", label: "outer steps", help: "", value: "1000"),
        .init(id: "set", label: "hyperparameters", help: "", value: ""),
      ],
      hidden: ["task": "sinusoid", "steps": "7"]
    )
    _ = state.press(.character("r"))
    // The first run's rate was changed to 0.02 on the way; the screen's scale is 1, 2, 5.
    #expect(state.form?.values["grid"] == "inner-lr=0.005,0.01,0.02,0.05,0.1")
    #expect(state.form?.values["set"] == "" && state.form?.values["task"] == "sinusoid")
    #expect(state.form?.values["steps"] == "1000")
    _ = state.press(.left)
    #expect(state.form?.values["grid"] == "inner-lr=0.01,0.02,0.05")
    _ = state.press(.right, .right)
    #expect(state.form?.values["grid"] == "inner-lr=0.002,0.005,0.01,0.02,0.05,0.1,0.2")
    // Seven values of two methods with three seeds, at 2 ms a step.
    #expect(state.formDuration.map { abs($0 - 7 * 2 * 3 * 1000 * 0.002) < 1e-6 } == true)
    #expect(state.press(.enter) == [.checkComparison(state.form?.values ?? [:])])
    // Another hyperparameter: what was changed goes along.
    _ = state.press(.escape, .down, .character("r"))
    #expect(state.form?.values["grid"] == "inner-steps=1,2,3")
    #expect(state.form?.values["set"] == "maml.inner-lr=0.02")
    for _ in 0..<2 { _ = state.press(.escape, .down, .character("r")) }
    #expect(state.form?.values["grid"] == "first-order=off,on")
  }

  @Test func aBranchBelongsToTheFocusedRun() {
    var state = DashboardState.demo(steps: 2)
    _ = state.press(.character("b"))
    #expect(state.form == nil)
    #expect(state.message?.text == "this run cannot be branched from here")
    let steps = ComparisonForm.Field(id: "steps", label: "outer steps", help: "", value: "30000")
    let from = ComparisonForm.Field(id: "branch", label: "from run", help: "", value: "runs/two")
    state.branchForms[RunID(1)] = ComparisonForm(title: "branch of a run", fields: [from, steps])
    _ = state.press(.character("m"), .character("b"))
    #expect(state.screen(120, 40).contains("─ branch of a run"))
    #expect(state.form?.values == ["branch": "runs/two", "steps": "30000"])
    _ = state.handle(.key(.escape))
    // Checkpoints that were kept are offered, the newest first, and what stands there stays.
    let which = ComparisonForm.Field(
      id: "checkpoint",
      label: "checkpoint",
      help: "",
      kind: .choice(["last", "best"]),
      value: "last"
    )
    state.branchForms[RunID(1)] = ComparisonForm(title: "branch of a run", fields: [which, steps])
    for step in [200, 100, 200] { state.apply(.checkpointKept(RunID(1), step: step)) }
    _ = state.handle(.key(.character("b")))
    let offered = ["last", "best", "200", "100"].map { (choice: String) in
      defer { _ = state.handle(.key(.right)) }
      return state.form?.values["checkpoint"] == choice
    }
    #expect(offered == [true, true, true, true] && state.form?.values["checkpoint"] == "last")
    _ = state.press(.escape)
    // A run that has made all its steps needs more of them.
    state.apply(.statusChanged(RunID(1), .finished, step: 30_000))
    _ = state.press(.character("b"))
    #expect(state.form?.values["steps"] == "60000")
  }

  @Test func fillingIn() {
    var state = opened()
    // The second of the list, found by typing, is taken out.
    _ = state.press(.right, .character("c"), .character("m"), .character(" "), .enter)
    _ = state.press(.down, .right, .right, .left, .down)
    _ = state.press(.backspace, .character("5"), .character("q"))
    #expect(
      state.form?.values == ["methods": "maml,metaperturb", "task": "glyphs", "steps": "5q"]
    )
  }

  /// Twenty methods fit every screen: the list scrolls, and typing finds what is meant.
  @Test func manyMethodsAreChosenFromAList() {
    var state = DashboardState.demo(steps: 200)
    let ids = (1...20).map { "method-\($0)" }
    state.formTemplate = ComparisonForm(
      fields: [
        .init(
          id: "methods",
          label: "methods",
          help: "→ or typing opens the list",
          kind: .subset(ids),
          value: "method-1,method-20",
          details: ["method-7": "Seventh · Somebody, 2027"]
        ),
        .init(id: "steps", label: "outer steps", help: "1 or more", value: "30000"),
      ]
    )
    _ = state.press(.character("n"), .right)
    expectGolden("80x24-form-list", state, 80, 24)
    expectGolden("40x12-form-list", state, 40, 12)
    _ = state.press(.up, .character(" "))
    #expect(state.form?.values["methods"] == "method-1", "around the end, to the last")
    for character in "seventh" { _ = state.press(.character(character)) }
    #expect(state.form?.listed == ["method-7"])
    _ = state.press(.character(" "))
    #expect(state.form?.values["methods"] == "method-1,method-7")
    _ = state.press(.character("z"))
    #expect(state.form?.listed.isEmpty == true)
    #expect(state.screen(40, 12).contains("none has this"))
    _ = state.press(.character(" "), .down, .backspace, .enter)
    #expect(state.form?.list == nil && state.form?.values["methods"] == "method-1,method-7")
    #expect(state.press(.enter) == [.checkComparison(state.form?.values ?? [:])])
  }

  @Test func enterChecksThenStarts() {
    var state = opened()
    let values = Self.template.values
    #expect(state.press(.enter) == [.checkComparison(values)])
    state.answer(.init(text: "--steps: no", isProblem: true))
    #expect(state.press(.enter) == [.checkComparison(values)])
    state.answer(.init(text: "3 runs", isProblem: false))
    #expect(state.screen(120, 40).contains("Enter ends the present comparison"))
    #expect(state.press(.enter) == [.startComparison(values)])
    #expect(state.overlay == .ending, "the screen stays until the runs have ended")
    state = opened()
    _ = state.press(.right, .character(" "), .escape)
    #expect(state.press(.enter) == [.checkComparison(state.form?.values ?? [:])])
  }

  @Test func recentOnesGoAround() {
    var state = opened()
    _ = state.press(.control("r"))
    #expect(state.form?.values["task"] == "glyphs" && state.form?.values["steps"] == "7")
    _ = state.press(.control("r"))
    #expect(state.form?.values["steps"] == "8")
    _ = state.press(.control("r"))
    #expect(state.form?.values["methods"] == "cml" && state.form?.values["steps"] == "7")
  }

  @Test func theDurationIsThatOfTheSameRuns() {
    var state = opened()
    _ = state.press(.down, .down, .backspace, .backspace)
    let each = state.runs.map { $0.computingSeconds / Double($0.step) }.reduce(0, +)
    #expect(abs((state.formDuration ?? 0) - 300 * each) < 1e-9)
    _ = state.press(.up, .right)
    #expect(state.formDuration == nil, "another task takes another time")
  }

  @Test func theFormOnAScreen() {
    var state = opened()
    state.answer(.init(text: "3 runs, 90000 outer steps in all", isProblem: false))
    expectGolden("120x40-form", state, 120, 40)
    expectGolden("40x12-form", state, 40, 12)
    _ = state.press(.escape)
    #expect(state.form == nil)
  }
}
