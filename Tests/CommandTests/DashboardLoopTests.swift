import CellGrid
import Events
import Testing

@testable import metatop

@Suite struct DashboardLoopTests {
  @Test func quittingReturnsZeroAndGivesTheTerminalBackLast() {
    let script = LoopScript([(0.5, .input([.key(.character("q"))]))])
    #expect(script.run() == 0)
    #expect(script.journal == ["draw e0 d0 k0", "end"])
  }

  @Test(
    arguments: [
      (Signals.interrupt, 130), (.terminate, 143), (.hangUp, 129), (.quit, 131),
      ([.terminate, .resize], 143), ([.hangUp, .stop], 129),
      (.init(rawValue: 1 << 10), 138), (.init(rawValue: 1 << 14), 142),
    ] as [(Signals, Int32)]
  )
  func endingSignalsGiveTheirStatus(_ signals: Signals, _ status: Int32) {
    let script = LoopScript([(0.5, .signals(signals))])
    #expect(script.run() == status)
    #expect(script.journal.last == "end")
  }

  @Test func aClosedTerminalEndsLikeAHangUp() {
    let script = LoopScript([(0.5, .terminalClosed)])
    #expect(script.run() == 129)
    #expect(script.journal.last == "end")
  }

  @Test func keysBecomeCommands() {
    let script = LoopScript([(0.5, .input([.key(.character("p")), .key(.character("p"))]))])
    _ = script.run()
    #expect(script.sent == [.pause, .pause])
  }

  @Test func nothingAfterTheQuitKeyIsHandled() {
    let script = LoopScript([(0.5, .input([.key(.character("q")), .key(.character("p"))]))])
    #expect(script.run() == 0)
    #expect(script.sent == [])
  }

  @Test func eventsOfOneBatchAreOneFrame() {
    let batch = (0..<50).map { RunEvent.note(nil, "\($0)") }
    let script = LoopScript([(0.5, .events(batch, dropped: 3))])
    _ = script.run()
    #expect(script.journal == ["draw e0 d0 k0", "draw e50 d3 k0", "end"])
  }

  /// 1500 wake-ups in a second of training are at most 30 frames, and about as many waits.
  @Test func aFloodOfEventsIsDrawnThirtyTimesASecond() {
    let flood = (0..<1500).map { index in
      (at: Double(index) / 1500, LoopScript.Happening.events([.note(nil, "")]))
    }
    let script = LoopScript(flood + [(1.5, .input([.key(.character("q"))]))])
    #expect(script.run() == 0)
    let frames = script.journal.filter { $0.hasPrefix("draw") }.count
    #expect((25...32).contains(frames), "\(frames) frames")
    #expect(script.waits <= 2 * frames + 8, "\(script.waits) waits")
    #expect(script.journal.dropLast().last == "draw e1500 d0 k0", "the last event shows")
  }

  /// Two seconds after the last key the pace falls to a third, and a key brings it back.
  @Test func anUnwatchedFloodIsDrawnTenTimesASecond() {
    let flood = (0..<3000).map { index in
      (at: 3 + Double(index) / 1500, LoopScript.Happening.events([.note(nil, "")]))
    }
    let unwatched = LoopScript(flood + [(5.5, .input([.key(.character("q"))]))])
    #expect(unwatched.run() == 0)
    let frames = unwatched.journal.filter { $0.hasPrefix("draw") }.count
    #expect((18...24).contains(frames), "\(frames) frames in two seconds")
    let key = (at: 3.0, LoopScript.Happening.input([.key(.character("x"))]))
    let watched = LoopScript([key] + flood + [(5.5, .input([.key(.character("q"))]))])
    #expect(watched.run() == 0)
    #expect(watched.journal.filter { $0.hasPrefix("draw") }.count > frames + 20)
  }

  @Test("A long past is read between frames and keys, from the first frame on")
  func aLongPast() {
    let script = LoopScript([(1, .input([.key(.character("q"))]))])
    #expect(script.run(past: 1_000) == 0)
    #expect(script.now < 1.1, "the key waits for one part of it, not for twenty seconds")
    #expect(script.journal.first == "draw e1 d0 k0", "nor does the first frame")
    let frames = script.journal.filter { $0.hasPrefix("draw") }.count
    #expect((20...32).contains(frames), "\(frames) frames")
    #expect(script.journal.last == "end")
  }

  @Test func aPastThatIsReadLeavesTheScreenIdle() {
    let script = LoopScript([(100.5, .input([.key(.character("q"))]))])
    #expect(script.run(past: 50) == 0)
    let shown = script.journal.dropLast().last
    #expect(shown == "draw e50 d0 k0", "all of it shows")
    #expect(script.waits < 250, "\(script.waits) waits")
  }

  @Test func anIdleScreenWakesOnceASecondAndDrawsNothing() {
    let script = LoopScript([(100.5, .input([.key(.character("q"))]))])
    #expect(script.run() == 0)
    #expect(script.journal == ["draw e0 d0 k0", "end"])
    #expect((100...103).contains(script.waits), "\(script.waits) waits")
  }

  @Test func theClockIsDrawnOnceASecond() {
    let script = LoopScript([(3.5, .input([.key(.character("q"))]))])
    #expect(script.run(ScriptedScreen(showsClock: true)) == 0)
    #expect(
      script.journal == [
        "draw e0 d0 k0 0s", "draw e0 d0 k0 1s", "draw e0 d0 k0 2s", "draw e0 d0 k0 3s", "end",
      ]
    )
  }

  @Test(arguments: [
    LoopScript.Happening.input([.key(.control("z"))]), .signals(.stop),
  ])
  func suspendingGivesTheTerminalBackUntilContinued(_ happening: LoopScript.Happening) {
    let script = LoopScript([(0.5, happening), (1.5, .input([.key(.character("q"))]))])
    #expect(script.run() == 0)
    let actions = script.journal.filter { !$0.hasPrefix("draw") }
    #expect(actions == ["suspend", "stop", "resume", "end"])
    #expect(script.journal[4].hasPrefix("draw"), "the screen is drawn again")
  }

  @Test func aForeignStopTakesTheTerminalAgain() {
    let script = LoopScript([(0.5, .signals(.continue)), (1, .input([.key(.character("q"))]))])
    #expect(script.run() == 0)
    #expect(script.journal == ["draw e0 d0 k0", "resume", "draw e0 d0 k0", "end"])
  }

  @Test func aStormOfResizesIsOneFrame() {
    let storm = (0..<20).map {
      (at: 0.5 + Double($0) / 1000, LoopScript.Happening.signals(.resize))
    }
    let script = LoopScript(storm + [(1, .input([.key(.character("q"))]))])
    #expect(script.run() == 0)
    #expect(script.journal.filter { $0.hasPrefix("draw") }.count == 3)
  }

  @Test func redrawAllDrawsWithoutAChange() {
    let script = LoopScript([(0.5, .input([.key(.control("l"))]))])
    _ = script.run()
    #expect(script.journal == ["draw e0 d0 k0", "redrawAll", "draw e0 d0 k1", "end"])
  }

  @Test func aSlowTerminalIsDrawnLessOften() {
    let flood = (0..<1000).map { index in
      (at: Double(index) / 100, LoopScript.Happening.events([.note(nil, "")]))
    }
    let script = LoopScript(flood, writeSeconds: 0.4)
    _ = script.run()
    let frames = script.journal.filter { $0.hasPrefix("draw") }.count
    #expect((6...16).contains(frames), "\(frames) frames in ten seconds")
  }

  @Test("A terminal that takes nothing more keeps no key waiting, and gets no further frame")
  func aStuckTerminal() {
    let script = LoopScript(
      [(at: 0.5, .input([.key(.character("x"))])), (at: 1.25, .input([.key(.character("p"))]))],
      writeSeconds: 60
    )
    _ = script.run()
    #expect(script.journal.filter { $0.hasPrefix("draw") }.count == 1)
    #expect(script.sent == [.pause])
  }
}
