import Autodiff
import Events
import Models

/// Continual Trajectory Shifting: tasks train on for thousands of steps, and whenever the
/// initialisation moves, every task's weights move with it (Shin et al., ICML 2021, algorithm 1).
///
/// An outer step is one inner step of every task; then φ ← φ + β · mean(θ_i − φ), and every θ_i
/// moves by the same. After `horizon` steps the tasks begin again at φ.
package struct ContinualTrajectoryShifting: TrajectoryMethod {
  package enum Optimizer: String, CaseIterable { case sgd, adam }

  package static let horizon = HyperparameterDescriptor(
    id: "horizon",
    symbol: "K",
    kind: .integer(1...10_000),
    defaultValue: 100,
    help: "inner steps of a task before it begins again at φ; 1,000 in the paper",
    isStructural: true
  )

  package static let period = HyperparameterDescriptor(
    id: "shift-period",
    symbol: "k",
    kind: .integer(1...10_000),
    defaultValue: 1,
    help: "inner steps between two updates of φ; the horizon makes it Reptile"
  )

  package static let shifted = HyperparameterDescriptor(
    id: "shift",
    symbol: "Δ",
    kind: .choice(["all", "body"]),
    defaultValue: 0,
    help:
      "what φ is: all weights, or the body while every task keeps a head of its own (published)",
    isStructural: true,
    isFixed: true
  )

  package static let momentum = HyperparameterDescriptor(
    id: "momentum",
    symbol: "μ",
    kind: .linear(0...0.99, step: 0.1),
    defaultValue: 0.9,
    help: "momentum of the inner SGD; it goes on when a task begins again"
  )

  package static let weightDecay = HyperparameterDescriptor(
    id: "weight-decay",
    symbol: "λ",
    kind: .logarithmic(0...1),
    defaultValue: 5e-4,
    help: "L2 penalty in the inner SGD's gradient"
  )

  package static let nesterov = HyperparameterDescriptor(
    id: "nesterov",
    symbol: "N",
    kind: .flag,
    defaultValue: 0,
    help: "Nesterov's momentum in the inner SGD",
    isStructural: true
  )

  package static let optimizer = HyperparameterDescriptor(
    id: "inner-optimizer",
    symbol: "∇",
    kind: .choice(Optimizer.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "sgd, or adam that begins anew with every cycle (the published toy)",
    isStructural: true,
    isFixed: true
  )

  private static let cycleEnd = "cycle-end"
  private static let cycleStep = "cycle-step"
  private static let first = "first."
  private static let second = "second."
  private static let count = "inner_steps"

  package let descriptor = MethodDescriptor(
    id: "cts",
    name: "CTS",
    citation: "Shin, Lee, Gong, Hwang: Large-Scale Meta-Learning with Continual Trajectory "
      + "Shifting, ICML 2021",
    order: .first,
    summary:
      "Tasks train on for a long time; whenever the initialisation moves, every task's weights "
      + "move with it. Its tasks are drawn once a run, so its episodes are not the others'.",
    equation:
      "θᵢ ← θᵢ − α mᵢ;  D = mean of (θᵢ − φ)\nφ ← φ + β D  and  θᵢ ← θᵢ + β D;  every K steps θᵢ ← φ"
  )

  package init() {}

  // MARK: What can be set

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    return [
      HyperparameterDescriptor(
        id: standard.innerLearningRate.id,
        symbol: standard.innerLearningRate.symbol,
        kind: standard.innerLearningRate.kind,
        defaultValue: family == .convolutional ? 0.01 : 0.001,
        help: "inner learning rate; 0.01 in the published code on images, too much for sinusoids",
        role: .innerRate
      ),
      HyperparameterDescriptor(
        id: standard.outerLearningRate.id,
        symbol: standard.outerLearningRate.symbol,
        kind: standard.outerLearningRate.kind,
        defaultValue: 0.01,
        help: "share of the mean distance to the tasks that φ moves by; 0.01 in the published code",
        role: .outerRate
      ),
      standard.outerSchedule,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [
      Self.horizon, Self.period, Self.shifted, Self.optimizer, Self.momentum, Self.weightDecay,
      Self.nesterov,
    ]
  }

  package func derivedSettings(_ values: HyperparameterValues) -> [String] {
    [Self.cycleEnd, Self.cycleStep]
  }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? {
    let place = step % values.integer(Self.horizon.id) + 1
    switch id {
    case Self.cycleEnd: return place == values.integer(Self.horizon.id) ? 1 : 0
    case Self.cycleStep: return Double(place)
    default: return nil
    }
  }

  private func isAdam(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.optimizer.id) == Optimizer.adam.rawValue
  }

  /// Whether φ has the parameter; else it is each task's own.
  private func isShifted(_ name: String, _ values: HyperparameterValues) -> Bool {
    values.choice(Self.shifted.id) == "all" || !name.hasPrefix("head.")
  }

  // MARK: The outer loop

  package var keepsTasks: Bool { true }
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }
  package func curvatureProducts(_ values: HyperparameterValues) -> Int { 0 }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule { isShifted(group + ".", values) ? .interpolate : .frozen }

  /// 0 where no shift is due.
  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double {
    (step + 1) % values.integer(Self.period.id) == 0
      ? values.outerLearningRate(step: step, totalSteps: totalSteps) : 0
  }

  // MARK: The tasks' trajectories

  package func adaptationSteps(_ values: HyperparameterValues) -> Int { 1 }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    max(values.integer(Self.horizon.id), wanted)
  }

  package func trajectory(for model: any Model, _ values: HyperparameterValues) -> Trajectory {
    let groups = isAdam(values) ? ["fast", "first", "second"] : ["fast", "first"]
    let names = model.parameters.filter { isAdapted($0.name, values) }
    var state = groups.flatMap { group in names.map { $0.companion(group, .zeros) } }
    if isAdam(values) { state.append(ParameterSpecification(Self.count, [1], .zeros)) }
    return Trajectory(
      state: state,
      lasting: .task,
      kept: Set(state.map(\.name)),
      steps: 1,
      evaluationSteps: values.integer(Self.horizon.id),
      cycle: values.integer(Self.horizon.id)
    )
  }

  package func start(_ trace: EpisodeTrace) -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for (name, tensor) in zip(trace.state.names, trace.state.values) {
      state[name] = trace.graph.constant(0, tensor.shape)
    }
    for name in trace.fastNames { state[Trajectory.fast(name)] = trace.metaParameters[name] }
    return state
  }

  /// A task goes on where it stood.
  package func begin(_ trace: EpisodeTrace) -> [String: Tensor] { [:] }

  package func step(_ trace: EpisodeTrace) -> [String: Tensor] {
    let names = trace.fastNames
    let fast = names.map { trace.state[Trajectory.fast($0)] }
    let loss = innerLoss(trace, trace.fastParameters, step: 0)
    let gradients = trace.graph.gradient(of: loss, withRespectTo: fast)
    return isAdam(trace.values)
      ? adam(trace, names, fast, gradients) : descent(trace, names, fast, gradients)
  }

  private func descent(
    _ trace: EpisodeTrace,
    _ names: [String],
    _ fast: [Tensor],
    _ gradients: [Tensor]
  ) -> [String: Tensor] {
    let rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
    let momentum = trace.setting(Self.momentum.id)
    let decay = trace.setting(Self.weightDecay.id)
    var next: [String: Tensor] = [:]
    for (index, name) in names.enumerated() {
      let slope = gradients[index] + fast[index] * decay
      let buffer = trace.state[Self.first + name] * momentum + slope
      let step = trace.values.isOn(Self.nesterov.id) ? slope + buffer * momentum : buffer
      next[Self.first + name] = buffer
      next[Trajectory.fast(name)] = fast[index] - step * rate
    }
    return next
  }

  /// β₁ 0.9, β₂ 0.999, ε 1e-8.
  private func adam(
    _ trace: EpisodeTrace,
    _ names: [String],
    _ fast: [Tensor],
    _ gradients: [Tensor]
  ) -> [String: Tensor] {
    let rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
    let count = trace.state[Self.count].reshaped(to: .scalar) + 1
    func correction(_ logarithm: Double) -> Tensor { 1 - (count * logarithm).exp() }
    // The logarithms of 0.9 and 0.999.
    let (one, two) = (correction(-0.105360515657826301), correction(-0.00100050033358353350))
    var next: [String: Tensor] = [Self.count: count.reshaped(to: [1])]
    for (index, name) in names.enumerated() {
      let slope = gradients[index]
      let first = trace.state[Self.first + name] * 0.9 + slope * (1 - 0.9)
      let second = trace.state[Self.second + name] * 0.999 + slope * slope * (1 - 0.999)
      next[Self.first + name] = first
      next[Self.second + name] = second
      let step = (first / one) / ((second / two).squareRoot() + 1e-8)
      next[Trajectory.fast(name)] = fast[index] - step * rate
    }
    return next
  }

  package func end(_ trace: EpisodeTrace) -> TrajectoryEnd {
    var difference: [String: Tensor] = [:]
    for name in trace.fastNames where isShifted(name, trace.values) {
      difference[name] = trace.metaParameters[name] - trace.state[Trajectory.fast(name)]
    }
    return queryEnd(trace, metaGradient: difference)
  }

  /// θ_i moves as φ did; at a cycle's end it is φ, and inner Adam begins anew.
  package func follow(_ trace: EpisodeTrace) -> [String: Tensor] {
    let isEnd = trace.setting(Self.cycleEnd) - 0.5
    let goesOn = 0.5 - trace.setting(Self.cycleEnd)
    var next: [String: Tensor] = [:]
    let previous = trace.previous
    for name in trace.fastNames where isShifted(name, trace.values) {
      let phi = trace.metaParameters[name]
      let shifted = trace.state[Trajectory.fast(name)] + (phi - previous[name])
      next[Trajectory.fast(name)] = phi.gated(by: isEnd) + shifted.gated(by: goesOn)
    }
    guard isAdam(trace.values) else { return next }
    for name in trace.state.names where !name.hasPrefix("fast.") {
      next[name] = trace.state[name].gated(by: goesOn)
    }
    return next
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "shift_norm",
        label: "‖Δφ‖",
        help: "how far φ and every task moved together in this step"
      ),
      ProbeDescriptor(
        key: "trajectory_distance",
        label: "‖θᵢ − φ‖",
        help: "mean distance of the tasks from φ; a saw-tooth over the cycle"
      ),
      ProbeDescriptor(
        key: "cycle_step",
        label: "k",
        help: "inner steps the tasks have made since they began at φ"
      ),
    ]
  }

  package func advice(_ measured: [String: Float], _ values: HyperparameterValues) -> String? {
    let (period, horizon) = (values.integer(Self.period.id), values.integer(Self.horizon.id))
    guard period > horizon else { return nil }
    return
      "shift-period: \(period) is longer than the horizon, \(horizon), so most of the tasks' way "
      + "is forgotten before φ moves; use --set shift-period=\(horizon) or fewer"
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "trajectories", title: "trajectories", for: model)]
  }

  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let steps = values.integer(Self.horizon.id)
    return .time(Trajectory.points(steps).map(Double.init))
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let squares = trace.fastNames.filter { isShifted($0, trace.values) }.map { name in
      let way = trace.state[Trajectory.fast(name)] - trace.metaParameters[name]
      return (way * way).sum()
    }
    let distance = squares.reduce(trace.graph.constant(0), +).squareRoot()
    return ["trajectory_distance": distance]
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let square = measured.gradientNorms.reduce(0.0) { sum, group in
      let rate = measured.rates[group.key] ?? 0
      return ["body", "head"].contains(group.key)
        ? sum + (rate * group.value) * (rate * group.value) : sum
    }
    return [
      "shift_norm": Float(square.squareRoot()),
      "cycle_step": Float(measured.settings[Self.cycleStep] ?? 0),
    ]
  }
}
