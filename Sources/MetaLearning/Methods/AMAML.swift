import Autodiff
import Events
import Models

/// A-MAML: training on a task is a flow, and the meta-gradient is its adjoint, followed back in time (Li et al.,
/// AISTATS 2023, equations 4 to 7).
///
/// du/dt = −∇L_S(u) from θ to T by J Runge-Kutta steps of length h; a = ∇L_Q(u(T)) and backwards
/// da/dt = H(u) a by Heun's rule, with the Hessian H of L_S. One forward step and one backward step are
/// traced and replayed J times over the states that were kept. With Euler's rule both ways it is MAML.
package struct AMAML: AdjointMethod {
  package enum Rule: String, CaseIterable { case heun, euler }

  package static let rule = HyperparameterDescriptor(
    id: "adjoint",
    symbol: "a",
    kind: .choice(Rule.allCases.map(\.rawValue)),
    defaultValue: 0,
    help:
      "heun: Runge-Kutta forwards, Heun's rule backwards (paper); euler: both Euler's, MAML exactly",
    isStructural: true
  )

  private static let adjoint = "adjoint"
  private static let later = "later"
  private static let endNorm = "end_norm"

  package let descriptor = MethodDescriptor(
    id: "a-maml",
    name: "A-MAML",
    citation: "Li, Wang, Kirby, Zhe: Meta-Learning with Adjoint Methods, AISTATS 2023",
    order: .second,
    summary:
      "Training on a task is a flow, and its adjoint is followed back in time: Hessian-vector "
      + "products alone, and memory for one state a step.",
    equation: "du/dt = −∇L_S(u),  u(0) = θ;  da/dt = ∇²L_S(u) a,  a(T) = ∇L_Q(u(T))\n"
      + "θ ← Adam(mean of a(0)),  rate β"
  )

  package init() {}

  // MARK: What can be set

  package var modelDefaults: ModelStyle { ModelStyle(activation: .tanh) }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    return [
      HyperparameterDescriptor(
        id: standard.innerLearningRate.id,
        symbol: "h",
        kind: .logarithmic(0...1),
        defaultValue: family == .convolutional ? 0.01 : 0.02,
        help:
          "length of a step in time; T is as many of them as there are inner steps; 0.01 published",
        role: .innerRate
      ),
      HyperparameterDescriptor(
        id: standard.innerSteps.id,
        symbol: "J",
        kind: .integer(1...1_000),
        defaultValue: 20,
        help: "steps of the flow and of its adjoint; published 50 to 500",
        isStructural: true,
        role: .innerSteps
      ),
      standard.outerLearningRate, standard.outerSchedule,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.rule]
  }

  private func isHeun(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.rule.id) == Rule.heun.rawValue
  }

  /// Heun's adjoint is the flow's, not that of the steps that were made.
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { !isHeun(values) }

  package func curvatureProducts(_ values: HyperparameterValues) -> Int {
    adaptationSteps(values) * (isHeun(values) ? 2 : 1)
  }

  // MARK: The flow

  package func trajectory(for model: any Model, _ values: HyperparameterValues) -> Trajectory {
    let fast = model.parameters.filter { isAdapted($0.name, values) }
    return Trajectory(
      state: fast.map { $0.companion("fast", .zeros) },
      steps: adaptationSteps(values)
    )
  }

  package func start(_ trace: EpisodeTrace) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: trace.fastNames.map { (Trajectory.fast($0), trace.metaParameters[$0]) }
    )
  }

  /// The fast weights, moved by some vectors.
  private func point(
    _ trace: EpisodeTrace,
    _ names: [String],
    _ way: [Tensor]?,
    _ scale: Tensor
  ) -> ParameterTree<Tensor> {
    let fast = trace.fastParameters
    guard let way else { return fast }
    let moved = zip(names, way).map { ($0, fast[$0] + $1 * scale) }
    return fast.replacing(Dictionary(uniqueKeysWithValues: moved))
  }

  /// −∇L_S at a point.
  private func downhill(
    _ trace: EpisodeTrace,
    _ names: [String],
    _ parameters: ParameterTree<Tensor>
  ) -> [Tensor] {
    trace.graph.gradient(
      of: innerLoss(trace, parameters, step: 0),
      withRespectTo: names.map { parameters[$0] }
    ).map { -$0 }
  }

  package func step(_ trace: EpisodeTrace) -> [String: Tensor] {
    let names = trace.fastNames
    let length = trace.setting(StandardHyperparameters.innerLearningRate.id)
    var slope = downhill(trace, names, trace.fastParameters)
    if isHeun(trace.values) {
      let half = length * 0.5
      let second = downhill(trace, names, point(trace, names, slope, half))
      let third = downhill(trace, names, point(trace, names, second, half))
      let fourth = downhill(trace, names, point(trace, names, third, length))
      slope = names.indices.map { index in
        (slope[index] + (second[index] + third[index]) * 2 + fourth[index]) * (1 / 6.0)
      }
    }
    let end = point(trace, names, slope, length)
    return Dictionary(uniqueKeysWithValues: names.map { (Trajectory.fast($0), end[$0]) })
  }

  // MARK: Its adjoint

  private func learned(_ trace: EpisodeTrace) -> [String] {
    trace.metaParameters.names.filter(AdaptationProbes.isBodyOrHead)
  }

  /// Of what does not flow the adjoint is what it has gathered so far.
  package func adjoint(
    for model: any Model,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let fast = model.parameters.filter { isAdapted($0.name, values) }
    return model.parameters.map { $0.companion(Self.adjoint, .zeros) }
      + (isHeun(values) ? fast.map { $0.companion(Self.later, .zeros) } : [])
      + [ParameterSpecification(Self.endNorm, [1], .zeros)]
  }

  package func depart(_ trace: EpisodeTrace) -> [String: Tensor] {
    let fast = trace.fastParameters
    let names = learned(trace)
    let slopes = trace.graph.gradient(
      of: queryLoss(trace, fast),
      withRespectTo: names.map { fast[$0] }
    )
    var adjoint = Dictionary(
      uniqueKeysWithValues: zip(names, slopes).map { ("\(Self.adjoint).\($0)", $1) }
    )
    adjoint[Self.endNorm] = norm(trace, slopes)
    guard isHeun(trace.values) else { return adjoint }
    for name in trace.fastNames { adjoint["\(Self.later).\(name)"] = fast[name] }
    return adjoint
  }

  private func norm(_ trace: EpisodeTrace, _ tensors: [Tensor]) -> Tensor {
    tensors.reduce(trace.graph.constant(0)) { $0 + ($1 * $1).sum() }.squareRoot()
      .reshaped(to: [1])
  }

  /// ∂⟨∇L_S(u), v⟩ with respect to all that is learned: for what flows H(u) v.
  private func curved(
    _ trace: EpisodeTrace,
    at parameters: ParameterTree<Tensor>,
    _ vector: [Tensor]
  ) -> [String: Tensor] {
    let (fast, names) = (trace.fastNames, learned(trace))
    let slopes = trace.graph.gradient(
      of: innerLoss(trace, parameters, step: 0),
      withRespectTo: fast.map { parameters[$0] }
    )
    let held = vector.map { $0.stoppingGradient() }
    let all = trace.graph.gradient(
      of: ConjugateGradients.product(slopes, held),
      withRespectTo: names.map { parameters[$0] }
    )
    return Dictionary(uniqueKeysWithValues: zip(names, all))
  }

  /// Heun's rule from u_{j+1} to u_j, or Euler's at u_j.
  package func back(_ trace: EpisodeTrace) -> [String: Tensor] {
    let (fast, names) = (trace.fastNames, learned(trace))
    let length = trace.setting(StandardHyperparameters.innerLearningRate.id)
    func own(_ name: String) -> Tensor { trace.adjoint["\(Self.adjoint).\(name)"] }
    let here = trace.fastParameters
    var next: [String: Tensor] = [:]
    if isHeun(trace.values) {
      let behind = here.replacing(
        Dictionary(uniqueKeysWithValues: fast.map { ($0, trace.adjoint["\(Self.later).\($0)"]) })
      )
      let first = curved(trace, at: behind, fast.map(own))
      let predicted = fast.map { name in own(name) - (first[name] ?? own(name)) * length }
      let second = curved(trace, at: here, predicted)
      for name in names {
        guard let one = first[name], let two = second[name] else { continue }
        next["\(Self.adjoint).\(name)"] = own(name) - (one + two) * (length * 0.5)
      }
      for name in fast { next["\(Self.later).\(name)"] = here[name] }
      return next
    }
    for (name, product) in curved(trace, at: here, fast.map(own)) {
      next["\(Self.adjoint).\(name)"] = own(name) - product * length
    }
    return next
  }

  package func end(_ trace: EpisodeTrace) -> TrajectoryEnd {
    queryEnd(
      trace,
      metaGradient: Dictionary(
        uniqueKeysWithValues: learned(trace).map { ($0, trace.adjoint["\(Self.adjoint).\($0)"]) }
      )
    )
  }

  // MARK: Probes

  /// A long flow is shown at some of its steps.
  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let steps = adaptationSteps(values)
    let points = Trajectory.points(steps)
    return points.count > steps ? .innerSteps(count: steps) : .time(points.map(Double.init))
  }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    AdaptationProbes.shifts + [
      ProbeDescriptor(
        key: "adjoint_norm_end",
        label: "‖a(T)‖",
        help:
          "norm of the query gradient where the flow ends, and its adjoint begins; mean over tasks"
      ),
      ProbeDescriptor(
        key: "adjoint_norm_start",
        label: "‖a(0)‖",
        help: "norm of the adjoint when it is back at θ",
        healthy: HealthyRange("while it stays; if it grows without end, h is too long")
      ),
      ProbeDescriptor(
        key: "flow_length",
        label: "T",
        help: "time of the flow: steps times their length"
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "adjoint", title: "adjoint", for: model)]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "adjoint",
        title: "the adjoint",
        equation: "da/dt = ∇²L_S(u) a,  a(T) = ∇L_Q(u(T)),  T = {inner-steps} · {inner-lr}",
        words: "From the flow's end the query gradient goes back in time over the states that were "
          + "kept, by Hessian-vector products: from norm {probe:adjoint_norm_end} to "
          + "{probe:adjoint_norm_start}, which is the meta-gradient.",
        place: .insteadOfGradient
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let own = learned(trace).map { trace.adjoint["\(Self.adjoint).\($0)"] }
    let length = trace.setting(StandardHyperparameters.innerLearningRate.id)
    return AdaptationProbes.shiftTensors(trace, adaptation).merging([
      "adjoint_norm_end": trace.adjoint[Self.endNorm],
      "adjoint_norm_start": norm(trace, own),
      "flow_length": length * Double(adaptationSteps(trace.values)),
    ]) { $1 }
  }
}
