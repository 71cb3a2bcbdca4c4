/// Identifies one run (one method being trained) within a comparison: 0, 1, 2, … in screen order.
package struct RunID: Hashable, Sendable, Codable, Comparable {
  package let rawValue: Int

  package init(_ rawValue: Int) { self.rawValue = rawValue }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The task distribution p(T) and the shape of an episode drawn from it.
package struct TaskDescription: Sendable, Equatable, Codable {
  package enum Kind: String, Sendable, Equatable, Codable {
    case regression
    case classification
  }

  /// What an example is.
  package enum Input: String, Sendable, Equatable, Codable {
    case numbers
    case pictures
    case nodes
  }

  /// The name on the command line, for example `sinusoid`.
  package let name: String
  package let kind: Kind
  package let input: Input
  /// N, or nil in regression.
  package let way: Int?
  /// K, support examples (a class, in classification).
  package let shot: Int
  /// Query examples (a class, in classification).
  package let queryShot: Int
  /// What is trained on where there are no episodes: `4 tasks of 40 classes, 1600 images`.
  package let setting: String?
  /// What keeps the splits of pictures apart: `classes` or `examples`; nil where there are none, or
  /// where nobody recorded it.
  package let split: String?
  /// Whether a finished run is meta-tested; nil, where nobody recorded it, stands for yes.
  package let isTested: Bool?

  /// Classes are those of pictures unless `input` says something else.
  package init(
    name: String,
    kind: Kind,
    input: Input? = nil,
    way: Int?,
    shot: Int,
    queryShot: Int,
    setting: String? = nil,
    split: String? = nil,
    isTested: Bool? = nil
  ) {
    self.name = name
    self.kind = kind
    self.input = input ?? (kind == .classification ? .pictures : .numbers)
    self.way = way
    self.shot = shot
    self.queryShot = queryShot
    self.setting = setting
    self.split = split
    self.isTested = isTested
  }
}

extension TaskDescription {
  /// What an evaluation counts.
  package var scored: String { setting == nil ? "episodes" : "images" }

  /// Episodes of this shape, or the tasks that `setting` tells of.
  package func regime(metaBatchSize: Int) -> Regime {
    setting.map { .tasks(count: metaBatchSize, of: $0) }
      ?? .episodes(way: way, shot: shot, query: queryShot)
  }

  /// What a score must be read with, after the task's name: nothing where no class is in two splits,
  /// as everybody expects.
  package var splitNote: String? {
    split == "examples" ? "split by examples" : nil
  }
}

/// Everything about a run that is fixed before its first step.
package struct RunDescription: Sendable, Equatable, Codable {
  package let id: RunID
  /// The method's identifier: for example `maml`.
  package let methodID: String
  /// The method's published name: for example `MAML`.
  package var methodName: String
  package let citation: String
  package let task: TaskDescription
  /// For example `MLP 1-40-40-1`.
  package let model: String
  /// Body layers in order, then the head: `layer1`, `layer2`, `head`.
  package let layers: [String]
  /// Number of weights in each group of meta-parameters (`body`, `head`, …).
  package let parameterCounts: [String: Int]
  package let hyperparameters: [HyperparameterDescriptor]
  /// Value of each hyperparameter by id at the start.
  package let values: [String: Double]
  /// Probes in the order of `StepReport.probes`.
  package let probes: [ProbeDescriptor]
  /// The method's own panels, the most telling first.
  package let panels: [PanelDescription]
  /// The method's own moments of an outer step.
  package let moments: [MomentDescription]
  package let regime: Regime
  package let adaptation: AdaptationAxis
  package let stepLoss: StepLoss
  /// Outer steps this run is to make.
  package let totalSteps: Int
  /// B, episodes an outer step.
  package let metaBatchSize: Int
  package let seed: UInt64
  package let threads: Int
  /// Bytes of memory the run was expected to take; nil where nobody estimated.
  package let estimatedBytes: Int?
  /// Which of the theme's colours it has; nil where nobody recorded it.
  package var color: Int?

  /// What is not said of regime, adaptation and loss follows from the task.
  package init(
    id: RunID,
    methodID: String,
    methodName: String,
    citation: String,
    task: TaskDescription,
    model: String,
    layers: [String],
    parameterCounts: [String: Int],
    hyperparameters: [HyperparameterDescriptor],
    values: [String: Double],
    probes: [ProbeDescriptor],
    panels: [PanelDescription] = [],
    moments: [MomentDescription] = [],
    regime: Regime? = nil,
    adaptation: AdaptationAxis? = nil,
    stepLoss: StepLoss? = nil,
    totalSteps: Int,
    metaBatchSize: Int,
    seed: UInt64,
    threads: Int,
    estimatedBytes: Int? = nil,
    color: Int? = nil
  ) {
    self.id = id
    self.methodID = methodID
    self.methodName = methodName
    self.citation = citation
    self.task = task
    self.model = model
    self.layers = layers
    self.parameterCounts = parameterCounts
    self.hyperparameters = hyperparameters
    self.values = values
    self.probes = probes
    self.panels = panels
    self.moments = moments
    self.regime = regime ?? task.regime(metaBatchSize: metaBatchSize)
    self.adaptation = adaptation ?? (task.setting == nil ? .innerSteps(count: 1) : .none)
    self.stepLoss = stepLoss ?? (task.setting == nil ? .query : .training)
    self.totalSteps = totalSteps
    self.metaBatchSize = metaBatchSize
    self.seed = seed
    self.threads = threads
    self.estimatedBytes = estimatedBytes
    self.color = color
  }
}
