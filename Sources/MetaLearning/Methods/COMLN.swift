import Autodiff
import Events
import Glibc
import Models

/// COMLN: the head adapts by gradient flow for a time T, and T is learned (Deleu et al., ICLR 2022,
/// equations 3 and 4).
///
/// dW/dt = −∇_W L_S(W), W(0) = `head.weight`, from 0 to T = exp(`flow.log_time`). The head is
/// W(t) = W(0) − FᵀS(t) with F the support features, so what is integrated is S, a number for each
/// example and output: by Runge-Kutta steps for classes, in closed form for squared error.
package struct COMLN: Method {
  package static let time = HyperparameterDescriptor(
    id: "initial-time",
    symbol: "T₀",
    kind: .logarithmic(0.01...100),
    defaultValue: 1,
    help: "time of the flow that training begins with; 1 in the paper",
    isFixed: true
  )

  package static let steps = HyperparameterDescriptor(
    id: "flow-steps",
    symbol: "n",
    kind: .integer(1...200),
    defaultValue: 20,
    help: "Runge-Kutta steps of the flow, with classes; the solver's accuracy, not the time",
    isStructural: true
  )

  package static let doublings = HyperparameterDescriptor(
    id: "doublings",
    symbol: "D",
    kind: .integer(4...KernelFlow.mostDoublings),
    defaultValue: 16,
    help:
      "doublings of the flow's time, with squared error; T times the largest curvature may be 2^D",
    isStructural: true
  )

  package enum Optimizer: String, CaseIterable { case adam, nesterov }

  package static let optimizer = HyperparameterDescriptor(
    id: "outer-optimizer",
    symbol: "∂",
    kind: .choice(Optimizer.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "adam, or nesterov with momentum 0.9 and decay 0.0005 (published, at outer rate 0.1)",
    isStructural: true,
    isFixed: true
  )

  private static let group = "flow"
  private static let logTime = "flow.log_time"
  private static let needed = "doublings_needed"
  /// Of the support set's curvature, by which the doublings are judged.
  private static let curvature = "curvature"

  package let descriptor = MethodDescriptor(
    id: "comln",
    name: "COMLN",
    citation: "Deleu et al.: Continuous-Time Meta-Learning with Forward Mode Differentiation, "
      + "ICLR 2022",
    summary: "The head adapts by gradient flow for a time T, and T is learned like a weight.",
    equation: "dW/dt = −∇_W L_S(W),  W(0) = W,  up to T\n"
      + "(body, W, log T) ← Adam(mean of ∇ L_Q(W(T))),  rate β"
  )

  package init() {}

  /// It has an inner loop of its own.
  package var seams: Set<MethodSeam> { [.queryLosses] }

  // MARK: What can be set

  package var modelDefaults: ModelStyle { ModelStyle(hasHeadBias: false) }
  package var tasks: Set<TaskAbility> { [.regression, .classification, .nodes] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [StandardHyperparameters.outerLearningRate, StandardHyperparameters.outerSchedule]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.time, Self.steps, Self.doublings, Self.optimizer]
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let start = Float(Glibc.log(values.number(Self.time.id)))
    return [ParameterSpecification(Self.logTime, [1], .constant(start))]
  }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule {
    guard values.choice(Self.optimizer.id) == Optimizer.nesterov.rawValue else { return .adam() }
    return .sgd(momentum: 0.9, nesterov: true, decay: group == Self.group ? 0 : 5e-4)
  }

  // MARK: The flow

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    name == "head.weight"
  }

  /// Points of the flow that are shown, in equal parts of T.
  package func adaptationSteps(_ values: HyperparameterValues) -> Int {
    min(values.integer(Self.steps.id), 10)
  }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    adaptationSteps(values)
  }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let count = adaptationSteps(values)
    return .time((0...count).map { Double($0) / Double(count) })
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let parameters = trace.metaParameters
    let statistics = statistics(trace, parameters, pass: .support(step: 0))
    let features = trace.features(
      of: trace.supportInputs,
      parameters,
      statistics,
      pass: .support(step: 0)
    )
    let heads =
      trace.isClassification
      ? integrated(trace, features, points: steps) : closed(trace, features, points: steps)
    let points = [parameters] + heads.map { parameters.replacing(["head.weight": $0]) }
    let losses = points.map { trace.loss(trace.model.head(features, $0), trace.supportTargets) }
    return Adaptation(parameters: points, innerLosses: Array(losses.dropLast()))
  }

  private func time(_ trace: EpisodeTrace) -> Tensor {
    trace.metaParameters[Self.logTime].reshaped(to: .scalar).exp()
  }

  /// dS/dt = (softmax(L − G S) − Y) / M with L the logits of W(0) and G = F Fᵀ.
  private func integrated(_ trace: EpisodeTrace, _ features: Tensor, points: Int) -> [Tensor] {
    let count = trace.values.integer(Self.steps.id)
    let step = time(trace) * (1 / Double(count))
    let weight = trace.metaParameters["head.weight"]
    let logits = trace.model.head(features, trace.metaParameters)
    let rows = trace.model.headInputs(features)
    let gram = rows.matmul(rows.transposed())
    func slope(_ state: Tensor) -> Tensor {
      let residual = (logits - gram.matmul(state)).logSoftmax().exp() - trace.supportTargets
      return residual * (1 / Double(trace.supportTargets.shape.rows))
    }
    var state = trace.graph.constant(0, trace.supportTargets.shape)
    var heads: [Tensor] = []
    for index in 1...count {
      let first = slope(state)
      let second = slope(state + first * (step * 0.5))
      let third = slope(state + second * (step * 0.5))
      let fourth = slope(state + third * step)
      state = state + (first + (second + third) * 2 + fourth) * (step * (1 / 6.0))
      let isShown = (1...points).contains { $0 * count / points == index }
      if isShown { heads.append(weight - rows.transposedMatmul(state)) }
    }
    return heads
  }

  /// W(t) = W(0) + (2/M) Fᵀ H⁻¹ (I − exp(−tH)) (Y − F W(0)) with H = 2 F Fᵀ / M, by doubling the time.
  private func closed(_ trace: EpisodeTrace, _ features: Tensor, points: Int) -> [Tensor] {
    let weight = trace.metaParameters["head.weight"]
    let rows = trace.model.headInputs(features)
    let scale = 2 / Double(rows.shape.rows)
    let curvature = Self.curvature(rows)
    let residual = trace.supportTargets - trace.model.head(features, trace.metaParameters)
    return (1...points).map { point in
      let change = KernelFlow.flowed(
        rows.transposed(),
        curvature,
        residual,
        time: time(trace) * (Double(point) / Double(points)),
        doublings: trace.values.integer(Self.doublings.id)
      )
      return weight + change * scale
    }
  }

  /// H = 2 F Fᵀ / M of a squared error's mean.
  private static func curvature(_ rows: Tensor) -> Tensor {
    rows.matmul(rows.transposed()) * (2 / Double(rows.shape.rows))
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(key: "flow_time", label: "T", help: "learned time of the flow"),
      ProbeDescriptor(
        key: "flow_log_time_gradient",
        label: "∂ log T",
        help: "its meta-gradient: negative where a longer flow would help",
        style: .signed
      ),
      ProbeDescriptor(
        key: "flow_alignment",
        label: "⟨∇_S, ∇_Q⟩",
        help: "support and query gradient of the head at T; its sign moves T",
        style: .signed
      ),
      ProbeDescriptor(
        key: "flow_stiffness",
        label: "T f̄²/2n",
        help: "stiffness of the flow's equation",
        healthy: HealthyRange(to: 2.8, "beyond it the solver needs more steps")
      ),
      ProbeDescriptor(
        key: Self.needed,
        label: "D ≥",
        asciiLabel: "D >=",
        help: "doublings that the flow's time T needs with squared error; 0 with classes",
        healthy: HealthyRange("up to as many as are set; with fewer the result is wrong")
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "flow", title: "gradient flow", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let parameters = trace.metaParameters
    let support = trace.features(
      of: trace.supportInputs,
      parameters,
      statistics(trace, parameters, pass: .support(step: 0)),
      pass: .support(step: 0)
    )
    let query = trace.features(
      of: trace.queryInputs,
      parameters,
      statistics(trace, parameters, pass: .query),
      pass: .query
    )
    let head = adaptation.adapted["head.weight"].stoppingGradient()
    let adapted = parameters.replacing(["head.weight": head])
    let slopes = [(support, trace.supportTargets), (query, trace.queryTargets)].map {
      features,
      targets in
      trace.graph.gradient(
        of: trace.loss(trace.model.head(features, adapted), targets),
        withRespectTo: [head]
      )[0]
    }
    let gradient = trace.graph.gradient(
      of: trace.queryLoss(self, adaptation.adapted),
      withRespectTo: [parameters[Self.logTime]]
    )[0]
    let rows = trace.model.headInputs(support)
    let size = (rows * rows).sum() * (1 / Double(rows.shape.rows))
    let steps = 2 * Double(trace.values.integer(Self.steps.id))
    var tensors = [
      "flow_time": time(trace),
      "flow_log_time_gradient": gradient,
      "flow_alignment": (slopes[0] * slopes[1]).sum(),
      "flow_stiffness": time(trace) * size * (1 / steps),
    ]
    if !trace.isClassification { tensors[Self.curvature] = Self.curvature(rows) }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let episodes = measured.episodes(Self.curvature)
    let largest = (episodes.isEmpty ? [measured[Self.curvature]] : episodes)
      .compactMap { KernelFlow.largestEigenvalues($0, count: 1).first }.max()
    let time = Double(measured.number("flow_time") ?? 0)
    return [Self.needed: Float(KernelFlow.doublings(time: time, largest: largest ?? 0))]
  }

  package func advice(_ measured: [String: Float], _ values: HyperparameterValues) -> String? {
    let time = Double((measured["flow_time"] ?? 0) * 100).rounded() / 100
    return KernelFlow.advice(
      needed: measured[Self.needed],
      set: values.integer(Self.doublings.id),
      "the features' curvature at the learned time T = \(HyperparameterDescriptor.plain(time))",
      remedy: { _ in "a smaller initial-time or outer-lr, so that T stays shorter" }
    )
  }
}
