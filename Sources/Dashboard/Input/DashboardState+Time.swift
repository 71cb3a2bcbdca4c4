import CellGrid
import Events

extension DashboardState {
  /// What the screen was asked to begin with needs runs to act on.
  private mutating func beginWithAction() {
    guard let name = firstAction, !runs.isEmpty else { return }
    firstAction = nil
    if let binding = keys.bindings.first(where: { $0.action.name == name }) {
      _ = carryOut(binding.action)
    }
    needsRedraw = true
  }

  /// Tells the time in seconds since the start; it never runs backwards.
  ///
  /// A redraw is asked for only when a digit changes: the elapsed second, a rate, a message that
  /// has been there long enough.
  package mutating func tick(now: Double) {
    guard now >= self.now else { return }
    let secondBefore = elapsedSeconds
    if isPaused, endedAt == nil { pausedSeconds += now - self.now }
    self.now = now
    releaseReadings()
    beginWithAction()
    expireMessage()
    // What is read is not made.
    if isBehind { rates = RateMeter() }
    let isMeasured = rates.tick(now: now, runs: runs)
    if isSlowMotion, now - momentAt >= secondsPerMoment, let run = focused {
      momentAt = now
      walk = (min(walk, run.innerPhases.count - 1) + 1) % run.innerPhases.count
      needsRedraw = true
    }
    tickPlain()
    let hasNewRate = isMeasured && endedAt == nil && !isPaused
    if elapsedSeconds != secondBefore || hasNewRate { needsRedraw = true }
  }

  /// Whether nothing goes on because somebody has paused it.
  var isPaused: Bool {
    if let replay { return replay.isPaused }
    return runs.contains { $0.status == .paused } && !runs.contains { $0.status == .running }
  }

  /// Seconds for which nobody needs to be told what is waited for.
  private static let unsaidSeconds = 0.3

  /// Whether the recorded past of runs that go on has not been read whole yet.
  package var isBehind: Bool { pastRead != nil }

  /// The past of a run is being read; nil when all is.
  mutating func readPast(of run: RunID?) {
    pastRead = run.map { (run: $0, since: pastRead?.since ?? now) }
    rates = RateMeter()
  }

  /// What is read of a long past, and how far.
  var pastText: String? {
    guard let pastRead, now - pastRead.since >= Self.unsaidSeconds,
      let run = index(of: pastRead.run).map({ runs[$0] })
    else { return nil }
    return "reading \(run.name): step \(Numbers.grouped(run.shown.step))"
  }

  /// What a heavy run is doing before there is any number of it.
  var firstStepText: String? {
    guard replay == nil, !isBehind, now >= 2,
      runs.contains(where: { $0.step == 0 && $0.status == .running })
    else { return nil }
    return "first outer step, for \(Int(now)) s"
  }

  /// Seconds since the start in which something ran.
  var elapsed: Double { max((endedAt ?? now) - pausedSeconds, 0) }

  private var elapsedSeconds: Int { Int(elapsed) }

  /// Outer steps a second of all runs that are running.
  var totalRate: Double? {
    let rates = runs.filter { $0.status == .running }.compactMap { self.rates.rate($0) }
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  /// Seconds until the last run has made its steps at the present rates; nil while it makes none.
  var remaining: Double? {
    guard !isPaused else { return nil }
    let open = runs.filter { !$0.isOver }
    guard !open.isEmpty else { return nil }
    var longest = 0.0
    for run in open {
      guard let rate = rates.rate(run), rate > 0 else { return nil }
      longest = max(longest, Double(run.description.totalSteps - run.step) / rate)
    }
    return longest
  }
}
