import Autodiff
import Events
import Models

/// iMAML: the meta-gradient of a regularised inner optimum, which the optimum alone decides
/// (Rajeswaran et al., NeurIPS 2019, equations 3 and 6).
///
/// φ* minimises L_S(φ) + λ/2 ‖φ − θ‖², approximately; g = (I + H/λ)⁻¹ ∇L_Q(φ*) with the Hessian H
/// of
/// L_S at φ*, by conjugate gradients of Hessian-vector products. Nothing flows back through the
/// steps,
/// so they are replayed, and memory does not depend on their number.
package struct IMAML: TrajectoryMethod {
  package enum Pull: String, CaseIterable { case every, last }

  package static let strength = HyperparameterDescriptor(
    id: "proximal-strength",
    symbol: "λ",
    kind: .logarithmic(0.001...1000),
    defaultValue: 10,
    help: "weight of ½‖φ − θ‖²; 2 on Omniglot (Rajeswaran et al.), 10 on sinusoids, where 2 is too "
      + "little for the Hessians"
  )

  package static let pull = HyperparameterDescriptor(
    id: "proximal",
    symbol: "φ−θ",
    kind: .choice(Pull.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "the pull towards θ acts in every inner step (paper), or in one more at the end (its "
      + "code)",
    isStructural: true
  )

  package static let steps = HyperparameterDescriptor(
    id: "cg-steps",
    symbol: "c",
    kind: .integer(0...100),
    defaultValue: 5,
    help: "conjugate-gradient steps of the meta-gradient; 0 or 1: none, the query gradient as it "
      + "is",
    isStructural: true
  )

  package static let damping = HyperparameterDescriptor(
    id: "cg-damping",
    symbol: "d",
    kind: .logarithmic(0...100),
    defaultValue: 0,
    help: "added to the identity in the system that is solved; 1 in the published code"
  )

  package static let strengthDamping = HyperparameterDescriptor(
    id: "strength-damping",
    symbol: "D",
    kind: .logarithmic(0...100),
    defaultValue: 0,
    help: "added to λ in the system that is solved; 10 in the published code"
  )

  /// Steps made so far, where the last one is another.
  private static let count = "steps"
  /// Squared residual below which the published code stops.
  private static let tolerance = 1e-10

  package let descriptor = MethodDescriptor(
    id: "imaml",
    name: "iMAML",
    citation: "Rajeswaran, Finn, Kakade, Levine: Meta-Learning with Implicit Gradients, NeurIPS "
      + "2019",
    order: .second,
    summary: "The inner loop stays near the initialisation, and the meta-gradient follows from "
      + "where "
      + "it ends, by conjugate gradients, not from the way there.",
    equation: "φ* = argmin L_S(φ) + λ/2 ‖φ − θ‖²,  by M steps of rate α\n"
      + "θ ← Adam(mean of (I + H/λ)⁻¹ ∇L_Q(φ*)),  H = ∇²L_S(φ*),  rate β"
  )

  package init() {}

  // MARK: What can be set

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    let steps = HyperparameterDescriptor(
      id: standard.innerSteps.id,
      symbol: standard.innerSteps.symbol,
      kind: .integer(1...100),
      defaultValue: 16,
      help: "gradient steps towards the regularised optimum; published 16 (5-way), 25 (20-way)",
      isStructural: true,
      role: .innerSteps
    )
    // The published script's on pictures.
    let rate = standard.innerLearningRate.with(defaultValue: 0.01)
    return [rate, steps, standard.outerLearningRate, standard.outerSchedule]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [
      Self.strength.with(defaultValue: family == .convolutional ? 2 : 10), Self.pull, Self.steps,
      Self.damping, Self.strengthDamping,
    ]
  }

  private func pullsLast(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.pull.id) == Pull.last.rawValue
  }

  private func solves(_ values: HyperparameterValues) -> Bool { values.integer(Self.steps.id) > 1 }

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }

  package func curvatureProducts(_ values: HyperparameterValues) -> Int {
    solves(values) ? values.integer(Self.steps.id) : 0
  }

  // MARK: The inner loop

  /// The step towards θ alone is one more.
  package func adaptationSteps(_ values: HyperparameterValues) -> Int {
    values.integer(StandardHyperparameters.innerSteps.id) + (pullsLast(values) ? 1 : 0)
  }

  /// Behind a last step that is another there is none.
  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    pullsLast(values) ? adaptationSteps(values) : max(adaptationSteps(values), wanted)
  }

  package func trajectory(for model: any Model, _ values: HyperparameterValues) -> Trajectory {
    let fast = model.parameters.filter { isAdapted($0.name, values) }
      .map { $0.companion("fast", .zeros) }
    let count = ParameterSpecification(Self.count, [1], .zeros)
    return Trajectory(
      state: fast + (pullsLast(values) ? [count] : []),
      steps: adaptationSteps(values)
    )
  }

  package func start(_ trace: EpisodeTrace) -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for name in trace.fastNames { state[Trajectory.fast(name)] = trace.metaParameters[name] }
    if pullsLast(trace.values) { state[Self.count] = trace.graph.constant(0, [1]) }
    return state
  }

  /// φ ← φ − α (∇L_S(φ) + λ (φ − θ)), or its first part M times and then the second once.
  package func step(_ trace: EpisodeTrace) -> [String: Tensor] {
    let names = trace.fastNames
    let fast = names.map { trace.state[Trajectory.fast($0)] }
    let loss = innerLoss(trace, trace.fastParameters, step: 0)
    let gradients = trace.graph.gradient(of: loss, withRespectTo: fast)
    let rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
    let strength = trace.setting(Self.strength.id)
    var next: [String: Tensor] = [:]
    let made = pullsLast(trace.values) ? trace.state[Self.count].reshaped(to: .scalar) : nil
    // 1 when all steps but the last are made.
    let isLast = made.map { made in
      let place = made - (Double(trace.values.integer(StandardHyperparameters.innerSteps.id)) - 0.5)
      return trace.graph.constant(1).gated(by: place)
    }
    for (index, name) in names.enumerated() {
      let pull = (fast[index] - trace.metaParameters[name]) * strength
      let step =
        isLast.map { gradients[index] * (1 - $0) + pull * $0 } ?? (gradients[index] + pull)
      next[Trajectory.fast(name)] = fast[index] - step * rate
    }
    if let made { next[Self.count] = (made + 1).reshaped(to: [1]) }
    return next
  }

  // MARK: The meta-gradient

  /// What follows from an optimum, by the names of what the inner loop moves.
  private struct Implicit {
    let names: [String]
    /// ∇L_S(φ*) and φ* − θ.
    let support: [Tensor]
    let distance: [Tensor]
    /// b = ∇L_Q(φ*), and of the parameters that stay.
    let direct: [Tensor]
    let rest: [String: Tensor]
    /// (I + H/λ)⁻¹ b, approximately.
    let solution: [Tensor]
    /// b − A x.
    let residual: [Tensor]
    let queryLoss: Tensor
    let queryOutput: Tensor
    let statistics: BatchStatistics
  }

  private func implicit(_ trace: EpisodeTrace) -> Implicit {
    let fast = trace.fastParameters
    let names = trace.fastNames
    let leaves = names.map { fast[$0] }
    let support = trace.graph.gradient(
      of: innerLoss(trace, fast, step: 0),
      withRespectTo: leaves
    )
    let query = queryEnd(trace, metaGradient: [:])
    let kept = trace.metaParameters.names.filter {
      AdaptationProbes.isBodyOrHead($0) && !names.contains($0)
    }
    let slopes = trace.graph.gradient(
      of: query.queryLoss,
      withRespectTo: leaves + kept.map { fast[$0] }
    )
    let direct = Array(slopes.prefix(names.count))
    var rest = Dictionary(uniqueKeysWithValues: zip(kept, slopes.dropFirst(names.count)))
    let scale = trace.setting(Self.strength.id) + trace.setting(Self.strengthDamping.id)
    let identity = trace.setting(Self.damping.id) + 1
    /// ∂⟨∇L_S, v⟩ with respect to some parameters: for the leaves Hv.
    func curved(_ vector: [Tensor], _ sources: [Tensor]) -> [Tensor] {
      let held = vector.map { $0.stoppingGradient() }
      return trace.graph.gradient(
        of: ConjugateGradients.product(support, held),
        withRespectTo: sources
      )
    }
    func system(_ vector: [Tensor]) -> [Tensor] {
      zip(vector, curved(vector, leaves)).map { $0 * identity + $1 / scale }
    }
    let solution =
      solves(trace.values)
      ? ConjugateGradients.solution(
        of: system,
        direct,
        steps: trace.values.integer(Self.steps.id),
        tolerance: Self.tolerance
      ) : direct
    if solves(trace.values), !kept.isEmpty {
      // What stays in the inner loop moves its optimum, too: −∂⟨∇L_S, x⟩/λ.
      let through = curved(solution, kept.map { fast[$0] })
      for (name, slope) in zip(kept, through) { rest[name] = rest[name].map { $0 - slope / scale } }
    }
    return Implicit(
      names: names,
      support: support,
      distance: names.map { fast[$0] - trace.metaParameters[$0] },
      direct: direct,
      rest: rest,
      solution: solution,
      residual: zip(direct, system(solution)).map { $0 - $1 },
      queryLoss: query.queryLoss,
      queryOutput: query.queryOutput,
      statistics: query.statistics
    )
  }

  package func end(_ trace: EpisodeTrace) -> TrajectoryEnd {
    let implicit = implicit(trace)
    let own = Dictionary(uniqueKeysWithValues: zip(implicit.names, implicit.solution))
    return TrajectoryEnd(
      metaGradient: own.merging(implicit.rest) { $1 },
      queryLoss: implicit.queryLoss,
      queryOutput: implicit.queryOutput,
      statistics: implicit.statistics
    )
  }

  // MARK: Probes

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let steps = adaptationSteps(values)
    let points = Trajectory.points(steps)
    return points.count > steps ? .innerSteps(count: steps) : .time(points.map(Double.init))
  }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    AdaptationProbes.shifts + [
      ProbeDescriptor(
        key: "cg_residual",
        label: "‖b−Ax‖/‖b‖",
        asciiLabel: "residual",
        help: "what conjugate gradients leave of the system",
        healthy: HealthyRange(to: 0.3, "beyond it the gradient is of little use: more cg-steps")
      ),
      ProbeDescriptor(
        key: "stationarity",
        label: "‖∇L+λδ‖",
        asciiLabel: "stationarity",
        help:
          "gradient of the regularised support loss where the inner loop ends; 0 at its optimum",
        healthy: HealthyRange("near 0: the implicit gradient is that of an optimum")
      ),
      ProbeDescriptor(
        key: "direct_cosine",
        label: "cos(g, b)",
        help: "agreement of the meta-gradient with the query gradient that no system was solved "
          + "for",
        style: .signedBar
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "implicit", title: "implicit gradient", for: model)]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "implicit",
        title: "the implicit gradient",
        equation: "(I + H/λ) g = ∇L_Q(φ*),  λ = {proximal-strength}",
        words: "Where the inner loop ends decides the meta-gradient, not the way there. "
          + "{cg-steps} steps "
          + "of conjugate gradients leave {probe:cg_residual} of the system; the inner problem's "
          + "own "
          + "gradient is still {probe:stationarity}.",
        place: .insteadOfGradient
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let implicit = implicit(trace)
    let strength = trace.setting(Self.strength.id)
    func norm(_ tensors: [Tensor]) -> Tensor {
      ConjugateGradients.product(tensors, tensors).squareRoot()
    }
    let optimum = zip(implicit.support, implicit.distance).map { $0 + $1 * strength }
    var tensors = AdaptationProbes.shiftTensors(trace, adaptation)
    tensors["cg_residual"] = norm(implicit.residual) / (norm(implicit.direct) + 1e-30)
    tensors["stationarity"] = norm(optimum)
    for (index, pair) in zip(implicit.solution, implicit.direct).enumerated() {
      (tensors["solution/\(index)"], tensors["direct/\(index)"]) = pair
    }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let count = measured.keys.count { $0.hasPrefix("solution/") }
    let pair = GradientPair(
      own: (0..<count).flatMap { measured["solution/\($0)"] },
      other: (0..<count).flatMap { measured["direct/\($0)"] }
    )
    return ["direct_cosine": pair.cosine]
  }
}
