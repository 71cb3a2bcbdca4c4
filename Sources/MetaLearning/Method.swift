import Autodiff
import Events
import Models

/// What a method is called and where it was published.
package struct MethodDescriptor: Sendable {
  /// On the command line and in files: `maml`.
  package let id: String
  /// As published: `MAML`.
  package let name: String
  package let citation: String

  package init(id: String, name: String, citation: String) {
    self.id = id
    self.name = name
    self.citation = citation
  }
}

/// A meta-learner as arithmetic on one episode: no queue, no clock, no file, no events.
///
/// Everything has a default that makes it MAML; a method overrides what it does differently.
package protocol Method: ScreenDeclaration {
  var descriptor: MethodDescriptor { get }

  /// Everything that can be set of a run: what every method has, what the model has, what the
  /// method alone has.
  func hyperparameters(for model: any Model) -> [HyperparameterDescriptor]

  /// What can be set of this method alone, with the defaults for a family of models.
  func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor]

  /// Whether the meta-gradient is the exact derivative of the objective under these values.
  func isMetaGradientExact(_ values: HyperparameterValues) -> Bool

  /// All meta-parameters: body and head first, then the method's own, then running averages.
  func metaParameters(for model: any Model) -> [ParameterSpecification]

  /// Meta-parameters besides the model's body and head, for example `colearner.*`.
  func extraParameters(for model: any Model) -> [ParameterSpecification]

  /// Whether the outer optimizer updates a group of meta-parameters.
  func isTrained(group: String, _ values: HyperparameterValues) -> Bool

  /// What a hyperparameter is at outer step `step` (0, 1, …) when it changes by itself, or nil; it
  /// must be an input of the graph. Asked at every step, so it should allocate nothing.
  func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double?

  /// A sentence that says why the method cannot run on episodes of this size, or nil.
  func refusal(supportCount: Int, queryCount: Int) -> String?

  /// The parameters that take inner-loop steps, by name.
  func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool

  /// Outputs of the adapting model, `[examples, outputs]`.
  func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor

  /// Layers with batch normalisation, the model's and the method's own.
  func normalisedLayers(of model: any Model) -> [NormalisedLayer]

  /// Takes the support set through every normalised layer, so that `statistics` finds them all.
  func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  )

  /// The loss whose gradient the inner loop follows, at inner step `step`.
  func innerLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>, step: Int) -> Tensor

  /// What the outer loop minimises, at the adapted parameters.
  func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective

  /// The outputs with which meta-validation and meta-test are scored.
  func evaluationOutput(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor

  /// The method's own probes, in the order of `probeValues`.
  func probes(for model: any Model) -> [ProbeDescriptor]

  /// Tensors that are averaged over the meta-batch for the probes.
  func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [Tensor]

  /// The probes' values from those averages.
  func probeValues(_ averages: [[Float]], model: any Model, _ settings: [String: Double]) -> [Float]
}

/// What the outer loop minimises, and the part of it that every method has.
package struct OuterObjective {
  /// The number whose gradient is the meta-gradient.
  package let total: Tensor
  /// The adapted model's own loss on the query set.
  package let queryLoss: Tensor
  /// The adapted model's outputs on the query set, `[examples, outputs]`.
  package let queryOutput: Tensor
  /// What normalised the query set.
  package let statistics: BatchStatistics

  package init(
    total: Tensor,
    queryLoss: Tensor,
    queryOutput: Tensor,
    statistics: BatchStatistics
  ) {
    self.total = total
    self.queryLoss = queryLoss
    self.queryOutput = queryOutput
    self.statistics = statistics
  }
}

/// Which forward pass of an episode is being traced.
package enum Pass: Sendable, Hashable {
  /// On the support set, before inner step `step`.
  case support(step: Int)
  /// On the query set, for the outer objective.
  case query
  /// On the query set at meta-validation or meta-test; one of several random draws.
  case evaluation(sample: Int)

  package var isSupport: Bool {
    if case .support = self { return true }
    return false
  }
}
