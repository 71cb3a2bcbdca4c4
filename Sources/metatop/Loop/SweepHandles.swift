import Dashboard
import Events
import Recording

/// What a league table can do about its sweep.
struct SweepHandles {
  /// Carries out what was asked; says what came of it.
  var steer: (SweepSteering) -> ScreenFiles.Outcome
  /// The comparison with a row's values.
  var adopted: (SweepSnapshot.Row) -> [String: String]
}

extension SweepState: Screen {}
