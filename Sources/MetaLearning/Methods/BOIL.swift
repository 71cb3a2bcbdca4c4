import Autodiff
import Events
import Models

/// Body only update in the inner loop: MAML whose head stays as it is while a task is learned
/// (Oh et al., ICLR 2021).
///
/// ψ_{k+1} = ψ_k − α ∇_ψ L_S(ψ_k, head); the head learns in the outer loop only.
package struct BOIL: Method {
  package let descriptor = MethodDescriptor(
    id: "boil",
    name: "BOIL",
    citation: "Oh, Yoo, Kim, Yun: BOIL: Towards Representation Change for Few-shot Learning, "
      + "ICLR 2021",
    summary:
      "MAML whose inner loop moves the body alone: features change towards a head that stays.",
    equation: "ψₖ₊₁ = ψₖ − α ∇_ψ L_S(ψₖ, w),  k = 0 … M−1\n"
      + "(ψ, w) ← Adam(mean of ∇ L_Q(ψ_M, w)),  rate β"
  )

  package init() {}

  /// Body and head are a network's; a point on a surface has neither.
  package var tasks: Set<TaskAbility> { [.regression, .classification, .nodes] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let all = StandardHyperparameters.all(for: family)
    // The official code's on images: one step of 0.5.
    let changed = family == .convolutional ? ["inner-lr": 0.5, "inner-steps": 1] : [:]
    return all.map { $0.with(defaultValue: changed[$0.id] ?? $0.defaultValue) }
  }

  /// Scale and shift of batch normalisation are the body's.
  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    name.hasPrefix("body.") && (values.isNormalisationAdapted || !name.contains(".norm."))
  }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    AdaptationProbes.all
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "change", title: "what moves", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    AdaptationProbes.tensors(trace, self, adaptation)
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    AdaptationProbes.values(measured, model: model)
  }
}
