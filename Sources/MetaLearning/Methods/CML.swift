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
    help: "weight of the co-learner's loss; 0.2 in the paper's regression, 1.0 on images"
  )

  /// γ of the paper's image experiments (A.1).
  package static let imageGamma = HyperparameterDescriptor(
    id: gamma.id,
    symbol: gamma.symbol,
    kind: gamma.kind,
    defaultValue: 1,
    help: gamma.help
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
    citation: "Shin, Han, Kim: Cooperative Meta-Learning with Gradient Augmentation, UAI 2024"
  )

  package init() {}

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [family == .convolutional ? Self.imageGamma : Self.gamma, Self.coLearner, Self.testHead]
  }

  package func extraParameters(for model: any Model) -> [ParameterSpecification] {
    model.coLearner.parameters
  }

  package func isTrained(group: String, _ values: HyperparameterValues) -> Bool {
    group != "colearner" || values.choice(Self.coLearner.id) != "frozen"
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
    let features = trace.model.features(of: trace.supportInputs, parameters) { $1 }
    let loss = trace.loss(trace.model.head(features, parameters), trace.supportTargets)
    guard trace.values.choice(Self.coLearner.id) == "adapted" else { return loss }
    let second = trace.loss(coLearner(trace, features, parameters), trace.supportTargets)
    return loss + second * trace.setting(Self.gamma.id)
  }

  /// The sum L_m + γ L_c on one shared forward pass (equation 7).
  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let output = output(trace, trace.queryInputs, adaptation.adapted, pass: .query)
    let own = trace.loss(output, trace.queryTargets)
    let other = coLearnerLoss(trace, adaptation.adapted)
    return OuterObjective(
      total: own + other * trace.setting(Self.gamma.id),
      queryLoss: own,
      queryOutput: output
    )
  }

  private func coLearnerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    let features = trace.model.features(of: trace.queryInputs, parameters) { $1 }
    return trace.loss(coLearner(trace, features, parameters), trace.queryTargets)
  }

  private func coLearner(
    _ trace: EpisodeTrace,
    _ features: Tensor,
    _ parameters: ParameterTree<Tensor>
  ) -> Tensor {
    trace.model.coLearner.output(features, parameters)
  }

  // MARK: The co-learner's gradient, methods B.5

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    let whole = [
      ProbeDescriptor(
        key: "colearner_loss",
        label: "L_c",
        help: "the co-learner's query loss"
      ),
      ProbeDescriptor(
        key: "colearner_cosine",
        label: "cos(g_m, g_c)",
        help: "agreement of the co-learner's and the meta-head's gradient on the body"
      ),
      ProbeDescriptor(
        key: "colearner_norm_ratio",
        label: "γ‖g_c‖/‖g_m‖",
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
        layer: layer
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
        layer: layer
      ),
    ]
  }

  /// L_c, then for each body layer m_l and c_l: the outer gradients of L_m and L_c.
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [Tensor] {
    let coLoss = coLearnerLoss(trace, adaptation.adapted)
    let body = trace.metaParameters.filter { $0.hasPrefix("body.") }
    let own = trace.graph.gradient(
      of: trace.queryLoss(self, adaptation.adapted),
      withRespectTo: body.values
    )
    let other = trace.graph.gradient(of: coLoss, withRespectTo: body.values)
    return [coLoss] + own + other
  }

  package func probeValues(
    _ averages: [[Float]],
    model: any Model,
    _ settings: [String: Double]
  ) -> [Float] {
    let body = model.parameters.filter { $0.group == "body" }
    let gamma = Float(settings[Self.gamma.id] ?? 0)
    func pair(_ isIncluded: (ParameterSpecification) -> Bool) -> GradientPair {
      let chosen = body.indices.filter { isIncluded(body[$0]) }
      return GradientPair(
        own: chosen.flatMap { averages[1 + $0] },
        other: chosen.flatMap { averages[1 + body.count + $0] }
      )
    }
    let whole = pair { _ in true }
    return [averages[0][0], whole.cosine, gamma * whole.normRatio]
      + model.bodyLayers.flatMap { layer in
        let part = pair { $0.layer == layer }
        return [part.cosine, gamma * part.normRatio, part.dot > 0 ? 1 : 0]
      }
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
