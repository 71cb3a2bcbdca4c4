import Autodiff
import Events
import Models

/// MetaMix, reconstructed: a base, MAML where nothing is said, whose outer loop learns from mixed query
/// examples (Chen et al., 2020).
///
/// Only title and abstract of the publication were at hand and there is no code; the objective below is
/// ours, as Documentation/Methods/MetaMix.md says. What the base learns from the query set, it learns
/// here from mixtures as well: its own objective is traced on another query set.
package struct MetaMix: WrappingMethod {
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
    help: "weight of the mixed query loss; the clean one has 1 − w, so 0 is the base alone",
    role: .switch(off: 0)
  )

  package let ownDescriptor = MethodDescriptor(
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

  package let addedEquation = """
    x̃ = λx + (1−λ)x[p];  in the place of each query loss L(x, y):
    (1−w) L(x, y) + w (λ L(x̃, y) + (1−λ) L(x̃, y[p]))
    """

  package let base: any Method
  package static var usualBase: any Method { MAML() }
  package let neededSeams: Set<MethodSeam> = [.queryLosses]
  package let need = "an objective made of query losses"

  package init() { base = Self.usualBase }
  package init(base: any Method) { self.base = base }

  package func wrapping(_ base: any Method) -> any WrappingMethod { Self(base: base) }

  /// What its outer loop minimises is a loss of its own.
  package var seams: Set<MethodSeam> { base.seams.subtracting([.queryLosses]) }

  /// On a surface there are no inputs to mix.
  package var tasks: Set<TaskAbility> { base.tasks.intersection([.regression, .classification]) }

  package func addedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.concentration, Self.weight]
  }

  // MARK: The mixed query set

  /// One episode's mixture: λ, and the episode with the mixed inputs under either example's targets.
  private struct Mixture {
    let share: Tensor
    let own: EpisodeTrace
    let other: EpisodeTrace

    /// λ a + (1 − λ) b.
    func blend(_ a: Tensor, _ b: Tensor) -> Tensor { a * share + b * (1 - share) }
  }

  private func mixture(_ trace: EpisodeTrace) -> Mixture {
    let (inputs, targets) = (trace.queryInputs, trace.queryTargets)
    let concentration = DrawParameter.setting(Self.concentration.id)
    let share = trace.draw("lambda", .beta(concentration, concentration), .scalar)
    let order = trace.permutation("permutation", of: inputs.shape.dimensions[0])
    let blend = inputs * share + inputs.chosen(by: order) * (1 - share)
    return Mixture(
      share: share,
      own: trace.withQuery(inputs: blend, targets: targets),
      other: trace.withQuery(inputs: blend, targets: targets.chosen(by: order))
    )
  }

  private func weighed(_ trace: EpisodeTrace, _ clean: Tensor, _ mixed: Tensor) -> Tensor {
    let weight = trace.setting(Self.weight.id)
    return clean * (1 - weight) + mixed * weight
  }

  /// The base's objective on the query set as it is and on the mixed one, each with its own batch
  /// statistics.
  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let clean = base.outerObjective(trace, adaptation)
    let mixture = mixture(trace)
    let own = base.outerObjective(mixture.own, adaptation)
    let other = base.outerObjective(mixture.other, adaptation)
    return OuterObjective(
      total: weighed(trace, clean.total, mixture.blend(own.total, other.total)),
      queryLoss: weighed(trace, clean.queryLoss, mixture.blend(own.queryLoss, other.queryLoss)),
      queryOutput: clean.queryOutput,
      statistics: clean.statistics
    )
  }

  package func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let clean = base.queryLoss(trace, parameters)
    return weighed(trace, clean, mixedLoss(mixture(trace), parameters))
  }

  private func mixedLoss(_ mixture: Mixture, _ parameters: ParameterTree<Tensor>) -> Tensor {
    mixture.blend(
      base.queryLoss(mixture.own, parameters),
      base.queryLoss(mixture.other, parameters)
    )
  }

  // MARK: The screen

  package func addedProbes(for model: any Model) -> [ProbeDescriptor] {
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
        help: "query loss of the examples as they are: the base's"
      ),
    ]
  }

  package func addedProbeTensors(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation
  ) -> [String: Tensor] {
    let mixture = mixture(trace)
    return [
      "mix_lambda": mixture.share,
      "mixed_loss": mixedLoss(mixture, adaptation.adapted),
      "clean_query_loss": base.queryLoss(trace, adaptation.adapted),
    ]
  }

  package func addedPanels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "mixture",
        title: "mixture",
        letter: "m",
        parts: [.rows(addedProbes(for: model).map(\.key) + [Self.weight.id])]
      )
    ]
  }

  package func addedMoments(for model: any Model) -> [MomentDescription] {
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
        wordsWhenOff: "nothing is mixed: this is the base alone."
      )
    ]
  }
}
