/// What a person can ask of the running comparison; carried out between two outer steps.
package enum Command: Sendable, Equatable {
  /// Every run halts after its current outer step.
  case pause
  case resume
  /// While paused: every run makes one outer step.
  case singleStep
  case setHyperparameter(RunID, id: String, value: Double)
  case setFairness(Fairness)
  /// Every run shows what it makes of this one of its held-out tasks, 0 the first.
  case showTask(Int)
  /// How a recording is played; runs that train refuse it.
  case replay(ReplayCommand)
  /// End all runs after the step under way, scored on the meta-test.
  case conclude
  /// End all runs now, keeping what they have learnt; a step under way is given up where it can be.
  case stop
}

/// What a person can ask of a recording that is played.
package enum ReplayCommand: Sendable, Hashable {
  case faster
  case slower
  /// A twentieth of the whole.
  case back
  case forward
  case start
  case end
  case toggleLoop
}

/// Where a recording is.
package struct ReplayStatus: Sendable, Equatable {
  /// Seconds since the runs began.
  package var position: Double
  package var duration: Double
  /// Recorded seconds a second.
  package var speed: Double
  package var isPaused: Bool
  /// It follows runs that are still being recorded.
  package var isLive: Bool
  package var loops: Bool

  package init(
    position: Double,
    duration: Double,
    speed: Double,
    isPaused: Bool,
    isLive: Bool,
    loops: Bool
  ) {
    self.position = position
    self.duration = duration
    self.speed = speed
    self.isPaused = isPaused
    self.isLive = isLive
    self.loops = loops
  }
}
