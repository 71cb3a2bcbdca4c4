import Autodiff
import Events
import Glibc
import Models

/// Reptile: the initialisation moves towards the weights that training on a task ends with (Nichol,
/// Achiam and Schulman 2018, algorithm 1); with `last-step` it is first-order MAML's FOML.
///
/// φ_0 = θ, then M steps of SGD or Adam on minibatches; θ ← θ + ε_t · mean(φ_M − θ). No gradient
/// flows through the steps, so they are replayed.
package struct Reptile: TrajectoryMethod {
  package enum Optimizer: String, CaseIterable { case sgd, adam }

  package static let optimizer = HyperparameterDescriptor(
    id: "inner-optimizer",
    symbol: "∇",
    kind: .choice(Optimizer.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "sgd, or adam without first moment (β₁ 0), as in the published code on images",
    isStructural: true,
    isFixed: true
  )

  package static let batch = HyperparameterDescriptor(
    id: "inner-batch",
    symbol: "b",
    kind: .integer(0...100),
    defaultValue: 10,
    help: "examples of an inner step's minibatch; 0: the whole pool",
    isStructural: true
  )

  package static let data = HyperparameterDescriptor(
    id: "inner-data",
    symbol: "D",
    kind: .choice(["support", "all"]),
    defaultValue: 1,
    help: "the pool minibatches come from: support set, or support and query set (published)",
    isStructural: true
  )

  package static let carried = HyperparameterDescriptor(
    id: "inner-adam",
    symbol: "v",
    kind: .choice(["carried", "fresh"]),
    defaultValue: 0,
    help: "Adam's second moment goes on from task to task (published), or begins anew in each",
    isStructural: true,
    isFixed: true
  )

  package static let lastStep = HyperparameterDescriptor(
    id: "last-step",
    symbol: "φ₋",
    kind: .flag,
    defaultValue: 0,
    help: "FOML: move by the last inner step's difference alone; wants a quarter of the outer rate",
    isStructural: true,
    isFixed: true
  )

  package static let replacement = HyperparameterDescriptor(
    id: "replacement",
    symbol: "↺",
    kind: .flag,
    defaultValue: 0,
    help: "every minibatch is drawn from the whole pool, instead of dealt out of a shuffled one",
    isStructural: true
  )

  package static let tail = HyperparameterDescriptor(
    id: "tail",
    symbol: "⊣",
    kind: .flag,
    defaultValue: 0,
    help: "the last minibatch comes from the query set, set apart (FOML's tail), the others from "
      + "the "
      + "support set",
    isStructural: true
  )

  package static let testSteps = HyperparameterDescriptor(
    id: "test-steps",
    symbol: "M′",
    kind: .integer(0...100),
    defaultValue: 0,
    help: "inner steps at meta-validation and meta-test; 0: as in training; published 50 on images",
    isStructural: true
  )

  package static let outerRate = HyperparameterDescriptor(
    id: StandardHyperparameters.outerLearningRate.id,
    symbol: "ε₀",
    kind: .logarithmic(0...2),
    defaultValue: 1,
    help: "share of the way to the tasks' weights in the first outer step",
    role: .outerRate
  )

  package static let finalRate = HyperparameterDescriptor(
    id: "outer-lr-final",
    symbol: "ε₁",
    kind: .logarithmic(0...2),
    defaultValue: 0,
    help: "the same at the end; ε goes from one to the other along a line"
  )

  private static let decay = 0.999
  private static let moment = "optimizer.inner_second_moment."
  private static let count = "optimizer.inner_adam_steps"
  private static let before = "before."

  package let descriptor = MethodDescriptor(
    id: "reptile",
    name: "Reptile",
    citation: "Nichol, Achiam, Schulman: On First-Order Meta-Learning Algorithms, 2018",
    order: .first,
    summary: "Train on a task for some steps, then move the initialisation a share of the way to "
      + "where that ended; no second derivatives.",
    equation: "φₖ₊₁ = step(φₖ, ∇L_batchₖ(φₖ)),  φ₀ = θ,  k = 0 … M−1\n"
      + "θ ← θ + εₜ · mean of (φ_M − θ)"
  )

  package init() {}

  // MARK: What can be set

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let isImages = family == .convolutional
    let standard = StandardHyperparameters.self
    return [
      HyperparameterDescriptor(
        id: standard.innerLearningRate.id,
        symbol: standard.innerLearningRate.symbol,
        kind: standard.innerLearningRate.kind,
        defaultValue: isImages ? 0.001 : 0.02,
        help: "inner learning rate; published: 0.001 for Adam on images, 0.02 for SGD on sinusoids",
        role: .innerRate
      ),
      HyperparameterDescriptor(
        id: standard.innerSteps.id,
        symbol: standard.innerSteps.symbol,
        kind: .integer(1...1_000),
        defaultValue: 5,
        help: "inner steps of an episode",
        isStructural: true,
        role: .innerSteps
      ),
      Self.outerRate, Self.finalRate,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [
      Self.optimizer.with(defaultValue: family == .convolutional ? 1 : 0),
      // A set of nodes is not parted: what they see is the whole set's.
      family == .graph ? Self.batch.with(defaultValue: 0) : Self.batch,
      family == .graph ? Self.data.with(defaultValue: 0) : Self.data,
      Self.carried, Self.lastStep, Self.replacement, Self.tail,
      Self.testSteps.with(defaultValue: family == .convolutional ? 50 : 0),
    ]
  }

  private func testSteps(_ values: HyperparameterValues) -> Int {
    let own = values.integer(Self.testSteps.id)
    return own > 0 ? own : values.integer(StandardHyperparameters.innerSteps.id)
  }

  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int {
    max(testSteps(values), wanted)
  }

  private func isAdam(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.optimizer.id) == Optimizer.adam.rawValue
  }

  private func isCarried(_ values: HyperparameterValues) -> Bool {
    isAdam(values) && values.choice(Self.carried.id) == "carried"
  }

  // MARK: The outer loop

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }
  package func curvatureProducts(_ values: HyperparameterValues) -> Int { 0 }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule { .interpolate }

  /// ε_t = (1 − t/T) ε₀ + (t/T) ε₁.
  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double {
    let share = Double(min(step, totalSteps)) / Double(max(totalSteps, 1))
    return (1 - share) * values.number(Self.outerRate.id)
      + share * values.number(Self.finalRate.id)
  }

  // MARK: The inner loop

  package func trajectory(for model: any Model, _ values: HyperparameterValues) -> Trajectory {
    let adapted = model.parameters.filter { isAdapted($0.name, values) }
    var state = adapted.map { $0.companion("fast", .zeros) }
    var kept: Set<String> = []
    if isAdam(values) {
      let moments = adapted.map { $0.companion("optimizer.inner_second_moment", .zeros) }
      state += moments + [ParameterSpecification(Self.count, [1], .zeros)]
      kept = Set(moments.map(\.name) + [Self.count])
    }
    if values.isOn(Self.lastStep.id) { state += adapted.map { $0.companion("before", .zeros) } }
    return Trajectory(
      state: state,
      lasting: isCarried(values) ? .run : .episode,
      kept: kept,
      steps: values.integer(StandardHyperparameters.innerSteps.id),
      evaluationSteps: testSteps(values),
      minibatches: .init(
        size: values.integer(Self.batch.id),
        usesQuery: values.choice(Self.data.id) == "all",
        isReplaced: values.isOn(Self.replacement.id),
        hasTail: values.isOn(Self.tail.id)
      )
    )
  }

  package func start(_ trace: EpisodeTrace) -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    let isFresh = isAdam(trace.values) && !isCarried(trace.values)
    for name in trace.fastNames {
      let weight = trace.metaParameters[name]
      state[Trajectory.fast(name)] = weight
      if trace.state.names.contains(Self.before + name) { state[Self.before + name] = weight }
      if isFresh { state[Self.moment + name] = trace.graph.constant(0, weight.shape) }
    }
    if isFresh { state[Self.count] = trace.graph.constant(0, [1]) }
    return state
  }

  package func step(_ trace: EpisodeTrace) -> [String: Tensor] {
    let names = trace.fastNames
    let fast = names.map { trace.state[Trajectory.fast($0)] }
    let loss = innerLoss(trace, trace.fastParameters, step: 0)
    let gradients = trace.graph.gradient(of: loss, withRespectTo: fast)
    let rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
    var next: [String: Tensor] = [:]
    let count = isAdam(trace.values) ? trace.state[Self.count].reshaped(to: .scalar) + 1 : nil
    for (index, name) in names.enumerated() {
      var step = gradients[index]
      if let count {
        let square = step * step * (1 - Self.decay)
        let moment = trace.state[Self.moment + name] * Self.decay + square
        next[Self.moment + name] = moment
        let correction = 1 - (count * Glibc.log(Self.decay)).exp()
        step = step / ((moment / correction).squareRoot() + 1e-8)
      }
      next[Trajectory.fast(name)] = fast[index] - step * rate
      if trace.state.names.contains(Self.before + name) { next[Self.before + name] = fast[index] }
    }
    if let count { next[Self.count] = count.reshaped(to: [1]) }
    return next
  }

  package func end(_ trace: EpisodeTrace) -> TrajectoryEnd {
    var difference: [String: Tensor] = [:]
    for name in trace.fastNames {
      let isLast = trace.state.names.contains(Self.before + name)
      let origin = isLast ? trace.state[Self.before + name] : trace.metaParameters[name]
      difference[name] = origin - trace.state[Trajectory.fast(name)]
    }
    return queryEnd(trace, metaGradient: difference)
  }

  // MARK: Probes

  /// A long inner loop is shown at some of its steps.
  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis {
    let steps = adaptationSteps(values)
    let points = Trajectory.points(steps)
    return points.count > steps ? .innerSteps(count: steps) : .time(points.map(Double.init))
  }

  package var measuresProducts: Bool { true }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    AdaptationProbes.shifts + [
      ProbeDescriptor(key: "outer_lr", label: "ε", help: "share of the way taken in this step"),
      ProbeDescriptor(
        key: "task_cosine",
        label: "cos(i, j)",
        help: "mean agreement of two tasks on where to go",
        healthy: HealthyRange(from: 0, "above it; near 0 the tasks share nothing")
      ),
      ProbeDescriptor(
        key: "inner_adam_steps",
        label: "n",
        help: "inner Adam's steps so far, when the meta-batch was done; 0 for SGD"
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "tasks", title: "way to the tasks", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let count = isAdam(trace.values) ? trace.state[Self.count] : trace.graph.constant(0, [1])
    return AdaptationProbes.shiftTensors(trace, adaptation)
      .merging(["inner_adam_steps": count]) { $1 }
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    [
      "outer_lr": Float(measured.rates["body"] ?? measured.rates["head"] ?? 0),
      "task_cosine": Float(measured.products.meanCosine),
      // When the meta-batch was done, not on average.
      "inner_adam_steps": measured.last("inner_adam_steps")?.first ?? 0,
    ]
  }
}
