import CellGrid
import Dashboard
import Events
import Experiments
import Files
import Glibc
import NCursesTerminal
import Recording

/// The dashboard's main loop: waits, folds what came into the screen's state, draws.
///
/// Synchronous, on the main thread, where curses must live. It sleeps in one poll() and wakes for
/// keys, signals and batches of events; at most once a frame while training runs, once a second for
/// the clock otherwise, and does not sleep while a long past is read.
struct DashboardLoop<State: Screen> {
  private(set) var screen: State
  private let terminal: any DashboardTerminal
  private let sources: LoopSources
  private let pullEvents: (_ take: (RunEvent) -> Void) -> Int
  private let send: (Command) -> Void
  private let checkComparison: ([String: String]) -> ComparisonForm.Answer
  private let measured: () -> Double?
  private let ending: EndingHandles
  /// Tells the screen what has changed in a person's files; asked once a second.
  private let refresh: (inout State) -> Void
  private var nextRefresh: Double
  /// What is under way has been asked to end; the screen stays until it has.
  private var isEnding = false
  /// Somebody left at once, so nothing is waited for.
  private(set) var hasLeftAtOnce = false
  private let command: ([LiveChange]) -> ScreenFiles.Outcome
  /// The comparison that shall take this one's place, once the loop has ended.
  private(set) var next: [String: String]?
  private let files: ScreenFiles
  private var recording: SessionRecording? {
    didSet { screen.noteRecording(recording != nil) }
  }
  private let viewer: RunViewer?
  private let sweep: SweepHandles?

  private let startedAt: Double
  private var pacer = FramePacer()
  /// Before this no frame is drawn, and no events are pulled: they are worth one wake-up a frame.
  private var nextFrame: Double
  private var lastFrame = -Double.infinity
  /// The terminal has not taken the whole last frame yet, or nobody has looked.
  private var isSending = false
  private var nextPull: Double
  /// The terminal lost its picture, though the state did not change.
  private var mustDraw = true
  private var exitStatus: Int32?
  /// When somebody last typed.
  private var lastInput: Double

  init(
    screen: State,
    terminal: any DashboardTerminal,
    sources: LoopSources = .process,
    pullEvents: @escaping (_ take: (RunEvent) -> Void) -> Int,
    send: @escaping (Command) -> Void,
    viewer: RunViewer? = nil,
    sweep: SweepHandles? = nil,
    files: ScreenFiles = ScreenFiles(),
    ending: EndingHandles = EndingHandles(),
    refresh: @escaping (inout State) -> Void = { _ in },
    measured: @escaping () -> Double? = { nil },
    command: @escaping ([LiveChange]) -> ScreenFiles.Outcome = { _ in
      .init(text: "changes cannot be written from here", isProblem: true)
    },
    checkComparison: @escaping ([String: String]) -> ComparisonForm.Answer = { _ in
      .init(text: "nothing new can be started from here", isProblem: true)
    }
  ) {
    self.screen = screen
    self.terminal = terminal
    self.sources = sources
    self.pullEvents = pullEvents
    self.send = send
    self.viewer = viewer
    self.sweep = sweep
    self.files = files
    self.checkComparison = checkComparison
    self.ending = ending
    self.refresh = refresh
    self.measured = measured
    self.command = command
    startedAt = sources.now()
    nextRefresh = startedAt + 1
    nextFrame = startedAt
    lastInput = startedAt
    nextPull = startedAt
  }

  /// Runs until somebody ends it; returns the exit status, with the terminal given back.
  ///
  /// 0 after the quit key, 128 + the signal's number after a signal (129 too when the terminal
  /// went away).
  mutating func run() -> Int32 {
    defer { terminal.end() }
    pull()
    while true {
      screen.tick(now: sources.now() - startedAt)
      refreshIfDue()
      drawIfDue()
      let ready = wait()
      if isSending { sendMore() }
      if ready.contains(.signals) { handle(sources.takeSignals()) }
      if exitStatus == nil, ready.contains(.input) { readInput() }
      if isEnding ? ending.isOver() : screen.isDone { exitStatus = exitStatus ?? 0 }
      if let exitStatus { return exitStatus }
      if ready.contains(.wake) || screen.isBehind { pull() }
    }
  }

  private func wait() -> LoopReadiness {
    let now = sources.now()
    let elapsed = now - startedAt
    var deadline = startedAt + elapsed.rounded(.down) + 1
    if isEnding { deadline = min(deadline, now + Self.endingPatience) }
    if screen.isBehind { deadline = now }
    var awaited: LoopReadiness = screen.takesInput ? [.input, .signals] : [.signals]
    if isSending {
      awaited.insert(.output)
    } else if needsDrawing {
      deadline = min(deadline, nextFrame)
    }
    guard now < nextPull else { return sources.wait(awaited.union(.wake), deadline - now) }
    return sources.wait(awaited, min(deadline, nextPull) - now)
  }

  /// Seconds between two looks at whether everything is written.
  private static var endingPatience: Double { 0.02 }

  // MARK: - Path A: events to cells

  private mutating func pull() {
    sources.clearWakes()
    let dropped = pullEvents { screen.apply($0) }
    if dropped > 0 { screen.noteDropped(dropped) }
    if let seconds = measured() { screen.answer(seconds: seconds) }
    nextPull = sources.now() + frameInterval
  }

  /// A third of the pace while nobody types: what the screen computes, training waits for twice,
  /// and curves over thousands of steps do not move faster than that.
  private var frameInterval: Double {
    let isWatched = sources.now() - lastInput < Self.watchedSeconds
    return isWatched ? pacer.interval : 3 * pacer.interval
  }

  private static var watchedSeconds: Double { 2 }

  private mutating func refreshIfDue() {
    guard sources.now() >= nextRefresh else { return }
    nextRefresh = sources.now() + 1
    refresh(&screen)
  }

  private var needsDrawing: Bool { mustDraw || screen.needsRedraw }

  private mutating func drawIfDue() {
    let now = sources.now()
    guard needsDrawing, !isSending, now >= nextFrame else { return }
    screen.resize(to: terminal.size)
    let grid = screen.render(size: terminal.size)
    terminal.draw(grid)
    record(grid, now)
    screen.markDrawn()
    mustDraw = false
    lastFrame = now
    isSending = true
    sendMore()
    // Events that may come soon are pulled just before the next frame: one wake-up for both.
    if now < nextPull { nextPull = nextFrame }
  }

  /// Goes on with a frame that a slow link has not taken whole; its rest keeps no key waiting.
  private mutating func sendMore() {
    terminal.drain()
    guard terminal.isDrained else { return }
    isSending = false
    pacer.frameWritten(in: sources.now() - lastFrame)
    nextFrame = lastFrame + frameInterval
  }

  // MARK: - Path B: keys to commands

  private mutating func readInput() {
    lastInput = sources.now()
    // What a key did is shown out of turn; a flood of keys only makes three frames of one.
    nextFrame = min(nextFrame, max(lastInput, lastFrame + pacer.interval / 3))
    for event in terminal.pollInput() {
      for effect in screen.handle(event) { perform(effect) }
      if exitStatus != nil { return }
    }
    if terminal.isAtEnd { screen.endInput() }
    if terminal.isClosed { exitStatus = Signals.hangUp.exitStatus }
  }

  private mutating func perform(_ effect: DashboardEffect) {
    switch effect {
    case .send(let command): send(command)
    case .quit: exitStatus = 0
    case .end(let choice): end(choice)
    case .leaveNow: (hasLeftAtOnce, exitStatus) = (true, Signals.interrupt.exitStatus)
    case .completePath(let path):
      let completion = PathCompletion(path)
      screen.complete(completion.path, candidates: completion.candidates)
    case .suspend: suspend()
    case .copy(let text): terminal.copy(text)
    case .copyChanges(let changes): copy(command(changes))
    case .saveScreen: say(files.save(screen.render(size: terminal.size), title: "metatop"))
    case .saveTable(let rows): say(files.save(rows))
    case .toggleRecording: toggleRecording()
    case .checkComparison(let values): screen.answer(checkComparison(values))
    case .startComparison(let values):
      next = values
      end(.keep)
    case .openRuns(let folders, let action): open(folders, action)
    case .steer(let steering): if let sweep { say(sweep.steer(steering)) }
    case .adopt(let row):
      guard let sweep else { return }
      next = sweep.adopted(row)
      end(.keep)
    case .redrawAll:
      terminal.redrawAll()
      mustDraw = true
    }
  }

  private mutating func end(_ choice: LeaveChoice) {
    isEnding = true
    ending.begin(choice)
  }

  private mutating func copy(_ command: ScreenFiles.Outcome) {
    if !command.isProblem { terminal.copy(command.text) }
    let text = command.isProblem ? command.text : "copied: \(command.text)"
    screen.note(text, isProblem: command.isProblem)
  }

  /// Gives the terminal to another metatop until the person comes back from it.
  private mutating func open(_ folders: [String], _ action: String?) {
    guard let viewer else { return }
    terminal.suspend()
    let problem = viewer.show(folders, action, sources: sources, ending: &exitStatus)
    terminal.resume()
    mustDraw = true
    if let problem { screen.note(problem, isProblem: true) }
  }

  // MARK: - Files

  private mutating func say(_ outcome: ScreenFiles.Outcome) {
    screen.note(outcome.text, isProblem: outcome.isProblem)
  }

  private mutating func toggleRecording() {
    if let recording {
      screen.note("recorded: \(recording.path)", isProblem: false)
      self.recording = nil
      return
    }
    recording = SessionRecording(in: files, size: terminal.size, now: sources.now())
    guard let recording else {
      let reason = String(cString: strerror(errno))
      return screen.note("the session cannot be recorded here (\(reason))", isProblem: true)
    }
    screen.note("recording to \(recording.path); W ends it", isProblem: false)
    mustDraw = true
  }

  private mutating func record(_ grid: CellGrid, _ now: Double) {
    guard let recording else { return }
    recording.add(grid, now: now)
    guard let problem = recording.problem else { return }
    self.recording = nil
    screen.note(problem, isProblem: true)
  }

  // MARK: - Signals

  private mutating func handle(_ signals: Signals) {
    if let status = signals.exitStatus {
      exitStatus = status
    } else if signals.contains(.typedInterrupt) {
      interrupt()
    } else if signals.contains(.stop) {
      suspend()
    } else if signals.contains(.continue) {
      // Somebody else stopped the program, and the shell has had the terminal since.
      terminal.resume()
      mustDraw = true
    } else if signals.contains(.resize) {
      terminal.resize()
      mustDraw = true
    }
  }

  /// Ctrl-C is a key that asks first, unless nothing is under way.
  private mutating func interrupt() {
    lastInput = sources.now()
    nextFrame = min(nextFrame, lastInput)
    for effect in screen.handle(.key(.control("c"))) {
      if effect == .quit { exitStatus = Signals.interrupt.exitStatus } else { perform(effect) }
    }
  }

  private mutating func suspend() {
    terminal.suspend()
    sources.stop()
    terminal.resume()
    mustDraw = true
    // The signal that continued the program is not news; an end that came meanwhile is.
    if let status = sources.takeSignals().exitStatus { exitStatus = status }
  }
}

/// How what is under way behind a screen ends.
struct EndingHandles {
  /// Asks for it.
  var begin: (LeaveChoice) -> Void = { _ in }
  /// Whether everything has ended and is written.
  var isOver: () -> Bool = { true }
}
