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
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [Tensor] {
    let points = adaptation.parameters
    let weights = queryWeights(trace, points: points.count).compactMap { $0 }
    let losses = points.dropFirst().map { trace.queryLoss(self, $0) }
    let sources = trace.metaParameters.filter { AdaptationProbes.isBodyOrHead($0) }.values
    let gradients = losses.flatMap { trace.graph.gradient(of: $0, withRespectTo: sources) }
    return AdaptationProbes.shiftTensors(trace, adaptation) + weights + losses + gradients
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [Float] {
    let averages = measured.averages
    let count = model.parameters.count { AdaptationProbes.isBodyOrHead($0.name) }
    let horizons = (averages.count - AdaptationProbes.shifts.count) / (count + 2)
    let start = AdaptationProbes.shifts.count
    let weights = averages[start..<start + horizons].map { $0[0] }
    let losses = averages[start + horizons..<start + 2 * horizons].map { $0[0] }
    let gradients = (0..<horizons).map { horizon in
      averages[(start + 2 * horizons + horizon * count)...].prefix(count).flatMap { $0 }
    }
    return averages.prefix(start).map { $0[0] } + [
      zip(weights, losses).reduce(0) { $0 + $1.0 * $1.1 }
    ]
      + (0..<horizons).flatMap { horizon in
        let pair = GradientPair(own: gradients[horizon], other: gradients[horizons - 1])
        return [weights[horizon], pair.ownNorm, pair.cosine]
      }
  }
}
