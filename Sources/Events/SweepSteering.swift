/// What a person asks of a sweep while it is made.
package enum SweepSteering: Equatable, Sendable {
  /// Running runs wait, and no others begin; or all go on.
  case togglePause
  /// At rungs the losing half is stopped from now on; or no longer.
  case toggleHalving
  /// A combination's runs stop where they are; or go on.
  case toggleStop(SweepSnapshot.Row)
  /// A combination's runs come next.
  case first(SweepSnapshot.Row)
}
