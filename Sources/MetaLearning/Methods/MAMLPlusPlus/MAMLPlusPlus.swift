import Autodiff
import Events
import Glibc
import Models

/// MAML++: MAML with a query loss after every inner step, an inner rate for every tensor and step,
/// normalisation by step, first-order epochs first, and an annealed outer rate (Antoniou, Edwards
/// and
/// Storkey, ICLR 2019, section 4).
///
/// θ_{k+1} = θ_k − a_k ∇L_S(θ_k; k), objective Σ_k w_k L_Q(θ_{k+1}; k); L(·; k) uses row k of
/// scale and
/// shift. An epoch is a number of outer steps.
package struct MAMLPlusPlus: Method {
  private static let rates = "rates"

  package let descriptor = MethodDescriptor(
    id: "maml-plus-plus",
    name: "MAML++",
    citation: "Antoniou, Edwards, Storkey: How to Train Your MAML, ICLR 2019",
    order: .either,
    summary: "MAML made stable: a query loss after every inner step, learned inner rates, "
      + "normalisation "
      + "by step, and schedules for the order of the derivatives and the outer rate.",
    equation: "θₖ₊₁ = θₖ − aₖ ∇L_S(θₖ; k),  k = 0 … N−1,  aₖ learned for each tensor\n"
      + "(θ, a) ← Adam(mean of ∇ Σₖ wₖ L_Q(θₖ₊₁; k)),  rate βₑ of the epoch e"
  )

  package init() {}

  // MARK: What can be set

  /// Scale and shift of batch normalisation take no inner steps, as published.
  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    let norm = ConvolutionHyperparameters.isNormalisationAdapted.id
    let network = modelHyperparameters(for: model)
    return sharedHyperparameters(for: model.family)
      // Which tensors have rates depends on it.
      + network.map { $0.id == norm ? $0.with(defaultValue: 0).fixed : $0 }
      + ownHyperparameters(for: model.family)
  }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    let rate = HyperparameterDescriptor(
      id: standard.innerLearningRate.id,
      symbol: standard.innerLearningRate.symbol,
      kind: standard.innerLearningRate.kind,
      defaultValue: family == .convolutional ? 0.1 : 0.01,
      help: "inner learning rate that every tensor and step begins with; 0.1 in the published code",
      isFixed: true,
      role: .innerRate
    )
    return [rate, standard.innerSteps.with(defaultValue: 5).fixed, standard.outerLearningRate]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    Settings.all
  }

  /// The published test averages the outputs of the five best validated checkpoints.
  package var ensembleSize: Int { 5 }

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { true }

  // MARK: Parameters

  /// All that adapts but convolutions' biases, which cancel in the normalisation behind them.
  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    AdaptationProbes.isBodyOrHead(name) && !name.hasSuffix(".conv.bias")
      && (values.isNormalisationAdapted || !name.contains(".norm."))
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let start = Float(values.number(StandardHyperparameters.innerLearningRate.id))
    let steps: Shape = [adaptationSteps(values)]
    return model.parameters.filter { isAdapted($0.name, values) }
      .map { ParameterSpecification("\(Self.rates).\($0.name)", steps, .constant(start)) }
  }

  /// Scale and shift have a row for each inner step.
  package func metaParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let rows = adaptationSteps(values)
    let network = model.parameters.map { parameter in
      guard values.isOn(Settings.perStepNorm.id), parameter.name.contains(".norm.") else {
        return parameter
      }
      return ParameterSpecification(
        parameter.name,
        [rows, parameter.shape.count],
        parameter.initialiser
      )
    }
    return network + extraParameters(for: model, shot: shot, values)
      + (runningStatistics(for: model)?.parameters ?? [])
  }

  // MARK: The outer loop

  package func rule(for group: String, _ values: HyperparameterValues, stage: Int) -> UpdateRule {
    group == Self.rates && !values.isOn(Settings.learnRates.id) ? .frozen : .adam()
  }

  /// β along half a cosine, constant within an epoch.
  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double {
    let epochs = Epochs(values, totalSteps: totalSteps)
    let start = values.number(StandardHyperparameters.outerLearningRate.id)
    let end = min(values.number(Settings.finalRate.id), start)
    let share = (1 + cos(.pi * Double(epochs.epoch(of: step)) / Double(epochs.count))) / 2
    let weights = end + (start - end) * share
    let own = values.number(Settings.ratesRate.id)
    guard group == Self.rates, own > 0 else { return weights }
    // Annealed alike.
    return start > 0 ? own * weights / start : own
  }

  package func gradientLimit(_ values: HyperparameterValues) -> GradientLimit {
    let bound = values.number(Settings.clip.id)
    return bound > 0 ? .value(bound, groups: ["body", "head"]) : .none
  }

  // MARK: Phases

  package func stage(_ values: HyperparameterValues, step: Int, totalSteps: Int) -> Int {
    Phase(values, epoch: Epochs(values, totalSteps: totalSteps).epoch(of: step)).rawValue
  }

  package func derivedSettings(_ values: HyperparameterValues) -> [String] {
    (1...adaptationSteps(values)).map(Settings.weight) + [Settings.order]
  }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? {
    let epoch = Epochs(values, totalSteps: totalSteps).epoch(of: step)
    if id == Settings.order { return Phase(values, epoch: epoch).isFirstOrder ? 1 : 2 }
    guard let place = Settings.place(of: id) else { return nil }
    return Phase.weight(
      place,
      of: adaptationSteps(values),
      epoch: epoch,
      epochs: values.integer(Settings.multiStepEpochs.id)
    )
  }

  // MARK: One episode

  /// Rates beyond the trained steps are the last's: no other is known.
  private func rate(_ trace: EpisodeTrace, _ name: String, _ step: Int) -> Tensor {
    let learned = "\(Self.rates).\(name)"
    guard trace.metaParameters.names.contains(learned) else {
      return trace.setting(StandardHyperparameters.innerLearningRate.id)
    }
    let rates = trace.metaParameters[learned]
    return rates.slice(from: min(step, rates.shape.count - 1), as: .scalar)
  }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    adaptationSteps(values)
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let whole = trace.method ?? self
    let tables = InnerLoop.gradientSteps(
      trace,
      steps: steps,
      isFirstOrder: isFirstOrder || Phase(rawValue: trace.stage).isFirstOrder,
      names: trace.metaParameters.names.filter { whole.isAdapted($0, trace.values) },
      rate: { rate(trace, $0, $1) },
      loss: { whole.innerLoss(trace, $0, step: $1) }
    )
    // The query pass behind an inner step uses that step's rows.
    let points = tables.parameters.enumerated().map { row($1, max($0 - 1, 0)) }
    return Adaptation(
      parameters: points,
      innerLosses: tables.innerLosses,
      firstGradients: tables.firstGradients
    )
  }

  /// The parameters with one row of each table of scales and shifts in its place.
  private func row(_ parameters: ParameterTree<Tensor>, _ step: Int) -> ParameterTree<Tensor> {
    var rows: [String: Tensor] = [:]
    for name in parameters.names where name.contains(".norm.") && name.hasPrefix("body.") {
      let table = parameters[name]
      guard table.shape.dimensions.count == 2 else { continue }
      let channels = table.shape.columns
      rows[name] = table.slice(
        from: min(step, table.shape.rows - 1) * channels,
        as: [channels]
      )
    }
    return rows.isEmpty ? parameters : parameters.replacing(rows)
  }

  package func passParameters(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> ParameterTree<Tensor> {
    if case .support(let step) = pass { return row(parameters, step) }
    return row(parameters, 0)
  }

  package func queryWeights(_ trace: EpisodeTrace, points: Int) -> [Tensor?] {
    guard Phase(rawValue: trace.stage).isMultiStep else {
      return Array(repeating: nil, count: points - 1) + [trace.graph.constant(1)]
    }
    return [nil] + (1..<points).map { trace.setting(Settings.weight($0)) }
  }

  // MARK: Probes

  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    let steps = 1...adaptationSteps(values)
    let weights = steps.map {
      ProbeDescriptor(
        key: "multi_step_weight/\($0)",
        label: "w",
        help: "weight of the query loss after this inner step",
        style: .gauge(0...1)
      )
    }
    let rates = model.parameters.filter { isAdapted($0.name, values) }.flatMap { parameter in
      steps.map {
        ProbeDescriptor(
          key: Self.key(parameter.name, $0),
          label: "a",
          help: "learned inner rate of a tensor at an inner step"
        )
      }
    }
    let means = steps.map {
      ProbeDescriptor(
        key: "rate_mean/\($0)",
        label: "a",
        help: "mean over the tensors of the learned rates of this inner step"
      )
    }
    return Self.whole + weights + means + rates
  }

  private static func key(_ name: String, _ step: Int) -> String { "rate/\(name)/\(step)" }

  private static let whole =
    AdaptationProbes.shifts + [
      ProbeDescriptor(
        key: "multi_step_loss",
        label: "Σ w L_Q",
        help: "the weighted query losses that are minimised"
      ),
      ProbeDescriptor(
        key: "rate_gradient_norm",
        label: "‖∂a‖",
        help: "norm of the rates' meta-gradient",
        healthy: AdaptationProbes.falling
      ),
      ProbeDescriptor(
        key: "rate_min",
        label: "min a",
        help: "smallest learned rate; below 0 an inner step climbs",
        style: .signed
      ),
      ProbeDescriptor(key: "rate_max", label: "max a", help: "largest learned rate"),
      ProbeDescriptor(
        key: "derivative_order",
        label: "order",
        help: "1 in first-order epochs, else 2"
      ),
      ProbeDescriptor(key: "outer_lr", label: "β", help: "outer rate of this epoch"),
    ]

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "schedule",
        title: "epochs and rates",
        parts: [
          .rows(Self.whole.map(\.key)),
          .table(
            PanelTable(
              lines: "inner step",
              columns: [
                .init("multi_step_weight", title: "weight"),
                .init("rate_mean", title: "rate", hasHistory: true),
              ]
            )
          ),
        ]
      )
    ]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "multi-step",
        title: "query losses of every step",
        equation: "Σₖ wₖ L_Q(θₖ₊₁; k)",
        words: "In the first {multi-step-epochs} epochs the query loss after every inner step "
          + "counts, and "
          + "the last one more and more; now they add up to {probe:multi_step_loss}. Derivatives "
          + "are of "
          + "order {probe:derivative_order}.",
        place: .insteadOfQuery
      )
    ]
  }

  /// Shifts, the objective, and all learned rates.
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    // Against the row that was used last; the others have not moved.
    let last = row(trace.metaParameters, adaptation.parameters.count - 2)
    var tensors = AdaptationProbes.shiftTensors(trace, adaptation, from: last)
    tensors["multi_step_loss"] = queryObjective(trace, adaptation).total
    let rates = trace.metaParameters.filter { $0.hasPrefix(Self.rates + ".") }
    for (name, value) in zip(rates.names, rates.values) { tensors[name] = value }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let names = model.parameters.map(\.name).filter { !measured["\(Self.rates).\($0)"].isEmpty }
    let rates = names.map { measured["\(Self.rates).\($0)"] }
    let all = rates.flatMap { $0 }
    var values: [String: Float] = [
      "rate_gradient_norm": Float(measured.gradientNorms[Self.rates] ?? 0),
      "rate_min": all.min() ?? 0, "rate_max": all.max() ?? 0,
      "derivative_order": Float(measured.settings[Settings.order] ?? 2),
      "outer_lr": Float(measured.rates["body"] ?? 0),
    ]
    for step in 0..<(rates.first?.count ?? 1) {
      let sum = rates.reduce(0) { $0 + $1[step] }
      values["multi_step_weight/\(step + 1)"] = Float(
        measured.settings[Settings.weight(step + 1)] ?? 0
      )
      values["rate_mean/\(step + 1)"] = sum / Float(max(rates.count, 1))
      for (name, rate) in zip(names, rates) { values[Self.key(name, step + 1)] = rate[step] }
    }
    return values
  }
}
