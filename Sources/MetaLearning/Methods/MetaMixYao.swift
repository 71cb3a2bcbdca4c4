import Autodiff
import Events
import Models

/// MAML whose outer loop learns from features of query and support examples, mixed at a layer drawn for
/// each episode (Yao et al., ICML 2021).
///
/// There is no clean query term, as in the official code (miniImagenet/); its channel shuffle is left out.
package struct MetaMixYao: Method {
  package static let concentration = HyperparameterDescriptor(
    id: "mix-beta",
    symbol: "a",
    kind: .logarithmic(0.05...10),
    defaultValue: 2,
    help: "λ ~ Beta(a, a), a query example's share in a mixture; 2 in the official code"
  )

  package let descriptor = MethodDescriptor(
    id: "metamix-yao",
    name: "MetaMix (Yao)",
    citation: "Yao, Huang, Zhang, Wei, Tian, Zou, Huang, Li: Improving Generalization in "
      + "Meta-learning via Task Augmentation, ICML 2021",
    summary:
      "MAML whose outer loop learns from query features mixed with support features, at a layer drawn "
      + "for each episode: so the support set takes part in the outer loop too.",
    equation: """
      θₖ₊₁ = θₖ − α ∇L_S(θₖ),  k = 0 … M−1;  λ ~ Beta(a, a)
      h̃ = λ h_L(x_Q) + (1−λ) h_L(x_S)[p],  L a layer, p a permutation
      L_mix = λ ℓ(f(h̃), y_Q) + (1−λ) ℓ(f(h̃), y_S[p])
      θ ← Adam(mean of ∇_θ L_mix(θ_M)),  rate β
      """
  )

  package init() {}

  /// What its outer loop minimises is a loss of its own.
  package var seams: Set<MethodSeam> { [.innerLoop] }

  /// On a surface there are no inputs to mix.
  package var tasks: Set<TaskAbility> { [.regression, .classification] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let all = StandardHyperparameters.all(for: family)
    // The official code's on Omniglot: five steps of 0.1.
    let changed = family == .convolutional ? ["inner-lr": 0.1, "inner-steps": 5] : [:]
    return all.map { $0.with(defaultValue: changed[$0.id] ?? $0.defaultValue) }
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.concentration]
  }

  // MARK: Mixing

  /// One episode's mixture: λ, for each query example the support example it is mixed with, and where.
  private struct Mixture {
    let share: Tensor
    /// `[query, support]`, zeros and a one in each row.
    let partners: Tensor
    /// A one at the place of the layer, `[layers]`.
    let layer: Tensor

    /// λ in front of the drawn layer, 1 in front of all others.
    func share(at index: Int) -> Tensor {
      1 - layer.slice(from: index, as: .scalar) * (1 - share)
    }

    /// What a layer reads of the query set.
    func mixed(_ query: Tensor, _ support: Tensor, at index: Int) -> Tensor {
      let own = share(at: index)
      return query * own + support.chosen(by: partners) * (1 - own)
    }
  }

  private func mixture(_ trace: EpisodeTrace) -> Mixture {
    let concentration = DrawParameter.setting(Self.concentration.id)
    return Mixture(
      share: trace.draw("lambda", .beta(concentration, concentration), .scalar),
      partners: partners(
        trace,
        query: trace.queryInputs.shape.dimensions[0],
        support: trace.supportInputs.shape.dimensions[0]
      ),
      layer: trace.draw("layer", .choice, [trace.model.bodyLayers.count])
    )
  }

  /// A permutation of the support set; where the query set is larger, of as many of its repetitions.
  private func partners(_ trace: EpisodeTrace, query: Int, support: Int) -> Tensor {
    let count = max(query, support)
    let order = trace.permutation("permutation", of: count)
      .slice(from: 0, as: [query, count])
    guard count > support else { return order }
    let places = (0..<count * support).map { $0 / support % support == $0 % support ? 1.0 : 0 }
    return order.matmul(trace.graph.table(places, [count, support]))
  }

  /// The query set's mixed outputs: up to the drawn layer each set is normalised by its own batch, from
  /// there on the mixtures by theirs.
  ///
  /// In front of every other layer the mixture's weight is 0, so one pass serves whatever layer is drawn.
  private func mixedOutput(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ mixture: Mixture,
    _ statistics: BatchStatistics
  ) -> Tensor {
    var support: [Tensor] = []
    _ = trace.model.features(
      of: trace.supportInputs,
      parameters,
      statistics: self.statistics(trace, parameters, pass: .query),
      visitor: BodyVisitor(entering: { _, values in
        support.append(values)
        return values
      })
    )
    let features = trace.model.features(
      of: trace.queryInputs,
      parameters,
      statistics: statistics,
      visitor: BodyVisitor(entering: { mixture.mixed($1, support[$0], at: $0) })
    )
    return trace.model.head(features, parameters)
  }

  private func mixedLoss(_ trace: EpisodeTrace, _ output: Tensor, _ mixture: Mixture) -> Tensor {
    let other = trace.supportTargets.chosen(by: mixture.partners)
    return trace.loss(output, trace.queryTargets) * mixture.share
      + trace.loss(output, other) * (1 - mixture.share)
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let adapted = adaptation.adapted
    let statistics = statistics(trace, adapted, pass: .query)
    let loss = queryLoss(trace, adapted)
    // A pass of its own, for accuracy and running averages alone: no gradient is taken of it.
    let clean = output(
      trace,
      trace.queryInputs,
      adapted,
      pass: .query,
      statistics: statistics
    )
    return OuterObjective(
      total: loss,
      queryLoss: loss,
      queryOutput: clean,
      statistics: statistics
    )
  }

  package func queryLoss(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let mixture = mixture(trace)
    let statistics = statistics(trace, parameters, pass: .query)
    let output = mixedOutput(trace, parameters, mixture, statistics)
    return mixedLoss(trace, output, mixture)
  }

  // MARK: The screen

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "mix_lambda",
        label: "λ",
        asciiLabel: "lambda",
        help: "share of the query examples in the mixtures, mean over the meta-batch",
        style: .gauge(0...1)
      ),
      ProbeDescriptor(
        key: "mix_layer",
        label: "layer",
        help: "layer in front of which features are mixed, mean over the meta-batch; 0: the inputs"
      ),
      ProbeDescriptor(
        key: "mixed_loss",
        label: "mixed loss",
        help: "loss of the mixtures, which the outer loop follows"
      ),
      ProbeDescriptor(
        key: "clean_query_loss",
        label: "clean loss",
        help: "query loss without mixing: MAML's"
      ),
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let mixture = mixture(trace)
    let layers = mixture.layer.shape.count
    let numbers = trace.graph.table((0..<layers).map(Double.init), [layers])
    return [
      "mix_lambda": mixture.share,
      "mix_layer": (mixture.layer * numbers).sum(),
      "mixed_loss": queryLoss(trace, adaptation.adapted),
      "clean_query_loss": trace.queryLoss(self, adaptation.adapted),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "mixture",
        title: "mixture",
        letter: "m",
        parts: [.rows(probes(for: model).map(\.key))]
      )
    ]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "mixture",
        title: "the mixed features",
        equation: "h̃ = λ h_Q + (1 − λ) h_S[p]",
        words: "After adaptation query features are mixed with support features at a layer drawn "
          + "for the episode, λ = {probe:mix_lambda}; the outer loop follows the mixtures' loss "
          + "{probe:mixed_loss} alone. Without mixing it would be {probe:clean_query_loss}.",
        place: .afterGradient
      )
    ]
  }
}
