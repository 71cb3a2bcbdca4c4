/// What a person can ask of the running comparison; carried out between two outer steps.
package enum Command: Sendable, Equatable, Codable {
  /// Every run halts after its current outer step.
  case pause
  case resume
  /// While paused: every run makes one outer step.
  case singleStep
  case setHyperparameter(RunID, id: String, value: Double)
  case setFairness(Fairness)
  /// End all runs now, keeping what they have learnt.
  case stop
}
