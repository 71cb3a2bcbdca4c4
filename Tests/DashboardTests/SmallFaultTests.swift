import CellGrid
import Events
import Testing

@testable import Dashboard

/// Small things that people stumbled over once; `Documentation/Features.md` has each with its test.
@Suite struct SmallFaultTests {
  private func lines(_ state: DashboardState, _ columns: Int, _ rows: Int) -> [String] {
    state.screen(columns, rows).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  private static let replay = ReplayStatus(
    position: 9,
    duration: 9,
    speed: 1,
    isPaused: false,
    isLive: true,
    loops: false
  )

  // MARK: Help

  @Test("Every key of a pair has a line of its own, and reasons are whole where there is room")
  func help() {
    var state = DashboardState.demo(runs: 1)
    _ = state.press(.character("?"))
    let help = HelpView()
    for (columns, rows) in [(120, 40), (200, 50)] {
      let bindings = state.helpBindings
      let rect = Rect(GridSize(columns: columns, rows: rows))
      let room = HelpPlaces(help, bindings, in: rect).shown.map(\.place.columns).min() ?? 0
      for binding in bindings {
        let reason = state.disabledReason(binding.action).map { "  (\($0))" } ?? ""
        #expect(binding.title.columns + reason.columns <= room - 11, "\(binding.title)\(reason)")
      }
    }
    for (first, second) in [("[", "]"), ("←", "→"), ("+", "-"), ("<", ">"), ("*", "_")] {
      for key in [first, second] {
        let own = KeyBinding.standard.filter { $0.label == key }
        #expect(!own.isEmpty, "\(key)")
      }
    }
    let isPair = { (label: String) in label.contains(" ") && !label.hasPrefix("page ") }
    #expect(!KeyBinding.standard.contains { isPair($0.label) })
  }

  @Test("A recording's keys stand in the help of a recording alone, and pages turn")
  func pages() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character("?"))
    #expect(!state.helpBindings.contains { $0.context == .replay })
    let first = state.screen(80, 24)
    _ = state.press(.pageDown)
    #expect(state.screen(80, 24) != first)
    _ = state.press(.home)
    // The first row is marked now, so that Enter runs it.
    #expect(state.help?.selected == 0 && state.screen(80, 24).contains("▸"))
    state.apply(.replayed(Self.replay))
    #expect(state.helpBindings.contains { $0.context == .replay })
  }

  // MARK: Sweeps

  @Test("The league table of no sweep says that there is none, above the form that begins one")
  func noSweep() {
    var state = DashboardState.demo(steps: 3)
    _ = state.press(.character("5"), .character("6"))
    #expect(state.form == nil && state.message?.text == "nothing can be swept from here")
    state.sweepTemplate = ComparisonForm(
      title: "sweep",
      fields: [.init(id: "grid", label: "grid", help: "", value: "")]
    )
    _ = state.press(.character("6"))
    #expect(state.form != nil)
    #expect(state.message?.text == "there is no sweep yet; this form begins one")
  }

  // MARK: The inner loop's picture

  @Test("Each sign of the legend stands before its word, and none is cut")
  func legend() {
    var state = DashboardState.demo(steps: 300)
    state.apply(.fit(.demo(step: 300, of: 0)))
    _ = state.press(.character("5"))
    for columns in 80...220 {
      let head = lines(state, columns, 50).first { $0.contains("■ support") } ?? ""
      let own = head.split(separator: "│").first { $0.contains("■ support") } ?? ""
      #expect(own.contains("─ target") && own.contains("● after"), "\(columns): \(own)")
      #expect(own.contains("· before") && !own.contains("…"), "\(columns): \(own)")
    }
  }

  // MARK: Layers over time

  @Test("A layer's strip has its method's colour, which is neither good nor bad")
  func strip() throws {
    var state = DashboardState.demo(steps: 1000)
    state.theme = try Theme.load(file: themePath("metatop-dark"))
    let look = Look(theme: state.theme, capabilities: state.capabilities)
    for (key, color) in [("3", 1), ("4", 2)] as [(Character, Int)] {
      _ = state.press(.character(key))
      let grid = state.render(size: GridSize(columns: 200, rows: 50))
      let blocks = look.glyphs.lowerBlocks
      let strips = (0..<50).filter { row in
        (0..<100).count { blocks.contains(grid[row: row, column: $0].scalar) } > 40
      }
      #expect(strips.count >= 4)
      let styles = strips.flatMap { row in
        (0..<100).map { grid[row: row, column: $0] }.filter { blocks.contains($0.scalar) }
          .map(\.style)
      }
      #expect(!styles.contains { [look.good, look.bad, look.warning].contains($0) })
      #expect(styles.contains(look.series(color, strength: 1)), "the largest is the full colour")
    }
  }

  @Test("On the smallest screens layers over time stay inside their border")
  func border() {
    for (columns, rows) in [(40, 12), (41, 13), (60, 16), (80, 24)] {
      var state = DashboardState.demo(steps: 300)
      for (index, key) in ["3", "4"].enumerated() {
        _ = state.press(.character(Character(key)))
        state.show(.heatmap)
        let all = lines(state, columns, rows)
        let top = all.firstIndex { $0.contains("layers over time") } ?? 0
        let bottom = all[(top + 1)...].firstIndex { $0.hasSuffix("╯") } ?? top
        #expect(top > 0 && bottom > top + 1, "\(columns)×\(rows), \(index)")
        for line in all[(top + 1)..<bottom] { #expect(line.hasSuffix("│"), "\(line)") }
      }
    }
  }

  // MARK: Values

  @Test(
    "A value's range stands within sight of it, its symbol is whole, and what is cut has a sign"
  )
  func values() throws {
    let long = HyperparameterDescriptor(
      id: "outer-schedule",
      symbol: "γβ′",
      kind: .choice(["constant-with-a-long-name", "other"]),
      defaultValue: 0,
      help: ""
    )
    let rate = HyperparameterDescriptor(
      id: "rate",
      symbol: "α",
      kind: .linear(0...1, step: 0.1),
      defaultValue: 0.5,
      help: ""
    )
    var state = DashboardState(theme: .terminal, capabilities: .full)
    state.apply(
      .started(
        RunDescription(
          id: RunID(0),
          methodID: "maml",
          methodName: "MAML",
          citation: "",
          task: DemoEvents.task,
          model: "MLP",
          layers: [],
          parameterCounts: [:],
          hyperparameters: [long, rate],
          values: [:],
          probes: [],
          totalSteps: 9,
          metaBatchSize: 1,
          seed: 0,
          threads: 1
        )
      )
    )
    for columns in [80, 120, 200] {
      let all = lines(state, columns, 40)
      let first = try #require(all.first { $0.contains("outer-schedule") })
      #expect(first.contains("γβ′ outer-schedule"), "\(first)")
      #expect(first.contains("constant-with") && first.contains("…"), "\(first)")
      let second = try #require(all.first { $0.contains(" rate ") })
      let value = try #require(second.firstRange(of: "0.5 "))
      let range = try #require(second.firstRange(of: "0 … 1"))
      #expect(second.distance(from: value.lowerBound, to: range.upperBound) <= 44, "\(second)")
    }
  }

  @Test("Of one method a wide card's numbers stand together")
  func oneMethod() throws {
    let state = DashboardState.demo(runs: 1, steps: 300)
    let line = try #require(lines(state, 200, 50).first { $0.contains("before adaptation") })
    let label = try #require(line.firstRange(of: "query loss"))
    let beside = try #require(line.firstRange(of: "before adaptation"))
    #expect(line.distance(from: label.lowerBound, to: beside.upperBound) < 72, "\(line)")
    // Nor does the bar name keys that need a second one.
    let bar = lines(state, 200, 50).last ?? ""
    #expect(!bar.contains("m method") && !bar.contains("d diff"), "\(bar)")
  }

  // MARK: The palette

  @Test("The palette takes an option's form, completes values' names and knows what was meant")
  func palette() {
    var state = DashboardState.demo(steps: 3)
    func type(_ text: String) -> [DashboardEffect] {
      _ = state.press(.character(":"))
      for character in text { _ = state.press(.character(character)) }
      return state.press(.enter)
    }
    let set = DashboardEffect.send(.setHyperparameter(RunID(1), id: "inner-lr", value: 0.1))
    #expect(type("cml.inner-lr 0.1") == [set])
    _ = state.press(.character(":"))
    for character in "inner-l" { _ = state.press(.character(character)) }
    #expect(state.paletteEntries.contains { $0.action == .set("inner-lr") })
    _ = state.press(.escape)
    #expect(type("sweeep").isEmpty)
    #expect(state.message?.text.hasSuffix("did you mean sweep?") == true)
  }

  // MARK: Recordings

  @Test("A recording that is paused while it grows says how to come back to what is live")
  func attached() {
    var state = DashboardState.demo(steps: 30)
    var status = Self.replay
    state.apply(.replayed(status))
    #expect(state.screen(120, 40).contains("ATTACHED"))
    (status.isLive, status.isPaused) = (false, true)
    state.apply(.replayed(status))
    #expect(state.screen(120, 40).contains("REPLAY PAUSED, ) is live"))
    for run in 0..<3 { state.apply(.statusChanged(RunID(run), .finished, step: 30)) }
    #expect(!state.screen(120, 40).contains("is live"))
  }
}
