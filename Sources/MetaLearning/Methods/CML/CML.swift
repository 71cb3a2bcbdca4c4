import Autodiff
import Events
import Models
import Tasks

/// Cooperative meta-learning: a base, MAML where nothing is said, plus a co-learner (UAI 2024,
/// equations 5 to 9; bases in table 1).
///
/// The co-learner is a second head without inner-loop steps; its query loss, scaled by γ, adds a
/// learned gradient to the shared body.
package struct CML: WrappingMethod {
  package static let gamma = HyperparameterDescriptor(
    id: "gamma",
    symbol: "γ",
    kind: .linear(0...10, step: 0.1),
    defaultValue: 0.2,
    help: "weight of the co-learner's loss; 0.2 in the paper's regression, 1.0 on images",
    role: .switch(off: 0)
  )

  /// γ of the paper's image experiments (A.1).
  package static let imageGamma = HyperparameterDescriptor(
    id: gamma.id,
    symbol: gamma.symbol,
    kind: gamma.kind,
    defaultValue: 1,
    help: gamma.help,
    role: gamma.role
  )

  /// `trained` is CML; the others are the paper's two controls (4.4).
  package static let coLearner = HyperparameterDescriptor(
    id: "co-learner",
    symbol: "φ",
    kind: .choice(["trained", "frozen", "adapted"]),
    defaultValue: 0,
    help:
      "trained (CML), frozen (never updated: random noise), adapted (a second head that adapts)",
    isStructural: true
  )

  /// Which head classifies when no update follows; the paper and its code differ in what CML† is.
  package enum Head: String, CaseIterable {
    case metaHead = "meta-head"
    case daggerPaper = "dagger-paper"
    case daggerCode = "dagger-code"
  }

  package static let testHead = HyperparameterDescriptor(
    id: "meta-test",
    symbol: "†",
    kind: .choice(Head.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "head that predicts at meta-validation and meta-test: CML's, or CML† by paper or code",
    isStructural: true
  )

  /// What the co-learner's layer is on a graph, which the paper does not say.
  package static let layer = HyperparameterDescriptor(
    id: "co-learner-layer",
    symbol: "Âφ",
    kind: .choice(["dense", "graph"]),
    defaultValue: 0,
    help: "the co-learner's hidden layer on nodes: a dense one, or one that sums over neighbours",
    isStructural: true,
    isFixed: true
  )

  package func graphRequest(_ values: HyperparameterValues) -> GraphRequest {
    let hasGraph =
      values.descriptor(Self.layer.id) != nil && values.choice(Self.layer.id) == "graph"
    return base.graphRequest(values).union(hasGraph ? .neighbours : [])
  }

  package let ownDescriptor = MethodDescriptor(
    id: "cml",
    name: "CML",
    citation: "Shin, Han, Kim: Cooperative Meta-Learning with Gradient Augmentation, UAI 2024",
    summary: "MAML plus a co-learner: a second head φ on the same body without inner steps, whose "
      + "query loss, scaled by γ, adds a learned gradient to the body. After meta-training it is "
      + "thrown away.",
    equation: """
      (ψₖ₊₁, θₖ₊₁) = (ψₖ, θₖ) − α ∇L_S(ψₖ, θₖ),  k = 0 … M−1;  φ stays
      (ψ, θ, φ) ← Adam(mean of ∇(L_Q(ψ_M, θ_M) + γ L_Q(ψ_M, φ))),  rate β
      """
  )

  package let addedEquation =
    "co-learner φ:  L_Q(ψ, w) + γ L_Q(ψ, φ) in the place of each L_Q(ψ, w)"

  package let base: any Method
  package static var usualBase: any Method { MAML() }
  package let neededSeams: Set<MethodSeam> = [.innerLoop, .queryLosses]
  package let need = "gradient steps on the support loss, and query losses of its head"

  package init() { base = Self.usualBase }
  package init(base: any Method) { self.base = base }

  package func wrapping(_ base: any Method) -> any WrappingMethod { Self(base: base) }

  package func addedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [family == .convolutional ? Self.imageGamma : Self.gamma, Self.coLearner, Self.testHead]
      + (family == .graph ? [Self.layer] : [])
  }

  package func addedParameters(for model: any Model) -> [ParameterSpecification] {
    model.coLearner.parameters
  }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule {
    group == Self.group && values.choice(Self.coLearner.id) == "frozen"
      ? .frozen : base.rule(for: group, values, stage: stage)
  }

  /// What bounds the weights' gradient bounds the co-learner's.
  package func gradientLimit(_ values: HyperparameterValues) -> GradientLimit {
    guard case .value(let bound, let groups) = base.gradientLimit(values), groups.contains("head")
    else { return base.gradientLimit(values) }
    return .value(bound, groups: groups.union([Self.group]))
  }

  private static let group = "colearner"

  /// The control's second head takes inner steps with every base, also where the first one does
  /// not.
  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    guard name.hasPrefix(Self.group + ".") else { return base.isAdapted(name, values) }
    return values.choice(Self.coLearner.id) == "adapted"
      && (values.isNormalisationAdapted || !name.contains(".norm."))
  }

  /// The adapted control follows both heads' losses; CML itself the meta-head's alone.
  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let pass = Pass.support(step: step)
    let statistics = statistics(trace, parameters, pass: pass)
    let parameters = passParameters(trace, parameters, pass: pass)
    let features = trace.features(of: trace.supportInputs, parameters, statistics, pass: pass)
    var second: Tensor {
      let output = coLearner(trace, features, parameters, statistics)
      return trace.loss(output, trace.supportTargets)
    }
    // CML† as the paper has it adapts the body by the co-learner's own loss (equation 9).
    if !trace.isTraining, testHead(trace.values) == .daggerPaper { return second }
    let loss = trace.loss(trace.model.head(features, parameters), trace.supportTargets)
    guard trace.values.choice(Self.coLearner.id) == "adapted" else { return loss }
    return loss + second * trace.setting(Self.gamma.id)
  }

  private func testHead(_ values: HyperparameterValues) -> Head? {
    Head(rawValue: values.choice(Self.testHead.id))
  }

  /// CML† keeps the co-learner and classifies with it.
  package func evaluationOutput(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    let pass = Pass.evaluation(sample: 0)
    let statistics = statistics(trace, parameters, pass: pass)
    let parameters = passParameters(trace, parameters, pass: pass)
    let features = trace.features(of: trace.queryInputs, parameters, statistics, pass: pass)
    guard testHead(trace.values) != .metaHead else {
      return trace.model.head(features, parameters)
    }
    return coLearner(trace, features, parameters, statistics)
  }

  package func normalisedLayers(of model: any Model) -> [NormalisedLayer] {
    base.normalisedLayers(of: model) + model.coLearner.normalisedLayers
  }

  package func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) {
    let features = trace.features(
      of: trace.supportInputs,
      parameters,
      statistics,
      pass: .support(step: 0)
    )
    _ = coLearner(trace, features, parameters, statistics)
  }

  /// The sum L_m + γ L_c on one shared forward pass (equation 7), for every query loss of the base.
  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let last = adaptation.parameters.count - 1
    let end = queryPass(trace, adaptation.adapted)
    var total: Tensor?
    for (point, weight) in queryWeights(trace, points: last + 1).enumerated() {
      guard let weight else { continue }
      let pass = point == last ? end : queryPass(trace, adaptation.parameters[point])
      let loss = (pass.own + pass.other * trace.setting(Self.gamma.id)) * weight
      total = total.map { $0 + loss } ?? loss
    }
    if let penalty = penalty(trace, adaptation.adapted) { total = (total ?? end.own) + penalty }
    return OuterObjective(
      total: total ?? end.own,
      queryLoss: end.own,
      queryOutput: end.output,
      statistics: end.statistics
    )
  }

  /// Both heads' query losses at some parameters.
  private struct QueryPass {
    let own: Tensor
    let other: Tensor
    let output: Tensor
    let statistics: BatchStatistics
  }

  private func queryPass(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> QueryPass {
    let statistics = statistics(trace, parameters, pass: .query)
    let parameters = passParameters(trace, parameters, pass: .query)
    let features = trace.features(of: trace.queryInputs, parameters, statistics, pass: .query)
    let output = trace.model.head(features, parameters)
    let second = coLearner(trace, features, parameters, statistics)
    return QueryPass(
      own: trace.loss(output, trace.queryTargets),
      other: trace.loss(second, trace.queryTargets),
      output: output,
      statistics: statistics
    )
  }

  private func coLearner(
    _ trace: EpisodeTrace,
    _ features: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) -> Tensor {
    let network = trace.model as? any NodeModel
    return trace.model.coLearner.output(
      network?.neighbourhood(features) ?? features,
      parameters,
      statistics: statistics
    )
  }

  // MARK: The co-learner's gradient against the meta-head's

  package func addedProbes(for model: any Model) -> [ProbeDescriptor] {
    let whole = [
      ProbeDescriptor(
        key: "colearner_loss",
        label: "co-learner loss",
        help: "the co-learner's query loss",
        healthy: HealthyRange("while it falls beside the meta-head's")
      ),
      ProbeDescriptor(
        key: "colearner_cosine",
        label: "cos(g_m, g_c)",
        help:
          "agreement of the co-learner's and the meta-head's gradient on the body; near 1 it adds "
          + "little, below 0 it opposes",
        style: .signed,
        healthy: HealthyRange(
          from: 0,
          to: 0.99,
          "above it the two are collinear and the co-learner augments nothing; below it they pull "
            + "against each other"
        )
      ),
      ProbeDescriptor(
        key: "colearner_norm_ratio",
        label: "γ‖g_c‖/‖g_m‖",
        asciiLabel: "gamma g_c/g_m",
        help:
          "size of the co-learner's gradient against the meta-head's on the body",
        healthy: HealthyRange(to: 1, "above it the co-learner leads: a smaller gamma")
      ),
    ]
    return whole + model.bodyLayers.flatMap(layerProbes)
  }

  private func layerProbes(_ layer: String) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "colearner_cosine/\(layer)",
        label: "cos(m, c)",
        help: "the same for one layer",
        layer: layer,
        style: .signedBar
      ),
      ProbeDescriptor(
        key: "colearner_norm_ratio/\(layer)",
        label: "γ‖c‖/‖m‖",
        help: "the same for one layer",
        layer: layer
      ),
      ProbeDescriptor(
        key: "colearner_alignment/\(layer)",
        label: "⟨m, c⟩ > 0",
        help: "1 when the sum is still a descent direction for this layer (the paper's condition)",
        layer: layer,
        style: .lamp(on: "agrees", off: "opposes", above: 0.5)
      ),
    ]
  }

  /// L_c, then for each body parameter the outer gradients of L_m and L_c.
  package func addedProbeTensors(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation
  ) -> [String: Tensor] {
    let pass = queryPass(trace, adaptation.adapted)
    let body = trace.metaParameters.filter { $0.hasPrefix("body.") }
    let own = trace.graph.gradient(of: pass.own, withRespectTo: body.values)
    let other = trace.graph.gradient(of: pass.other, withRespectTo: body.values)
    let gradients =
      zip(body.names, own).map { ("own/" + $0, $1) }
      + zip(body.names, other).map { ("other/" + $0, $1) }
    return Dictionary(uniqueKeysWithValues: gradients + [("colearner_loss", pass.other)])
  }

  package func addedProbeValues(
    _ measured: MeasuredProbes,
    model: any Model
  ) -> [String: Float] {
    let body = model.parameters.filter { $0.group == "body" }
    let gamma = Float(measured.settings[Self.gamma.id] ?? 0)
    func pair(_ isIncluded: (ParameterSpecification) -> Bool) -> GradientPair {
      let chosen = body.filter(isIncluded).map(\.name)
      return GradientPair(
        own: chosen.flatMap { measured["own/" + $0] },
        other: chosen.flatMap { measured["other/" + $0] }
      )
    }
    let whole = pair { _ in true }
    var values = [
      "colearner_cosine": whole.cosine, "colearner_norm_ratio": gamma * whole.normRatio,
    ]
    for layer in model.bodyLayers {
      let part = pair { $0.layer == layer }
      values["colearner_cosine/\(layer)"] = part.cosine
      values["colearner_norm_ratio/\(layer)"] = gamma * part.normRatio
      values["colearner_alignment/\(layer)"] = part.dot > 0 ? 1 : 0
    }
    return values
  }
}

// MARK: - The screen

extension CML {
  package func addedPanels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "co-learner",
        title: "co-learner",
        letter: "c",
        parts: [
          .rows(["colearner_loss", "colearner_cosine", "colearner_norm_ratio"]),
          .table(
            PanelTable(
              lines: "layer",
              columns: [
                .init("colearner_cosine", title: "cosine"),
                .init("colearner_norm_ratio", title: "ratio"),
                .init("colearner_alignment", title: "⟨m, c⟩ > 0", asciiTitle: "m.c > 0"),
              ]
            )
          ),
        ]
      )
    ]
  }

  package func addedMoments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "co-learner",
        title: "the co-learner's term",
        equation: "g = g_m + γ g_c,  γ = {gamma}",
        words: "A second head without inner steps reads the same features; its query loss "
          + "{probe:colearner_loss} adds its gradient to the body's, the learnable noise: "
          + "cos(g_m, g_c) = {probe:colearner_cosine}, γ‖g_c‖/‖g_m‖ = "
          + "{probe:colearner_norm_ratio}.",
        place: .afterGradient,
        switchID: Self.gamma.id,
        wordsWhenOff: "the second head learns, but the body does not feel it."
      )
    ]
  }
}
