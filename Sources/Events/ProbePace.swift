/// How often a run's probes are measured, as its first steps decided.
package struct ProbePace: Sendable, Equatable {
  /// What a measurement costs, in outer steps without one.
  package var cost: Double
  /// Outer steps between two measurements; nil where the run is too short for more than its first.
  package var every: Int?
  /// Nearer to each other up to some step, where the curves move most; nil where that would take too much.
  package var early: Early?
  /// While somebody looks at what is measured.
  package var watchedEvery: Int

  package struct Early: Sendable, Equatable {
    package var every: Int
    package var until: Int

    package init(every: Int, until: Int) { (self.every, self.until) = (every, until) }
  }

  /// What probes may take of a run's computing time, and while somebody looks at them.
  package static let share = 0.03
  package static let watchedShare = 0.15

  package init(cost: Double, every: Int?, early: Early?, watchedEvery: Int) {
    (self.cost, self.every, self.early) = (cost, every, early)
    self.watchedEvery = watchedEvery
  }
}
