import CellGrid
import Events
import Testing

@testable import Dashboard

/// Text is edited as in a shell's line.
@Suite struct LineInputTests {
  private func typed(_ text: String, _ keys: Key...) -> LineInput {
    var line = LineInput(text)
    for key in keys {
      let isTaken = line.take(key)
      #expect(isTaken, "\(key)")
    }
    return line
  }

  @Test func keysOfALine() {
    #expect(typed("one two", .home, .character("x")).text == "xone two")
    #expect(typed("one two", .control("a"), .delete).text == "ne two")
    #expect(typed("one two", .control("w")).text == "one ")
    #expect(typed("one/two", .alt("\u{7F}")).text == "one/")
    #expect(typed("one two", .left, .left, .control("u")).text == "wo")
    #expect(typed("one two", .wordLeft, .control("k")).text == "one ")
    #expect(typed("one two", .home, .wordRight, .character("!")).text == "one! two")
    #expect(typed("one two", .home, .alt("d")).text == " two")
    #expect(typed("one", .home, .backspace, .end, .right, .backspace).text == "on")
    #expect(typed("", .control("w"), .control("u"), .delete, .wordLeft, .wordRight).text == "")
    var line = LineInput("one")
    #expect(!line.take(.up) && !line.take(.function(3)) && line.text == "one")
  }

  @Test func whatIsLongScrollsAroundTheCursor() {
    var line = LineInput(String(repeating: "a", count: 100) + "z")
    #expect(line.shown(in: 11).before == "aaaaaaaaaz")
    _ = line.take(.home)
    #expect(line.shown(in: 11).before == "" && line.shown(in: 11).after == "aaaaaaaaaa")
    #expect(line.shown(in: 0).after == "")
    line = LineInput("漢字")
    #expect(line.shown(in: 4).before == "字")
  }

  @Test func anyLengthIsTaken() {
    let path = String(repeating: "folder/", count: 40)
    var form = ComparisonForm(
      fields: [
        .init(
          id: "task",
          label: "task",
          help: "",
          kind: .choice(["sinusoid", "folder:"]),
          value: "sinusoid"
        )
      ]
    )
    form.turn(1)
    form.insert(path)
    #expect(form.values["task"] == "folder:" + path)
    #expect(form.path == path)
    form.complete("x/")
    #expect(form.values["task"] == "folder:x/")
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character("="))
    for _ in 0..<70 { _ = state.press(.character("1")) }
    #expect(state.editor?.text.count == 70)
    #expect(state.screen(80, 24).contains("▏"))
  }

  @Test func typingReplacesAChoiceAndArrowsMoveInText() {
    var form = ComparisonForm(
      fields: [
        .init(
          id: "task",
          label: "task",
          help: "",
          kind: .choice(["sinusoid", "glyphs"]),
          value: "sinusoid"
        ),
        .init(id: "seed", label: "seed", help: "", value: "100"),
      ]
    )
    form.insert("o")
    form.insert("mni")
    #expect(form.values["task"] == "omni")
    form.turn(-1)
    form.insert("x")
    #expect(form.values["task"] == "omnxi", "what is typed is text, not the next choice")
    form.edit(.control("u"))
    #expect(form.values["task"] == "i")
    form.move(1)
    form.turn(-1)
    form.insert("5")
    #expect(form.values["seed"] == "1050")
  }

  @Test func anotherTaskBringsItsOwnDefaults() {
    var form = ComparisonForm(
      fields: [
        .init(
          id: "task",
          label: "task",
          help: "",
          kind: .choice(["sinusoid", "glyphs"]),
          value: "sinusoid"
        ),
        .init(id: "shot", label: "shot K", help: "", value: "10"),
        .init(id: "steps", label: "steps", help: "", value: "100"),
        .init(id: "seed", label: "seed", help: "", value: "4"),
      ]
    )
    form.select(2)
    form.edit(.backspace)
    form.select(0)
    form.turn(1)
    #expect(form.values == ["task": "glyphs", "shot": "", "steps": "10", "seed": "4"])
    form.take(.init(text: "2 runs", isProblem: false, filled: ["shot": "1", "steps": "7"]))
    #expect(form.values["shot"] == "1" && form.values["steps"] == "10")
    form.turn(1)
    #expect(form.values["shot"] == "10", "back where it was")
  }

  @Test func anErrorMovesToItsFieldAndIsWhole() {
    var state = DashboardState.demo(steps: 9)
    state.formTemplate = ComparisonForm(
      fields: ["methods", "task", "shot", "steps"].map {
        .init(id: $0, label: "the \($0)", help: "", value: "1")
      }
    )
    _ = state.press(.character("n"))
    let rest = (1...40).map { "word\($0)" }.joined(separator: " ")
    state.answer(.init(text: "--shot: is wrong, \(rest)", isProblem: true))
    #expect(state.form?.selected == 2)
    let screen = state.screen(100, 30)
    #expect(screen.contains("the shot: is wrong") && screen.contains("word40"))
    state.answer(.init(text: "it is fine", isProblem: false))
    state.answer(seconds: 7200)
    #expect(state.screen(100, 30).contains("about 2:00:00 by three steps of each run"))
    _ = state.press(.character("2"))
    state.answer(seconds: 9)
    #expect(state.form?.measuredSeconds == nil, "of values that are not there any more")
  }
}

/// The mouse.
@Suite struct MouseTests {
  private func wide() -> DashboardState {
    var state = DashboardState.demo(steps: 300)
    state.resize(to: GridSize(columns: 200, rows: 50))
    return state
  }

  private func place(of text: String, in state: DashboardState) -> (row: Int, column: Int)? {
    let rows = state.screen(200, 50).split(separator: "\n", omittingEmptySubsequences: false)
    for (row, line) in rows.enumerated() {
      if let range = line.range(of: text) {
        return (row, line.distance(from: line.startIndex, to: range.lowerBound))
      }
    }
    return nil
  }

  @Test func rowsAndTheBarAreClicked() throws {
    var state = wide()
    let row = try #require(place(of: "outer-lr", in: state))
    _ = state.handle(.mouse(.press, row: row.row, column: row.column))
    #expect(state.hyperparameter?.id == "outer-lr" && state.panel == .hyperparameters)
    _ = state.handle(.mouse(.wheelUp, row: row.row, column: row.column))
    #expect(state.hyperparameter?.id != "outer-lr")
    let pause = try #require(place(of: "space pause", in: state))
    #expect(
      state.handle(.mouse(.press, row: pause.row, column: pause.column + 7)) == [.send(.pause)]
    )
    #expect(state.handle(.mouse(.press, row: 49, column: 0)).isEmpty)
  }

  @Test func theDialogAndTheFormAreClicked() throws {
    var state = wide()
    _ = state.press(.character("q"))
    let stay = try #require(place(of: "s  stay", in: state))
    #expect(state.handle(.mouse(.press, row: stay.row, column: stay.column)).isEmpty)
    #expect(state.overlay == nil)
    _ = state.press(.character("q"))
    let keep = try #require(place(of: "end and keep", in: state))
    #expect(state.handle(.mouse(.press, row: keep.row, column: keep.column)) == [.end(.keep)])
    var other = wide()
    other.formTemplate = ComparisonForm(
      fields: ["task", "shot", "steps"].map {
        .init(id: $0, label: "the \($0)", help: "", value: "1")
      }
    )
    _ = other.press(.character("n"))
    let field = try #require(place(of: "the steps", in: other))
    _ = other.handle(.mouse(.press, row: field.row, column: field.column))
    #expect(other.form?.selected == 2)
  }

  @Test func bordersAndTheCursorAreDragged() throws {
    var state = wide()
    let right = ScreenLayout(size: state.size, needs: state.needs).panels[.hyperparameters]
    let border = try #require(right?.column)
    _ = state.handle(.mouse(.press, row: 20, column: border))
    _ = state.handle(.mouse(.drag, row: 20, column: border - 20))
    #expect(abs(state.leftShare - 47) <= 1)
    _ = state.handle(.mouse(.release, row: 20, column: border - 20))
    _ = state.handle(.mouse(.drag, row: 20, column: 150))
    #expect(abs(state.leftShare - 47) <= 1)
    let chart = try #require(ScreenLayout(size: state.size, needs: state.needs).panels[.chart])
    _ = state.handle(.mouse(.press, row: chart.row + 3, column: chart.column + 20))
    let first = try #require(state.chart.cursor)
    _ = state.handle(.mouse(.drag, row: chart.row + 3, column: chart.column + 40))
    #expect(state.chart.cursor.map { $0 > first } == true)
  }
}

/// Numbers and labels are whole.
@Suite struct WholeNumberTests {
  @Test(arguments: 110...160)
  func noNumberIsCut(columns: Int) {
    var state = DashboardState.demo(steps: 2000)
    state.resize(to: GridSize(columns: columns, rows: 40))
    for line in state.screen(columns, 40).split(separator: "\n") {
      // A digit, a point, digits, and the sign of something cut.
      #expect(
        line.firstMatch(of: /\d\.\d*…/) == nil && !line.contains("-v…"),
        "\(columns): \(line)"
      )
    }
  }

  @Test func curvesDoNotCoverLabels() {
    var state = DashboardState.demo(steps: 2000)
    for step in [700, 1200, 1700] {
      state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.5, step: step))
    }
    state.show(.chart)
    _ = state.press(.character("v"), .character("l"))
    let screen = state.screen(120, 40)
    #expect(screen.components(separatedBy: "inner-lr 0.5").count - 1 >= 2)
  }
}
