import Events

/// A value as it was before somebody asked for another.
struct UndoableChange: Equatable, Sendable {
  static let limit = 100

  var run: RunID
  var id: String
  var value: Double
  /// Which key it was part of.
  var key = 0
}

/// A step along a value's scale.
struct SteppedValue: Equatable, Sendable {
  var run: RunID
  var id: String
  var from: Double
  var to: Double
  var isUp: Bool
  var isFine: Bool
}
