import CellGrid
import Events
import Testing

@testable import Dashboard

/// Every number of a panel is explained, from declarations where there are some.
@Suite struct ExplanationTests {
  @Test func everyPanelExplainsSomethingInWholeSentences() {
    for task in [DemoEvents.task, DemoEvents.images] {
      let state = DashboardState.demo(steps: 1_200, task: task)
      for kind in state.panelKinds {
        let all = state.explanations(of: kind)
        #expect(!all.isEmpty, "\(kind)")
        for one in all { #expect(!one.name.isEmpty && one.text.count > 10, "\(kind): \(one)") }
      }
    }
  }

  /// What a method declares is explained by what it declares, to the last probe: of every method there is.
  @Test(arguments: DemoEvents.allDeclared)
  func everyNumberOfEveryMethod(_ declared: DemoEvents.Declared) throws {
    let description = declared.description
    var state = DashboardState(theme: .terminal, capabilities: .full)
    state.apply(.started(description))
    let run = try #require(state.runs.first)
    var explained: Set<String> = []
    for panel in description.panels {
      let all = state.explanations(of: .declared(panel.id))
      explained.formUnion(all.map(\.name))
      let names = Set(all.map(\.name))
      for part in panel.parts {
        switch part {
        case .rows(let keys), .cells(let keys, _):
          for quantity in keys.compactMap({ run.quantity($0) }) {
            #expect(names.contains(quantity.label), "\(panel.id): \(quantity.label)")
          }
        case .table(let table):
          for column in table.columns where !run.layers(with: column.prefix).isEmpty {
            #expect(names.contains(column.title), "\(panel.id): \(column)")
          }
        case .accuracyByDraws(let title, _): #expect(names.contains(title))
        case .plane: #expect(!all.isEmpty)
        }
      }
      for one in all { #expect(one.text.count > 10 || one.text.contains(" "), "\(one)") }
    }
    let own = state.explanations(of: .hyperparameters)
    #expect(own.map(\.name) == description.hyperparameters.map(\.id))
    for probe in description.probes { #expect(probe.help.contains(" "), "\(probe.key)") }
    // The layers' own pictures, and the moments of an outer step.
    for quantity in LayerQuantity.quantities(of: run) {
      #expect(state.explanations(of: .heatmap).contains { $0.name == quantity.label })
    }
    if run.isAdapting {
      let moments = state.explanations(of: .innerLoop).map(\.name)
      for moment in description.moments { #expect(moments.contains(moment.title)) }
    }
    // Every panel, on every size, with all its explanations open.
    for kind in state.availablePanels {
      state.panel = kind
      state.overlay = .explanation(selected: state.explained.count - 1)
      #expect(state.screen(80, 24).contains("what is what"), "\(kind)")
    }
  }

  /// What stands above every layout is explained on every layout: head line, cards, verdict.
  @Test func cardsHeadAndVerdict() {
    for task in [DemoEvents.task, DemoEvents.images] {
      var state = DashboardState.demo(steps: 1_200, task: task)
      state.apply(.validation(Self.scored(RunID(0), 1)))
      state.apply(.validation(Self.scored(RunID(1), 2)))
      state.apply(.validation(Self.scored(RunID(2), 3)))
      #expect(state.shownVerdict != nil)
      for kind in state.panelKinds {
        state.panel = kind
        let names = state.explained.map(\.name)
        for name in [
          "outer", "inner", "query loss", "validation", "gradient", "steps/s", "ETA", "elapsed",
          "A − B x ± y", "told apart since step N",
        ] {
          #expect(names.contains(name), "\(kind): \(name)")
        }
        #expect(names.contains("accuracy") == (task.kind == .classification) || kind == .accuracy)
      }
    }
  }

  private static func scored(_ run: RunID, _ loss: Float) -> ValidationReport {
    ValidationReport(
      run: run,
      step: 2_000,
      loss: loss,
      lossConfidence95: 0.1,
      lossByInnerStep: [],
      episodes: 40,
      scores: (0..<40).map { loss + Float($0 % 7) / 100 }
    )
  }

  /// A number outside of what is healthy is marked, explained, and told once when it stays there.
  @Test func whatIsNotHealthyIsMarkedAndTold() throws {
    var state = DashboardState.demo(steps: 1)
    let cml = try #require(state.runs.first { $0.description.methodID == "cml" })
    let place = try #require(
      cml.description.probes.firstIndex { $0.key == "colearner_norm_ratio" }
    )
    #expect(cml.description.probes[place].healthy?.high == 1)
    for step in 2...400 {
      var values = cml.description.probes.map { _ in Float(0.5) }
      values[place] = step < 200 ? 0.5 : 3
      let report = StepReport(
        run: cml.id,
        step: step,
        seconds: Double(step),
        queryLoss: 1,
        supportLoss: 1,
        metaGradientNorm: 1,
        probes: StepProbes(
          supportLosses: [1, 0.5],
          queryLosses: [1, 0.5],
          innerGradientNorms: [],
          values: values
        )
      )
      state.apply(.step(report))
    }
    let told = state.log.entries.filter { $0.kind == .warning }
    #expect(told.count == 1 && told[0].text.contains("healthy: up to 1"))
    state.show(.coLearner)
    state.resize(to: GridSize(columns: 200, rows: 50))
    #expect(state.screen(200, 50).contains("3.0000 !") || state.screen(200, 50).contains("3.0000!"))
    let one = state.explanations(of: .coLearner).first { $0.isUnhealthy }
    #expect(one?.healthy.hasPrefix("up to 1: ") == true && one?.value == "3.0000")
    _ = state.press(.character("K"), .down, .down)
    #expect(state.screen(200, 50).contains("now 3.0000 !"))
  }

  /// The league table, the map and the importance explain themselves by the same key.
  @Test func theScreenOfASweep() {
    var state = SweepScreenTests.state(ended: 3)
    state.resize(to: GridSize(columns: 200, rows: 50))
    func screen() -> String { state.render(size: state.size).dump() }
    var snapshot = SweepScreenTests.snapshot(ended: 3)
    snapshot.verdict = "CML at inner-lr 0.01 is told apart"
    state.apply(.sweep(snapshot))
    _ = state.handle(.key(.character("K")))
    #expect(screen().contains("what is what league table"))
    let names = state.explained.map(\.name)
    for title in ["method", "inner-lr", "gamma", "seeds", "validation", "test", "difference"] {
      #expect(names.contains(title) && screen().contains(title), "\(title)")
    }
    #expect(names.contains("curve") && names.contains("remarks"))
    #expect(names.contains("± y over n comparisons"))
    _ = state.handle(.key(.escape))
    for word in ["map", "importance", "league table"] {
      _ = state.handle(.key(.tab))
      _ = state.handle(.key(.character("K")))
      #expect(screen().contains("what is what \(word)"), "\(word)")
      #expect(state.explained.allSatisfy { $0.text.count > 10 })
      _ = state.handle(.key(.character("q")))
    }
    // Where there is the table alone, tab says so.
    state.resize(to: GridSize(columns: 80, rows: 24))
    _ = state.handle(.key(.tab))
    #expect(state.message?.text.contains("larger window") == true)
    _ = state.handle(.key(.character("K")))
    #expect(state.render(size: state.size).dump().contains("league table"))
  }

  @Test func aKeyOpensItAndHarmlessKeysCloseIt() {
    for close: Key in [.character("q"), .escape, .character("K"), .enter] {
      var state = DashboardState.demo(steps: 100)
      state.show(.adaptation)
      #expect(state.press(.character("K")).isEmpty)
      #expect(state.overlay == .explanation(selected: 0))
      let screen = state.screen(120, 40)
      #expect(screen.contains("what is what adaptation") && screen.contains("L_Q(θ_k)"))
      #expect(state.press(.down, .down, .up).isEmpty)
      #expect(state.overlay == .explanation(selected: 1))
      #expect(state.press(close).isEmpty && state.overlay == nil)
    }
  }

  /// The line under the focused panel is of the row that is selected.
  @Test func theBorderExplainsTheSelectedRow() throws {
    var state = DashboardState.demo(steps: 100)
    state.show(.hyperparameters)
    let run = try #require(state.focused)
    let all = run.description.hyperparameters
    #expect(state.screen(200, 50).contains(" \(all[0].id): "))
    #expect(state.press(.down).isEmpty)
    #expect(state.screen(200, 50).contains(" \(all[1].id): "))
  }

  /// Whatever a recording declares, and however small the screen is.
  @Test func sizesAndHostileTexts() {
    var state = DashboardState.demo(steps: 100)
    for kind in state.panelKinds {
      state.panel = kind
      state.overlay = .explanation(selected: 99)
      for size in [(1, 1), (40, 12), (80, 24), (200, 50)] {
        _ = state.render(size: GridSize(columns: size.0, rows: size.1))
      }
    }
  }
}
