import Events
import Training

/// What came before the first step that a comparison makes: the recorded past of runs that go on,
/// and the parents of branches, for the screen alone.
struct RunHistory {
  /// Each run's own past, until the run has said that it exists.
  private var pasts: [RunID: [RunEvent]] = [:]
  /// Whole runs that stand beside the comparison, to be told first.
  private var parents: [RunEvent] = []

  init(_ configurations: [RunConfiguration], _ directories: [RunDirectory]) {
    var next = configurations.count
    for (index, configuration) in configurations.enumerated() {
      guard let point = configuration.resume else { continue }
      pasts[RunID(index)] = Self.past(directories[index].path, RunID(index))
      guard configuration.isBranch else { continue }
      parents += Self.parent(point.directory.path, RunID(next))
      next += 1
    }
  }

  /// The events with what came before them.
  mutating func completing(_ events: [RunEvent]) -> [RunEvent] {
    guard !pasts.isEmpty || !parents.isEmpty else { return events }
    var all = parents
    parents = []
    for event in events {
      all.append(event)
      if case .started(let description) = event {
        all += pasts.removeValue(forKey: description.id) ?? []
      }
    }
    return all
  }

  /// Curves and changes, without what the run said of itself.
  private static func past(_ path: String, _ id: RunID) -> [RunEvent] {
    guard var reader = try? RecordedRunReader(path, id: id) else { return [] }
    return reader.read().map(\.event).filter { event in
      switch event {
      case .step, .validation, .fit: true
      default: false
      }
    }
  }

  private static func parent(_ path: String, _ id: RunID) -> [RunEvent] {
    guard var reader = try? RecordedRunReader(path, id: id) else { return [] }
    var description = reader.description
    description.methodName += " (parent)"
    let moments = reader.read().map(\.event)
    let steps = moments.reduce(0) { last, event in
      if case .step(let report) = event { max(last, report.step) } else { last }
    }
    let isOver = moments.contains { event in
      if case .statusChanged(_, let status, _) = event { status != .paused } else { false }
    }
    return [.started(description)] + moments
      + (isOver ? [] : [.statusChanged(id, .stopped, step: steps)])
  }
}
