import Autodiff
import Events
import Models

/// What it shows.
extension HyperDistill {
  /// A long inner loop is shown at some of its steps.
  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let steps = adaptationSteps(values)
    let points = Trajectory.points(steps)
    return points.count > steps ? .innerSteps(count: steps) : .time(points.map(Double.init))
  }

  private static let summary = [
    ProbeDescriptor(
      key: "distillation_theta",
      label: "θ",
      help: "distilled scale of the second-order term; it may be negative",
      style: .signed
    ),
    ProbeDescriptor(
      key: "distillation_cosine",
      label: "cos(g, ∇)",
      help: "agreement of the last hyper-gradient with the exact one along this very way",
      style: .signedBar,
      healthy: HealthyRange(from: 0, "near 1; below 0 it leads away")
    ),
    ProbeDescriptor(
      key: "distillation_norm_ratio",
      label: "‖g‖/‖∇‖",
      help: "its norm against the exact one's",
      healthy: HealthyRange("near 1")
    ),
    ProbeDescriptor(
      key: "one_step_cosine",
      label: "cos(g₁, ∇)",
      help: "the same agreement of the gradient that looks one step back alone",
      style: .signedBar
    ),
    ProbeDescriptor(
      key: "one_step_norm_ratio",
      label: "‖g₁‖/‖∇‖",
      help: "its norm against the exact one's"
    ),
  ]

  package func probes(for model: any Model, _ values: HyperparameterValues) -> [ProbeDescriptor] {
    let norms = Trajectory.points(adaptationSteps(values)).dropFirst().map { step in
      ProbeDescriptor(
        key: "hypergradient_norms/\(step)",
        label: "‖gₜ‖",
        help: "norm of the hyper-gradient after an inner step",
        style: .curve(axis: "inner step")
      )
    }
    let names = model.parameters.map(\.name).filter { isAdapted($0, values) }
    let rates = names.flatMap { name in
      [
        ProbeDescriptor(
          key: "learned_rate/\(name)",
          label: "α",
          help: "learned inner rate of a tensor"
        ),
        ProbeDescriptor(
          key: "learned_decay/\(name)",
          label: "δ",
          help: "learned weight decay of a tensor"
        ),
      ]
    }
    return Self.summary + norms + (learnsRates(values) ? rates : [])
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "distillation",
        title: "distillation",
        parts: [
          .rows(Self.summary.map(\.key) + ["hypergradient_norms"]),
          .table(
            PanelTable(
              lines: "tensor",
              columns: [
                .init("learned_rate", title: "rate", hasHistory: true),
                .init("learned_decay", title: "decay", rank: 1),
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
        id: "hyper-gradient",
        title: "the hyper-gradient",
        equation: "gₜ = ∂L_Q/∂λ + θ (1−cᵗ)/(1−c) αₜ ∂Φ(w*ₜ, λ)/∂λ,  c = {horizon-decay}",
        words:
          "After every inner step λ moves along one Jacobian product at an average of the weights "
          + "so far. Its scale θ is {probe:distillation_theta}, fitted every {estimation-period} outer "
          + "steps; it agrees with the exact hyper-gradient to a cosine of {probe:distillation_cosine}.",
        place: .insteadOfGradient
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    var tensors = ["distillation_theta": theta(trace)]
    guard learnsRates(trace.values) else { return tensors }
    for name in trace.fastNames {
      tensors["learned_rate/\(name)"] = trace.metaParameters["\(Self.rates).\(name)"].exp()
      tensors["learned_decay/\(name)"] = trace.metaParameters["\(Self.decays).\(name)"].exp()
    }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let pairs = [("distillation", measured.quality), ("one_step", measured.oneStepQuality)]
    var values: [String: Float] = [:]
    for (name, quality) in pairs {
      values["\(name)_cosine"] = Float(quality?.cosine ?? 0)
      values["\(name)_norm_ratio"] = Float(quality?.normRatio ?? 0)
    }
    for (index, norm) in measured.onlineNorms.enumerated() {
      values["hypergradient_norms/\(index + 1)"] = Float(norm)
    }
    return values
  }
}
