import Events

/// A value that somebody changed while a run was trained.
package struct LiveChange: Equatable, Sendable {
  /// Outer steps that were made before.
  package let step: Int
  package let run: RunID
  package let id: String
  package let value: Double
}

extension RunState {
  /// The changes that made a difference, oldest first; nil where there were more than are kept.
  var liveChanges: [LiveChange]? {
    guard changeCount == changes.count else { return nil }
    var values = description.values
    return changes.compactMap { change in
      guard values.updateValue(change.value, forKey: change.id) != change.value else { return nil }
      return LiveChange(step: change.step, run: id, id: change.id, value: change.value)
    }
  }
}
