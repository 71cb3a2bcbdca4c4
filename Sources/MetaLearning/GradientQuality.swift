import Autodiff
import Events
import Models

/// What an approximate meta-gradient is worth: measured against the exact one where a problem is small.
///
/// It asks a method whether its gradient is exact (`Method.isMetaGradientExact`), and nothing else.
package struct GradientQuality: Sendable {
  package let cosine: Double
  /// Of the method's own over the exact one.
  package let normRatio: Double

  /// 0 where either vanishes.
  package init(own: [Double], exact: [Double]) {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (a, b) in zip(own, exact) {
      product += a * b
      first += a * a
      second += b * b
    }
    let size = (first * second).squareRoot()
    cosine = size > 0 ? product / size : 0
    normRatio = second > 0 ? (first / second).squareRoot() : 0
  }

  package static let probes = [
    ProbeDescriptor(
      key: "exact_cosine",
      label: "cos(g, ∇)",
      help: "agreement of the meta-gradient with the exact derivative of the query loss",
      style: .signedBar,
      healthy: HealthyRange(from: 0, "near 1; below 0 the method climbs the exact loss")
    ),
    ProbeDescriptor(
      key: "exact_norm_ratio",
      label: "‖g‖/‖∇‖",
      help:
        "its norm against the exact derivative's; a direction that is no gradient has any",
      healthy: HealthyRange("near 1, where the outer rate was chosen for exact gradients")
    ),
    ProbeDescriptor(
      key: "curvature_products",
      label: "Hv",
      help:
        "Hessian- or Jacobian-vector products of an episode's meta-gradient; the exact one has one "
        + "for each inner step"
    ),
    ProbeDescriptor(
      key: "gradient_memory",
      label: "memory g",
      help:
        "what an episode's meta-gradient takes: its graph's values and the states that are kept",
      unit: "KiB"
    ),
    ProbeDescriptor(
      key: "exact_memory",
      label: "memory ∇",
      help: "what the exact derivative takes at this horizon",
      unit: "KiB"
    ),
  ]

  package static let panel = PanelDescription(
    id: "gradient-quality",
    title: "gradient against exact",
    parts: [.rows(probes.map(\.key))]
  )

  /// Numbers of parameters up to which the exact derivative is measured.
  private static let mostParameters = 20_000
  /// Numbers of all states of an inner loop, which are kept for it.
  private static let mostKept = 8_000_000
  /// Steps of a task's own trajectory, which is followed anew for it.
  private static let longestCycle = 200

  /// Whether a run measures it.
  package static func isMeasured(
    _ method: any Method,
    _ model: any Model,
    _ values: HyperparameterValues
  ) -> Bool {
    guard model.family == .dense, !method.isMetaGradientExact(values) else { return false }
    let count = model.parameters.reduce(0) { $0 + $1.shape.count }
    // An unrolled loop is exact without its first-order switch; what else stands still in it stays so.
    guard let replayed = method as? any TrajectoryMethod else {
      return values.isFirstOrder && count <= mostParameters
    }
    let trajectory = replayed.trajectory(for: model, values)
    guard count <= mostParameters, let steps = trajectory.longest else { return false }
    return 2 * count * steps <= mostKept && (trajectory.cycle ?? 0) <= longestCycle
  }
}

extension Method {
  /// All probes of a run: the method's own, those of the network's kind, and what its gradient is worth.
  package func declaredProbes(
    for model: any Model,
    _ values: HyperparameterValues
  ) -> [ProbeDescriptor] {
    probes(for: model, values) + (model.family == .graph ? [GraphProbes.rows] : [])
      + (GradientQuality.isMeasured(self, model, values) ? GradientQuality.probes : [])
  }
}

extension EpisodeSetup {
  package func isQualityMeasured(_ values: HyperparameterValues) -> Bool {
    GradientQuality.isMeasured(method, model, values)
  }

  /// The method's gradient and the exact derivative of its objective in one graph, each laid out like the
  /// parameters, one behind the other; for loops that are unrolled.
  package func qualityPlan(
    _ values: HyperparameterValues,
    stage: Int,
    draws: DrawLayout
  ) -> EpisodePlan {
    let trace = trace(values, stage: stage, draws: draws)
    let steps = method.adaptationSteps(values)
    let adaptation = method.adapt(trace, steps: steps, isFirstOrder: false)
    let objective = method.outerObjective(trace, adaptation)
    let slopes = trace.graph.gradient(
      of: objective.total,
      withRespectTo: trace.metaParameters.values
    )
    return EpisodePlan(trace, zip(slopes, parameters.offsets).map { Plan.Output($0, at: $1) })
  }
}
