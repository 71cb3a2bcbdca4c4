import Events

/// What the main loop has to do because of a key.
package enum DashboardEffect: Equatable, Sendable {
  case send(Command)
  /// Nothing is under way: leave.
  case quit
  /// End what is under way and leave once everything is written; the screen stays until then.
  case end(LeaveChoice)
  /// Leave at once, whatever is not written.
  case leaveNow
  case suspend
  /// Give a text to the terminal's clipboard.
  case copy(String)
  /// Write the runs' options with these changes to a file, and copy the command that names it.
  case copyChanges([LiveChange])
  /// Write the screen to files.
  case saveScreen
  /// Write a table's rows, the head first, to a file.
  case saveTable([[String]])
  /// Begin to record what the screen shows, or end it.
  case toggleRecording
  /// Say whether a form's values can be trained, and what that takes.
  case checkComparison([String: String])
  /// End this comparison and start the one of these values.
  case startComparison([String: String])
  /// Say how a path goes on that is being typed.
  case completePath(String)
  /// Forget what the terminal shows and draw every cell.
  case redrawAll
  /// Show these run directories in a dashboard of their own, which begins with an action where one
  /// is named, and then this screen again.
  case openRuns([String], action: String? = nil)
  /// Change how a sweep is made.
  case steer(SweepSteering)
  /// End the sweep and train with the values of one of its combinations.
  case adopt(SweepSnapshot.Row)
}
