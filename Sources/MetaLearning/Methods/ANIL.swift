import Autodiff
import Events
import Models

/// Almost no inner loop: MAML whose inner loop moves the head alone (Raghu et al., ICLR 2020).
///
/// w_{k+1} = w_k − α ∇_w L_S(body, w_k) for the head w; the body learns in the outer loop only.
package struct ANIL: Method {
  package let descriptor = MethodDescriptor(
    id: "anil",
    name: "ANIL",
    citation: "Raghu, Raghu, Bengio, Vinyals: Rapid Learning or Feature Reuse?, ICLR 2020",
    summary:
      "MAML whose inner loop moves the head alone: the body's features are reused, not adapted.",
    equation: "wₖ₊₁ = wₖ − α ∇_w L_S(ψ, wₖ),  k = 0 … M−1\n"
      + "(ψ, w) ← Adam(mean of ∇ L_Q(ψ, w_M)),  rate β"
  )

  package init() {}

  /// Without a head there is nothing to adapt.
  package var tasks: Set<TaskAbility> { [.regression, .classification, .nodes] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let all = StandardHyperparameters.all(for: family)
    // learn2learn's example on images: five steps of 0.1.
    let changed = family == .convolutional ? ["inner-lr": 0.1, "inner-steps": 5] : [:]
    return all.map { $0.with(defaultValue: changed[$0.id] ?? $0.defaultValue) }
  }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    name.hasPrefix("head.")
  }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    AdaptationProbes.all
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "reuse", title: "what moves", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    AdaptationProbes.tensors(trace, self, adaptation)
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    AdaptationProbes.values(measured, model: model)
  }
}
