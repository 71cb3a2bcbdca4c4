import CellGrid
import Events
import Testing

@testable import Dashboard

/// What lies over the screen closes harmlessly, and nothing ends unasked.
@Suite struct LeavingTests {
  /// Every overlay in which no text is typed, by the keys that open it.
  @Test(arguments: [[Key.character("?")], [.character("g")], [.character("q")]])
  func qClosesWhatLiesOverTheScreen(keys: [Key]) {
    var state = DashboardState.demo(steps: 9)
    for key in keys { #expect(state.handle(.key(key)).isEmpty) }
    #expect(state.overlay != nil)
    #expect(state.press(.character("q")).isEmpty && state.overlay == nil)
  }

  @Test(arguments: [":", "/", "="])
  func qIsALetterWhereTextIsTyped(key: String) {
    var state = DashboardState.demo(steps: 9)
    #expect(state.press(.character(Character(key)), .character("q")).isEmpty)
    #expect(state.overlay != nil)
    #expect(state.press(.escape).isEmpty && state.overlay == nil)
  }

  @Test func thereIsOneOverlayAtMost() {
    var state = DashboardState.demo(steps: 9)
    _ = state.press(.character("?"), .character("/"), .character("z"))
    #expect(state.help?.search?.text == "z" && state.search == nil)
    #expect(state.filter.isEmpty, "the events' own filter is another")
    _ = state.press(.escape)
    #expect(state.isHelpShown && state.help?.filter == "")
  }

  @Test func thePaletteNeverBeginsWithQuit() {
    var state = DashboardState.demo(steps: 9)
    _ = state.press(.character(":"))
    #expect(state.paletteEntries.first?.action != .quit)
    #expect(state.paletteEntries.last?.action == .quit)
    #expect(state.press(.enter).isEmpty && state.overlay == .explanation(selected: 0))
    _ = state.press(.escape, .character(":"))
    for letter in "quit" { _ = state.press(.character(letter)) }
    #expect(state.press(.enter).isEmpty, "chosen by name it asks like the key")
    #expect(state.overlay == .leaving(LeaveDialog(choices: [.keep, .test, .stay])))
  }

  @Test func leavingIsAskedOnceAndSaysWhatIsKept() {
    var state = DashboardState.demo(runs: 2, steps: 9)
    #expect(state.press(.character("q")).isEmpty)
    let screen = state.screen(80, 24)
    for text in [
      "2 runs are under way (outer step 9)", "a checkpoint", "end and keep",
      "finish the step and meta-test now", "s  stay",
    ] {
      #expect(screen.contains(text), "\(text)")
    }
    #expect(state.screen(40, 12).contains("end and keep"))
    #expect(state.press(.down, .enter) == [.end(.test)])
    state.apply(.checkpointWritten(RunID(0), step: 7))
    let ending = state.screen(80, 24)
    #expect(ending.contains("MAML finishes outer step 10, then meta-test"))
    #expect(ending.contains("last checkpoint: 7"))
    #expect(state.press(.character("q"), .enter).isEmpty, "it is under way already")
    #expect(state.press(.control("c")) == [.leaveNow])
  }

  @Test func controlCAsksTooAndTheSecondLeaves() {
    var state = DashboardState.demo(steps: 9)
    _ = state.press(.character("n"), .character("?"))
    #expect(state.press(.control("c")).isEmpty && state.overlay != nil)
    #expect(state.press(.control("c")) == [.leaveNow])
    var other = DashboardState.demo(steps: 9)
    #expect(other.press(.character("q"), .character("s")).isEmpty && other.overlay == nil)
    #expect(other.press(.character("q"), .character("e")) == [.end(.keep)])
  }

  @Test func aRecordingIsLeftAtOnce() {
    var state = DashboardState.demo(steps: 9)
    state.apply(.inRecording)
    #expect(state.press(.character("q")) == [.quit])
  }

  @Test func escapeGoesBackToThePlainLayout() {
    var state = DashboardState.demo(steps: 300)
    state.resize(to: GridSize(columns: 120, rows: 40))
    let plain = state.screen(120, 40)
    _ = state.press(.character("2"), .character("h"), .character("i"), .character("v"))
    #expect(state.isZoomed && state.panel == .innerLoop && state.preset == .compare)
    _ = state.press(.escape)
    #expect(!state.isZoomed && state.panel == .innerLoop)
    _ = state.press(.escape)
    #expect(state.panel == .chart && state.preset == .compare)
    _ = state.press(.escape)
    #expect(state.preset == .overview && state.panel == .hyperparameters)
    _ = state.press(.escape, .escape)
    #expect(state.message == nil)
    #expect(state.screen(120, 40) == plain)
  }

  @Test func escapeTakesSlowMotionCursorAndFilterBackOneByOne() {
    var state = DashboardState.demo(steps: 300)
    _ = state.press(.character("c"), .character("S"), .character("/"), .character("x"), .enter)
    #expect(!state.filter.isEmpty && state.chart.cursor != nil && state.isSlowMotion)
    _ = state.press(.escape)
    #expect(state.filter.isEmpty && state.chart.cursor != nil)
    _ = state.press(.escape)
    #expect(state.chart.cursor == nil && state.isSlowMotion)
    _ = state.press(.escape)
    #expect(!state.isSlowMotion)
  }
}

/// Keys do what they seem to do.
@Suite struct HonestKeyTests {
  @Test func theCursorTakesTheArrows() {
    var state = DashboardState.demo(steps: 300)
    state.resize(to: GridSize(columns: 120, rows: 40))
    #expect(state.press(.character("c"), .left, .right).isEmpty, "no value changes")
    #expect(state.panel == .chart && state.chart.cursor != nil)
    _ = state.press(.character("c"))
    #expect(state.chart.cursor == nil)
    _ = state.press(.character("c"))
    #expect(state.message?.text == "← → move the cursor, c takes it away")
  }

  @Test(arguments: [("e", "v"), ("l", "v")])
  func nothingChangesThatIsNotOnTheScreen(panel: String, zoom: String) {
    var state = DashboardState.demo(steps: 30)
    state.resize(to: GridSize(columns: 120, rows: 40))
    _ = state.press(.character("g"), .character(Character(panel)), .character("v"))
    #expect(state.isZoomed)
    for key in [Key.right, .character("+"), .down, .character("]"), .left] {
      for effect in state.press(key) {
        if case .send(.setHyperparameter) = effect { Issue.record("\(key) changed a value") }
      }
    }
    #expect(state.runs.allSatisfy { $0.pending.isEmpty })
  }

  @Test func oneStepForthAndBackIsWhereItWas() {
    var state = DashboardState.demo(steps: 3)
    state.apply(.hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.4, step: 3))
    let set: (Double) -> DashboardEffect = {
      .send(.setHyperparameter(RunID(0), id: "inner-lr", value: $0))
    }
    #expect(state.press(.right, .left) == [set(0.5), set(0.4)])
    #expect(state.press(.right, .right, .left, .left) == [set(0.5), set(1), set(0.5), set(0.4)])
    #expect(state.press(.left, .right) == [set(0.2), set(0.4)])
    // What else is done in between does not make a way back of it.
    #expect(state.press(.right, .character("l"), .left) == [set(0.5), set(0.2)])
  }

  @Test func oneKeyIsOneUndo() {
    var state = DashboardState.demo(steps: 3)
    let both = state.press(.character("F"))
    #expect(both.count == 3)
    for index in 0..<3 {
      state.apply(.hyperparameterChanged(RunID(index), id: "first-order", value: 1, step: 3))
    }
    let undone = state.press(.character("u"))
    #expect(
      Set(undone.map { "\($0)" }).count == 3
        && undone.allSatisfy {
          if case .send(.setHyperparameter(_, id: "first-order", value: 0)) = $0 {
            true
          } else {
            false
          }
        }
    )
    #expect(state.lastUndoable == nil)
    #expect(state.message?.text.contains("CML: first-order back to off") == true)
  }

  @Test func aPauseIsAcknowledgedAtOnce() {
    var state = DashboardState.demo(steps: 3)
    #expect(state.press(.character(" ")) == [.send(.pause)])
    #expect(state.screen(120, 40).contains("pausing after the step under way"))
    #expect(state.press(.character(" ")) == [.send(.resume)])
    #expect(!state.screen(120, 40).contains("pausing"))
    _ = state.press(.character(" "))
    for index in 0..<3 { state.apply(.statusChanged(RunID(index), .paused, step: 4)) }
    #expect(!state.isPausing && state.screen(120, 40).contains("PAUSED"))
  }

  @Test func aLongFirstStepSaysSo() {
    var state = DashboardState(theme: .terminal, capabilities: .full)
    state.apply(.started(DemoEvents.description(0)))
    state.tick(now: 1)
    #expect(state.firstStepText == nil)
    state.tick(now: 12.5)
    #expect(state.screen(120, 40).contains("first outer step, for 12 s"))
  }

  @Test func slowMotionIsAtReadingSpeedAndChangesIt() {
    var state = DashboardState.demo(steps: 300)
    _ = state.press(.character("S"))
    let start = state.walk
    state.tick(now: state.now + 5)
    #expect(state.walk == start)
    state.tick(now: state.now + 1)
    #expect(state.walk == start + 1)
    #expect(state.press(.character("]"), .character("]"), .character("]"), .character("]")).isEmpty)
    #expect(state.secondsPerMoment == 1)
    for _ in 0..<9 { _ = state.press(.character("[")) }
    #expect(state.secondsPerMoment == 16 && state.message?.text == "16 s a moment")
    _ = state.press(.character("S"))
    #expect(!state.press(.character("]")).isEmpty || state.panel != .innerLoop)
  }

  @Test func aLayoutOfAMethodBringsItsHyperparameters() {
    var state = DashboardState.demo(steps: 30)
    state.resize(to: GridSize(columns: 200, rows: 50))
    _ = state.press(.character("3"))
    #expect(state.focused?.name == "CML" && state.screen(200, 50).contains("gamma"))
    _ = state.press(.character("4"))
    #expect(state.focused?.name == "MetaPerturb" && state.panel == .perturbation)
  }
}

/// The list of events.
@Suite struct EventListTests {
  private func many() -> DashboardState {
    var state = DashboardState.demo(steps: 3)
    for number in 1...40 { state.apply(.note(RunID(number % 3), "note \(number)")) }
    state.show(.log)
    _ = state.press(.character("v"))
    return state
  }

  @Test func itScrolls() {
    var state = many()
    #expect(state.screen(80, 24).contains("note 40") && !state.screen(80, 24).contains("note 1 "))
    _ = state.press(.pageUp)
    #expect(!state.screen(80, 24).contains("note 40"))
    _ = state.press(.home)
    #expect(state.screen(80, 24).contains("started:"))
    _ = state.press(.down, .end)
    #expect(state.screen(80, 24).contains("note 40") && state.logScroll == 0)
    _ = state.handle(.mouse(.wheelUp, row: 12, column: 20))
    #expect(state.logScroll == 3)
    _ = state.press(.escape)
    #expect(state.logScroll == 0 && state.isZoomed)
  }

  @Test func theSameOfSeveralRunsIsOneLine() {
    var state = DashboardState.demo(steps: 3)
    for index in 0..<3 { state.apply(.statusChanged(RunID(index), .paused, step: 3 + index)) }
    for _ in 0..<4 { state.apply(.note(RunID(1), "again")) }
    let lines = state.logLines
    #expect(lines.filter { $0.entry.text == "paused" }.map(\.runs.count) == [3])
    #expect(lines.filter { $0.entry.text.hasPrefix("started") }.map(\.runs.count) == [3])
    #expect(lines.last?.count == 4)
    state.show(.log)
    let screen = state.screen(80, 24)
    #expect(screen.contains("● ■ ▲ ") && screen.contains("again  ×4"))
  }

  /// A run that goes on keeps its colour, whichever place it has now.
  @Test func aLineOfSeveralRunsHasTheirOwnMarkers() {
    var state = DashboardState.demo(steps: 3)
    for index in 0..<3 { state.runs[index].color = index + 1 }
    for index in 0..<3 { state.apply(.statusChanged(RunID(index), .paused, step: 3)) }
    state.show(.log)
    let line = state.screen(80, 24).split(separator: "\n").last { $0.contains("paused") }
    let look = Look(theme: .terminal, capabilities: state.capabilities)
    let markers = (1...3).map { "\(look.marker($0)) " }.joined()
    #expect(line?.contains(markers) == true, "\(line ?? "no line")")
  }

  @Test func itShowsOneRunAlone() {
    var state = many()
    _ = state.press(.character("E"))
    let screen = state.screen(80, 24)
    #expect(screen.contains("MAML alone") && screen.contains("note 39"))
    #expect(!screen.contains("note 40"))
    _ = state.press(.escape)
    #expect(state.screen(80, 24).contains("note 40"))
  }

  @Test(arguments: [(200, 50), (120, 40), (80, 24)])
  func aFailingRecordingStaysOnTheScreen(columns: Int, rows: Int) {
    var state = DashboardState.demo(steps: 3)
    let before = state.screen(columns, rows)
    state.apply(
      .recordingFailed(RunID(1), file: "events.jsonl", reason: "No space left on device")
    )
    for number in 1...300 { state.apply(.note(nil, "note \(number)")) }
    state.tick(now: 500)
    let screen = state.screen(columns, rows)
    #expect(screen.contains("recording fails: events.jsonl cannot be written (No space left"))
    #expect(columns < 120 || screen.contains("make room on the disk"))
    #expect(state.render(size: GridSize(columns: columns, rows: rows)).violation == nil)
    state.apply(.recordingFailed(RunID(1), file: "events.jsonl", reason: nil))
    #expect(state.unwritten.isEmpty && !before.isEmpty)
    #expect(!state.screen(columns, rows).contains("recording fails"))
  }
}

/// What is on, and what is off, is seen.
@Suite struct HeadLineTests {
  @Test func recordingAndHiddenPanelsHaveASign() {
    var state = DashboardState.demo(steps: 30)
    state.resize(to: GridSize(columns: 200, rows: 50))
    #expect(!state.screen(200, 50).contains("REC") && !state.screen(200, 50).contains("hidden ("))
    state.noteRecording(true)
    state.show(.log)
    _ = state.press(.character("H"))
    let screen = state.screen(200, 50)
    #expect(screen.contains("REC · 1 hidden (A shows)"), "\(screen)")
    state.noteRecording(false)
    _ = state.press(.character("A"))
    #expect(!state.screen(200, 50).contains("REC") && !state.screen(200, 50).contains("hidden ("))
  }
}
