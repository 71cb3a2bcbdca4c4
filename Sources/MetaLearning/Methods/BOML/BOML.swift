import Autodiff
import Events
import Models

/// BOML's modules: the body is learned through a head that every task fits from the same start.
///
/// (Liu
/// and Liu: BOML, ACML 2020; Franceschi et al. 2018; Shaban et al. 2019; Pedregosa 2016; Liu et al. 2019;
/// Liu et al. 2020).
///
/// Lower problem f(body, head) = support loss + decay/2 ‖head‖², upper F(body, head) = query loss. One
/// setting says by which steps the lower problem is solved, another how the upper gradient is found.
package struct BOML: Method {
  package enum Lower: String, CaseIterable { case gradient, aggregated }
  package enum Upper: String, CaseIterable { case reverse, truncated, implicit, darts }

  package static let lower = HyperparameterDescriptor(
    id: "lower-module",
    symbol: "↓",
    kind: .choice(Lower.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "lower steps along the support loss (gradient), or with a share of the query loss's "
      + "(aggregated, BDA)",
    isStructural: true
  )

  package static let upper = HyperparameterDescriptor(
    id: "upper-module",
    symbol: "↑",
    kind: .choice(Upper.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "the body's gradient: through all steps, the last few, the optimum's conditions, or one "
      + "step's differences",
    isStructural: true
  )

  package static let truncation = HyperparameterDescriptor(
    id: "truncate-steps",
    symbol: "k",
    kind: .integer(1...20),
    defaultValue: 1,
    help: "lower steps that upper-module truncated goes back through",
    isStructural: true
  )

  package static let steps = HyperparameterDescriptor(
    id: "cg-steps",
    symbol: "c",
    kind: .integer(1...50),
    defaultValue: 5,
    help: "conjugate-gradient steps of upper-module implicit",
    isStructural: true
  )

  package static let decay = HyperparameterDescriptor(
    id: "head-decay",
    symbol: "ρ",
    kind: .logarithmic(0...10),
    defaultValue: 0.1,
    help: "weight of ½‖head‖² in the lower problem; 0 in the library, which its implicit module "
      + "cannot do with"
  )

  package static let aggregation = HyperparameterDescriptor(
    id: "aggregation",
    symbol: "a",
    kind: .linear(0...1, step: 0.1),
    defaultValue: 0.5,
    help: "a to begin with: lower step t takes the share a/t of the query loss's gradient",
    isFixed: true
  )

  private static let share = "aggregation"
  /// Points of a long way that are shown.
  private static let shownPoints = 20
  /// Of conjugate gradients, against the right side's squared size.
  private static let tolerance = 1e-10
  /// How far DARTS's differences go, in the head's units.
  private static let radius = 0.01

  package let descriptor = MethodDescriptor(
    id: "boml",
    name: "BOML",
    citation: "Liu, Liu: BOML: A Modularized Bilevel Optimization Library in Python for Meta "
      + "Learning, 2020",
    adapts: "head, from a fixed start",
    order: .either,
    page: "BOML",
    summary:
      "The body is what a bilevel problem's upper level learns, the head what its lower level "
      + "fits for each task; modules choose the lower steps and how the upper gradient is found.",
    equation: "yₜ = yₜ₋₁ − α ∇ᵧ f(λ, yₜ₋₁),  f = L_S + ρ/2 ‖y‖²,  t = 1 … T\n"
      + "λ ← Adam(mean of dF(λ, y_T(λ))/dλ or an estimate),  F = L_Q,  rate β"
  )

  package init() {}

  /// It has an inner loop and gradients of its own.
  package var seams: Set<MethodSeam> { [] }

  // MARK: What can be set

  package var tasks: Set<TaskAbility> { [.regression, .classification] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    let count = HyperparameterDescriptor(
      id: standard.innerSteps.id,
      symbol: "T",
      kind: .integer(1...1000),
      defaultValue: 5,
      help: "lower steps; 5 in the library's Omniglot runs; upper-module darts makes one",
      isStructural: true,
      role: .innerSteps
    )
    let rate = standard.innerLearningRate.with(defaultValue: 0.1)
    return [rate, count, standard.outerLearningRate, standard.outerSchedule]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [
      Self.lower, Self.upper, Self.truncation, Self.steps, Self.decay, Self.aggregation,
    ]
  }

  private func upper(_ values: HyperparameterValues) -> Upper {
    Upper(rawValue: values.choice(Self.upper.id)) ?? .reverse
  }

  private func isAggregated(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.lower.id) == Lower.aggregated.rawValue
  }

  /// The head's start is no meta-parameter that learns; all other derivatives are reverse's.
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool {
    upper(values) == .reverse
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let start = Float(values.number(Self.aggregation.id))
    return [ParameterSpecification(Self.share, [1], .constant(start))]
  }

  package func rule(for group: String, _ values: HyperparameterValues, stage: Int) -> UpdateRule {
    switch group {
    case "head": .frozen
    case Self.share: isAggregated(values) ? .adam() : .frozen
    default: .adam()
    }
  }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    name.hasPrefix("head.")
  }

  // MARK: The way

  private func lowerSteps(_ values: HyperparameterValues) -> Int {
    upper(values) == .darts ? 1 : values.integer(StandardHyperparameters.innerSteps.id)
  }

  package func adaptationSteps(_ values: HyperparameterValues) -> Int {
    min(lowerSteps(values), Self.shownPoints)
  }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    lowerSteps(values) > Self.shownPoints
      ? Self.shownPoints : max(lowerSteps(values), min(wanted, Self.shownPoints))
  }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let count = lowerSteps(values)
    return count <= Self.shownPoints
      ? .innerSteps(count: count) : .time(Trajectory.points(count).map(Double.init))
  }

  /// A long way is shown at some of its steps, a short one at all.
  package func adapt(_ trace: EpisodeTrace, steps points: Int, isFirstOrder: Bool) -> Adaptation {
    let count = lowerSteps(trace.values)
    let shown = count > Self.shownPoints ? Trajectory.points(count) : Array(0...points)
    let lower = LowerProblem(
      self,
      trace,
      isAggregated: trace.isTraining && isAggregated(trace.values)
    )
    let last = shown[shown.count - 1]
    let kept: Int =
      switch upper(trace.values) {
      case .reverse: last
      case .truncated: min(trace.values.integer(Self.truncation.id), last)
      case .implicit, .darts: 0
      }
    let path = lower.path(steps: last, differentiated: kept)
    let heads = shown.map { path[$0] }
    let trees = heads.enumerated().map { index, head in
      index == 0 ? trace.metaParameters : trace.metaParameters.replacing(lower.named(head))
    }
    return Adaptation(
      parameters: trees,
      innerLosses: heads.dropLast().map(lower.loss),
      firstGradients: ParameterTree(
        zip(lower.names, lower.slope(heads[0])).map { (name: $0, value: $1) }
      )
    )
  }

  package func innerLoss(
    _ trace: EpisodeTrace,
    _ parameters: ParameterTree<Tensor>,
    step: Int
  ) -> Tensor {
    let lower = LowerProblem(self, trace, isAggregated: false)
    return lower.loss(lower.names.map { parameters[$0] })
  }

  // MARK: The upper gradient

  /// What the upper level learns.
  private func learned(_ trace: EpisodeTrace) -> [String] {
    trace.metaParameters.names.filter { $0.hasPrefix("body.") || $0 == Self.share }
  }

  package func metaGradient(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    _ objective: OuterObjective
  ) -> [String: Tensor] {
    var own: [String: Tensor] = [:]
    for name in trace.metaParameters.names where name.hasPrefix("head.") {
      own[name] = trace.graph.constant(0, trace.metaParameters[name].shape)
    }
    guard [.implicit, .darts].contains(upper(trace.values)) else { return own }
    let estimate = estimate(trace, adaptation, objective.total)
    return own.merging(zip(learned(trace), estimate.gradients)) { $1 }
  }

  /// The gradients of what is learned, and ‖q‖ of the implicit system.
  private func estimate(
    _ trace: EpisodeTrace,
    _ adaptation: Adaptation,
    _ total: Tensor
  ) -> (gradients: [Tensor], vectorNorm: Tensor) {
    let sources = learned(trace).map { trace.metaParameters[$0] }
    let direct = trace.graph.gradient(of: total, withRespectTo: sources)
    let lower = LowerProblem(self, trace, isAggregated: isAggregated(trace.values))
    let head = lower.names.map { adaptation.adapted[$0] }
    let none = trace.graph.constant(0)
    switch upper(trace.values) {
    case .reverse, .truncated: return (direct, none)
    case .implicit:
      let target = trace.graph.gradient(of: total, withRespectTo: head)
      let slope = lower.slope(head)
      func along(_ vector: [Tensor], _ sources: [Tensor]) -> [Tensor] {
        let held = vector.map { $0.stoppingGradient() }
        let product = ConjugateGradients.product(slope, held)
        return trace.graph.gradient(of: product, withRespectTo: sources)
      }
      let solution = ConjugateGradients.solution(
        of: { along($0, head) },
        target,
        steps: trace.values.integer(Self.steps.id),
        relativeTolerance: Self.tolerance
      )
      let cross = along(solution, sources)
      let norm = ConjugateGradients.product(solution, solution).squareRoot()
      return (zip(direct, cross).map { $0 - $1 }, norm)
    case .darts:
      let vector = trace.graph.gradient(of: total, withRespectTo: head)
        .map { $0.stoppingGradient() }
      let norm = ConjugateGradients.product(vector, vector).squareRoot()
      let radius = trace.graph.constant(Self.radius) / (norm + 1e-30)
      let sides = [1.0, -1].map { side in
        let head = zip(lower.start, vector).map { $0 + $1 * (radius * side) }
        return trace.graph.gradient(of: lower.firstLoss(head), withRespectTo: sources)
      }
      let scale = lower.rate / (radius * 2)
      let differences = zip(sides[0], sides[1]).map { ($0 - $1) * scale }
      return (zip(direct, differences).map { $0 - $1 }, none)
    }
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "hypergradient_cosine",
        label: "cos(g, g_T)",
        help: "agreement of the upper gradient with the exact one, through all T lower steps",
        style: .signedBar,
        healthy: HealthyRange(from: 0, "near 1; below 0 it leads away")
      ),
      ProbeDescriptor(
        key: "hypergradient_error",
        label: "‖g−g_T‖/‖g_T‖",
        asciiLabel: "rel. error",
        help: "its distance from the exact one, against that one's size; 0: exact",
        healthy: HealthyRange(to: 1, "beyond it no gradient at all would be nearer")
      ),
      ProbeDescriptor(
        key: "implicit_vector_norm",
        label: "‖q‖",
        help: "size of what conjugate gradients found, H q = ∇F; 0 where nothing is solved"
      ),
      ProbeDescriptor(
        key: "aggregation_share",
        label: "a",
        help: "share of the query loss in the first lower step of the aggregated module",
        style: .signed
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "bilevel", title: "bilevel", for: model)]
  }

  package func moments(for model: any Model) -> [MomentDescription] {
    [
      MomentDescription(
        id: "upper-gradient",
        title: "the upper gradient",
        equation: "dF(λ, y_T(λ))/dλ  by  {upper-module}",
        words:
          "The head was fitted from the same start in {inner-steps} steps of the {lower-module} "
          + "module. Of the exact gradient through all of them the one that is used has the cosine "
          + "{probe:hypergradient_cosine}, and it is {probe:hypergradient_error} of its size away.",
        place: .insteadOfGradient
      )
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let names = learned(trace)
    let total = queryLoss(trace, adaptation.adapted)
    let own = estimate(trace, adaptation, total)
    let lower = LowerProblem(self, trace, isAggregated: isAggregated(trace.values))
    let count = trace.values.integer(StandardHyperparameters.innerSteps.id)
    let head = lower.path(steps: count, differentiated: count)[count]
    let exact = trace.graph.gradient(
      of: queryLoss(trace, trace.metaParameters.replacing(lower.named(head))),
      withRespectTo: names.map { trace.metaParameters[$0] }
    )
    var tensors = [
      "implicit_vector_norm": own.vectorNorm, "aggregation_share": trace.metaParameters[Self.share],
    ]
    for (index, name) in names.enumerated() {
      (tensors["own " + name], tensors["exact " + name]) = (own.gradients[index], exact[index])
    }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    func all(_ kind: String) -> [Float] {
      measured.keys.filter { $0.hasPrefix(kind + " ") }.flatMap { measured[$0] }
    }
    let (own, exact) = (all("own"), all("exact"))
    let pair = GradientPair(own: own, other: exact)
    let distance = zip(own, exact).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let size = exact.reduce(Float(0)) { $0 + $1 * $1 }
    let error = size > 0 ? (distance / size).squareRoot() : 0
    return ["hypergradient_cosine": pair.cosine, "hypergradient_error": error]
  }
}
