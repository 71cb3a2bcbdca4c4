import Autodiff
import Events
import Models
import Tasks

extension Method {
  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    hyperparameters(
      sharedHyperparameters(for: model.family),
      ownHyperparameters(for: model.family),
      for: model
    )
  }

  /// What convolutions have; of batch normalisation only where there is some.
  package func convolutionHyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    guard model.family == .convolutional else { return [] }
    let convolutions = ConvolutionHyperparameters.self
    let isScaled = model.parameters.contains { $0.name.contains(".norm.") }
    return convolutions.all.filter { descriptor in
      switch descriptor.id {
      case convolutions.statistics.id: !normalisedLayers(of: model).isEmpty
      case convolutions.isNormalisationAdapted.id: isScaled
      default: true
      }
    }
  }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    StandardHyperparameters.all(for: family)
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] { [] }

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool {
    !values.isFirstOrder
  }

  package func curvatureProducts(_ values: HyperparameterValues) -> Int {
    values.isFirstOrder ? 0 : adaptationSteps(values)
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] { [] }

  package func stage(_ values: HyperparameterValues, step: Int, totalSteps: Int) -> Int { 0 }
  package func graphRequest(_ values: HyperparameterValues) -> GraphRequest { [] }
  package func derivedSettings(_ values: HyperparameterValues) -> [String] { [] }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule { .adam() }

  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double { values.outerLearningRate(step: step, totalSteps: totalSteps) }

  package func gradientLimit(_ values: HyperparameterValues) -> GradientLimit { .none }
  package var tasks: Set<TaskAbility> { Set(TaskAbility.allCases) }
  package var keepsTasks: Bool { false }
  package var measuresProducts: Bool { false }
  package func weighsEpisodes(_ values: HyperparameterValues) -> Bool { false }

  package func episodeWeights(
    _ products: EpisodeProducts,
    _ values: HyperparameterValues
  ) -> [Double] { Array(repeating: 1 / Double(products.count), count: products.count) }

  package func adaptationSteps(_ values: HyperparameterValues) -> Int {
    values.integer(StandardHyperparameters.innerSteps.id)
  }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    max(adaptationSteps(values), wanted)
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
    let whole = trace.method ?? self
    return InnerLoop.gradientSteps(
      trace,
      steps: steps,
      isFirstOrder: isFirstOrder,
      names: trace.metaParameters.names.filter { whole.isAdapted($0, trace.values) },
      rate: { _, _ in rate },
      loss: { whole.innerLoss(trace, $0, step: $1) }
    )
  }

  package func metaGradient(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    _ objective: OuterObjective
  ) -> [String: Tensor] { [:] }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? { nil }

  /// What learns nodes alone has a network that reads them.
  package func refusal(of model: any Model) -> String? {
    guard tasks == [.nodes], model.family != .graph else { return nil }
    return
      "\(descriptor.name) learns nodes of a graph; use --task communities, nodes:NAME or graph:PATH"
  }

  package func refusal(supportCount: Int, queryCount: Int) -> String? { nil }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    let isBodyOrHead = name.hasPrefix("body.") || name.hasPrefix("head.")
    return isBodyOrHead && (values.isNormalisationAdapted || !name.contains(".norm."))
  }

  package func normalisedLayers(of model: any Model) -> [NormalisedLayer] { model.normalisedLayers }

  package func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) {
    _ = trace.features(of: trace.supportInputs, parameters, statistics, pass: .support(step: 0))
  }

  /// Averages kept of the normalised layers' statistics; nil where nothing is normalised.
  package func runningStatistics(for model: any Model) -> RunningStatistics? {
    let layers = normalisedLayers(of: model)
    return layers.isEmpty ? nil : RunningStatistics(layers)
  }

  /// Whose mean and variance normalise a pass, as `batch-norm` says.
  package func statistics(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> BatchStatistics {
    switch trace.values.statistics {
    case .transductive: return BatchStatistics()
    case .running:
      guard !trace.isTraining, let running = runningStatistics(for: trace.model) else {
        return BatchStatistics()
      }
      return running.values(trace.metaParameters)
    case .support:
      let support = BatchStatistics()
      guard !pass.isSupport else { return support }
      observeSupport(trace, passParameters(trace, parameters, pass: pass), support)
      return BatchStatistics(of: support)
    }
  }

  /// Outputs of the adapting model with the statistics that the pass should have.
  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> Tensor {
    let statistics = statistics(trace, parameters, pass: pass)
    return output(trace, examples, parameters, pass: pass, statistics: statistics)
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor {
    let parameters = passParameters(trace, parameters, pass: pass)
    return trace.model.head(
      trace.features(of: examples, parameters, statistics, pass: pass),
      parameters
    )
  }

  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let output = output(trace, trace.supportInputs, parameters, pass: .support(step: step))
    return trace.loss(output, trace.supportTargets)
  }

  package var ensembleSize: Int { 1 }
  package var timeBudget: String? { nil }
  package var seams: Set<MethodSeam> { [.innerLoop, .queryLosses] }

  package func penalty(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor? {
    nil
  }

  package func passParameters(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> ParameterTree<Tensor> { parameters }

  package func queryWeights(_ trace: EpisodeTrace, points: Int) -> [Tensor?] {
    Array(repeating: nil, count: points - 1) + [trace.graph.constant(1)]
  }

  package func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    trace.queryLoss(self, parameters)
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    queryObjective(trace, adaptation)
  }

  /// The query losses by `queryWeights`, for methods that add to them.
  package func queryObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let last = lastObjective(trace, adaptation)
    var total: Tensor?
    for (point, weight) in queryWeights(trace, points: adaptation.parameters.count).enumerated() {
      guard let weight else { continue }
      let isLast = point == adaptation.parameters.count - 1
      let loss = isLast ? last.queryLoss : trace.queryLoss(self, adaptation.parameters[point])
      total = total.map { $0 + loss * weight } ?? loss * weight
    }
    if let penalty = penalty(trace, adaptation.adapted) { total = (total ?? last.total) + penalty }
    return OuterObjective(
      total: total ?? last.total,
      queryLoss: last.queryLoss,
      queryOutput: last.queryOutput,
      statistics: last.statistics
    )
  }

  /// The query loss at the last point.
  private func lastObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let statistics = statistics(trace, adaptation.adapted, pass: .query)
    let output = output(
      trace,
      trace.queryInputs,
      adaptation.adapted,
      pass: .query,
      statistics: statistics
    )
    let loss = trace.loss(output, trace.queryTargets)
    return OuterObjective(
      total: loss,
      queryLoss: loss,
      queryOutput: output,
      statistics: statistics
    )
  }

  package func evaluationOutput(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    output(trace, trace.queryInputs, parameters, pass: .evaluation(sample: 0))
  }

  package func probes(for model: any Model) -> [ProbeDescriptor] { [] }

  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    probes(for: model)
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    [:]
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] { [:] }

  package func advice(
    _ measured: [String: Float],
    _ values: HyperparameterValues
  ) -> String? { nil }

  package func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    model.parameters + extraParameters(for: model, shot: shot, values)
      + (runningStatistics(for: model)?.parameters ?? [])
  }
}
