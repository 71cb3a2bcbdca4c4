import Autodiff
import Events
import Models
import Tasks

/// A part of a method that a wrapper around it reaches.
package enum MethodSeam: Sendable {
  /// The inner loop follows `innerLoss` and moves what `isAdapted` says, both of the trace's
  /// method.
  case innerLoop
  /// The objective is made of query losses, weighted by `queryWeights`.
  case queryLosses
}

/// A method that changes another, its base: whatever it does not say is the base's.
///
/// On the command line `wrapper:base`. What the base calls of itself through the trace
/// (`EpisodeTrace.method`) is the wrapper's.
package protocol WrappingMethod: Method {
  /// Of the wrapper alone, as it stands on its usual base.
  var ownDescriptor: MethodDescriptor { get }
  /// What it does to its base's equation: a line or two.
  var addedEquation: String { get }
  var base: any Method { get }
  /// What it does without a name behind the colon.
  static var usualBase: any Method { get }
  /// What of a base it changes; a base that lacks one of these is refused.
  var neededSeams: Set<MethodSeam> { get }
  /// What a base must be, as the end of a sentence: `gradient steps on the support loss`.
  var need: String { get }

  /// The same on another base.
  func wrapping(_ base: any Method) -> any WrappingMethod

  func addedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor]
  /// Meta-parameters besides the base's, in groups of their own.
  func addedParameters(for model: any Model) -> [ParameterSpecification]
  func addedProbes(for model: any Model) -> [ProbeDescriptor]
  func addedPanels(for model: any Model) -> [PanelDescription]
  func addedMoments(for model: any Model) -> [MomentDescription]
  func addedProbeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor]
  func addedProbeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float]
}

// MARK: - What it is called

extension WrappingMethod {
  private var isOnUsualBase: Bool { base.descriptor.id == Self.usualBase.descriptor.id }

  package var descriptor: MethodDescriptor {
    let (own, other) = (ownDescriptor, base.descriptor)
    guard !isOnUsualBase else { return own }
    return MethodDescriptor(
      id: "\(own.id):\(other.id)",
      name: "\(own.name) on \(other.name)",
      citation: "\(own.citation); on \(other.name): \(other.citation)",
      year: own.year,
      status: other.status == .published ? own.status : other.status,
      adapts: other.adapts,
      order: other.order,
      page: own.page,
      summary: "\(own.summary) Here its base is \(other.name): \(other.summary)",
      equation: "\(other.equation)\n\(addedEquation)"
    )
  }
}

// MARK: - What the base says

extension WrappingMethod {
  package var tasks: Set<TaskAbility> { base.tasks }
  package var keepsTasks: Bool { base.keepsTasks }
  package var modelDefaults: ModelStyle { base.modelDefaults }
  package var stepLoss: StepLoss { base.stepLoss }
  package var measuresProducts: Bool { base.measuresProducts }
  package var ensembleSize: Int { base.ensembleSize }
  package var seams: Set<MethodSeam> { base.seams }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    base.adaptationAxis(values)
  }

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool {
    base.isMetaGradientExact(values)
  }

  package func curvatureProducts(_ values: HyperparameterValues) -> Int {
    base.curvatureProducts(values)
  }

  package func stage(_ values: HyperparameterValues, step: Int, totalSteps: Int) -> Int {
    base.stage(values, step: step, totalSteps: totalSteps)
  }

  package func graphRequest(_ values: HyperparameterValues) -> GraphRequest {
    base.graphRequest(values)
  }

  package func derivedSettings(_ values: HyperparameterValues) -> [String] {
    base.derivedSettings(values)
  }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? { base.scheduledValue(id, values, step: step, totalSteps: totalSteps) }

  package func rule(for group: String, _ values: HyperparameterValues, stage: Int) -> UpdateRule {
    base.rule(for: group, values, stage: stage)
  }

  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double { base.outerRate(of: group, values, step: step, totalSteps: totalSteps) }

  package func gradientLimit(_ values: HyperparameterValues) -> GradientLimit {
    base.gradientLimit(values)
  }

  package func weighsEpisodes(_ values: HyperparameterValues) -> Bool {
    base.weighsEpisodes(values)
  }

  package func episodeWeights(
    _ products: EpisodeProducts,
    _ values: HyperparameterValues
  ) -> [Double] { base.episodeWeights(products, values) }

  package func refusal(of model: any Model) -> String? { base.refusal(of: model) }

  package func refusal(supportCount: Int, queryCount: Int) -> String? {
    base.refusal(supportCount: supportCount, queryCount: queryCount)
  }

  package func adaptationSteps(_ values: HyperparameterValues) -> Int {
    base.adaptationSteps(values)
  }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    base.evaluationSteps(values, wanted: wanted)
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    base.adapt(trace, steps: steps, isFirstOrder: isFirstOrder)
  }

  package func metaGradient(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    _ objective: OuterObjective
  ) -> [String: Tensor] { base.metaGradient(trace, adaptation, objective) }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    base.isAdapted(name, values)
  }

  package func passParameters(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> ParameterTree<Tensor> { base.passParameters(trace, parameters, pass: pass) }

  package func penalty(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor? {
    base.penalty(trace, parameters)
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor { base.output(trace, examples, parameters, pass: pass, statistics: statistics) }

  package func normalisedLayers(of model: any Model) -> [NormalisedLayer] {
    base.normalisedLayers(of: model)
  }

  package func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) { base.observeSupport(trace, parameters, statistics) }

  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor { base.innerLoss(trace, parameters, step: step) }

  package func queryWeights(_ trace: EpisodeTrace, points: Int) -> [Tensor?] {
    base.queryWeights(trace, points: points)
  }

  package func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    base.queryLoss(trace, parameters)
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    base.outerObjective(trace, adaptation)
  }

  package func evaluationOutput(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor { base.evaluationOutput(trace, parameters) }

  package func advice(
    _ measured: [String: Float],
    _ values: HyperparameterValues
  ) -> String? { base.advice(measured, values) }
}

// MARK: - What it adds to the base

extension WrappingMethod {
  package func addedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] { [] }
  package func addedParameters(for model: any Model) -> [ParameterSpecification] { [] }
  package func addedProbes(for model: any Model) -> [ProbeDescriptor] { [] }
  package func addedPanels(for model: any Model) -> [PanelDescription] { [] }
  package func addedMoments(for model: any Model) -> [MomentDescription] { [] }
  package func addedProbeTensors(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation
  ) -> [String: Tensor] { [:] }

  package func addedProbeValues(
    _ measured: MeasuredProbes,
    model: any Model
  ) -> [String: Float] { [:] }

  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    base.hyperparameters(for: model) + addedHyperparameters(for: model.family)
  }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    base.sharedHyperparameters(for: family)
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    base.ownHyperparameters(for: family) + addedHyperparameters(for: family)
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    base.extraParameters(for: model, shot: shot, values) + addedParameters(for: model)
  }

  /// Running averages stand behind everything else.
  package func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    base.metaParameters(for: model, shot: shot, values)
      .filter { $0.group != RunningStatistics.group } + addedParameters(for: model)
      + (runningStatistics(for: model)?.parameters ?? [])
  }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    addedProbes(for: model) + base.probes(for: model)
  }

  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    addedProbes(for: model) + base.probes(for: model, values)
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    addedPanels(for: model) + base.panels(for: model)
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    addedMoments(for: model) + base.moments(for: model)
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    base.probeTensors(trace, adaptation).merging(addedProbeTensors(trace, adaptation)) { $1 }
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    base.probeValues(measured, model: model)
      .merging(addedProbeValues(measured, model: model)) { $1 }
  }
}
