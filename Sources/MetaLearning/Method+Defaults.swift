import Autodiff
import Events
import Models

extension Method {
  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    StandardHyperparameters.all(for: model.family)
      + (model.family == .convolutional ? ConvolutionHyperparameters.all : [])
      + ownHyperparameters(for: model.family)
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] { [] }

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool {
    !values.isOn(StandardHyperparameters.firstOrder.id)
  }

  package func extraParameters(for model: any Model) -> [ParameterSpecification] { [] }
  package func isTrained(group: String, _ values: HyperparameterValues) -> Bool { true }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? { nil }

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
    _ = trace.features(of: trace.supportInputs, parameters, statistics)
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
      observeSupport(trace, parameters, support)
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
    trace.model.head(trace.features(of: examples, parameters, statistics), parameters)
  }

  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let output = output(trace, trace.supportInputs, parameters, pass: .support(step: step))
    return trace.loss(output, trace.supportTargets)
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
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
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [Tensor] { [] }

  package func probeValues(
    _ averages: [[Float]],
    model: any Model,
    _ settings: [String: Double]
  ) -> [Float] { [] }

  package func metaParameters(for model: any Model) -> [ParameterSpecification] {
    model.parameters + extraParameters(for: model)
      + (runningStatistics(for: model)?.parameters ?? [])
  }
}
