/// Which checkpoint of a run directory is meant.
package enum CheckpointKind: String, Sendable {
  /// The parameters as they are now (of a diverged run: the last finite ones).
  case last
  /// Those with the best meta-validation so far: the highest accuracy, in regression the lowest
  /// loss.
  case best
}
