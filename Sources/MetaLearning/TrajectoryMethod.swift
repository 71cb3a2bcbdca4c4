import Autodiff
import Models

/// A method whose inner loop is one step, traced once and replayed, instead of a graph unrolled.
///
/// A thousand inner steps take the memory of one. What goes from one replay to the next is the
/// **state**: tensors the method names. Those called `fast.NAME` stand for the meta-parameter NAME
/// while the episode is adapted. State may outlive an episode (`Trajectory.Lasting`); then it is
/// checkpointed and resumed like parameters.
///
/// The order within an outer step: for every episode `begin`, then `step` as often as said, then
/// `end`; the update of the meta-parameters; for state that belongs to tasks `follow`.
package protocol TrajectoryMethod: Method {
  /// The state's tensors, how long they last, and how many steps are made.
  func trajectory(for model: any Model, _ values: HyperparameterValues) -> Trajectory

  /// The state at the run's start, from the meta-parameters; at meta-test at an episode's start.
  ///
  /// `trace.state` is 0 at the run's start, and at meta-test the run's where state lasts a run.
  func start(_ trace: EpisodeTrace) -> [String: Tensor]

  /// The state as an episode begins, from `trace.state`; tensors left out stay as they are. By
  /// default what `start` says.
  func begin(_ trace: EpisodeTrace) -> [String: Tensor]

  /// One inner step on the support set, or on the minibatch in its place: the state afterwards,
  /// tensors left out stay as they are.
  func step(_ trace: EpisodeTrace) -> [String: Tensor]

  /// What the outer loop has of the episode when its steps are made; nothing flows back through
  /// them.
  func end(_ trace: EpisodeTrace) -> TrajectoryEnd

  /// The state of a task after the meta-parameters moved from `trace.previous`; by default it stays.
  func follow(_ trace: EpisodeTrace) -> [String: Tensor]
}

extension TrajectoryMethod {
  /// A replayed step is no part of a base's graph.
  package var seams: Set<MethodSeam> { [] }

  package func begin(_ trace: EpisodeTrace) -> [String: Tensor] { start(trace) }
  package func follow(_ trace: EpisodeTrace) -> [String: Tensor] { [:] }

  /// An end with the query loss of the fast weights, for `end` to return.
  package func queryEnd(
    _ trace: EpisodeTrace,
    metaGradient: [String: Tensor]
  ) -> TrajectoryEnd {
    let fast = trace.fastParameters
    let statistics = statistics(trace, fast, pass: .query)
    let output = output(trace, trace.queryInputs, fast, pass: .query, statistics: statistics)
    return TrajectoryEnd(
      metaGradient: metaGradient,
      queryLoss: trace.loss(output, trace.queryTargets),
      queryOutput: output,
      statistics: statistics
    )
  }
}

/// An inner loop that is replayed.
package struct Trajectory: Sendable {
  /// How long the state lasts.
  package enum Lasting: Sendable, Equatable {
    /// An episode.
    case episode
    /// The run: an episode begins with what the one before left, so they are made one by one.
    case run
    /// The run, for each task of the meta-batch its own: episode i of every outer step is task i's.
    case task
  }

  /// Minibatches in the place of the support set, drawn by the engine or read from the file of
  /// episodes (`draws.minibatches`).
  package struct Minibatches: Sendable, Equatable {
    /// Examples of one; 0 for the whole pool.
    package var size: Int
    /// Whether the pool is support and query set in training, not the support set alone.
    package var usesQuery: Bool
    /// Whether every minibatch is drawn anew from the whole pool, instead of dealt out of a
    /// shuffled one.
    package var isReplaced: Bool
    /// Whether in training the last minibatch is of the query set, and the others of the support
    /// set.
    package var hasTail: Bool

    package init(
      size: Int,
      usesQuery: Bool = false,
      isReplaced: Bool = false,
      hasTail: Bool = false
    ) {
      self.size = size
      self.usesQuery = usesQuery && !hasTail
      self.isReplaced = isReplaced
      self.hasTail = hasTail
    }
  }

  package var state: [ParameterSpecification]
  package var lasting: Lasting
  /// Tensors of the state that a checkpoint keeps; without effect where it lasts an episode.
  package var kept: Set<String>
  /// Steps of an episode in training.
  package var steps: Int
  /// Steps of a held-out episode.
  package var evaluationSteps: Int
  /// Where the state is a task's own: outer steps after which every task begins at the meta-parameters again, nil
  /// where none does.
  package var cycle: Int?
  package var minibatches: Minibatches?

  package init(
    state: [ParameterSpecification],
    lasting: Lasting = .episode,
    kept: Set<String> = [],
    steps: Int,
    evaluationSteps: Int? = nil,
    cycle: Int? = nil,
    minibatches: Minibatches? = nil
  ) {
    self.state = state
    self.lasting = lasting
    self.kept = kept
    self.steps = steps
    self.evaluationSteps = evaluationSteps ?? steps
    self.cycle = cycle
    self.minibatches = minibatches
  }

  /// The most steps that lie between the meta-parameters and a trajectory's end; nil where no number bounds them.
  package var longest: Int? {
    switch lasting {
    case .episode: steps
    case .run: nil
    case .task: cycle.map { $0 * steps }
    }
  }

  /// The same at an outer step.
  package func length(at outerStep: Int) -> Int {
    guard lasting == .task, let cycle else { return steps }
    return (outerStep % cycle + 1) * steps
  }

  /// What the parameter is called in the state while it is adapted.
  package static func fast(_ name: String) -> String { "fast." + name }

  /// Every inner step at which a trajectory of `steps` steps is scored: all of a short one, 21 of
  /// a long one, the first and the last always.
  package static func points(_ steps: Int) -> [Int] {
    let most = 20
    guard steps > most else { return Array(0...steps) }
    return (0...most).map { $0 * steps / most }
  }
}

/// What an episode gives the outer loop when its inner steps were replayed.
package struct TrajectoryEnd {
  /// By parameter; what is left out has a gradient of 0.
  package let metaGradient: [String: Tensor]
  package let queryLoss: Tensor
  /// `[examples, outputs]`.
  package let queryOutput: Tensor
  package let statistics: BatchStatistics

  package init(
    metaGradient: [String: Tensor],
    queryLoss: Tensor,
    queryOutput: Tensor,
    statistics: BatchStatistics
  ) {
    self.metaGradient = metaGradient
    self.queryLoss = queryLoss
    self.queryOutput = queryOutput
    self.statistics = statistics
  }
}
