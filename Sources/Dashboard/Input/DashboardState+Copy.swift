extension DashboardState {
  /// Copies what makes these runs again: the command, or after changes one that names a file with them.
  mutating func copyCommand() -> [DashboardEffect] {
    let changes = runs.compactMap(\.liveChanges)
    guard changes.count == runs.count else {
      say("more changes than are kept; events.jsonl in the runs' folders has all", isProblem: true)
      return []
    }
    // A recording's changes are played with it.
    if replay == nil, changes.contains(where: { !$0.isEmpty }) {
      return [.copyChanges(changes.flatMap { $0 })]
    }
    log.add(.note, run: nil, step: nil, commandLine)
    say("copied: \(commandLine)")
    return [.copy(commandLine)]
  }
}
