import Events

/// One recorded run on its way through a replay, by the second since it began.
///
/// It reads on in the run's logs as it is played, and from their beginning when it is played anew: a
/// recording of any length takes the same room.
struct ReplayTrack {
  /// Before the first moment.
  private let beginning: RecordedRunReader
  private var reader: RecordedRunReader
  private var upcoming: RecordedRunReader.Moment?
  /// The second since 1970 of the first moment.
  private var start: Double?
  private(set) var duration = 0.0

  init(_ reader: RecordedRunReader) {
    beginning = reader
    self.reader = reader
    look()
  }

  var description: RunDescription { beginning.description }
  var directory: RunDirectory { beginning.directory }

  /// Takes note of what has been written since.
  mutating func look() {
    reader.refresh()
    prepare()
    if let start, let last = reader.lastTime() { duration = max(duration, last - start) }
  }

  private mutating func prepare() {
    upcoming = upcoming ?? reader.next()
    if start == nil { start = upcoming?.time }
  }

  /// When the next moment happened; nil at the end of what was there at the last look.
  var nextTime: Double? { upcoming.map { max(0, $0.time - (start ?? 0)) } }

  /// When the next outer step happened.
  var nextStepTime: Double? {
    var ahead = self
    while let moment = ahead.upcoming {
      if case .step = moment.event { return ahead.nextTime }
      ahead.upcoming = nil
      ahead.prepare()
    }
    return nil
  }

  /// Tells the next moment.
  mutating func take() -> RunEvent? {
    defer {
      upcoming = nil
      prepare()
    }
    return upcoming?.event
  }

  mutating func restart() {
    reader = beginning
    upcoming = nil
    prepare()
  }
}
