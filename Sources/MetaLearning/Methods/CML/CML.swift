import Autodiff
import Events
import Models

/// Cooperative meta-learning: MAML plus a co-learner (UAI 2024, equations 5 to 9).
///
/// The co-learner is a second head without inner-loop steps; its query loss, scaled by γ, adds a
/// learned gradient to the shared body.
package struct CML: Method {
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

  package let descriptor = MethodDescriptor(
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

  package init() {}

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [family == .convolutional ? Self.imageGamma : Self.gamma, Self.coLearner, Self.testHead]
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    model.coLearner.parameters
  }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule {
    group == "colearner" && values.choice(Self.coLearner.id) == "frozen" ? .frozen : .adam()
  }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    !name.hasPrefix("colearner.") || values.choice(Self.coLearner.id) == "adapted"
  }

  /// The adapted control follows both heads' losses; CML itself the meta-head's alone.
  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let statistics = statistics(trace, parameters, pass: .support(step: step))
    let features = trace.features(of: trace.supportInputs, parameters, statistics)
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
    let features = trace.features(of: trace.queryInputs, parameters, statistics)
    guard testHead(trace.values) != .metaHead else {
      return trace.model.head(features, parameters)
    }
    return coLearner(trace, features, parameters, statistics)
  }

  package func normalisedLayers(of model: any Model) -> [NormalisedLayer] {
    model.normalisedLayers + model.coLearner.normalisedLayers
  }

  package func observeSupport(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) {
    let features = trace.features(of: trace.supportInputs, parameters, statistics)
    _ = coLearner(trace, features, parameters, statistics)
  }

  /// The sum L_m + γ L_c on one shared forward pass (equation 7).
  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let statistics = statistics(trace, adaptation.adapted, pass: .query)
    let features = trace.features(of: trace.queryInputs, adaptation.adapted, statistics)
    let output = trace.model.head(features, adaptation.adapted)
    let own = trace.loss(output, trace.queryTargets)
    let second = coLearner(trace, features, adaptation.adapted, statistics)
    let other = trace.loss(second, trace.queryTargets)
    return OuterObjective(
      total: own + other * trace.setting(Self.gamma.id),
      queryLoss: own,
      queryOutput: output,
      statistics: statistics
    )
  }

  private func coLearner(
    _ trace: EpisodeTrace,
    _ features: Tensor,
    _ parameters: ParameterTree<Tensor>,
    _ statistics: BatchStatistics
  ) -> Tensor {
    trace.model.coLearner.output(features, parameters, statistics: statistics)
  }

  // MARK: The co-learner's gradient against the meta-head's

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    let whole = [
      ProbeDescriptor(
        key: "colearner_loss",
        label: "co-learner loss",
        help: "the co-learner's query loss"
      ),
      ProbeDescriptor(
        key: "colearner_cosine",
        label: "cos(g_m, g_c)",
        help: "agreement of the co-learner's and the meta-head's gradient on the body",
        style: .signed
      ),
      ProbeDescriptor(
        key: "colearner_norm_ratio",
        label: "γ‖g_c‖/‖g_m‖",
        asciiLabel: "gamma g_c/g_m",
        help: "size of the co-learner's gradient against the meta-head's on the body"
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
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let statistics = statistics(trace, adaptation.adapted, pass: .query)
    let features = trace.features(of: trace.queryInputs, adaptation.adapted, statistics)
    let second = coLearner(trace, features, adaptation.adapted, statistics)
    let coLoss = trace.loss(second, trace.queryTargets)
    let body = trace.metaParameters.filter { $0.hasPrefix("body.") }
    let own = trace.graph.gradient(
      of: trace.queryLoss(self, adaptation.adapted),
      withRespectTo: body.values
    )
    let other = trace.graph.gradient(of: coLoss, withRespectTo: body.values)
    let gradients =
      zip(body.names, own).map { ("own/" + $0, $1) }
      + zip(body.names, other).map { ("other/" + $0, $1) }
    return Dictionary(uniqueKeysWithValues: gradients + [("colearner_loss", coLoss)])
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
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

/// Two gradients of the same parameters.
struct GradientPair {
  let own: [Float]
  let other: [Float]

  var dot: Float { zip(own, other).reduce(0) { $0 + $1.0 * $1.1 } }
  private var ownNorm: Float { own.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  private var otherNorm: Float { other.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// 0 when either vanishes.
  var cosine: Float {
    let norms = ownNorm * otherNorm
    return norms > 0 ? dot / norms : 0
  }

  /// ‖other‖ / ‖own‖, 0 when own vanishes.
  var normRatio: Float { ownNorm > 0 ? otherNorm / ownNorm : 0 }
}

// MARK: - The screen

extension CML {
  package func panels(for model: any Model) -> [PanelDescription] {
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

  package func moments(for model: any Model) -> [MomentDescription] {
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
