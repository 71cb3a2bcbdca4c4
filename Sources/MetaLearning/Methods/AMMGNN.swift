import Autodiff
import Events
import Models
import Tasks

/// Attribute matching: MAML whose network reads features that are scaled for each task (Wang et al., CIKM
/// 2020).
///
/// X′ = X ⊙ (1 + s ᾱ), and since Â X′ W₁ = (Â X)(diag(1 + s ᾱ) W₁), the factor stands on the first weight's rows.
/// ᾱ is the mean of a linear map of two random sets of the episode's nodes; that both say much the same is
/// rewarded. The form is that of the code whose numbers are compared with (Tan et al., TLP-FSNC), as
/// Documentation/Methods/AMMGNN.md says.
package struct AMMGNN: Method {
  package static let scale = HyperparameterDescriptor(
    id: "match-scale",
    symbol: "s",
    kind: .linear(0...1, step: 0.01),
    defaultValue: 0.01,
    help: "how much a task's vector scales the features; 0 is MAML; 0.01 in TLP-FSNC",
    role: .switch(off: 0)
  )

  package static let agreement = HyperparameterDescriptor(
    id: "match-agreement",
    symbol: "μ",
    kind: .linear(0...1, step: 0.01),
    defaultValue: 0.01,
    help: "reward of both sets' vectors for pointing the same way; 0.01 in TLP-FSNC"
  )

  package let descriptor = MethodDescriptor(
    id: "amm-gnn",
    name: "AMM-GNN",
    citation:
      "Wang, Luo, Ding, Zhang, Li, Zheng: Graph Few-shot Learning with Attribute Matching, CIKM "
      + "2020 (reconstructed)",
    status: .reconstructed,
    summary:
      "MAML on nodes of a graph whose features are scaled for each task by what a linear map makes of "
      + "some of the episode's nodes.",
    equation: """
      αᵢ = X[Sᵢ]ᵀ a + a₀,  βᵢ = X[Sᵢ]ᵀ b + b₀,  S₁, S₂: 10 nodes each
      X′ = X ⊙ (1 + s (α₁ + α₂)/2);  θₖ₊₁ = θₖ − α ∇L_S(θₖ; X′)
      J = L_Q(θ_M; X′) − μ (cos(α₁, α₂) + cos(β₁, β₂))
      (θ, a, b) ← Adam(mean of ∇J),  rate β
      """
  )

  private static let group = "match"
  /// Nodes of each of the two sets, where the episode has as many.
  private static let setSize = 10
  private static let (alpha, beta) = ("alpha", "beta")

  package init() {}

  package var tasks: Set<TaskAbility> { [.nodes] }
  package func graphRequest(_ values: HyperparameterValues) -> GraphRequest { .attributes }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    GraphHyperparameters.shared
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.scale, Self.agreement]
  }

  /// Two maps from ten numbers to one, which begin between ±1.
  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    [Self.alpha, Self.beta].flatMap {
      ParameterSpecification.linear("\(Self.group).\($0)", from: Self.setSize, to: 1, bound: 1)
    }
  }

  // MARK: The task's vectors

  /// What a map makes of the features of both sets of nodes, `[features, 1]` each: the same in every pass of
  /// an episode.
  private func vectors(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    _ map: String
  ) -> (Tensor, Tensor) {
    guard let network = trace.model as? any NodeModel else {
      preconditionFailure("\(trace.model.name) reads no graph")
    }
    let (support, query) = (trace.supportTargets.shape.rows, trace.queryTargets.shape.rows)
    let count = min(Self.setSize, support + query)
    let name = "\(Self.group).\(map)"
    let weight = parameters[name + ".weight"].slice(from: 0, as: [count, 1])
    func vector(_ set: Int) -> Tensor {
      let order = trace.permutation("match\(set)", of: support + query)
      let ofNodes = order.slice(from: 0, as: [count, support + query]).transposedMatmul(weight)
      let parts = [(trace.supportInputs, 0, support), (trace.queryInputs, support, query)]
      let sums = parts.map { inputs, start, count in
        network.attributes(
          of: inputs,
          weighedBy: ofNodes.slice(from: start, as: [count, 1])
        )
      }
      return sums[0] + sums[1] + parameters[name + ".bias"].reshaped(to: .scalar)
    }
    return (vector(1), vector(2))
  }

  private func cosine(_ pair: (Tensor, Tensor)) -> Tensor {
    let (a, b) = pair
    let squares = (a * a).sum() * (b * b).sum()
    // PyTorch bounds the product of the norms by 1e-6 from below.
    return (a * b).sum() / (squares + 1e-12).squareRoot()
  }

  /// s ᾱ, what the features' factors are beyond 1.
  private func shift(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let (first, second) = vectors(trace, parameters, Self.alpha)
    return (first + second) * (trace.setting(Self.scale.id) * 0.5)
  }

  package func passParameters(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass
  ) -> ParameterTree<Tensor> {
    guard let name = (trace.model as? any NodeModel)?.attributeWeight else { return parameters }
    let weight = parameters[name]
    let factor = (shift(trace, parameters) + 1).reshaped(to: [weight.shape.rows])
    return parameters.replacing([name: weight * factor.broadcast(.column, to: weight.shape)])
  }

  package func penalty(_ trace: EpisodeTrace, _ parameters: ParameterTree<Tensor>) -> Tensor? {
    let agreement =
      cosine(vectors(trace, parameters, Self.alpha)) + cosine(vectors(trace, parameters, Self.beta))
    return -(agreement * trace.setting(Self.agreement.id))
  }

  // MARK: The screen

  private static let matching = [
    ProbeDescriptor(
      key: "match_shift",
      label: "|sᾱ|",
      help: "root mean square of what the features' factors are beyond 1; near 0 nothing is matched"
    ),
    ProbeDescriptor(
      key: "match_agreement/alpha",
      label: "cos(α₁, α₂)",
      help: "agreement of the two sets on the factors; near 1 any nodes of the task say the same",
      style: .signed
    ),
    ProbeDescriptor(
      key: "match_agreement/beta",
      label: "cos(β₁, β₂)",
      help: "the same of the second map, which changes nothing else",
      style: .signed
    ),
  ]

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    Self.matching + AdaptationProbes.shifts
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "matching", title: "attribute matching", for: model)]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "matching",
        title: "the task's features",
        equation: "X′ = X ⊙ (1 + s ᾱ),  s = {match-scale}",
        words:
          "Two random sets of the episode's nodes are mapped to a factor for each feature; the network "
          + "reads the features multiplied by their mean, {probe:match_shift} from 1 in the root mean "
          + "square. The two sets agree by {probe:match_agreement/alpha}.",
        place: .first,
        switchID: Self.scale.id,
        wordsWhenOff: "The features are read as they are."
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let shift = shift(trace, trace.metaParameters)
    return AdaptationProbes.shiftTensors(trace, adaptation).merging([
      "match_shift": (shift * shift).mean().squareRoot(),
      "match_agreement/alpha": cosine(vectors(trace, trace.metaParameters, Self.alpha)),
      "match_agreement/beta": cosine(vectors(trace, trace.metaParameters, Self.beta)),
    ]) { $1 }
  }
}
