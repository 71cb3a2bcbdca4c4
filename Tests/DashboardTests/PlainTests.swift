import CellGrid
import Events
import Testing

@testable import Dashboard

/// The dashboard in lines: what is said, when, and what may be typed.
@Suite struct PlainTests {
  private func plain(_ steps: Int = 1_200, every: Double = 10) -> DashboardState {
    var state = DashboardState.demo(steps: steps)
    state.resize(to: GridSize(columns: 200, rows: 60))
    state.becomePlain(every: every)
    state.markDrawn()
    return state
  }

  /// Types a line; what it says, and what must happen.
  private func type(
    _ line: String,
    _ state: inout DashboardState
  ) -> (said: String, effects: [DashboardEffect]) {
    state.markDrawn()
    let effects = state.handle(.paste(line))
    return (state.render(size: GridSize(columns: 1, rows: 1)).dump(), effects)
  }

  @Test func reportsComeAtTheirPaceAndOnlyWithNews() {
    var state = plain()
    state.tick(now: 84)
    let first = state.render(size: GridSize(columns: 80, rows: 24)).dump()
    #expect(first.contains("MAML: running, outer step 1,200 of 30,000, query loss "))
    #expect(first.contains("CML: running") && first.contains("elapsed 1:24"))
    #expect(!first.contains("│") && !first.contains("●"))
    state.markDrawn()
    state.tick(now: 90)
    #expect(state.plain?.pending.isEmpty == true, "not yet")
    state.tick(now: 95)
    #expect(state.plain?.pending.isEmpty == true, "nothing is new but the clock")
    var demo = DemoEvents()
    state.apply(demo.step(1_201, of: 0, classification: false))
    state.tick(now: 106)
    #expect(state.plain?.pending.contains { $0.contains("outer step 1,201") } == true)
  }

  @Test func eventsAreAnnouncedAtOnceAndTogether() {
    var state = plain()
    state.tick(now: 83.05)
    state.markDrawn()
    for run in 0..<3 { state.apply(.statusChanged(RunID(run), .paused, step: 1_200)) }
    state.tick(now: 83.1)
    let paused = state.plain?.pending.filter { $0.contains("paused") } ?? []
    #expect(paused.count == 1, "\(paused)")
    #expect(paused.first?.hasPrefix("MAML, CML, MetaPerturb: paused") == true)
    state.markDrawn()
    let report = DivergenceReport(
      run: RunID(1),
      step: 1_200,
      quantity: "meta-gradient",
      since: 1_180,
      value: .infinity,
      isDivergence: true
    )
    state.apply(.diverging(report))
    state.tick(now: 83.2)
    #expect(state.plain?.pending.first?.hasPrefix("ALARM: CML: diverged") == true)
  }

  @Test func theEndIsSaidOnceAndEndsAPipe() {
    var state = plain()
    for run in 0..<3 { state.apply(.statusChanged(RunID(run), .stopped, step: 1_200)) }
    state.tick(now: 84)
    #expect(state.plain?.pending.last?.hasPrefix("all runs have ended") == true)
    #expect(!state.isDone)
    state.endInput()
    state.markDrawn()
    #expect(state.isDone)
    state.tick(now: 85)
    #expect(state.plain?.pending.isEmpty == true)
  }

  @Test func actionsByTheirNamesAndValues() {
    var state = plain()
    #expect(type("toggle-pause", &state).effects == [.send(.pause)])
    let changed = type("maml.inner-lr 0.1", &state)
    #expect(
      changed.effects == [.send(.setHyperparameter(RunID(0), id: "inner-lr", value: 0.1))]
    )
    #expect(type("inner-lr=0.2", &state).effects.count == 1)
    #expect(type("inner-lr ten", &state).said.contains("inner-lr"))
    #expect(type("next-run", &state).said == "CML")
    #expect(type("iner-lr 0.1", &state).said.contains("did you mean inner-lr?"))
    #expect(type("nonsense", &state).said.contains("no action or hyperparameter"))
    #expect(type("   ", &state).said.isEmpty)
    #expect(type("save-screen", &state).said == "there is no screen here to do that with")
    #expect(type("increase", &state).effects.count == 1, "nothing is hidden where nothing is shown")
  }

  @Test func panelsAreReadAloud() {
    var state = plain()
    #expect(type("show-hyperparameters", &state).said.contains("inner-lr 0.0"))
    #expect(type("show-adaptation", &state).said.contains("after 1 inner steps: support "))
    #expect(type("show-chart", &state).said.contains("MAML: "))
    #expect(type("show-co-learner", &state).said.contains("co-learner, CML"))
    for kind in state.panelKinds {
      #expect(type("show-\(kind.actionName)", &state).said.count > 10, "\(kind)")
    }
    #expect(type("explain", &state).said.contains(": "))
    #expect(type("state", &state).said.contains("MAML: running"))
    #expect(type("help pause", &state).said.contains("toggle-pause: pause or resume all runs"))
    for name in state.keys.bindings.filter({ $0.context != .table }).map(\.action.name)
    where !["quit", "suspend", "new-comparison", "sweep", "branch", "preset-sweep"].contains(name) {
      _ = type(name, &state)
      #expect(state.overlay == nil, "\(name)")
      #expect(state.render(size: GridSize(columns: 1, rows: 1)).violation == nil)
    }
  }

  @Test func leavingAsksInWords() {
    var state = plain()
    #expect(type("quit", &state).said.contains("3 runs are under way"))
    #expect(type("yes", &state).said == "end, test or stay?")
    #expect(type("stay", &state).said == "nothing ends")
    _ = type("quit", &state)
    #expect(type("end", &state).effects == [.end(.keep)])
    var other = plain()
    #expect(other.handle(.key(.control("c"))).isEmpty)
    #expect(other.plain?.pending.last?.contains("Ctrl-C again leaves at once") == true)
    #expect(other.handle(.key(.control("c"))) == [.leaveNow])
  }

  @Test func linesAreASCIIWhereTheTerminalIs() {
    var state = DashboardState.demo(steps: 1_200, capabilities: .ascii)
    state.becomePlain(every: 1)
    state.tick(now: 84)
    let text = state.render(size: GridSize(columns: 80, rows: 24)).dump()
    #expect(text.unicodeScalars.allSatisfy { $0.isASCII } && text.contains("+-"))
  }
}
