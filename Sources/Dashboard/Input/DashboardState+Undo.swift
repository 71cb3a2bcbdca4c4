import Events

extension DashboardState {
  /// Asks for a value and remembers the present one for `u`.
  mutating func change(
    _ hyperparameter: HyperparameterDescriptor,
    to value: Double,
    run id: RunID
  ) -> [DashboardEffect] {
    guard let index = index(of: id) else { return [] }
    let run = runs[index]
    let before = run.pending[hyperparameter.id]?.value ?? run.value(hyperparameter)
    if before != value {
      if undoable.count == UndoableChange.limit { undoable.removeFirst() }
      undoable.append(
        UndoableChange(run: id, id: hyperparameter.id, value: before, key: changeCount)
      )
    }
    return request(value, for: hyperparameter, run: id)
  }

  /// The newest change that can be taken back; those of runs that have ended cannot.
  var lastUndoable: UndoableChange? {
    undoable.last { change in index(of: change.run).map { !runs[$0].isOver } ?? false }
  }

  /// Takes back all that one key changed.
  mutating func undo() -> [DashboardEffect] {
    guard let key = lastUndoable?.key else { return [] }
    let changes = undoable.filter { $0.key == key }
    undoable.removeAll { $0.key == key }
    trail = []
    var effects: [DashboardEffect] = []
    var names: [String] = []
    for change in changes.reversed() {
      guard let run = index(of: change.run).map({ runs[$0] }), !run.isOver,
        let descriptor = run.hyperparameter(change.id)
      else { continue }
      names.insert("\(run.name): \(change.id) back to \(descriptor.format(change.value))", at: 0)
      effects += request(change.value, for: descriptor, run: change.run)
    }
    say(names.joined(separator: " · "))
    return effects
  }
}
