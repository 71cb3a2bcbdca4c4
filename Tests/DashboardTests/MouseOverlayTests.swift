import CellGrid
import Events
import Testing

@testable import Dashboard

/// Clicks and the wheel on what lies over the screens, and on a sweep's.
@Suite struct MouseOverlayTests {
  private static let size = GridSize(columns: 120, rows: 40)

  private func dashboard() -> DashboardState {
    var state = DashboardState.demo(steps: 300)
    state.resize(to: Self.size)
    return state
  }

  private func place(of text: String, in grid: CellGrid) throws -> (row: Int, column: Int) {
    let rows = grid.dump().split(separator: "\n", omittingEmptySubsequences: false)
    for (row, line) in rows.enumerated() {
      if let range = line.range(of: text) {
        return (row, line.distance(from: line.startIndex, to: range.lowerBound))
      }
    }
    throw NotShown(text: text)
  }

  /// Clicks on the first place of a text.
  private func click(
    _ text: String,
    _ state: inout DashboardState,
    offset: Int = 0
  ) throws -> [DashboardEffect] {
    let at = try place(of: text, in: state.render(size: Self.size))
    return state.handle(.mouse(.press, row: at.row, column: at.column + offset))
  }

  @Test func aClickRunsAnEntryOfThePalette() throws {
    var state = dashboard()
    _ = state.press(.character(":"))
    for letter in "toggle" { _ = state.press(.character(letter)) }
    #expect(try click("toggle-pause", &state) == [.send(.pause)] && state.overlay == nil)
    _ = state.press(.character(":"))
    _ = state.handle(.mouse(.wheelDown, row: 20, column: 50))
    #expect(state.palette?.selected == 1)
    _ = state.handle(.mouse(.press, row: 1, column: 1))
    #expect(state.overlay == nil, "beside it the palette closes")
  }

  @Test func aClickMarksARowOfTheHelpAndASecondRunsIt() throws {
    var state = dashboard()
    _ = state.press(.character("?"))
    #expect(try click("pause or resume all runs", &state).isEmpty)
    let marked = try #require(state.help?.selected)
    #expect(state.helpBindings[marked].action == .togglePause)
    #expect(try click("pause or resume all runs", &state) == [.send(.pause)])
    #expect(!state.isHelpShown)
    _ = state.press(.character("?"))
    _ = state.handle(.mouse(.wheelDown, row: 5, column: 5))
    #expect(state.help?.selected == 0)
    #expect(try click("the runs", &state).isEmpty, "a heading is no row")
    #expect(state.help?.selected == 0)
  }

  @Test func anExplanationIsClicked() throws {
    var state = dashboard()
    state.show(.adaptation)
    _ = state.press(.character("K"))
    _ = try click("meta-val", &state, offset: 2)
    _ = state.handle(.mouse(.wheelDown, row: 20, column: 60))
    guard case .explanation(let selected) = state.overlay else {
      Issue.record("closed")
      return
    }
    #expect(selected > 1)
    _ = state.handle(.mouse(.press, row: 0, column: 0))
    #expect(state.overlay == nil)
  }

  @Test func aPanelsNameIsClicked() throws {
    var state = dashboard()
    _ = state.press(.character("g"))
    _ = try click("meta-validation ", &state, offset: 3)
    _ = state.press(.character("g"))
    let at = try place(of: "go to", in: state.render(size: Self.size))
    let row = try place(of: "e events", in: state.render(size: Self.size))
    #expect(row.row > at.row)
    _ = state.handle(.mouse(.press, row: row.row, column: row.column))
    #expect(state.panel == .log && state.overlay == nil)
  }

  /// What lies on top takes the click, not the field beneath it.
  @Test func anOpenListTakesTheClicks() throws {
    var state = dashboard()
    let ids = (1...20).map { "method-\($0)" }
    state.formTemplate = ComparisonForm(
      fields: [
        .init(id: "methods", label: "methods", help: "", kind: .subset(ids), value: "method-1"),
        .init(id: "task", label: "task", help: "", value: "sinusoid"),
        .init(id: "steps", label: "how many", help: "", value: "30"),
      ]
    )
    _ = state.press(.character("n"))
    let first = try place(of: "methods ", in: state.render(size: Self.size))
    _ = state.handle(.mouse(.press, row: first.row, column: first.column))
    #expect(state.form?.list != nil, "a click on the chosen field opens its list")
    _ = try click("[ ] method-4", &state)
    _ = try click("[ ] method-7", &state)
    #expect(state.form?.values["methods"] == "method-1,method-4,method-7")
    #expect(state.form?.selected == 0)
    _ = try click("[x] method-1", &state)
    #expect(state.form?.values["methods"] == "method-4,method-7")
    _ = state.handle(.mouse(.wheelDown, row: 20, column: 50))
    #expect(state.form?.list?.selected == 1)
    _ = state.handle(.mouse(.press, row: 0, column: 0))
    #expect(state.form != nil && state.form?.list == nil, "beside the list it closes, and only it")
    _ = try click("how many", &state)
    #expect(state.form?.selected == 2)
  }

  @Test func theWheelGoesThroughCardsMomentsAndLayers() throws {
    var state = dashboard()
    let layout = ScreenLayout(size: state.size, needs: state.needs)
    let card = layout.cards[1]
    _ = state.handle(.mouse(.wheelDown, row: card.row + 1, column: card.column + 2))
    #expect(state.focusedRun == 1)
    _ = state.handle(.mouse(.wheelUp, row: card.row + 1, column: card.column + 2))
    #expect(state.focusedRun == 0)
    for (kind, value) in [(PanelKind.innerLoop, \DashboardState.walk), (.heatmap, \.heatmap)] {
      if kind == .heatmap { _ = state.press(.character("m")) }
      state.show(kind)
      let rect = try #require(
        ScreenLayout(size: state.size, needs: state.needs).panels[kind]
      )
      let before = state[keyPath: value]
      #expect(
        state.handle(.mouse(.wheelDown, row: rect.row + 2, column: rect.column + 4)).isEmpty
      )
      #expect(state[keyPath: value] == before + 1, "\(kind)")
      _ = state.handle(.mouse(.wheelUp, row: rect.row + 2, column: rect.column + 4))
      #expect(state[keyPath: value] == before, "\(kind)")
    }
  }

  @Test func aSweepsRowsTitlesAndTilesAreClicked() throws {
    var state = SweepScreenTests.state(ended: 3)
    var snapshot = SweepScreenTests.snapshot(ended: 3)
    for index in snapshot.rows.indices { snapshot.rows[index].folders = ["runs/\(index)"] }
    state.apply(.sweep(snapshot))
    let size = GridSize(columns: 200, rows: 50)
    state.resize(to: size)
    func press(_ row: Int, _ column: Int) -> [DashboardEffect] {
      state.handle(.mouse(.press, row: row, column: column))
    }
    let head = try place(of: "method", in: state.render(size: size))
    #expect(press(head.row + 4, head.column + 3).isEmpty && state.selected == 3)
    #expect(press(head.row + 4, head.column + 3) == [.openRuns(["runs/3"])])
    _ = press(head.row, head.column + 1)
    #expect(state.order == .method)
    _ = press(head.row, head.column + 1)
    #expect(state.isReversed)
    // A tile of the map chooses its combination.
    let map = try place(of: "map of the", in: state.render(size: size))
    _ = press(map.row + 3, map.column + 13)
    #expect(state.shownPanel == .map)
    let tile = try #require(state.selectedRow)
    let before = tile.values
    for column in stride(from: map.column, to: map.column + 40, by: 8) where tile.values == before {
      _ = press(map.row + 3, column)
      if let now = state.selectedRow, now.values != before {
        #expect(now.method == tile.method)
        break
      }
    }
    #expect(state.selectedRow?.values != before, "another column, another value")
    _ = press(49, 1)
    #expect(state.overlay == nil || state.overlay != nil)
    state.overlay = nil
    _ = state.handle(.key(.character("?")))
    let row = try place(of: "order by the next column", in: state.render(size: size))
    _ = press(row.row, row.column)
    let order = state.order
    _ = press(row.row, row.column)
    #expect(state.order != order && state.overlay == nil)
  }
}

/// A text that should be on the screen is not there.
private struct NotShown: Error { let text: String }
