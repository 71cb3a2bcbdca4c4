import Autodiff
import Events
import Models
import Tasks

/// A kind of tasks that a method can learn or not.
package enum TaskAbility: String, Sendable, CaseIterable {
  /// Outputs are numbers.
  case regression
  /// Outputs are the logits of classes.
  case classification
  /// The parameters are a point on a surface; there is no head.
  case surface
  /// Outputs are the logits of classes of a graph's nodes.
  case nodes
}

/// A meta-learner as arithmetic on one episode: no queue, no clock, no file, no events.
///
/// Everything has a default that makes it MAML; a method overrides what it does differently.
package protocol Method: ScreenDeclaration {
  var descriptor: MethodDescriptor { get }

  /// The kinds of tasks it can learn.
  var tasks: Set<TaskAbility> { get }

  /// Whether episode i of every outer step is task i of the run, with fresh examples, instead of a
  /// new task each.
  var keepsTasks: Bool { get }

  /// Other ways to train it, which a setting chooses before a run starts.
  var forms: [MethodForm] { get }

  /// What its network is where nobody says it.
  var modelDefaults: ModelStyle { get }

  /// Everything that can be set of a run: what every method has, what the model has, what the
  /// method alone has.
  func hyperparameters(for model: any Model) -> [HyperparameterDescriptor]

  /// What it has of the settings that most methods share, from `StandardHyperparameters`.
  func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor]

  /// What can be set of this method alone, with the defaults for a family of models.
  func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor]

  /// Whether the meta-gradient is the exact derivative of the objective under these values.
  func isMetaGradientExact(_ values: HyperparameterValues) -> Bool

  /// Hessian- or Jacobian-vector products that the meta-gradient of an episode takes.
  func curvatureProducts(_ values: HyperparameterValues) -> Int

  /// All meta-parameters: body and head first, then the method's own, then running averages.
  func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification]

  /// Meta-parameters besides the model's body and head. Their shapes and how they begin may depend
  /// on hyperparameters that are fixed before a run starts, and on `shot`, the support examples (of a
  /// class, in classification).
  func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification]

  /// Which of its graphs a method uses at an outer step (0, 1, …), where it has several: phases of a
  /// warm-up, for example. `EpisodeTrace.stage` says it back; a change of stage traces anew.
  func stage(_ values: HyperparameterValues, step: Int, totalSteps: Int) -> Int

  /// Inputs of the graph besides the hyperparameters, by id; `scheduledValue` says what they are.
  func derivedSettings(_ values: HyperparameterValues) -> [String]

  /// How the outer loop moves a group of meta-parameters.
  func rule(for group: String, _ values: HyperparameterValues, stage: Int) -> UpdateRule

  /// The outer rate of a group at outer step `step` (0, 1, …); asked at every step.
  func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double

  /// What keeps the averaged meta-gradient small.
  func gradientLimit(_ values: HyperparameterValues) -> GradientLimit

  /// Whether its probes want the inner products of the episodes' gradients.
  var measuresProducts: Bool { get }

  /// Whether `episodeWeights` combines a meta-batch, instead of the mean.
  func weighsEpisodes(_ values: HyperparameterValues) -> Bool

  /// Each episode's weight in the averaged meta-gradient, in episode order; they should add up to 1.
  func episodeWeights(_ products: EpisodeProducts, _ values: HyperparameterValues) -> [Double]

  /// What a hyperparameter or a derived setting is at outer step `step` (0, 1, …) when it changes
  /// by itself, or nil; it must be an input of the graph. Asked at every step, so it should allocate
  /// nothing.
  func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double?

  /// What it asks for of a graph besides the outputs of its nodes.
  func graphRequest(_ values: HyperparameterValues) -> GraphRequest

  /// A sentence that says why the method cannot have this network, and what it could have; or nil.
  func refusal(of model: any Model) -> String?

  /// A sentence that says why the method cannot run on episodes of this size, or nil.
  func refusal(supportCount: Int, queryCount: Int) -> String?

  /// How many points of its way an adaptation has besides the start: its inner steps, or one where
  /// it adapts at once.
  func adaptationSteps(_ values: HyperparameterValues) -> Int

  /// The same at meta-validation and meta-test, where the task shows `wanted` points.
  func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int

  /// Adapts the episode's parameters on its support set. By default `steps` gradient steps at the
  /// rate `inner-lr` on `innerLoss`, of the parameters that `isAdapted` names.
  /// With `isFirstOrder` the derivatives of the inner loop's gradients are dropped.
  func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation

  /// The meta-gradient by parameter, where it is not the derivative of the objective.
  func metaGradient(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    _ objective: OuterObjective
  ) -> [String: Tensor]

  /// How many of the best validated parameters meta-test averages the outputs of; 1 for the last
  /// alone.
  var ensembleSize: Int { get }

  /// The hyperparameter that says how many seconds a run trains that is given no number of steps; nil
  /// where there is none.
  var timeBudget: String? { get }

  /// What of it a wrapper reaches.
  var seams: Set<MethodSeam> { get }

  /// The parameters as a pass uses them: all of them, unless some have a value for each inner step, or
  /// are changed by what an episode shows.
  func passParameters(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> ParameterTree<Tensor>

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

  /// The weight of the query loss at each point of the adaptation in the objective, from the start to
  /// the last point; nil where a point has none. By default the last point's alone counts.
  func queryWeights(_ trace: EpisodeTrace, points: Int) -> [Tensor?]

  /// What the objective has besides query losses, a number; nil for nothing.
  func penalty(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor?

  /// What the outer loop minimises, at the adapted parameters.
  func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective

  /// The loss that the outer loop has of an episode, at any parameters of the way: what `queryLoss` of the
  /// objective is at the last. By default that of `output` on the query set.
  func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor

  /// The outputs with which meta-validation and meta-test are scored.
  func evaluationOutput(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor

  /// The method's own probes.
  func probes(for model: any Model) -> [ProbeDescriptor]

  /// The same where their number depends on a hyperparameter that is fixed before a run starts.
  func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor]

  /// Tensors that are averaged over the meta-batch for the probes, by names; a number under a probe's key
  /// is the probe's value.
  func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor]

  /// The probes' values by their keys, from those averages, where they are not the averages themselves.
  func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float]

  /// A sentence for a person where a step's probes, by their keys, show that a setting is wrong: what, and
  /// what would be right; nil where all is well. Said again when it changes.
  func advice(_ measured: [String: Float], _ values: HyperparameterValues) -> String?
}

/// What the outer loop minimises, and the part of it that every method has.
package struct OuterObjective {
  /// The number whose gradient is the meta-gradient.
  package let total: Tensor
  /// The loss on the query set that runs are told by; the adapted model's own unless the method
  /// trains it on something else there.
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
