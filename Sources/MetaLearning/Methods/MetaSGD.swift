import Autodiff
import Events
import Models

/// Meta-SGD: MAML in which every weight has an inner learning rate of its own, learned with the
/// weights (Li et al., 2017, equation 1).
///
/// θ_{k+1} = θ_k − a ⊙ ∇L_S(θ_k); the rates a may become negative.
package struct MetaSGD: Method {
  package static let low = HyperparameterDescriptor(
    id: "rate-low",
    symbol: "a₋",
    kind: .linear(0...1, step: 0.005),
    defaultValue: 0.005,
    help: "smallest initial inner rate of a weight",
    isFixed: true
  )

  package static let high = HyperparameterDescriptor(
    id: "rate-high",
    symbol: "a₊",
    kind: .linear(0...1, step: 0.01),
    defaultValue: 0.1,
    help: "largest initial inner rate of a weight",
    isFixed: true
  )

  package static let ratesRate = HyperparameterDescriptor(
    id: "rates-lr",
    symbol: "βₐ",
    kind: .logarithmic(0...1),
    defaultValue: 0,
    help: "outer learning rate of the inner rates; 0: that of the weights"
  )

  package let descriptor = MethodDescriptor(
    id: "meta-sgd",
    name: "Meta-SGD",
    citation: "Li, Zhou, Chen, Li: Meta-SGD, arXiv 1707.09835, 2017",
    summary:
      "MAML in which every weight has an inner learning rate of its own, learned with the weights.",
    equation: "θₖ₊₁ = θₖ − a ⊙ ∇L_S(θₖ),  k = 0 … M−1\n(θ, a) ← Adam(mean of ∇ L_Q(θ_M)),  rate β"
  )

  package init() {}

  /// Weights besides its own have no rate in its inner loop.
  package var seams: Set<MethodSeam> { [.queryLosses] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let rate = StandardHyperparameters.innerLearningRate.id
    return StandardHyperparameters.all(for: family).filter { $0.id != rate }
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.low, Self.high, Self.ratesRate]
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let (low, high) = (values.number(Self.low.id), values.number(Self.high.id))
    let bounds = ParameterSpecification.Initialiser.between(
      lower: Float(min(low, high)),
      upper: Float(max(low, high))
    )
    return model.parameters.map { $0.companion("rates", bounds) }
  }

  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double {
    let weights = values.outerLearningRate(step: step, totalSteps: totalSteps)
    let own = values.number(Self.ratesRate.id)
    return group == "rates" && own > 0 ? own : weights
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let whole = trace.method ?? self
    return InnerLoop.gradientSteps(
      trace,
      steps: steps,
      isFirstOrder: isFirstOrder,
      names: trace.metaParameters.names.filter { whole.isAdapted($0, trace.values) },
      rate: { name, _ in trace.metaParameters["rates." + name] },
      loss: { whole.innerLoss(trace, $0, step: $1) }
    )
  }

  // MARK: The learned rates

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    AdaptationProbes.shifts + [
      ProbeDescriptor(key: "rate_mean", label: "mean a", help: "mean of all learned inner rates"),
      ProbeDescriptor(key: "rate_min", label: "min a", help: "smallest learned inner rate"),
      ProbeDescriptor(key: "rate_max", label: "max a", help: "largest learned inner rate"),
      ProbeDescriptor(
        key: "rate_negative",
        label: "a < 0",
        help: "share of the inner rates that climb instead of descend",
        healthy: HealthyRange(to: 0.5, "a few are usual; with most of them adaptation climbs")
      ),
      ProbeDescriptor(
        key: "rate_gradient_norm",
        label: "‖∂a‖",
        help: "norm of the rates' meta-gradient",
        healthy: AdaptationProbes.falling
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "rates", title: "inner rates", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let rates = trace.metaParameters.filter { $0.hasPrefix("rates.") }
    return AdaptationProbes.shiftTensors(trace, adaptation)
      .merging(zip(rates.names, rates.values)) { $1 }
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let rates = model.parameters.flatMap { measured["rates." + $0.name] }
    let count = Double(max(rates.count, 1))
    let mean = rates.reduce(0.0) { $0 + Double($1) } / count
    return [
      "rate_mean": Float(mean),
      "rate_min": rates.min() ?? 0,
      "rate_max": rates.max() ?? 0,
      "rate_negative": Float(Double(rates.count { $0 < 0 }) / count),
      "rate_gradient_norm": Float(measured.gradientNorms["rates"] ?? 0),
    ]
  }
}
