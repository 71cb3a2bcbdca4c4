import Autodiff
import Events
import Models

/// MetaPerturb in its episodic form: one small set network φ, shared by all layers, multiplies
/// their values by input-dependent noise (Ryu et al., NeurIPS 2020).
///
/// The paper trains jointly over tasks, not over episodes; how the form here
/// differs is listed in Documentation/Methods/MetaPerturb.md.
package struct MetaPerturb: Method {
  /// How φ gets its gradient.
  ///
  /// `MP-direct`: the partial derivative of the query loss, the paper's rule with task = episode.
  /// `MP-unrolled`: it flows through the inner loop too, Meta-dropout's rule.
  package static let rule = HyperparameterDescriptor(
    id: "rule",
    symbol: "∂φ",
    kind: .choice(["MP-direct", "MP-unrolled"]),
    defaultValue: 0,
    help: "MP-direct: φ from the query pass alone (the paper); MP-unrolled: through the inner loop",
    isStructural: true
  )

  package static let kappa = HyperparameterDescriptor(
    id: "kappa",
    symbol: "κ",
    kind: .linear(0...1, step: 0.1),
    defaultValue: 1,
    help: "noise coefficient at full strength; 0 makes every site the identity"
  )

  package static let anneal = HyperparameterDescriptor(
    id: "kappa-anneal",
    symbol: "κ↗",
    kind: .linear(0...1, step: 0.1),
    defaultValue: 0.4,
    help: "share of the run over which κ grows from 0; 0.4 in the paper's transfer"
  )

  package static let samples = HyperparameterDescriptor(
    id: "mc-samples",
    symbol: "S",
    kind: .integer(1...30),
    defaultValue: 5,
    help: "noise draws averaged for a prediction at meta-validation and meta-test",
    isStructural: true
  )

  package let descriptor = MethodDescriptor(
    id: "metaperturb",
    name: "MetaPerturb",
    citation: "Ryu, Shin, Lee, Hwang: MetaPerturb, NeurIPS 2020 (episodic form)",
    status: .inspired,
    summary:
      "A network of 82 weights φ, shared by all layers and channels, multiplies what enters a "
      + "rectifier by noise that depends on the input. In this form an episode is a task and θ is "
      + "learned as in MAML; protocol=joint trains as published.",
    equation: """
      y = x · ((s(x; φ) · softplus(a(x; φ) + ε) − 1) · κ + 1),  ε ~ N(0, 1)
      θₖ₊₁ = θₖ − α ∇_θ L_S(θₖ, φ, εₖ),  k = 0 … M−1
      (θ, φ) ← Adam(mean of ∇L_Q(θ_M, φ, ε)),  rate β
      """
  )

  package var forms: [MethodForm] {
    [
      MethodForm(
        hyperparameter: SupervisedMethod.trainingProtocol,
        value: "joint",
        method: SupervisedMethod.joint
      )
    ]
  }

  package init() {}

  /// Its passes are perturbed, which another's heads would not be.
  package var seams: Set<MethodSeam> { [] }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.rule, Self.kappa, Self.anneal, Self.samples]
      + [SupervisedMethod.protocolChoice(isJoint: false)]
  }

  /// Under MP-direct φ's gradient is the query loss's partial derivative, by design.
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool {
    !values.isFirstOrder
      && values.choice(Self.rule.id) != "MP-direct"
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    Perturbation(for: model).parameters
  }

  /// κ = κ_max · min(1, t / (share · T)), as in Documentation/Methods/MetaPerturb.md.
  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? {
    guard id == Self.kappa.id else { return nil }
    let ramp = values.number(Self.anneal.id) * Double(totalSteps)
    let share = ramp > 0 ? min(1, Double(step) / ramp) : 1
    return values.number(Self.kappa.id) * share
  }

  package func refusal(supportCount: Int, queryCount: Int) -> String? {
    guard min(supportCount, queryCount) < 2 else { return nil }
    return "MetaPerturb needs at least two support and two query examples, because its scale uses "
      + "their unbiased variance; use --shot 2 and --query 2 or more"
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor {
    sites(trace, examples, parameters, pass: pass, statistics: statistics).output
  }

  package func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) {
    _ = sites(
      trace,
      trace.supportInputs,
      parameters,
      pass: .support(step: 0),
      statistics: statistics
    )
  }

  package func evaluationOutput(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    let count = trace.values.integer(Self.samples.id)
    let outputs = (0..<count).map { sample in
      output(trace, trace.queryInputs, parameters, pass: .evaluation(sample: sample))
    }
    guard trace.isClassification else {
      return outputs.dropFirst().reduce(outputs[0], +) * (1 / Double(count))
    }
    // The mean of the classes' probabilities, as logits; never the logarithm of zero.
    let probabilities = outputs.map { $0.logSoftmax().exp() }
    let sum = probabilities.dropFirst().reduce(probabilities[0], +)
    return (sum * (1 / Double(count)) + 1e-30).log()
  }

  /// One forward pass with noise of its own, and what each site did.
  private func sites(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> (output: Tensor, sites: [Perturbation.Output]) {
    let isDirect = trace.values.choice(Self.rule.id) == "MP-direct"
    var shared = parameters
    if isDirect, pass.isSupport {
      shared = parameters.replacing(
        values: parameters.names.map { name in
          name.hasPrefix("perturbation.")
            ? parameters[name].stoppingGradient() : parameters[name]
        }
      )
    }
    let kappa = trace.setting(Self.kappa.id)
    let perturbation = Perturbation(for: trace.model)
    var sites: [Perturbation.Output] = []
    let features = trace.model.features(of: examples, shared, statistics: statistics) {
      index,
      values in
      let site = perturbation.apply(
        to: values,
        noise: trace.normal(values.shape, for: pass, site: index),
        kappa: kappa,
        isClamped: trace.isTraining,
        shared
      )
      sites.append(site)
      return site.values
    }
    return (trace.model.head(features, shared), sites)
  }

  // MARK: The noise

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    NoiseProbe.descriptors(
      [
        NoiseProbe("mean", "mean z", siteLabel: "mean", "mean of the noise", style: .signed),
        NoiseProbe("std", "std z", siteLabel: "std", "standard deviation of the noise"),
        NoiseProbe("scale", "mean s", siteLabel: "scale", "mean scale of the channels"),
      ],
      kappa: "noise coefficient now; it grows over the first part",
      sites: model.sites
    )
  }

  /// For each site the mean of z, of z² and of s, in the query pass.
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let statistics = statistics(trace, adaptation.adapted, pass: .query)
    let found = sites(
      trace,
      trace.queryInputs,
      adaptation.adapted,
      pass: .query,
      statistics: statistics
    ).sites
    var tensors: [String: Tensor] = [:]
    for (site, name) in zip(found, trace.model.sites.map(\.name)) {
      tensors["noise_mean/\(name)"] = site.noise.mean()
      tensors["square/\(name)"] = (site.noise * site.noise).mean()
      tensors["noise_scale/\(name)"] = site.scale.mean()
    }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    var values = ["kappa": Float(measured.settings[Self.kappa.id] ?? 0)]
    for name in model.sites.map(\.name) {
      let mean = measured.number("noise_mean/\(name)") ?? 0
      let square = measured.number("square/\(name)") ?? 0
      values["noise_mean/\(name)"] = mean
      values["noise_std/\(name)"] = max(square - mean * mean, 0).squareRoot()
      values["noise_scale/\(name)"] = measured.number("noise_scale/\(name)") ?? 0
    }
    for part in ["mean", "std", "scale"] {
      let sites = model.sites.map { values["noise_\(part)/\($0.name)"] ?? 0 }
      values["noise_\(part)"] = sites.reduce(0, +) / Float(max(sites.count, 1))
    }
    return values
  }
}

// MARK: - The screen

extension MetaPerturb {
  package func panels(for model: any Model) -> [PanelDescription] { [Self.panel(more: [])] }

  /// The noise at every site, and below what the joint protocol adds.
  static func panel(more: [PanelPart]) -> PanelDescription {
    PanelDescription(
      id: "perturbation",
      title: "perturbation",
      letter: "p",
      parts: [
        .rows([kappa.id]),
        .table(
          PanelTable(
            lines: "site",
            total: "all",
            // The scale says most of what the noise's own moments do; they go first.
            columns: [
              .init("noise_mean", title: "mean", rank: 1),
              .init("noise_std", title: "std", hasHistory: true, rank: 2),
              .init("noise_scale", title: "scale", hasHistory: true),
              .init("noise_multiplier", title: "×", hasHistory: true),
              .init("noise_clamped", title: "clamped"),
            ]
          )
        ),
      ] + more
    )
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "perturbation",
        title: "the perturbation",
        equation: "h ← h · z(h; φ)",
        words: "In every layer, inner loop and query pass, the features are multiplied by noise "
          + "that depends on them, from one small network φ shared by all layers: mean z "
          + "{probe:noise_mean}, std {probe:noise_std}, scale {probe:noise_scale}.",
        place: .first
      )
    ]
  }
}
