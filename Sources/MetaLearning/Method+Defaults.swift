import Autodiff
import Events
import Models

extension Method {
  /// Everything that can be set of a run: what every method has, what the model has, what the
  /// method alone has.
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

  package func refusal(of model: any Model) -> String? { nil }
  package func refusal(supportCount: Int, queryCount: Int) -> String? { nil }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    name.hasPrefix("body.") || name.hasPrefix("head.")
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> Tensor {
    let features = trace.model.features(of: examples, parameters) { $1 }
    return trace.model.head(features, parameters)
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
    let output = output(trace, trace.queryInputs, adaptation.adapted, pass: .query)
    let loss = trace.loss(output, trace.queryTargets)
    return OuterObjective(total: loss, queryLoss: loss, queryOutput: output)
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

  /// All meta-parameters: body and head first, then the method's own.
  package func metaParameters(for model: any Model) -> [ParameterSpecification] {
    model.parameters + extraParameters(for: model)
  }
}
