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
      undoable.append(UndoableChange(run: id, id: hyperparameter.id, value: before))
    }
    return request(value, for: hyperparameter, run: id)
  }

  /// The newest change that can be taken back; those of runs that have ended cannot.
  var lastUndoable: UndoableChange? {
    undoable.last { change in index(of: change.run).map { !runs[$0].isOver } ?? false }
  }

  mutating func undo() -> [DashboardEffect] {
    guard let change = lastUndoable, let place = undoable.lastIndex(of: change),
      let run = index(of: change.run).map({ runs[$0] }),
      let descriptor = run.hyperparameter(change.id)
    else { return [] }
    undoable.remove(at: place)
    say("\(run.name): \(change.id) back to \(descriptor.format(change.value))")
    return request(change.value, for: descriptor, run: change.run)
  }
}
