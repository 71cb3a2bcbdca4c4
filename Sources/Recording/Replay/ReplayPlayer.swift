import Events

/// Plays recorded runs: a position in seconds since each run began, and the events up to it.
///
/// Runs that were made at different times start together. Going back begins anew and goes on to
/// the place; so whatever the screen shows is what it would have shown then.
package struct ReplayPlayer {
  static let speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 64, 256, 1024]

  private var tracks: [ReplayTrack]
  private(set) var position = 0.0
  private var clock: Double?
  package private(set) var speed = 1.0
  private(set) var isPaused = false
  private(set) var loops = false
  /// At the end of what there is, waiting for more.
  private(set) var isLive: Bool
  private var lastLook = -Double.infinity
  private var isBegun = false
  /// What commands have made, to be told with the next events.
  private var answers: [RunEvent] = []

  /// Seconds between two looks at files that may be growing.
  static let pollSeconds = 0.5

  /// `isLive` shows all there is at once and then follows.
  package init(_ readers: [RecordedRunReader], isLive: Bool) {
    tracks = readers.map { ReplayTrack($0) }
    self.isLive = isLive
    look()
    if isLive { position = duration }
  }

  /// Each run's description and where it is recorded.
  package var runs: [(description: RunDescription, directory: RunDirectory)] {
    tracks.map { ($0.description, $0.directory) }
  }
  var duration: Double { tracks.map(\.duration).max() ?? 0 }
  var isAtEnd: Bool { tracks.allSatisfy { $0.nextTime == nil } }

  /// Whether something will happen by itself.
  package var isMoving: Bool { !isPaused && (!isAtEnd || loops) }

  package var status: ReplayStatus {
    ReplayStatus(
      position: min(position, duration),
      duration: duration,
      speed: speed,
      isPaused: isPaused,
      isLive: isLive,
      loops: loops
    )
  }

  /// Gives out the events that are due, one by one: after a leap there are many.
  ///
  /// `now` is a clock that never jumps.
  package mutating func pull(now: Double, _ take: (RunEvent) -> Void) {
    if now - lastLook >= Self.pollSeconds {
      lastLook = now
      look()
      if isLive { position = duration }
    }
    if let clock, !isPaused, !isLive { position = min(position + (now - clock) * speed, duration) }
    clock = now
    begin(take)
    if loops, isAtEnd, !isPaused, !isLive, position >= duration { restart() }
    begin(take)
    for answer in answers { take(answer) }
    answers = []
    while let index = dueTrack, let event = tracks[index].take() { take(event) }
    take(.replayed(status))
  }

  /// The run whose next moment is the earliest of those that are due.
  private var dueTrack: Int? {
    var due: (index: Int, time: Double)?
    for index in tracks.indices {
      // Where a clock was set back, what comes last did not happen last.
      guard let time = tracks[index].nextTime, time <= position || position >= duration else {
        continue
      }
      if due.map({ time < $0.time }) ?? true { due = (index, time) }
    }
    return due?.index
  }

  package mutating func carryOut(_ command: Command) {
    switch command {
    case .pause: isPaused = true
    case .resume: isPaused = false
    case .singleStep: stepOn()
    case .replay(let command): carryOut(command)
    case .setHyperparameter(let run, _, _):
      answers.append(.commandRefused(run, reason: "a recorded run cannot be changed", step: 0))
    case .setFairness:
      answers.append(.commandRefused(nil, reason: "a recorded run cannot be changed", step: 0))
    case .stop, .conclude, .showTask: break
    }
  }

  private mutating func carryOut(_ command: ReplayCommand) {
    switch command {
    case .faster: speed = Self.speeds.first { $0 > speed } ?? speed
    case .slower: speed = Self.speeds.last { $0 < speed } ?? speed
    case .back: seek(to: position - max(duration / 20, 0.001))
    case .forward: seek(to: position + max(duration / 20, 0.001))
    case .start: seek(to: 0)
    case .end: seek(to: duration)
    case .toggleLoop: loops.toggle()
    }
  }

  private mutating func seek(to place: Double) {
    let place = min(max(place, 0), duration)
    isLive = false
    if place < position { restart() }
    position = place
  }

  /// To the next outer step of any run.
  private mutating func stepOn() {
    isPaused = true
    isLive = false
    if let time = tracks.compactMap(\.nextStepTime).min() { position = time }
  }

  private mutating func restart() {
    for index in tracks.indices { tracks[index].restart() }
    position = 0
    isBegun = false
  }

  private mutating func begin(_ take: (RunEvent) -> Void) {
    guard !isBegun else { return }
    isBegun = true
    for track in tracks { take(.started(track.description)) }
  }

  /// Takes in what has been written since.
  private mutating func look() {
    for index in tracks.indices { tracks[index].look() }
  }
}
