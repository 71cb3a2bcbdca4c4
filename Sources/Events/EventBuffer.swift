/// The events waiting for one listener, with the rule for what to drop when there are too many.
struct EventBuffer {
  private let capacity: Int?
  private var events: [RunEvent] = []
  private var dropped = 0
  /// The count at which the buffer is trimmed; twice what a trim leaves, so that trimming costs a
  /// constant time an event.
  private var limit: Int

  init(capacity: Int?) {
    precondition(capacity ?? 1 > 0, "a subscription's capacity is \(capacity ?? 0), must be > 0")
    self.capacity = capacity
    limit = capacity.map { 2 * $0 } ?? .max
  }

  var isEmpty: Bool { events.isEmpty }

  mutating func append(_ newEvents: [RunEvent]) {
    events.append(contentsOf: newEvents)
    guard events.count >= limit, let capacity else { return }
    trim(to: capacity)
    limit = 2 * max(capacity, events.count)
  }

  mutating func drain() -> (events: [RunEvent], dropped: Int) {
    if let capacity {
      trim(to: capacity)
      limit = 2 * capacity
    }
    defer {
      events = []
      dropped = 0
    }
    return (events, dropped)
  }

  /// Drops the oldest steps until `capacity` events are left, or no step is.
  ///
  /// An episode's pictures are large and say nothing once newer ones have come, so those go first.
  private mutating func trim(to capacity: Int) {
    guard events.count > capacity else { return }
    dropOldSnapshots()
    var excess = events.count - capacity
    guard excess > 0 else { return }
    let before = events.count
    events.removeAll { event in
      guard excess > 0, case .step = event else { return false }
      excess -= 1
      return true
    }
    dropped += before - events.count
  }

  /// Keeps the newest snapshot of each run.
  private mutating func dropOldSnapshots() {
    var newest: [RunID: Int] = [:]
    for event in events { event.shownRun.map { newest[$0, default: 0] += 1 } }
    events.removeAll { event in
      guard let run = event.shownRun else { return false }
      newest[run, default: 0] -= 1
      return newest[run, default: 0] > 0
    }
  }
}

extension RunEvent {
  /// The run whose episode this shows.
  fileprivate var shownRun: RunID? {
    switch self {
    case .episode(let snapshot): snapshot.run
    case .fit(let snapshot): snapshot.run
    case .map(let snapshot): snapshot.run
    default: nil
    }
  }
}
