import Events

/// What the main loop has to do because of a key.
enum DashboardEffect: Equatable, Sendable {
  case send(Command)
  case quit
  case suspend
  /// Forget what the terminal shows and draw every cell.
  case redrawAll
}
