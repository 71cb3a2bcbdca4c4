import Autodiff
import Models
import Tasks

/// A method some of whose meta-parameters move after every inner step of the whole meta-batch, in lock-step.
///
/// An outer step: perhaps a **fit**, the steps made once at fixed meta-parameters and followed back, whose mean
/// over the episodes a group is set to; then the inner steps of all episodes side by side, after each of which the mean
/// of `online` moves the online groups; at last every other group moves too. Nothing of it outlives an outer
/// step but meta-parameters, so a checkpoint holds all.
package protocol OnlineMethod: AdjointMethod {
  /// Groups that move after every inner step.
  func onlineGroups(_ values: HyperparameterValues) -> Set<String>

  /// Groups that a fit sets.
  var fittedGroups: Set<String> { get }

  /// Whether outer step `step` (0, 1, …) begins with a fit.
  func isFitted(_ values: HyperparameterValues, step: Int) -> Bool

  /// The fitted parameters as an episode has them, from `trace.adjoint` at the beginning.
  func fit(_ trace: EpisodeTrace) -> [String: Tensor]

  /// The online parameters' gradient after an inner step, and of the others what they move by after the last.
  ///
  /// The support set is the minibatch of an earlier inner step i ≤ t, drawn with weights `lookBack`^(t − i).
  func online(_ trace: EpisodeTrace) -> [String: Tensor]

  func lookBack(_ values: HyperparameterValues) -> Double

  /// The gradient that looks one step back alone, to be compared; the support set is the last minibatch.
  func oneStep(_ trace: EpisodeTrace) -> [String: Tensor]
}

/// The plans that lock-step needs besides a trajectory's; all results are laid out like the parameters.
package struct OnlinePlans: Sendable {
  /// Of a minibatch with the whole query set; nil where the support set is the minibatch.
  package let layout: EpisodeLayout?
  package let fit: EpisodePlan
  package let gradient: EpisodePlan
  package let oneStep: EpisodePlan

  package var all: [EpisodePlan] { [fit, gradient, oneStep] }
}

extension EpisodeSetup {
  func online(
    _ method: any OnlineMethod,
    _ backward: BackwardPlans,
    minibatch: EpisodeLayout?,
    _ traced: Traced
  ) -> OnlinePlans {
    let small = minibatch.map {
      EpisodeLayout(
        supportCount: $0.supportCount,
        queryCount: layout.queryCount,
        inputShape: layout.inputShape,
        targetCount: layout.targetCount
      )
    }
    return OnlinePlans(
      layout: small,
      fit: traced(nil, backward.adjoint) { gradientOutputs($0, method.fit($0)) },
      gradient: traced(small, nil) { gradientOutputs($0, method.online($0)) },
      oneStep: traced(small, nil) { gradientOutputs($0, method.oneStep($0)) }
    )
  }

  /// Values by parameter, laid out like the parameters; 0 where there is none.
  func gradientOutputs(_ trace: EpisodeTrace, _ values: [String: Tensor]) -> [Plan.Output] {
    // Running averages follow what the end's plan saw.
    zip(parameters.specifications, parameters.offsets)
      .filter { $0.0.group != RunningStatistics.group }
      .map { specification, offset in
        let zero = trace.graph.constant(0, specification.shape)
        return Plan.Output(values[specification.name] ?? zero, at: offset)
      }
  }
}
