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

  /// What a method declares is explained by what it declares, to the last probe.
  @Test func everyProbeOfEveryDeclaredPanel() throws {
    for method in ["maml", "cml", "metaperturb"] {
      for form in ["regression", "classification"] {
        let description = DemoEvents.declared(method, form)
        var state = DashboardState(theme: .terminal, capabilities: .full)
        state.apply(.started(description))
        let run = try #require(state.runs.first)
        for panel in description.panels {
          let names = Set(state.explanations(of: .declared(panel.id)).map(\.name))
          for case .rows(let keys) in panel.parts {
            for key in keys {
              guard let quantity = run.quantity(key) else { continue }
              #expect(names.contains(quantity.label), "\(method) \(form) \(panel.id): \(key)")
            }
          }
          for case .table(let table) in panel.parts {
            for column in table.columns where !run.layers(with: column.prefix).isEmpty {
              #expect(names.contains(column.title), "\(method) \(form) \(panel.id): \(column)")
            }
          }
        }
        let own = state.explanations(of: .hyperparameters)
        #expect(own.map(\.name) == description.hyperparameters.map(\.id))
      }
    }
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
