import Events
import Training

/// Plays recorded runs: a position in seconds since each run began, and the events up to it.
///
/// Runs that were made at different times start together. Going back begins anew and goes on to
/// the place; so whatever the screen shows is what it would have shown then.
struct ReplayPlayer {
  static let speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 64, 256, 1024]

  private(set) var readers: [RecordedRunReader]
  /// Each run's first moment.
  private var starts: [Double?]
  /// By the second since the run's start.
  private var moments: [RecordedRunReader.Moment] = []
  private var next = 0
  private(set) var position = 0.0
  private var clock: Double?
  private(set) var speed = 1.0
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
  init(_ readers: [RecordedRunReader], isLive: Bool) {
    self.readers = readers
    self.isLive = isLive
    starts = readers.map { _ in nil }
    look()
    if isLive { position = duration }
  }

  var duration: Double { moments.last?.time ?? 0 }
  var isAtEnd: Bool { next >= moments.count }

  /// Whether something will happen by itself.
  var isMoving: Bool { !isPaused && (!isAtEnd || loops) }

  var status: ReplayStatus {
    ReplayStatus(
      position: min(position, duration),
      duration: duration,
      speed: speed,
      isPaused: isPaused,
      isLive: isLive,
      loops: loops
    )
  }

  /// The events that are due; `now` is a clock that never jumps.
  mutating func pull(now: Double) -> [RunEvent] {
    if now - lastLook >= Self.pollSeconds {
      lastLook = now
      look()
      if isLive { position = duration }
    }
    if let clock, !isPaused, !isLive { position = min(position + (now - clock) * speed, duration) }
    clock = now
    var events = begin()
    if loops, isAtEnd, !isPaused, !isLive, position >= duration { restart() }
    if !isBegun { events += begin() }
    events += answers
    answers = []
    while next < moments.count, moments[next].time <= position {
      events.append(moments[next].event)
      next += 1
    }
    return events + [.replayed(status)]
  }

  mutating func carryOut(_ command: Command) {
    switch command {
    case .pause: isPaused = true
    case .resume: isPaused = false
    case .singleStep: stepOn()
    case .replay(let command): carryOut(command)
    case .setHyperparameter(let run, _, _):
      answers.append(.commandRefused(run, reason: "a recorded run cannot be changed", step: 0))
    case .setFairness:
      answers.append(.commandRefused(nil, reason: "a recorded run cannot be changed", step: 0))
    case .stop: break
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
    let rest = moments[next...]
    let step = rest.first { if case .step = $0.event { true } else { false } }
    if let step { position = step.time }
  }

  private mutating func restart() {
    next = 0
    position = 0
    isBegun = false
  }

  private mutating func begin() -> [RunEvent] {
    guard !isBegun else { return [] }
    isBegun = true
    return readers.map { .started($0.description) }
  }

  /// Takes in what has been written since.
  private mutating func look() {
    var lists: [[RecordedRunReader.Moment]] = []
    for index in readers.indices {
      var new = readers[index].read()
      guard let first = new.first else { continue }
      let start = starts[index] ?? first.time
      starts[index] = start
      for place in new.indices { new[place].time = max(0, new[place].time - start) }
      lists.append(new)
    }
    guard !lists.isEmpty else { return }
    // In pairs, so that many runs are not copied as many times.
    while lists.count > 1 {
      lists = stride(from: 0, to: lists.count, by: 2).map { place in
        place + 1 < lists.count ? lists[place].merged(with: lists[place + 1]) : lists[place]
      }
    }
    let waiting = Array(moments[next...])
    if waiting.isEmpty, next == 0 {
      moments = lists[0]
    } else {
      moments.replaceSubrange(next..., with: waiting.merged(with: lists[0]))
    }
  }
}
