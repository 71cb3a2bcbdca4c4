import CellGrid
import Dashboard
import Events

@testable import metatop

/// The world around a `DashboardLoop`, played from a list of happenings at given seconds.
///
/// Waiting moves the clock to the next happening or to the end of the wait: no test sleeps.
final class LoopScript {
  enum Happening {
    case input([InputEvent])
    case signals(Signals)
    case events([RunEvent], dropped: Int = 0)
    case terminalClosed
  }

  private var plan: [(at: Double, Happening)]
  private(set) var now = 0.0
  /// What the loop did, with the second it did it in.
  private(set) var journal: [String] = []
  private(set) var waits = 0
  private var pendingSignals: Signals = []
  private var pendingEvents: (events: [RunEvent], dropped: Int) = ([], 0)
  private var isAwake = false
  let terminal: ScriptedTerminal
  private(set) var sent: [Command] = []
  /// Events of long ago that are told one by one, each in so many seconds.
  private var past = (count: 0, seconds: 0.02)

  init(_ plan: [(at: Double, Happening)], writeSeconds: Double = 0) {
    self.plan = plan
    terminal = ScriptedTerminal(writeSeconds: writeSeconds)
    terminal.note = { [unowned self] in journal.append($0) }
    terminal.now = { [unowned self] in now }
  }

  /// Runs after `past` events, which the screen is told first.
  func run(_ screen: ScriptedScreen = ScriptedScreen(), past count: Int = 0) -> Int32 {
    past.count = count
    var loop = DashboardLoop(
      screen: screen,
      terminal: terminal,
      sources: sources,
      pullEvents: { [unowned self] take in
        if past.count > 0 {
          past.count -= 1
          now += past.seconds
          take(past.count == 0 ? .readingPast(nil) : .readingPast(RunID(0)))
        }
        defer { pendingEvents = ([], 0) }
        for event in pendingEvents.events { take(event) }
        return pendingEvents.dropped
      },
      send: { [unowned self] in sent.append($0) }
    )
    return loop.run()
  }

  private var sources: LoopSources {
    LoopSources(
      now: { [unowned self] in now },
      wait: { [unowned self] in wait($0, $1) },
      takeSignals: { [unowned self] in
        defer { pendingSignals = [] }
        return pendingSignals
      },
      clearWakes: { [unowned self] in isAwake = false },
      stop: { [unowned self] in
        journal.append("stop")
        pendingSignals.insert(.continue)
      }
    )
  }

  private func wait(_ sources: LoopReadiness, _ seconds: Double) -> LoopReadiness {
    waits += 1
    var deadline = now + max(seconds, 0)
    if sources.contains(.output) { deadline = min(deadline, max(terminal.drainedAt, now)) }
    while true {
      let ready = readiness.intersection(sources)
      if !ready.isEmpty { return ready }
      guard let next = plan.first else {
        now = deadline
        pendingSignals = .terminate  // the script is over
        return sources.intersection(.signals)
      }
      guard next.at <= deadline else {
        now = deadline
        return readiness.intersection(sources)
      }
      plan.removeFirst()
      now = max(now, next.at)
      happen(next.1)
    }
  }

  private var readiness: LoopReadiness {
    var ready: LoopReadiness = []
    if !terminal.input.isEmpty || terminal.isClosed { ready.insert(.input) }
    if !pendingSignals.isEmpty { ready.insert(.signals) }
    if isAwake { ready.insert(.wake) }
    if terminal.isDrained { ready.insert(.output) }
    return ready
  }

  private func happen(_ happening: Happening) {
    switch happening {
    case .input(let events): terminal.input += events
    case .signals(let signals): pendingSignals.formUnion(signals)
    case .terminalClosed: terminal.isClosed = true
    case .events(let events, let dropped):
      pendingEvents.events += events
      pendingEvents.dropped += dropped
      isAwake = true
    }
  }
}

final class ScriptedTerminal: DashboardTerminal {
  var size = GridSize(columns: 20, rows: 2)
  let capabilities = TerminalCapabilities(colors: 256, isUnicode: true)
  var input: [InputEvent] = []
  var isClosed = false
  private let writeSeconds: Double
  /// When it will have taken the last frame.
  private(set) var drainedAt = 0.0
  var now: () -> Double = { 0 }
  var note: (String) -> Void = { _ in }

  init(writeSeconds: Double) { self.writeSeconds = writeSeconds }

  var isDrained: Bool { now() >= drainedAt }

  func drain() {}

  func draw(_ grid: CellGrid) {
    drainedAt = now() + writeSeconds
    let text = String(String.UnicodeScalarView(grid.cells.prefix(20).map(\.scalar)))
    note("draw \(text.split(separator: " ").joined(separator: " "))")
  }

  func pollInput() -> [InputEvent] {
    defer { input = [] }
    return input
  }

  func resize() { note("resize") }
  func copy(_ text: String) { note("copy \(text)") }

  func redrawAll() { note("redrawAll") }
  func suspend() { note("suspend") }
  func resume() { note("resume") }
  func end() { note("end") }
}

/// Counts what it is told; shows the counts.
struct ScriptedScreen: Screen {
  private var events = 0
  private var dropped = 0
  private var keys = 0
  private var second = 0
  /// Whether the elapsed second shows, as it does while runs are running.
  private let showsClock: Bool
  private(set) var needsRedraw = true
  private(set) var isBehind = false

  init(showsClock: Bool = false) { self.showsClock = showsClock }

  mutating func apply(_ event: RunEvent) {
    events += 1
    needsRedraw = true
    if case .readingPast(let run) = event { isBehind = run != nil }
  }

  mutating func noteDropped(_ count: Int) {
    dropped += count
    needsRedraw = true
  }

  mutating func handle(_ input: InputEvent) -> [DashboardEffect] {
    keys += 1
    switch input {
    case .key(.character("q")): return [.quit]
    case .key(.character("p")): return [.send(.pause)]
    case .key(.control("z")): return [.suspend]
    case .key(.control("l")): return [.redrawAll]
    default:
      needsRedraw = true
      return []
    }
  }

  mutating func tick(now: Double) {
    if showsClock, Int(now) != second { needsRedraw = true }
    second = Int(now)
  }

  mutating func markDrawn() { needsRedraw = false }

  mutating func resize(to size: GridSize) {}

  mutating func note(_ text: String, isProblem: Bool) { needsRedraw = true }

  mutating func answer(_ answer: ComparisonForm.Answer) {}
  mutating func answer(seconds: Double) {}
  mutating func complete(_ path: String, candidates: [String]) {}
  mutating func noteRecording(_ isOn: Bool) {}

  func render(size: GridSize) -> CellGrid {
    var grid = CellGrid(size: size)
    let clock = showsClock ? " \(second)s" : ""
    for (column, scalar) in "e\(events) d\(dropped) k\(keys)\(clock)".unicodeScalars.enumerated() {
      grid[row: 0, column: column] = Cell(scalar)
    }
    return grid
  }
}
