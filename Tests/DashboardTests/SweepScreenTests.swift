import CellGrid
import Events
import Testing

@testable import Dashboard

/// The league table of a sweep, its map and its importance.
@Suite struct SweepScreenTests {
  /// Two methods over two hyperparameters, of which one has both; `ended` of 3 seeds.
  static func snapshot(ended: Int, isAccuracy: Bool = false) -> SweepSnapshot {
    var rows: [SweepSnapshot.Row] = []
    for (place, rate) in ["0.005", "0.01", "0.02"].enumerated() {
      for (other, gamma) in ["", "0.2", "0.5"].enumerated() {
        let loss = 0.9 + 0.05 * abs(Double(place) - 1) + 0.01 * Double(other)
        let isEnded = ended > 0 && !(place == 2 && other == 2)
        let half = ended > 1 ? 0.03 : nil
        rows.append(
          SweepSnapshot.Row(
            method: gamma.isEmpty ? "MAML" : "CML",
            values: [rate, gamma],
            ended: isEnded ? ended : 0,
            running: ended < 3 && place == 0 ? 1 : 0,
            diverged: isEnded || ended == 0 ? 0 : ended,
            progress: Double(ended) / 3,
            validation: isEnded ? .init(mean: loss + 0.002, half: half) : nil,
            test: isEnded ? .init(mean: loss, half: half) : nil,
            difference: isEnded && !(place == 1 && other == 0)
              ? .init(mean: loss - 0.9, half: half) : nil,
            isBaseline: place == 1 && other == 0
          )
        )
      }
    }
    rows.sort { ($0.test?.mean ?? .infinity) < ($1.test?.mean ?? .infinity) }
    return SweepSnapshot(
      name: "first",
      task: "sinusoid",
      folder: "runs/first",
      axes: ["inner-lr", "gamma"],
      seeds: 3,
      rows: rows,
      importance: ended == 3
        ? [
          .init(method: "CML", id: "inner-lr", share: 0.82, low: 0.61, high: 1),
          .init(method: "CML", id: "gamma", share: 0.04, low: 0, high: 0.2),
          .init(method: "CML", id: "seed", share: 0.1, low: nil, high: nil),
        ] : [],
      isAccuracy: isAccuracy,
      ended: 9 * ended,
      running: ended < 3 ? 2 : 0,
      total: 27,
      progress: Double(ended) / 3
    )
  }

  static func state(
    ended: Int,
    capabilities: TerminalCapabilities = .full,
    isAccuracy: Bool = false
  ) -> SweepState {
    var state = SweepState(
      theme: .terminal,
      capabilities: capabilities,
      isOwner: true,
      command: "metatop sweep --resume runs/first"
    )
    state.tick(now: 0)
    state.apply(.sweep(snapshot(ended: 0, isAccuracy: isAccuracy)))
    state.tick(now: 40)
    state.apply(.sweep(snapshot(ended: ended, isAccuracy: isAccuracy)))
    return state
  }

  func grid(_ state: SweepState, _ columns: Int, _ rows: Int) -> CellGrid {
    state.render(size: GridSize(columns: columns, rows: rows))
  }

  func text(_ state: SweepState, _ columns: Int = 170, _ rows: Int = 40) -> String {
    grid(state, columns, rows).dump()
  }

  @Test func goldenScreens() {
    let state = Self.state(ended: 2)
    expectGolden("sweep-170x36", grid(state, 170, 36))
    expectGolden("sweep-80x24", grid(state, 80, 24))
    expectGolden("sweep-40x12", grid(state, 40, 12))
    expectGolden("sweep-100x40", grid(Self.state(ended: 3), 100, 40))
    let plain = Self.state(ended: 3, capabilities: .ascii)
    expectGolden("sweep-120x40-ascii", grid(plain, 120, 40))
    #expect(grid(plain, 120, 40).cells.allSatisfy { $0.scalar.isASCII })
  }

  @Test(arguments: [(0, 0), (1, 1), (39, 12), (40, 11), (41, 13), (60, 27), (150, 21), (400, 120)])
  func everySizeIsDrawn(_ columns: Int, _ rows: Int) {
    for ended in [0, 1, 3] {
      let drawn = grid(Self.state(ended: ended), columns, rows)
      #expect(drawn.violation == nil && drawn.size.columns == columns)
    }
    var empty = SweepState(theme: .terminal, capabilities: .full, isOwner: false, command: "")
    empty.tick(now: 1)
    #expect(grid(empty, columns, rows).violation == nil)
  }

  @Test func theOrderIsChosen() {
    var state = Self.state(ended: 3)
    #expect(state.rows.first?.values == ["0.01", ""])
    func press(_ keys: Key...) { for key in keys { _ = state.handle(.key(key)) } }
    press(.right, .right)
    #expect(state.order == .axis(0) && state.rows.map { $0.values[0] }.first == "0.005")
    #expect(text(state).contains("inner-lr▾"))
    press(.character("r"))
    #expect(state.rows.map { $0.values[0] }.first == "0.02" && text(state).contains("inner-lr▴"))
    press(.right)
    // What a method has not stands last, in the usual order.
    press(.character("r"))
    #expect(state.rows.suffix(3).allSatisfy { $0.values[1].isEmpty })
    press(.left, .left, .left)
    #expect(state.order == .rank)
  }

  @Test func theSelectionStaysOnItsCombination() {
    var state = Self.state(ended: 1)
    // Untouched, it stays with the best.
    state.apply(.sweep(Self.snapshot(ended: 2)))
    #expect(state.selected == 0)
    for _ in 0..<4 { _ = state.handle(.key(.down)) }
    let chosen = state.selectedRow
    var changed = Self.snapshot(ended: 3)
    changed.rows.reverse()
    state.apply(.sweep(changed))
    #expect(state.selectedRow?.values == chosen?.values && state.selected == 4)
    _ = state.handle(.key(.home))
    #expect(state.selected == 0)
    _ = state.handle(.key(.end))
    #expect(state.selected == 8)
  }

  @Test func theMapFollowsTheSelectedMethod() {
    var state = Self.state(ended: 3)
    // MAML has no gamma, so that its map is a line.
    #expect(text(state).contains("▸0.902   0.952"))
    _ = state.handle(.key(.down))
    let map = text(state)
    #expect(map.contains("inner-lr → · gamma ↓") && map.contains("diverged"))
  }

  @Test func accuraciesAreBetterWhenLarger() {
    var state = Self.state(ended: 3, isAccuracy: true)
    let test = state.snapshot?.rows.last { $0.test != nil }
    for _ in 0..<4 { _ = state.handle(.key(.right)) }
    #expect(state.order == .test && state.rows.first?.values == test?.values)
    #expect(text(state).contains("96.00 ± 3.00"))
  }

  @Test func rowsAreFilteredByWords() {
    var state = Self.state(ended: 3)
    func press(_ keys: Key...) { for key in keys { _ = state.handle(.key(key)) } }
    press(.character("/"))
    for letter in "CML gamma=0.5" { press(.character(letter)) }
    #expect(state.rows.count == 3 && state.rows.allSatisfy { $0.values[1] == "0.5" })
    #expect(text(state).contains("/CML gamma=0.5") && text(state).contains("filter: CML gamma=0.5"))
    // A whole value is that value; a piece of one finds all that begin so.
    var longer = Self.snapshot(ended: 3)
    for index in longer.rows.indices where longer.rows[index].values[1] == "0.2" {
      longer.rows[index].values[1] = "0.55"
    }
    state.apply(.sweep(longer))
    #expect(state.rows.count == 3 && state.rows.allSatisfy { $0.values[1] == "0.5" })
    press(.backspace)
    #expect(state.rows.count == 6)
    press(.character("5"))
    state.apply(.sweep(Self.snapshot(ended: 3)))
    // While one types, q is a letter.
    #expect(state.handle(.key(.character("q"))).isEmpty && state.rows.isEmpty)
    #expect(text(state).contains("no combination is shown; Esc clears the filter"))
    press(.backspace, .enter)
    #expect(state.rows.count == 3 && state.search == nil)
    press(.escape)
    #expect(state.rows.count == 9)
    // A snapshot does not bring back what the filter left out.
    press(.character("/"))
    state.markDrawn()
    _ = state.handle(.paste("maml\u{1b}"))
    #expect(state.needsRedraw)
    state.apply(.sweep(Self.snapshot(ended: 2)))
    #expect(state.rows.count == 3 && state.rows.allSatisfy { $0.method == "MAML" })
  }

  @Test func rowsArePinnedMarkedAndHidden() {
    var state = Self.state(ended: 3)
    func press(_ keys: Key...) { for key in keys { _ = state.handle(.key(key)) } }
    let ranked = state.rows.map(\.id)
    press(.end, .character("p"))
    #expect(state.rows.map(\.id) == [ranked[8]] + ranked.dropLast() && state.selected == 0)
    #expect(text(state).contains("▸^"))
    press(.down, .character("m"))
    #expect(state.selectedRow?.id == ranked[0] && text(state).contains("▸*"))
    // Pinned rows stay, whatever else is shown.
    press(.character("M"))
    #expect(state.rows.map(\.id) == [ranked[8], ranked[0]])
    #expect(text(state).contains("marked only"))
    press(.character("m"))
    #expect(state.rows.count == 9)
    press(.character("x"))
    #expect(state.rows.count == 8 && !state.rows.map(\.id).contains(ranked[0]))
    #expect(text(state).contains("1 hidden; X shows it again"))
    press(.character("X"))
    #expect(state.rows.count == 9)
    press(.home, .character("p"))
    #expect(state.rows.map(\.id) == ranked && state.selectedRow?.id == ranked[8])
    press(.character("X"))
    #expect(text(state).contains("nothing is hidden"))
    press(.character("M"))
    #expect(text(state).contains("nothing is marked"))
  }

  @Test func runsAreOpened() {
    var state = Self.state(ended: 3)
    // A plan's runs have no directory before they begin.
    #expect(
      state.handle(.key(.enter)).isEmpty && text(state).contains("none of these runs has begun")
    )
    var snapshot = Self.snapshot(ended: 3)
    for index in snapshot.rows.indices { snapshot.rows[index].folders = ["runs/\(index)"] }
    state.apply(.sweep(snapshot))
    #expect(state.handle(.key(.enter)) == [.openRuns(["runs/0"])])
    _ = state.handle(.key(.character("m")))
    _ = state.handle(.key(.end))
    _ = state.handle(.key(.character("m")))
    _ = state.handle(.key(.up))
    #expect(state.handle(.key(.enter)) == [.openRuns(["runs/0", "runs/8"])])
    snapshot.rows[0].folders = (0...SweepState.openLimit).map { "runs/\($0)" }
    state.apply(.sweep(snapshot))
    #expect(state.handle(.key(.enter)).isEmpty && text(state).contains("too many to show"))
  }

  @Test func timeLeftIsTold() {
    // A third in 40 seconds: 80 more.
    #expect(Self.state(ended: 1).secondsLeft.map { abs($0 - 80) < 1e-6 } == true)
    #expect(text(Self.state(ended: 1)).contains("9 of 27 runs · 2 running · about 1:20 left"))
    #expect(Self.state(ended: 3).secondsLeft == nil)
    #expect(text(Self.state(ended: 3)).contains("27 of 27 runs · ended"))
  }

  @Test func keysThatLeaveTheScreen() {
    var state = Self.state(ended: 1)
    #expect(text(state).contains("q stop"))
    #expect(text(Self.state(ended: 3)).contains("q quit"))
    var ended = Self.state(ended: 3)
    #expect(ended.handle(.key(.character("q"))) == [.quit])
    #expect(state.handle(.key(.character("q"))).isEmpty)
    #expect(
      text(state).contains("stop and keep") && text(state).contains("9 of 27 runs have ended")
    )
    #expect(state.handle(.key(.character("q"))).isEmpty && state.overlay == nil)
    _ = state.handle(.key(.control("c")))
    #expect(state.handle(.key(.enter)) == [.end(.keep)])
    #expect(state.handle(.key(.control("c"))) == [.leaveNow])
    state.overlay = nil
    #expect(state.handle(.key(.control("z"))) == [.suspend])
    #expect(state.handle(.key(.character("w"))) == [.saveScreen])
    #expect(state.handle(.key(.character("y"))) == [.copy("metatop sweep --resume runs/first")])
    #expect(text(state).contains("copied: metatop sweep --resume runs/first"))
    let table = state.handle(.key(.character("o")))
    guard case .saveTable(let rows)? = table.first else {
      Issue.record("no table")
      return
    }
    #expect(rows.count == 10 && rows[0].prefix(3) == ["method", "inner-lr", "gamma"])
  }

  @Test func nothingNewAsksForNoFrame() {
    var state = Self.state(ended: 1)
    state.markDrawn()
    state.apply(.sweep(Self.snapshot(ended: 1)))
    state.tick(now: 40.5)
    #expect(!state.needsRedraw)
    state.tick(now: 41)
    #expect(state.needsRedraw)
  }
}
