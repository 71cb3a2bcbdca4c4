/// What an outer step learns from.
package enum Regime: Sendable, Equatable, Codable {
  /// Few-shot episodes; `way` is nil in regression.
  case episodes(way: Int?, shot: Int, query: Int)
  /// So many tasks with networks of their own; `of` says what they are, for people:
  /// `4 tasks of 40 classes, 1600 training images`.
  case tasks(count: Int, of: String)

  /// What an evaluation counts.
  package var scored: String {
    if case .episodes = self { "episodes" } else { "images" }
  }
}

/// What adapting to a task is made of.
package enum AdaptationAxis: Sendable, Equatable, Codable {
  /// Gradient steps; the number may be a hyperparameter's, of the role `innerSteps`.
  case innerSteps(count: Int)
  /// A flow that is followed up to each of these times.
  case time([Double])
  /// One go: a solve, a forward pass.
  case once
  /// Nothing adapts.
  case none
}

/// On what the loss of a step's report was measured.
package enum StepLoss: String, Sendable, Equatable, Codable, CaseIterable {
  /// An episode's query set.
  case query
  /// Examples that this step's networks do not learn from.
  case heldOut = "held-out"
  /// What it learns from: it says nothing of other examples.
  case training
}
