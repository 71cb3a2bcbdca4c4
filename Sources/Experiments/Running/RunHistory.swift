import Events
import Recording
import Training

/// What came before the first step that a comparison makes: the recorded past of runs that go on,
/// and the parents of branches, for the screen alone.
package struct RunHistory {
  /// A run's own past, up to the outer step after which it goes on.
  private struct Past {
    let path: String
    let step: Int
  }

  /// Until the run has said that it exists.
  private var pasts: [RunID: Past] = [:]
  /// Whole runs that stand beside the comparison, to be told first.
  private var parents: [(path: String, id: RunID)] = []

  package init(_ configurations: [RunConfiguration], _ directories: [RunDirectory]) {
    var next = configurations.count
    for (index, configuration) in configurations.enumerated() {
      guard let point = configuration.resume else { continue }
      pasts[RunID(index)] = Past(path: directories[index].path, step: point.step)
      // A parent that goes on itself is there already.
      let isBeside = configurations.contains { other in
        !other.isBranch
          && other.resume.map { RunResolver.absolute($0.directory.path) }
            == RunResolver.absolute(point.directory.path)
      }
      guard configuration.isBranch, !isBeside else { continue }
      parents.append((point.directory.path, RunID(next)))
      next += 1
    }
  }

  /// Gives out an event with what came before it.
  package mutating func complete(_ event: RunEvent, _ take: (RunEvent) -> Void) {
    for (path, id) in parents { Self.parent(path, id, take) }
    parents = []
    take(event)
    guard case .started(let description) = event,
      let past = pasts.removeValue(forKey: description.id)
    else { return }
    Self.tell(past, description.id, take)
  }

  /// Curves and changes, without what the run said of itself.
  private static func tell(_ past: Past, _ id: RunID, _ take: (RunEvent) -> Void) {
    guard var reader = try? RecordedRunReader(past.path, id: id) else { return }
    while let moment = reader.next() {
      let step: Int? =
        switch moment.event {
        case .step(let report): report.step
        case .validation(let report): report.step
        case .fit(let snapshot): snapshot.step
        case .map(let snapshot): snapshot.step
        case .checkpointKept(_, let step): step
        default: nil
        }
      // The run may have written more already, and tells that itself.
      if let step, step <= past.step { take(moment.event) }
    }
  }

  private static func parent(_ path: String, _ id: RunID, _ take: (RunEvent) -> Void) {
    guard var reader = try? RecordedRunReader(path, id: id) else { return }
    var description = reader.description
    description.methodName += " (parent)"
    take(.started(description))
    var (steps, isOver) = (0, false)
    while let moment = reader.next() {
      switch moment.event {
      case .step(let report): steps = max(steps, report.step)
      case .statusChanged(_, let status, _) where status != .paused: isOver = true
      default: break
      }
      take(moment.event)
    }
    if !isOver { take(.statusChanged(id, .stopped, step: steps)) }
  }
}
