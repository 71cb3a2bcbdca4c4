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

  /// The name on the command line, for example `sinusoid`.
  package let name: String
  package let kind: Kind
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

  package init(
    name: String,
    kind: Kind,
    way: Int?,
    shot: Int,
    queryShot: Int,
    setting: String? = nil,
    split: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.way = way
    self.shot = shot
    self.queryShot = queryShot
    self.setting = setting
    self.split = split
  }
}

extension TaskDescription {
  /// What an evaluation counts.
  package var scored: String { setting == nil ? "episodes" : "images" }

  /// What a score must be read with, after the task's name: nothing where no class is in two splits,
  /// as everybody expects.
  package var splitNote: String? {
    split == "examples" ? "split by examples" : nil
  }
}

/// One quantity that a method measures while it trains, besides the losses all methods have.
///
/// `key` is the name in `metrics.jsonl` (`colearner_cosine`, or `colearner_cosine/layer1` for one
/// layer). The dashboard finds its panels' values by key, so a new method needs no new event.
package struct ProbeDescriptor: Sendable, Equatable, Codable {
  package let key: String
  /// A short label with the field's symbols, for example `cos(g_m, g_c)`.
  package let label: String
  /// One line of plain words: what the number means and what is healthy.
  package let help: String
  /// The layer the value belongs to, or nil for the whole network.
  package let layer: String?

  package init(key: String, label: String, help: String, layer: String? = nil) {
    self.key = key
    self.label = label
    self.help = help
    self.layer = layer
  }
}

/// Everything about a run that is fixed before its first step.
package struct RunDescription: Sendable, Equatable, Codable {
  package let id: RunID
  /// The method's identifier: `maml`, `cml`, `metaperturb`.
  package let methodID: String
  /// The method's published name: `MAML`, `CML`, `MetaPerturb`.
  package var methodName: String
  package let citation: String
  package let task: TaskDescription
  /// For example `MLP 1-40-40-1`.
  package let model: String
  /// Body layers in order, then the head: `layer1`, `layer2`, `head`.
  package let layers: [String]
  /// Number of weights in each group of meta-parameters (`body`, `head`, `colearner`).
  package let parameterCounts: [String: Int]
  package let hyperparameters: [HyperparameterDescriptor]
  /// Value of each hyperparameter by id at the start.
  package let values: [String: Double]
  /// Probes in the order of `StepReport.probes`.
  package let probes: [ProbeDescriptor]
  /// Outer steps this run is to make.
  package let totalSteps: Int
  /// B, episodes an outer step.
  package let metaBatchSize: Int
  package let seed: UInt64
  package let threads: Int
  /// Bytes of memory the run was expected to take; nil where nobody estimated.
  package let estimatedBytes: Int?

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
    totalSteps: Int,
    metaBatchSize: Int,
    seed: UInt64,
    threads: Int,
    estimatedBytes: Int? = nil
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
    self.totalSteps = totalSteps
    self.metaBatchSize = metaBatchSize
    self.seed = seed
    self.threads = threads
    self.estimatedBytes = estimatedBytes
  }
}
