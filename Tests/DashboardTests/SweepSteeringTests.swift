import CellGrid
import Events
import Testing

@testable import Dashboard

/// What the league table does to its sweep, and what its rows and panels show of it.
extension SweepScreenTests {
  @Test func numberKeysOpenRunsInThatLayout() {
    var state = Self.state(ended: 3)
    var snapshot = Self.snapshot(ended: 3)
    for index in snapshot.rows.indices { snapshot.rows[index].folders = ["runs/\(index)"] }
    state.apply(.sweep(snapshot))
    #expect(
      state.handle(.key(.character("2"))) == [.openRuns(["runs/0"], action: "preset-compare")]
    )
    #expect(
      state.handle(.key(.character("5"))) == [.openRuns(["runs/0"], action: "preset-inner-loop")]
    )
    #expect(state.handle(.key(.character("6"))) == [])
    #expect(text(state).contains("this is the league table"))
    // A branch is of one combination, whatever is marked.
    _ = state.handle(.key(.character("m")))
    _ = state.handle(.key(.down))
    #expect(state.handle(.key(.character("b"))) == [.openRuns(["runs/1"], action: "branch")])
  }

  @Test func theOpenedRunsBeginWithWhatWasAskedAndComeBackOnSix() {
    var state = DashboardState.demo(steps: 50)
    state.firstAction = "preset-compare"
    state.tick(now: state.now + 0.1)
    #expect(state.preset == .compare && state.firstAction == nil)
    #expect(state.press(.character("6")) == [])
    #expect(state.screen(120, 40).contains("nothing can be swept from here"))
    state.isInsideSweep = true
    #expect(state.press(.character("6")) == [.quit])
  }

  @Test func theSweepIsSteered() throws {
    var state = Self.state(ended: 1)
    let row = try #require(state.selectedRow)
    #expect(state.handle(.key(.character(" "))) == [.steer(.togglePause)])
    #expect(state.handle(.key(.character("h"))) == [.steer(.toggleHalving)])
    #expect(state.handle(.key(.character("s"))) == [.steer(.toggleStop(row))])
    #expect(state.handle(.key(.character("f"))) == [.steer(.first(row))])
    var snapshot = Self.snapshot(ended: 1)
    snapshot.isPaused = true
    snapshot.isHalving = true
    snapshot.nextRung = "rung 2/3 at step 500"
    snapshot.stopped = 4
    snapshot.rows[7].stopped = "stopped at rung 1/3"
    snapshot.rows[7].test = nil
    snapshot.rows[6].isUrgent = true
    snapshot.rows[6].running = 0
    state.apply(.sweep(snapshot))
    state.tick(now: 50)
    let shown = text(state)
    #expect(shown.contains("PAUSED · 4 stopped") && shown.contains("space resume"))
    #expect(shown.contains("rung 2/3 at step 500 · loss") && shown.contains("stopped at rung 1/3"))
    #expect(shown.contains(" next "))
    // What is left after halving, nobody can foresee.
    #expect(state.secondsLeft == nil)
    var watched = SweepState(
      theme: .terminal,
      capabilities: .full,
      isOwner: false,
      command: "metatop sweep --resume runs/first"
    )
    watched.apply(.sweep(snapshot))
    #expect(watched.handle(.key(.character(" "))) == [])
    #expect(text(watched).contains("it can only be watched from here"))
  }

  @Test func aSweepIsOverWhenOnlyStoppedRunsAreLeft() {
    var state = Self.state(ended: 1)
    var snapshot = Self.snapshot(ended: 1)
    snapshot.stopped = 18
    snapshot.running = 0
    state.apply(.sweep(snapshot))
    #expect(text(state).contains("9 of 27 runs · ended · 18 stopped"))
    #expect(text(state).contains("q quit"))
  }

  @Test func adoptingASweepThatIsStillMadeIsAskedForTwice() throws {
    var state = Self.state(ended: 1)
    let row = try #require(state.selectedRow)
    #expect(state.handle(.key(.character("a"))) == [])
    #expect(text(state).contains("a again: stop the sweep"))
    // Another row is another question.
    _ = state.handle(.key(.down))
    #expect(state.handle(.key(.character("a"))) == [])
    _ = state.handle(.key(.up))
    #expect(state.handle(.key(.character("a"))) == [])
    #expect(state.handle(.key(.character("a"))) == [.adopt(row)])
    var ended = Self.state(ended: 3)
    let first = try #require(ended.selectedRow)
    #expect(ended.handle(.key(.character("a"))) == [.adopt(first)])
  }

  @Test func helpListsTheKeysAndAnyKeyClosesIt() {
    var state = Self.state(ended: 1)
    _ = state.handle(.key(.character("?")))
    for (columns, rows) in [(170, 40), (80, 24), (40, 12)] {
      #expect(text(state, columns, rows).contains("─ keys"))
    }
    #expect(text(state).contains("make this combination's runs next"))
    #expect(state.handle(.key(.character("q"))) == [])
    #expect(!text(state).contains("─ keys"))
  }

  @Test func rowsShowTheirCurvesWhereThereIsRoom() {
    var state = Self.state(ended: 3)
    var snapshot = Self.snapshot(ended: 3)
    for index in snapshot.rows.indices {
      snapshot.rows[index].curve = (0..<10).map { 4 / Float($0 + 1) + Float(index) }
    }
    state.apply(.sweep(snapshot))
    expectGolden("sweep-curves-200x24", grid(state, 200, 24))
    #expect(!text(state, 120, 40).contains(" curve"))
  }

  @Test func moreThanTwoHyperparametersAreLinesAcross() throws {
    var snapshot = Self.snapshot(ended: 3)
    snapshot.axes = ["inner-lr", "gamma", "inner-steps"]
    var rows: [SweepSnapshot.Row] = []
    for row in snapshot.rows where row.method == "CML" {
      for steps in ["1", "3", "5"] {
        var own = row
        own.values = [row.values[0], row.values[1], steps]
        own.test = own.test.map { .init(mean: $0.mean - 0.02 * (Double(steps) ?? 0), half: nil) }
        own.isBaseline = false
        rows.append(own)
      }
    }
    snapshot.rows = rows
    var state = Self.state(ended: 3)
    state.apply(.sweep(snapshot))
    expectGolden("sweep-lines-170x40", grid(state, 170, 40))
    for (columns, rows) in [(0, 0), (1, 1), (40, 12), (80, 24), (80, 30), (200, 50)] {
      #expect(grid(state, columns, rows).size == GridSize(columns: columns, rows: rows))
    }
  }
}
