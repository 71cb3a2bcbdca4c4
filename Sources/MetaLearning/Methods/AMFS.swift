import Autodiff
import Events
import Glibc
import Models

/// AMFS: adaptation in function space by a closed form, and an outer loop that weighs the tasks (after arXiv
/// 2411.00404, of which the abstract alone could be read: the formulas are ours).
///
/// I-AMFS: f*(x) = f(x) + k(F_x, F_S) (k(F_S, F_S) + ridge I)⁻¹ (y − f(S)), F the last hidden layer, k Gaussian
/// with a learned width. O-AMFS: w = softmax(cos(G_i, mean G) / τ), g = Σ w_i G_i.
package struct AMFS: Method {
  package enum Weights: String, CaseIterable { case weighted, uniform }

  package static let width = HyperparameterDescriptor(
    id: "kernel-width",
    symbol: "ℓ₀",
    kind: .logarithmic(0.001...1_000),
    defaultValue: 1,
    help: "width of the kernel that training begins with; it is learned",
    isFixed: true
  )

  package static let ridge = HyperparameterDescriptor(
    id: "ridge",
    symbol: "λ₀",
    kind: .logarithmic(1e-5...100),
    defaultValue: 0.1,
    help: "added to the kernel's diagonal as training begins; it is learned",
    isFixed: true
  )

  package static let weights = HyperparameterDescriptor(
    id: "task-weights",
    symbol: "w",
    kind: .choice(Weights.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "weighted: tasks that agree with the mean gradient count for more; uniform: the mean",
    isStructural: true,
    role: .switch(off: 1)
  )

  package static let temperature = HyperparameterDescriptor(
    id: "weight-temperature",
    symbol: "τ",
    kind: .logarithmic(0.01...100),
    defaultValue: 0.5,
    help: "of the weights' softmax over cosines: small picks few tasks, large is the mean"
  )

  private static let group = "kernel"
  private static let logWidth = "kernel.log_width"
  private static let logRidge = "kernel.log_ridge"
  /// In an adapted tree: the support set has been fitted.
  private static let fitted = "kernel.fitted"
  /// Of the solve's time; serves ridges down to about a millionth of the support set's size.
  private static let doublings = 24
  /// Tasks of a meta-batch that are shown.
  private static let shown = 8

  package let descriptor = MethodDescriptor(
    id: "amfs",
    name: "AMFS",
    citation:
      "Fast Adaptation with Kernel and Gradient Based Meta-Learning, arXiv 2411.00404, 2024",
    status: .inspired,
    adapts: "the function, at once",
    order: .second,
    summary: "The function is corrected by kernel ridge regression on the network's features, and "
      + "tasks that agree with the others count for more.",
    equation: "f*(x) = f(x) + k(x,S) (k(S,S) + λI)⁻¹ (y − f(S)),  k on features\n"
      + "(θ, ℓ, λ) ← Adam(Σ wᵢ ∇ L_Q(f*ᵢ)),  w = softmax(cos(Gᵢ, Ḡ)/τ)"
  )

  package init() {}

  /// Its pass over the query set reads the support set.
  package var seams: Set<MethodSeam> { [] }

  // MARK: What can be set

  package var tasks: Set<TaskAbility> { [.regression] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [StandardHyperparameters.outerLearningRate, StandardHyperparameters.outerSchedule]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.width, Self.ridge, Self.weights, Self.temperature]
  }

  package func refusal(of model: any Model) -> String? {
    guard model.family == .dense, model.normalisedLayers.isEmpty else {
      return
        "\(descriptor.name) measures distances of a perceptron's features, and \(model.name) is "
        + "none; use --model mlp on a task of numbers, such as sinusoid"
    }
    return nil
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    [(Self.logWidth, Self.width), (Self.logRidge, Self.ridge)].map { name, start in
      let number = Glibc.log(values.number(start.id))
      return ParameterSpecification(name, [1], .constant(Float(number)))
    }
  }

  // MARK: The fit

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool { false }
  package func adaptationSteps(_ values: HyperparameterValues) -> Int { 1 }
  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int { 1 }
  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis { .once }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let start = trace.metaParameters
    let end = ParameterTree(
      zip(start.names, start.values).map { (name: $0, value: $1) }
        + [(name: Self.fitted, value: trace.graph.constant(1))]
    )
    return Adaptation(
      parameters: [start, end],
      innerLosses: [innerLoss(trace, start, step: 0)]
    )
  }

  /// exp(−‖a − b‖² / 2ℓ²) at all pairs of rows.
  private func kernel(_ a: Tensor, _ b: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let product = a.matmul(b.transposed())
    let distance =
      (a * a).sumOverColumns().broadcast(.column, to: product.shape)
      + (b * b).sumOverColumns().broadcast(.row, to: product.shape) - product * 2
    let scale = (parameters[Self.logWidth].reshaped(to: .scalar) * -2).exp() * -0.5
    return (distance * scale).exp()
  }

  package func output(
    _ trace: EpisodeTrace,
    _ examples: Tensor,
    _ parameters: ParameterTree<Tensor>,
    pass: Pass,
    statistics: BatchStatistics
  ) -> Tensor {
    func rows(_ examples: Tensor, _ pass: Pass) -> Tensor {
      trace.model.headInputs(trace.features(of: examples, parameters, statistics, pass: pass))
    }
    let own = rows(examples, pass)
    guard parameters.names.contains(Self.fitted) else { return trace.model.head(own, parameters) }
    let support = rows(trace.supportInputs, pass)
    let count = support.shape.rows
    let ridge = parameters[Self.logRidge].reshaped(to: .scalar).exp()
    let system = kernel(support, support, parameters) + trace.graph.identity(count) * ridge
    // No eigenvalue is larger than the number of examples and the ridge; the time only has to be long.
    let bound = ridge.stoppingGradient() + Double(count)
    let time = trace.graph.constant(Double(1 << Self.doublings)) / bound
    let change = KernelFlow.flowed(
      kernel(own, support, parameters),
      system,
      trace.supportTargets - trace.model.head(support, parameters),
      time: time,
      doublings: Self.doublings
    )
    return trace.model.head(own, parameters) + change
  }

  // MARK: The tasks' weights

  package var measuresProducts: Bool { true }

  package func weighsEpisodes(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.weights.id) == Weights.weighted.rawValue
  }

  package func episodeWeights(
    _ products: EpisodeProducts,
    _ values: HyperparameterValues
  ) -> [Double] {
    guard weighsEpisodes(values) else {
      return Array(repeating: 1 / Double(products.count), count: products.count)
    }
    return Self.softmax(Self.cosines(products), values.number(Self.temperature.id))
  }

  /// cos(G_i, mean G) of each episode; 0 where either vanishes.
  private static func cosines(_ products: EpisodeProducts) -> [Double] {
    let rows = (0..<products.count).map { first in
      (0..<products.count).reduce(0) { $0 + products[first, $1] }
    }
    let whole = rows.reduce(0, +)
    return rows.indices.map { index in
      let size = (products[index, index] * whole).squareRoot()
      return size > 0 ? rows[index] / size : 0
    }
  }

  private static func softmax(_ cosines: [Double], _ temperature: Double) -> [Double] {
    let largest = cosines.max() ?? 0
    let powers = cosines.map { Glibc.exp(($0 - largest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(key: "kernel_width", label: "ℓ", help: "learned width of the kernel"),
      ProbeDescriptor(
        key: "ridge",
        label: "λ",
        help: "learned ridge: small where the network's features fit a support set nearly exactly"
      ),
      ProbeDescriptor(
        key: "kernel_gradients/width",
        label: "∂ log ℓ",
        help: "meta-gradient of the logarithm of the width",
        style: .signed
      ),
      ProbeDescriptor(
        key: "kernel_gradients/ridge",
        label: "∂ log λ",
        help: "meta-gradient of the logarithm of the ridge",
        style: .signed
      ),
    ]
      + (1...Self.shown).flatMap { task in
        [
          ProbeDescriptor(
            key: "task_weights/\(task)",
            label: "w",
            help: "weight of an episode of the meta-batch; 0 beyond it"
          ),
          ProbeDescriptor(
            key: "task_cosines/\(task)",
            label: "cos(G, Ḡ)",
            help:
              "agreement of its gradient with the mean; the largest gradient agrees with itself",
            style: .signedBar
          ),
        ]
      }
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "function-space",
        title: "function space",
        parts: [
          .rows(["kernel_width", "ridge", "kernel_gradients/width", "kernel_gradients/ridge"]),
          .table(
            PanelTable(
              lines: "task",
              columns: [
                .init("task_weights", title: "weight"), .init("task_cosines", title: "cosine"),
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
        id: "fit",
        title: "the fit in function space",
        equation: "f* = f + k(·,S) (k(S,S) + λI)⁻¹ (y − f(S)),  λ = {probe:ridge}",
        words: "No weight moves: what the network gets wrong on the support set is added to it by "
          + "kernel ridge regression on its own features, with a kernel of width "
          + "{probe:kernel_width}.",
        place: .insteadOfInnerStep
      ),
      MomentDescription(
        id: "weights",
        title: "the tasks' weights",
        equation: "w = softmax(cos(Gᵢ, Ḡ)/τ),  τ = {weight-temperature}",
        words:
          "Every task's gradient is compared with their mean, and those that agree with it count "
          + "for more. The formula is ours.",
        place: .afterGradient,
        switchID: Self.weights.id,
        wordsWhenOff: "All tasks count alike: the meta-gradient is the mean of theirs."
      ),
    ]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let names = [Self.logWidth, Self.logRidge]
    let slopes = trace.graph.gradient(
      of: trace.queryLoss(self, adaptation.adapted),
      withRespectTo: names.map { trace.metaParameters[$0] }
    )
    return [
      "kernel_width": trace.metaParameters[Self.logWidth].exp(),
      "ridge": trace.metaParameters[Self.logRidge].exp(),
      "slope/width": slopes[0],
      "slope/ridge": slopes[1],
    ]
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let cosines = Self.cosines(measured.products)
    let isWeighted = measured.settings[Self.weights.id] == 0
    let temperature = measured.settings[Self.temperature.id] ?? 1
    let weights =
      isWeighted
      ? Self.softmax(cosines, temperature) : cosines.map { _ in 1 / Double(cosines.count) }
    var values: [String: Float] = [:]
    for task in 0..<Self.shown {
      let isThere = cosines.indices.contains(task)
      values["task_weights/\(task + 1)"] = isThere ? Float(weights[task]) : 0
      values["task_cosines/\(task + 1)"] = isThere ? Float(cosines[task]) : 0
    }
    for name in ["width", "ridge"] {
      let slopes = measured.episodes("slope/\(name)").compactMap(\.first)
      values["kernel_gradients/\(name)"] =
        slopes.count == weights.count
        ? zip(slopes, weights).reduce(0) { $0 + $1.0 * Float($1.1) }
        : measured.number("slope/\(name)")
    }
    return values
  }
}
