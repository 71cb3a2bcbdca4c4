import Autodiff
import Events
import Models

/// MAML whose meta-gradient mixes horizons: the query losses after 1, 2, …, N inner steps, each
/// differentiated through its own steps (after Bonnet et al., arXiv 2111.00206).
///
/// The weights are those of a truncated λ-return, ours: w_n = (1 − c) c^{n−1} for n < N, and
/// w_N = c^{N−1}. They add up to 1; c = 0 is MAML with one inner step, c = 1 with N.
package struct MixedSteps: Method {
  package static let mixing = HyperparameterDescriptor(
    id: "mixing",
    symbol: "c",
    kind: .linear(0...1, step: 0.05),
    defaultValue: 0.5,
    help: "from the gradient through one inner step (0) to that through all of them (1)"
  )

  package let descriptor = MethodDescriptor(
    id: "mixed-steps",
    name: "Mixed steps",
    citation: "Bonnet et al.: One Step at a Time: Pros and Cons of Multi-Step Meta-Gradient "
      + "Reinforcement Learning, arXiv 2111.00206, 2021",
    status: .reconstructed,
    summary: "MAML whose meta-gradient is a mixture of those through 1, 2, …, N inner steps.",
    equation: "θₖ₊₁ = θₖ − α ∇L_S(θₖ),  k = 0 … N−1\n"
      + "θ ← Adam(mean of Σₙ wₙ ∇ L_Q(θₙ)),  wₙ = (1−c) cⁿ⁻¹,  w_N = cᴺ⁻¹"
  )

  package init() {}

  /// The number of horizons is that of the run's numbers, so it stands before the run starts.
  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    StandardHyperparameters.all(for: family).map {
      $0.id == StandardHyperparameters.innerSteps.id ? $0.with(defaultValue: 5).fixed : $0
    }
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.mixing]
  }

  package func queryWeights(_ trace: EpisodeTrace, points: Int) -> [Tensor?] {
    let mixing = trace.setting(Self.mixing.id)
    var power = trace.graph.constant(1)
    var weights: [Tensor?] = [nil]
    for horizon in 1..<points {
      weights.append(horizon == points - 1 ? power : power * (1 - mixing))
      power = power * mixing
    }
    return weights
  }

  // MARK: Probes

  private static let objective = ProbeDescriptor(
    key: "objective",
    label: "Σ w L_Q",
    help: "the mixture of query losses that is minimised"
  )

  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    let horizons = (1...adaptationSteps(values)).flatMap { horizon in
      [
        ProbeDescriptor(
          key: "horizon_weight/\(horizon)",
          label: "w",
          help: "weight of the gradient through so many inner steps"
        ),
        ProbeDescriptor(
          key: "horizon_norm/\(horizon)",
          label: "‖g‖",
          help: "norm of the gradient through so many inner steps"
        ),
        ProbeDescriptor(
          key: "horizon_cosine/\(horizon)",
          label: "cos(g, g_N)",
          help: "its agreement with the gradient through all of them",
          style: .signedBar
        ),
      ]
    }
    return AdaptationProbes.shifts + [Self.objective] + horizons
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "horizons",
        title: "horizons",
        parts: [
          .rows([Self.objective.key] + AdaptationProbes.shifts.map(\.key)),
          .table(
            PanelTable(
              lines: "steps",
              columns: [
                .init("horizon_weight", title: "weight"),
                .init("horizon_norm", title: "‖g‖", asciiTitle: "norm"),
                .init("horizon_cosine", title: "cosine"),
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
        id: "horizons",
        title: "the mixture of horizons",
        equation: "g = Σₙ wₙ g⁽ⁿ⁾,  c = {mixing}",
        words: "The query loss after every inner step counts, weighted by how far away it is; "
          + "each is "
          + "differentiated through the steps before it. Their mixture is {probe:objective}.",
        place: .insteadOfGradient
      )
    ]
  }

  /// Shifts, the weights, the losses, and each horizon's gradient by parameter.
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let points = adaptation.parameters
    let weights = queryWeights(trace, points: points.count).compactMap { $0 }
    let sources = trace.metaParameters.filter { AdaptationProbes.isBodyOrHead($0) }
    var tensors = AdaptationProbes.shiftTensors(trace, adaptation)
    for (index, point) in points.dropFirst().enumerated() {
      let loss = trace.queryLoss(self, point)
      tensors["horizon_weight/\(index + 1)"] = weights[index]
      tensors["loss/\(index + 1)"] = loss
      let gradients = trace.graph.gradient(of: loss, withRespectTo: sources.values)
      for (name, gradient) in zip(sources.names, gradients) {
        tensors["gradient/\(index + 1)/\(name)"] = gradient
      }
    }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let names = model.parameters.map(\.name).filter { AdaptationProbes.isBodyOrHead($0) }
    let horizons = measured.keys.count { $0.hasPrefix("loss/") }
    let gradients = (1...max(horizons, 1)).map { horizon in
      names.flatMap { measured["gradient/\(horizon)/\($0)"] }
    }
    var values: [String: Float] = [:]
    var objective: Float = 0
    for horizon in 1...max(horizons, 1) {
      let weight = measured.number("horizon_weight/\(horizon)") ?? 0
      objective += weight * (measured.number("loss/\(horizon)") ?? 0)
      let pair = GradientPair(own: gradients[horizon - 1], other: gradients[horizons - 1])
      values["horizon_norm/\(horizon)"] = pair.ownNorm
      values["horizon_cosine/\(horizon)"] = pair.cosine
    }
    values[Self.objective.key] = objective
    return values
  }
}
