import Events
import Recording
import Training

/// What came before the first step that a comparison makes: the recorded past of runs that go on,
/// and the parents of branches, for the screen alone.
///
/// A long past takes seconds to read, so it comes in parts, between which the screen is drawn and
/// keys are answered; what the runs tell meanwhile waits behind it.
package struct RunHistory {
  /// A run's own past, up to the outer step after which it goes on; a parent's is told whole.
  fileprivate struct Past {
    let path: String
    let id: RunID
    let lastStep: Int?
  }

  /// A past that is being read.
  fileprivate struct Reading {
    var reader: RecordedRunReader
    let past: Past
    /// What a parent has told of itself.
    var steps = 0
    var isOver = false
  }

  /// Until the run has said that it exists.
  private var pasts: [RunID: Past] = [:]
  /// Whole runs that stand beside the comparison, to be told first.
  private var parents: [Past] = []
  /// One after the other.
  private var readings: [Reading] = []
  /// What the runs have told since.
  private var waiting: [RunEvent] = []

  package init(_ configurations: [RunConfiguration], _ directories: [RunDirectory]) {
    var next = configurations.count
    for (index, configuration) in configurations.enumerated() {
      guard let point = configuration.resume else { continue }
      let id = RunID(index)
      pasts[id] = Past(path: directories[index].path, id: id, lastStep: point.step)
      // A parent that goes on itself is there already.
      let isBeside = configurations.contains { other in
        !other.isBranch
          && other.resume.map { RunResolver.absolute($0.directory.path) }
            == RunResolver.absolute(point.directory.path)
      }
      guard configuration.isBranch, !isBeside else { continue }
      parents.append(Past(path: point.directory.path, id: RunID(next), lastStep: nil))
      next += 1
    }
  }

  /// Gives out events with what came before them, or as much of it as there is time for.
  package mutating func tell(
    _ events: [RunEvent],
    until end: ContinuousClock.Instant = ContinuousClock.now + .milliseconds(20),
    _ take: (RunEvent) -> Void
  ) {
    tell(events, isLate: { ContinuousClock.now >= end }, take)
  }

  mutating func tell(_ events: [RunEvent], isLate: () -> Bool, _ take: (RunEvent) -> Void) {
    if !events.isEmpty {
      for parent in parents { begin(parent, take) }
      parents = []
    }
    for event in events {
      if case .started(let description) = event {
        take(event)
        if let past = pasts.removeValue(forKey: description.id) { begin(past, take) }
      } else if readings.isEmpty {
        take(event)
      } else {
        waiting.append(event)
      }
    }
    guard !readings.isEmpty else { return }
    while !readings.isEmpty {
      take(.readingPast(readings[0].past.id))
      guard readOn(isLate: isLate, take) else { return }
    }
    take(.readingPast(nil))
    for event in waiting { take(event) }
    waiting = []
  }

  private mutating func begin(_ past: Past, _ take: (RunEvent) -> Void) {
    guard let reader = try? RecordedRunReader(past.path, id: past.id) else { return }
    readings.append(Reading(reader: reader, past: past))
    guard past.lastStep == nil else { return }
    var description = reader.description
    description.methodName += " (parent)"
    take(.started(description))
  }

  /// Reads the first of those that are being read; false when it was too late for all of it.
  private mutating func readOn(isLate: () -> Bool, _ take: (RunEvent) -> Void) -> Bool {
    while let moment = readings[0].reader.next() {
      readings[0].tell(moment.event, take)
      if isLate() { return false }
    }
    let done = readings.removeFirst()
    if done.past.lastStep == nil, !done.isOver {
      take(.statusChanged(done.past.id, .stopped, step: done.steps))
    }
    return true
  }
}

extension RunHistory.Reading {
  fileprivate mutating func tell(_ event: RunEvent, _ take: (RunEvent) -> Void) {
    guard let last = past.lastStep else {
      switch event {
      case .step(let report): steps = max(steps, report.step)
      case .statusChanged(_, let status, _) where status != .paused: isOver = true
      default: break
      }
      return take(event)
    }
    // Curves and changes, without what the run said of itself.
    let step: Int? =
      switch event {
      case .step(let report): report.step
      case .validation(let report): report.step
      case .fit(let snapshot): snapshot.step
      case .map(let snapshot): snapshot.step
      case .checkpointKept(_, let step): step
      default: nil
      }
    // The run may have written more already, and tells that itself.
    if let step, step <= last { take(event) }
  }
}
