import Autodiff
import Models

/// A method that learns from labelled batches of all classes of meta-training, without episodes, by several
/// networks side by side; an episode is decoded from what they make of it.
///
/// The engine draws the batches (or reads them), moves each member by its own gradient, lets the method
/// decode held-out episodes, and at the end fit how the members are combined.
package protocol BatchMethod: Method {
  /// Classes of a batch, and pictures of each.
  func batchSize(_ values: HyperparameterValues) -> (classes: Int, images: Int)

  /// The settings by which a batch and the networks take memory.
  var sizes: [String] { get }

  /// The networks that learn, made like `model`; the first is the one that stands for all.
  func members(for model: any Model, _ values: HyperparameterValues) -> [any Model]

  /// All that a member learns, and its running averages; `classes` are all of meta-training's.
  func memberParameters(for member: any Model, classes: Int) -> [ParameterSpecification]

  /// A member's loss on a batch: `trace.supportInputs` and their one-hot `trace.supportTargets`.
  func batchPass(_ trace: EpisodeTrace) -> BatchPass

  /// What a member makes of examples, `[examples, features]`, normalised by running averages.
  func encoded(_ trace: EpisodeTrace, _ examples: Tensor) -> Tensor

  /// The norm above which a member's gradient is shrunk to it; nil for none.
  func memberLimit(_ values: HyperparameterValues) -> Double?

  /// The queries' classes, from one member's features.
  func decode(_ episode: EncodedEpisode, _ values: HyperparameterValues) -> DecodedEpisode

  /// Held-out episodes that a fit of the combination takes, and others on which it is chosen.
  func fittingEpisodes(_ values: HyperparameterValues) -> (fit: Int, held: Int)

  /// How the members' answers are combined, from episodes decoded by every member; the first
  /// `fit` of them are fitted on. Nil when `shouldStop` said so before the end.
  func combination(
    of episodes: [[DecodedEpisode]],
    targets: [[Int]],
    fit: Int,
    _ values: HyperparameterValues,
    shouldStop: () -> Bool
  ) -> MemberCombination?

  /// The probes' values by key.
  func batchProbes(
    _ measured: BatchMeasures,
    _ values: HyperparameterValues
  ) -> [String: Float]
}

/// What a member's pass over a batch found.
package struct BatchPass {
  package let loss: Tensor
  /// Scalars to be told, by name.
  package let numbers: [(name: String, value: Tensor)]
  /// What normalised the batch.
  package let statistics: BatchStatistics

  package init(
    loss: Tensor,
    numbers: [(name: String, value: Tensor)],
    statistics: BatchStatistics
  ) {
    self.loss = loss
    self.numbers = numbers
    self.statistics = statistics
  }
}

/// An episode as one member sees it: features, one row an example.
package struct EncodedEpisode: Sendable {
  package let support: [[Double]]
  package let query: [[Double]]
  /// The class of each support example.
  package let labels: [Int]
  package let way: Int

  package init(support: [[Double]], query: [[Double]], labels: [Int], way: Int) {
    self.support = support
    self.query = query
    self.labels = labels
    self.way = way
  }
}

/// What a member answers.
package struct DecodedEpisode: Sendable {
  /// Probabilities of the classes, one row a query.
  package let answers: [[Double]]
  /// The same before anything was refined.
  package let first: [[Double]]
  /// By pass: mean entropy of the answers in nats, and how far the prototypes went afterwards.
  package let entropies: [Double]
  package let shifts: [Double]

  package init(
    answers: [[Double]],
    first: [[Double]],
    entropies: [Double] = [],
    shifts: [Double] = []
  ) {
    self.answers = answers
    self.first = first
    self.entropies = entropies
    self.shifts = shifts
  }
}

/// How several members' answers become one.
package struct MemberCombination: Sendable, Equatable {
  /// Which: 0 … E − 1 a member alone, E the mean, E + 1 the stacker.
  package var choice: Int
  /// What each could do on the episodes that chose.
  package var accuracies: [Double]
  /// By what each member's centred logarithms are divided.
  package var scales: [Double]
  /// One row a class: members × classes weights.
  package var weights: [[Double]]
  package var intercepts: [Double]

  package init(
    choice: Int,
    accuracies: [Double] = [],
    scales: [Double],
    weights: [[Double]],
    intercepts: [Double]
  ) {
    self.choice = choice
    self.accuracies = accuracies
    self.scales = scales
    self.weights = weights
    self.intercepts = intercepts
  }
}

/// What a probed step measured of all members.
package struct BatchMeasures {
  /// By member: the numbers of `BatchPass` by name, with `loss` and `gradient_norm`.
  package let members: [[String: Float]]
  /// Held-out episodes by episode and member, and the queries' classes.
  package let episodes: [[DecodedEpisode]]
  package let targets: [[Int]]
  /// Accuracy of the combination as it is.
  package let accuracy: Float

  package init(
    members: [[String: Float]],
    episodes: [[DecodedEpisode]],
    targets: [[Int]],
    accuracy: Float
  ) {
    self.members = members
    self.episodes = episodes
    self.targets = targets
    self.accuracy = accuracy
  }
}

extension BatchMethod {
  package var seams: Set<MethodSeam> { [] }
  package var tasks: Set<TaskAbility> { [.classification] }
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { true }
  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool { false }
  package func adaptationSteps(_ values: HyperparameterValues) -> Int { 1 }
  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int { 1 }

  /// Every member's, as if there were as many classes as outputs.
  package func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    learned(for: model, classes: model.outputCount, values)
  }

  /// What all members learn; names begin with `member1.`, `member2.` and so on.
  package func learned(
    for model: any Model,
    classes: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    members(for: model, values).enumerated().flatMap { index, member in
      memberParameters(for: member, classes: classes)
        .filter { $0.group != RunningStatistics.group }
        .map { $0.renamed("member\(index + 1).\($0.name)") }
    }
  }

  /// The share of right answers.
  package static func accuracy(_ answers: [[Double]], _ targets: [Int]) -> Double {
    let right = zip(answers, targets).count { row, target in
      row.indices.max { row[$0] < row[$1] } == target
    }
    return Double(right) / Double(max(targets.count, 1))
  }
}
