import Events

/// A value as it was before somebody asked for another.
struct UndoableChange: Equatable, Sendable {
  static let limit = 100

  var run: RunID
  var id: String
  var value: Double
}
