import Autodiff
import Events
import Models

/// MetaMix, reconstructed: MAML whose outer loop learns from mixed query examples (Chen et al., 2020).
///
/// Only title and abstract of the publication were at hand and there is no code; the objective below is
/// ours, as Documentation/Methods/MetaMix.md says.
package struct MetaMix: Method {
  package static let concentration = HyperparameterDescriptor(
    id: "mix-beta",
    symbol: "a",
    kind: .logarithmic(0.05...10),
    defaultValue: 0.5,
    help: "λ ~ Beta(a, a), an example's share in a mixture; small values hardly mix"
  )

  package static let weight = HyperparameterDescriptor(
    id: "mix-weight",
    symbol: "w",
    kind: .linear(0...1, step: 0.1),
    defaultValue: 1,
    help: "weight of the mixed query loss; the clean one has 1 − w, so 0 is MAML",
    role: .switch(off: 0)
  )

  package let descriptor = MethodDescriptor(
    id: "metamix",
    name: "MetaMix (Chen)",
    citation: "Chen, Ma, Ko, Wang, Li: MetaMix: Improved Meta-Learning with Interpolation-based "
      + "Consistency Regularization, arXiv:2009.13735, 2020 (reconstructed)",
    status: .reconstructed,
    summary:
      "MAML whose outer loop sees each query example mixed with another one of the query set, inputs "
      + "and losses alike: a regulariser. Reconstructed from title and abstract.",
    equation: """
      θₖ₊₁ = θₖ − α ∇L_S(θₖ),  k = 0 … M−1;  λ ~ Beta(a, a), p a permutation
      L_mix = λ ℓ(f(λx + (1−λ)x[p]), y) + (1−λ) ℓ(f(λx + (1−λ)x[p]), y[p])
      θ ← Adam(mean of ∇_θ((1−w) L_Q(θ_M) + w L_mix(θ_M))),  rate β
      """
  )

  package init() {}

  /// What its outer loop minimises is a loss of its own.
  package var seams: Set<MethodSeam> { [.innerLoop] }

  /// On a surface there are no inputs to mix.
  package var tasks: Set<TaskAbility> { [.regression, .classification] }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.concentration, Self.weight]
  }

  /// What an episode's query set gives at some parameters.
  private struct Losses {
    let share: Tensor
    let clean: Tensor
    let mixed: Tensor
    /// What the outer loop minimises.
    let total: Tensor
    let output: Tensor
    let statistics: BatchStatistics
  }

  /// Two passes, each with its own batch statistics: the clean query set, and the mixed one.
  private func losses(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Losses {
    let (inputs, targets) = (trace.queryInputs, trace.queryTargets)
    let statistics = statistics(trace, parameters, pass: .query)
    let output = output(trace, inputs, parameters, pass: .query, statistics: statistics)
    let clean = trace.loss(output, targets)
    let concentration = DrawParameter.setting(Self.concentration.id)
    let share = trace.draw("lambda", .beta(concentration, concentration), .scalar)
    let order = trace.permutation("permutation", of: inputs.shape.dimensions[0])
    let blend = inputs * share + inputs.chosen(by: order) * (1 - share)
    let blended = self.output(trace, blend, parameters, pass: .query)
    let mixed =
      trace.loss(blended, targets) * share
      + trace.loss(blended, targets.chosen(by: order)) * (1 - share)
    let weight = trace.setting(Self.weight.id)
    return Losses(
      share: share,
      clean: clean,
      mixed: mixed,
      total: clean * (1 - weight) + mixed * weight,
      output: output,
      statistics: statistics
    )
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let losses = losses(trace, adaptation.adapted)
    return OuterObjective(
      total: losses.total,
      queryLoss: losses.total,
      queryOutput: losses.output,
      statistics: losses.statistics
    )
  }

  package func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    losses(trace, parameters).total
  }

  // MARK: The screen

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "mix_lambda",
        label: "λ",
        asciiLabel: "lambda",
        help: "share of an example in its mixture, mean over the meta-batch",
        style: .gauge(0...1)
      ),
      ProbeDescriptor(
        key: "mixed_loss",
        label: "mixed loss",
        help: "query loss of the mixtures"
      ),
      ProbeDescriptor(
        key: "clean_query_loss",
        label: "clean loss",
        help: "query loss of the examples as they are: MAML's"
      ),
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let losses = losses(trace, adaptation.adapted)
    return [
      "mix_lambda": losses.share, "mixed_loss": losses.mixed, "clean_query_loss": losses.clean,
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "mixture",
        title: "mixture",
        letter: "m",
        parts: [.rows(probes(for: model).map(\.key) + [Self.weight.id])]
      )
    ]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "mixture",
        title: "the mixed query set",
        equation: "x̃ = λx + (1 − λ)x[p]",
        words: "Each query example is mixed with another one, λ = {probe:mix_lambda}: the "
          + "mixtures' loss is {probe:mixed_loss}, that of the examples themselves "
          + "{probe:clean_query_loss}. The mixtures have the weight {mix-weight} in the objective, "
          + "the examples the rest.",
        place: .afterGradient,
        switchID: Self.weight.id,
        wordsWhenOff: "nothing is mixed: this is MAML."
      )
    ]
  }
}
