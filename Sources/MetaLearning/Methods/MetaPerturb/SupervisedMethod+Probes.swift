import Events
import Models

/// What one perturbation site did to a batch.
package struct SiteMeasure: Sendable, Equatable {
  /// Mean and standard deviation of z.
  package var mean: Float
  package var deviation: Float
  /// Mean of s over the channels.
  package var scale: Float
  /// Mean of n, by which the input was multiplied.
  package var multiplier: Float
  /// Share of the numbers that the upper clamp cut.
  package var clamped: Float

  /// From `SupervisedSetup.probePlan`'s five means of a site.
  package init(_ means: ArraySlice<Float>) {
    let values = Array(means)
    mean = values[0]
    deviation = max(values[1] - values[0] * values[0], 0).squareRoot()
    (scale, multiplier, clamped) = (values[2], values[3], values[4])
  }

  package static let count = 5

  /// In the order of the probes.
  fileprivate var values: [Float] { [mean, deviation, scale, multiplier, clamped] }

  /// The mean over tasks, or sites.
  package static func average(_ all: [Self]) -> Self {
    let sums = all.reduce([Float](repeating: 0, count: count)) { sums, site in
      zip(sums, site.values).map { $0 + $1 }
    }
    let means = sums.map { $0 / Float(max(all.count, 1)) }
    var average = Self(means[...])
    // The mean deviation, not that of the means.
    average.deviation = means[1]
    return average
  }
}

extension SupervisedMethod {
  private static let parts = [
    NoiseProbe("mean", "mean z", "mean of the noise z; 0.806 before φ has learned", style: .signed),
    NoiseProbe("std", "std z", "its standard deviation; 0.521 before φ has learned"),
    NoiseProbe("scale", "mean s", "mean scale of the channels; 0.5 before φ has learned"),
    NoiseProbe(
      "multiplier",
      "mean n",
      "by what the site multiplies on average; below 1 it shrinks"
    ),
    NoiseProbe(
      "clamped",
      "clamped",
      "share of the numbers above 100, which the clamp cuts",
      style: .percent
    ),
  ]

  /// φ's noise at every site, how far the tasks disagree about φ, and each task's loss.
  package func probes(for model: any Model) -> [ProbeDescriptor] {
    guard regularizer == .perturbation else { return [] }
    return NoiseProbe.descriptors(
      Self.parts,
      kappa: "noise coefficient now",
      sites: model.sites
    )
  }

  /// Of a joint run's tasks.
  package func taskProbes(_ tasks: [String]) -> [ProbeDescriptor] {
    guard isJoint else { return [] }
    let disagreement = ProbeDescriptor(
      key: "phi_disagreement",
      label: "φ disagree",
      asciiLabel: "disagree",
      help: "1 − mean pairwise cosine of the tasks' gradients of φ; 0: they agree",
      healthy: HealthyRange(to: 1, "beyond it the tasks pull φ against each other")
    )
    return [disagreement]
      + tasks.enumerated().map { index, name in
        ProbeDescriptor(
          key: "task_loss/\(index + 1)",
          label: "loss \(index + 1)",
          help: "held-out loss of the last batch of \(name)"
        )
      }
  }

  /// In the order of `probes` and `taskProbes`; `sites` are means over the tasks.
  package func probeValues(
    _ sites: [SiteMeasure],
    taskLosses: [Float],
    disagreement: Float,
    _ settings: [String: Double]
  ) -> [Float] {
    guard regularizer == .perturbation else { return [] }
    let kappa = Float(settings[MetaPerturb.kappa.id] ?? 0)
    return SiteMeasure.average(sites).values + [kappa] + sites.flatMap(\.values)
      + (isJoint ? [disagreement] + taskLosses : [])
  }
}

// MARK: - The screen

extension SupervisedMethod {
  package func panels(for model: any Model) -> [PanelDescription] {
    guard regularizer == .perturbation else { return [] }
    let shared: [PanelPart] = [
      .cells(["phi_disagreement"], columns: 1), .cells(["task_loss"], columns: 2),
    ]
    let draws = PanelPart.accuracyByDraws(title: "acc. by S", hasBars: false)
    return [MetaPerturb.panel(more: (isJoint ? shared : []) + [draws])]
  }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis { .none }

  package var stepLoss: StepLoss { isJoint ? .heldOut : .training }
}
