import CellGrid
import Events
import Testing

@testable import Dashboard

/// The palette, searches, undo, the user's keys.
@Suite struct PaletteTests {
  private func type(_ text: String, _ state: inout DashboardState) {
    for character in text { _ = state.press(.character(character)) }
  }

  private func set(_ id: String, _ value: Double, run: Int = 0) -> DashboardEffect {
    .send(.setHyperparameter(RunID(run), id: id, value: value))
  }

  @Test func everyActionCanBeFoundAndCarriedOut() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character(":"))
    let names = state.paletteEntries.map(\.name)
    #expect(Set(names).count == names.count)
    for binding in KeyBinding.standard where binding.context != .table {
      #expect(names.contains(binding.action.name))
    }
    type("toggle-logarithmic", &state)
    #expect(state.paletteEntries.map(\.action) == [.toggleLogarithmic])
    _ = state.press(.enter)
    #expect(!state.isLogarithmic && state.palette == nil)
  }

  @Test func tabCompletesAndArrowsChoose() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character(":"))
    type("preset", &state)
    _ = state.press(.down, .tab)
    #expect(state.palette?.input.text == "preset-compare")
    _ = state.press(.enter)
    #expect(state.preset == .compare)
  }

  @Test func aValueCanBeTyped() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character(":"))
    type("inner-lr 0.3", &state)
    #expect(state.press(.enter) == [set("inner-lr", 0.3)])
    _ = state.press(.character(":"))
    type("inner-lr=99", &state)
    #expect(state.press(.enter).isEmpty)
    #expect(state.message?.text.contains("99 is not allowed") == true)
    _ = state.press(.character(":"))
    type("nonsense", &state)
    #expect(state.press(.enter).isEmpty)
    #expect(state.message?.text == "no action or hyperparameter is called nonsense; : lists all")
  }

  @Test func whatMakesNoSenseSaysWhy() {
    var state = DashboardState.demo(runs: 1, steps: 3)
    _ = state.press(.character(":"))
    type("toggle-fairness", &state)
    #expect(state.screen(120, 40).contains("fairness needs two methods"))
    _ = state.press(.enter)
    #expect(state.message?.text == "fairness needs two methods")
  }

  @Test func thePaletteOnAScreen() {
    var state = DashboardState.demo(steps: 300)
    _ = state.press(.character(":"))
    type("chart", &state)
    expectGolden("80x24-palette", state, 80, 24)
    expectGolden("40x12-palette", state, 40, 12)
  }

  @Test func hostileTextIsNotTyped() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character(":"))
    _ = state.handle(.paste("a\u{1B}[31m\nb"))
    #expect(state.palette?.input.text == "a[31mb")
    _ = state.press(.escape, .character("/"))
    _ = state.handle(.paste("\u{7}x"))
    #expect(state.filter == "x")
  }

  @Test func searchingTheLog() {
    var state = DashboardState.demo(steps: 3)
    state.apply(.note(RunID(1), "a checkpoint was written"))
    _ = state.press(.character("/"))
    type("CHECK", &state)
    #expect(state.panel == .log)
    let screen = state.screen(80, 24)
    #expect(screen.contains("a checkpoint was written") && !screen.contains("started:"))
    _ = state.press(.enter)
    #expect(state.search == nil && state.filter == "CHECK")
    _ = state.press(.escape)
    #expect(state.screen(80, 24).contains("started:"))
  }

  @Test func searchingTheHelp() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character("?"), .character("/"))
    type("zoom", &state)
    let screen = state.screen(120, 40)
    #expect(screen.contains("chart: zoom out") && !screen.contains("next theme"))
  }

  @Test func undoTakesChangesBackInOrder() {
    var state = DashboardState.demo(steps: 3)
    #expect(state.press(.right, .right) == [set("inner-lr", 0.05), set("inner-lr", 0.1)])
    #expect(state.press(.character("u")) == [set("inner-lr", 0.05)])
    #expect(state.press(.character("u")) == [set("inner-lr", 0.02)])
    #expect(state.press(.character("u")).isEmpty)
    #expect(state.message?.text == "no change of a value to take back")
  }

  @Test func undoLeavesEndedRunsAlone() {
    var state = DashboardState.demo(runs: 2, steps: 3)
    _ = state.press(.right)
    state.apply(.statusChanged(RunID(0), .finished, step: 3))
    #expect(state.press(.character("u")).isEmpty)
  }

  @Test func theCommandLineHoldsTheChanges() {
    var state = DashboardState.demo(runs: 2)
    state.commandLine = "metatop --steps 50"
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.01, step: 3))
    #expect(state.press(.character("y")) == [.copy("metatop --steps 50")])
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 0.25, step: 3))
    let change = LiveChange(step: 3, run: RunID(1), id: "gamma", value: 0.25)
    #expect(state.press(.character("y")) == [.copyChanges([change])])
    // There and back again is two changes: what was trained in between was otherwise.
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 1, step: 5))
    let back = LiveChange(step: 5, run: RunID(1), id: "gamma", value: 1)
    #expect(state.press(.character("y")) == [.copyChanges([change, back])])
  }

  @Test func aRecordingsCommandHasNoOptionsOfTraining() {
    var state = DashboardState.demo(runs: 2, steps: 3)
    state.commandLine = "metatop replay a b"
    state.apply(.inRecording)
    state.apply(.hyperparameterChanged(RunID(1), id: "gamma", value: 0.25, step: 3))
    #expect(state.press(.character("y")) == [.copy("metatop replay a b")])
  }

  @Test func keysOfOnesOwn() throws {
    var keys = KeyTable()
    let f5 = try #require(Key(written: "f5"))
    #expect(keys.bind("undo", to: [(.key(f5), "f5"), (.key(.character("q")), "q")]) == nil)
    #expect(keys.binding(for: .function(5), in: KeyBinding.Context.dashboard)?.action == .undo)
    #expect(keys.binding(for: .character("q"), in: KeyBinding.Context.dashboard)?.action == .undo)
    #expect(keys.binding(for: .control("c"), in: KeyBinding.Context.dashboard)?.action == .quit)
    #expect(keys.binding(for: .character("u"), in: KeyBinding.Context.dashboard) == nil)
    #expect(keys.bind("fly", to: []) == "there is no action fly")
    for text in ["a", "ctrl-a", "page-up", "space", "f12"] { #expect(Key(written: text) != nil) }
    for text in ["", "ctrl-", "f13", "hyper-x"] { #expect(Key(written: text) == nil) }
  }

  @Test func namesOfActions() {
    #expect(Action.toggleLogarithmic.name == "toggle-logarithmic")
    #expect(Action.showPanel(.coLearner).name == "show-co-learner")
    #expect(Action.chart(.moveCursor(-10)).name == "chart-cursor-left-far")
    #expect(Action.chart(.zoomIn).name == "chart-zoom-in")
  }
}

/// What is kept between starts, and the user's own keys.
@Suite struct UserFileTests {
  @Test func theViewIsKept() throws {
    var state = DashboardState.demo(steps: 3)
    state.resize(to: GridSize(columns: 200, rows: 50))
    _ = state.press(.character("2"), .character("}"), .character("z"), .character("l"))
    state.show(.log)
    _ = state.press(.character("H"))
    state.show(.coLearner)
    _ = state.press(.character("H"))
    var other = DashboardState.demo(steps: 3)
    other.restore(try #require(ViewSettings(text: state.settings.text)))
    #expect(
      other.preset == .compare && other.leftShare == 60 && other.hidden == [.log, .coLearner]
    )
    #expect(other.smoothing == .heavy && !other.isLogarithmic)
    #expect(other.settings == state.settings)
  }

  @Test(arguments: ["", "[]", "preset: 3", "\u{0}", "hidden: {", "a: b"])
  func aForeignViewIsLeftOut(text: String) { #expect(ViewSettings(text: text) == nil) }

  @Test func namesOfAnotherVersionAreLeftOut() throws {
    let text =
      "preset: future\nhidden: [hologram, log]\nleftShare: 900\nsmoothing: 3\nisLogarithmic: true\n"
    var state = DashboardState.demo(steps: 3)
    state.restore(try #require(ViewSettings(text: text)))
    #expect(state.preset == .overview && state.hidden == [.log] && state.leftShare == 75)
    #expect(state.smoothing == .strong)
  }

  @Test func ownKeysAreRead() {
    var keys = KeyTable()
    #expect(keys.read("undo: ctrl-u\nquit: [f10, Q]\n", file: "keys.yaml") == nil)
    #expect(keys.binding(for: .control("u"), in: KeyBinding.Context.dashboard)?.action == .undo)
    #expect(keys.binding(for: .character("Q"), in: KeyBinding.Context.dashboard)?.action == .quit)
    #expect(keys.binding(for: .character("q"), in: KeyBinding.Context.dashboard) == nil)
    #expect(keys.read("", file: "keys.yaml") == nil)
  }

  /// Two keys one after the other; the first shows what may follow.
  @Test func chords() {
    var state = DashboardState.demo(steps: 3)
    let file = "go-to: f5\nundo: [g u, f6]\ntoggle-pause: g space\nchart-zoom-in: g z\n"
    #expect(state.keys.read(file, file: "keys.yaml") == nil)
    #expect(state.press(.character("g")).isEmpty && state.overlay == .chord(.character("g")))
    let screen = state.screen(200, 24)
    #expect(screen.contains("g … · space pause or resume all runs · u undo the last change"))
    #expect(state.press(.character(" ")) == [.send(.pause)] && state.overlay == nil)
    #expect(state.press(.character("g"), .character("q")).isEmpty)
    #expect(state.message?.text == "no action has the keys g q" && state.overlay == nil)
    #expect(state.press(.character("g"), .escape).isEmpty && state.overlay == nil)
    #expect(state.press(.right, .function(6)).count == 2)
    // In a chart alone, which decides before what holds anywhere.
    #expect(state.press(.character("g"), .character("z")).isEmpty)
    #expect(state.message?.text == "no action has the keys g z")
    state.show(.chart)
    _ = state.press(.character("g"), .character("z"))
    #expect(state.chart.isZoomed)
    #expect(state.press(.character("g"), .control("c")).isEmpty, "Ctrl-C asks, whatever is begun")
    #expect(state.leaveDialog != nil && state.overlay != nil)
    _ = state.press(.escape, .character("?"))
    #expect(state.screen(120, 100).contains("g u, f6"))
  }

  /// A changed file holds at once, a broken one changes nothing and is said.
  @Test func keysAndThemesChangeWhileTheScreenIsUp() throws {
    let dark = try Theme.load(file: themePath("metatop-dark"))
    var state = DashboardState(theme: dark, themes: [dark], capabilities: .full)
    var news = PersonalNews()
    news.keys = ("undo: f7\n", "keys.yaml")
    state.take(news)
    #expect(state.keys.binding(for: .function(7), in: state.contexts)?.action == .undo)
    #expect(state.message?.text == "keys.yaml: taken over")
    news.keys = ("undo: q\n", "keys.yaml")
    state.take(news)
    #expect(state.keys.binding(for: .function(7), in: state.contexts)?.action == .undo)
    #expect(state.message?.text.hasSuffix("the keys stay as they were") == true)
    news.keys = (nil, "keys.yaml")
    state.take(news)
    #expect(state.keys.binding(for: .character("u"), in: state.contexts)?.action == .undo)
    var other = try Theme.load(file: themePath("dusk"))
    other = Theme(
      name: dark.name,
      colors: other.colors,
      series: other.series,
      gradient: other.gradient
    )
    news = PersonalNews()
    news.themes = PersonalThemes([other], [])
    state.take(news)
    #expect(state.theme == other && state.themes == [other])
    let problem = ThemeError(file: "a/metatop-dark.yaml", line: 3, problem: "is not YAML")
    news.themes = PersonalThemes([.terminal], [problem])
    state.take(news)
    #expect(state.theme == other && state.themes == [.terminal, other])
    #expect(
      state.message?.text == "a/metatop-dark.yaml:3: is not YAML; the look stays as it was"
    )
    state.markDrawn()
    state.take(PersonalNews())
    #expect(!state.needsRedraw, "no news asks for no frame")
  }

  @Test(arguments: [
    (
      "undo: [a, zzz]",
      "keys.yaml, line 1: zzz is no key; use a character, ctrl-a, f5, page-up, space …, or two with a "
        + "blank between them, as in g g"
    ),
    (
      "undo: g g",
      "keys.yaml, line 1: g g for undo begins with the key of go-to; give go-to a line with another "
        + "key, as in go-to: f5"
    ),
    (
      "go-to: f5\nundo: g g\nquit: [q, g]",
      "keys.yaml, line 3: g for quit begins g g, which stands for undo in line 2; give one of them "
        + "another key"
    ),
    (
      "go-to: [f5, g]\nundo: g h",
      "keys.yaml, line 2: g h for undo begins with g, which stands for go-to in line 1; give one of "
        + "them another key"
    ),
    (
      "go-to: f5\nundo: g h\nquit: g h",
      "keys.yaml, line 3: g h for quit stands for undo in line 2 as well; give one of them another key"
    ),
    (
      "go-to: f5\nundo: [g, g h]",
      "keys.yaml, line 2: g h and g of undo begin alike, so one of them could never be typed; leave one "
        + "out"
    ),
    (
      "undo: a b c",
      "keys.yaml, line 1: a b c is no key; use a character, ctrl-a, f5, page-up, space …, or two with a "
        + "blank between them, as in g g"
    ),
    (
      "toggle-pause: q",
      "keys.yaml, line 1: q for toggle-pause is the key of quit; give quit a line with another key, "
        + "as in quit: f5"
    ),
    (
      "undo: f6\nquit: q\nfocus-next: [ctrl-x, f6]\nchart-next-axis: []",
      "keys.yaml, line 3: f6 for focus-next stands for undo in line 1 as well; give one of them "
        + "another key"
    ),
    (
      "quit: q\nfly: f",
      "keys.yaml, line 2: there is no action fly; the palette (:) shows all names"
    ),
    ("[a]", "keys.yaml: is no mapping; write lines such as undo: ctrl-u"),
  ])
  func wrongKeysAreSaid(text: String, sentence: String) {
    var keys = KeyTable()
    #expect(keys.read(text, file: "keys.yaml") == sentence)
    #expect(keys.binding(for: .character("q"), in: KeyBinding.Context.dashboard)?.action == .quit)
  }
}
