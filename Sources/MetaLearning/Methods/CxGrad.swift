import Autodiff
import Events
import Models

/// CxGrad: the convolutions are rescaled before every inner step, by numbers that a small network
/// makes of a context, so that layers take gradients of different sizes (Lee, Lee and Song, WACV
/// 2022).
///
/// W_l ← γ_l W_l / ‖W_l‖ with γ = softplus(W₂ relu(W₁ c + b₁) + b₂). The context c begins at 0 in
/// every task and follows the support loss's gradient, one step ahead of the weights.
package struct CxGrad: Method {
  package static let size = HyperparameterDescriptor(
    id: "context-size",
    symbol: "C",
    kind: .integer(1...512),
    defaultValue: 100,
    help: "numbers of the context that the scales are made of; 100 in the published code",
    isFixed: true
  )

  package static let contextRate = HyperparameterDescriptor(
    id: "context-lr",
    symbol: "η",
    kind: .logarithmic(0...100),
    defaultValue: 1,
    help: "inner learning rate of the context; 1 in the published code"
  )

  private static let group = "generator"

  package let descriptor = MethodDescriptor(
    id: "cxgrad",
    name: "CxGrad",
    citation: "Lee, Lee, Song: Contextual Gradient Scaling for Few-Shot Learning, WACV 2022",
    summary: "MAML whose body is rescaled before each inner step by learned numbers, one a "
      + "layer, so "
      + "that layers take gradients of different sizes.",
    equation: "Wₗ ← γₗ Wₗ/‖Wₗ‖,  γ = softplus(W₂ relu(W₁ c + b₁) + b₂)\n"
      + "W ← W − α ∇_W L_S,  c ← c − η ∇_c L_S,  k = 0 … M−1\n"
      + "all ← Adam(mean of ∇ L_Q(W_M)),  rate β"
  )

  package init() {}

  /// It has an inner loop of its own.
  package var seams: Set<MethodSeam> { [.queryLosses] }

  /// Leaky rectifiers, as in the published code.
  package var modelDefaults: ModelStyle { ModelStyle(activation: .leaky) }

  /// Published for classes; what is rescaled should be normalised again behind each layer.
  package var tasks: Set<TaskAbility> { [.classification] }

  /// Scale and shift of batch normalisation are trained by the outer loop alone.
  package func hyperparameters(for model: any Model) -> [HyperparameterDescriptor] {
    let norm = ConvolutionHyperparameters.isNormalisationAdapted.id
    let own = ownHyperparameters(for: model.family)
    let convolutions = convolutionHyperparameters(for: model)
    return sharedHyperparameters(for: model.family)
      + convolutions.map { $0.id == norm ? $0.with(defaultValue: 0) : $0 } + own
  }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    return [
      standard.innerLearningRate.with(defaultValue: 0.01),
      standard.innerSteps.with(defaultValue: 5), standard.outerLearningRate,
      standard.outerSchedule, standard.firstOrder,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.size, Self.contextRate]
  }

  /// The context's first gradient counts as a constant, as published.
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }

  // MARK: The generator

  /// The weights that are rescaled: the body's convolutions, or its maps where there are none.
  private func scaled(_ model: any Model) -> [String] {
    let names = model.parameters.map(\.name).filter { $0.hasPrefix("body.") }
    let convolutions = names.filter { $0.hasSuffix(".conv.weight") }
    return convolutions.isEmpty
      ? names.filter { $0.hasSuffix(".weight") && !$0.contains(".norm.") } : convolutions
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let size = values.integer(Self.size.id)
    return ParameterSpecification.linear("\(Self.group).layer1", from: size, to: size)
      + ParameterSpecification.linear("\(Self.group).layer2", from: size, to: scaled(model).count)
  }

  /// The scales from the first map's values, `[1, C]`.
  private func scales(_ trace: EpisodeTrace, _ first: Tensor) -> Tensor {
    let parameters = trace.metaParameters
    return first.relu().linear(
      parameters["\(Self.group).layer2.weight"],
      parameters["\(Self.group).layer2.bias"]
    ).softplus()
  }

  /// W₁ c + b₁; at c = 0 the bias alone.
  private func mapped(_ trace: EpisodeTrace, _ context: Tensor?) -> Tensor {
    let bias = trace.metaParameters["\(Self.group).layer1.bias"]
    let row: Shape = [1, bias.shape.count]
    guard let context else { return bias.reshaped(to: row) }
    return context.linear(trace.metaParameters["\(Self.group).layer1.weight"], bias)
  }

  /// What a point of the inner loop found.
  private struct Point {
    let scales: Tensor
    let loss: Tensor
    /// Of the rescaled weights and of the head, by name.
    let gradients: [(name: String, value: Tensor)]
    /// After the step.
    let context: Tensor
    let parameters: ParameterTree<Tensor>
  }

  /// The inner steps one by one; `parameters` are not rescaled.
  private func points(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> [Point] {
    let names = scaled(trace.model)
    let rest = trace.metaParameters.names.filter {
      isAdapted($0, trace.values) && !names.contains($0)
    }
    let weight = trace.metaParameters["\(Self.group).layer1.weight"]
    let rates = (
      inner: trace.setting(StandardHyperparameters.innerLearningRate.id),
      context: trace.setting(Self.contextRate.id)
    )
    func rescaled(_ current: ParameterTree<Tensor>, _ scales: Tensor) -> ParameterTree<Tensor> {
      var new: [String: Tensor] = [:]
      for (place, name) in names.enumerated() {
        let old = current[name]
        let factor = scales.slice(from: place, as: .scalar) / (old * old).sum().squareRoot()
        new[name] = old * factor
      }
      return current.replacing(new)
    }
    // One step of the context before the weights'; the rescaled weights are not kept.
    let start = mapped(trace, nil)
    let first = innerLoss(trace, rescaled(trace.metaParameters, scales(trace, start)), step: 0)
    let slope = trace.graph.gradient(of: first, withRespectTo: [start])[0]
    var context = -(slope.matmul(weight.transposed()) * rates.context).stoppingGradient()
    var current = trace.metaParameters
    var points: [Point] = []
    for step in 0..<steps {
      let layer = mapped(trace, context)
      let scales = scales(trace, layer)
      let weights = rescaled(current, scales)
      let loss = innerLoss(trace, weights, step: step)
      let moved = names + rest
      let found = trace.graph.gradient(of: loss, withRespectTo: moved.map { weights[$0] } + [layer])
      let gradients = isFirstOrder ? found.map { $0.stoppingGradient() } : found
      var next: [String: Tensor] = [:]
      for (name, gradient) in zip(moved, gradients) {
        next[name] = weights[name] - gradient * rates.inner
      }
      current = weights.replacing(next)
      context = context - gradients[moved.count].matmul(weight.transposed()) * rates.context
      points.append(
        Point(
          scales: scales,
          loss: loss,
          gradients: zip(moved, gradients).map { (name: $0, value: $1) },
          context: context,
          parameters: current
        )
      )
    }
    return points
  }

  package func adapt(_ trace: EpisodeTrace, steps: Int, isFirstOrder: Bool) -> Adaptation {
    let points = points(trace, steps: steps, isFirstOrder: isFirstOrder)
    return Adaptation(
      parameters: [trace.metaParameters] + points.map(\.parameters),
      innerLosses: points.map(\.loss),
      firstGradients: ParameterTree(points.first?.gradients ?? [])
    )
  }

  // MARK: Probes

  private func layers(_ model: any Model) -> [String] { model.bodyLayers }

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    let whole =
      AdaptationProbes.shifts + [
        ProbeDescriptor(
          key: "gamma_spread",
          label: "Δγ/γ",
          help: "largest relative difference of a task's scale to the mean of the meta-batch: how "
            + "much the "
            + "context decides"
        ),
        ProbeDescriptor(
          key: "context_norm",
          label: "‖c‖",
          help: "size of the context after the inner loop"
        ),
        ProbeDescriptor(
          key: "inner_gradient_norm/head",
          label: "‖∇‖ head",
          help: "norm of the first inner gradient of the head's weights"
        ),
      ]
    return whole
      + layers(model).flatMap { layer in
        [
          ProbeDescriptor(
            key: "gamma/\(layer)",
            label: "γ",
            help: "scale of the layer's weights in the first inner step, mean over the layer and "
              + "tasks",
            layer: layer
          ),
          ProbeDescriptor(
            key: "inner_gradient_norm/\(layer)",
            label: "‖∇‖",
            help: "norm of the rescaled layer's first inner gradient",
            layer: layer
          ),
        ]
      }
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [
      PanelDescription(
        id: "scales",
        title: "gradient scales",
        parts: [
          .rows(["gamma_spread", "context_norm", "inner_gradient_norm/head"]),
          .table(
            PanelTable(
              lines: "layer",
              columns: [
                .init("gamma", title: "γ", asciiTitle: "gamma"),
                .init("inner_gradient_norm", title: "‖∇‖", asciiTitle: "gradient"),
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
        id: "scales",
        title: "a rescaled inner step",
        equation: "Wₗ ← γₗ Wₗ/‖Wₗ‖,  W ← W − α ∇L_S,  c ← c − η ∇_c L_S,  η = {context-lr}",
        words: "Before the step every layer of the body is given the length γ that the context "
          + "asks for; "
          + "short weights have large gradients. Over the meta-batch γ differs by "
          + "{probe:gamma_spread}.",
        place: .first
      )
    ]
  }

  /// Shifts, context, the head's gradient; scales, their distance to those of the empty context;
  /// and
  /// a squared gradient for each weight.
  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let steps = adaptation.parameters.count - 1
    let points = points(trace, steps: steps, isFirstOrder: true)
    guard let first = points.first, let last = points.last else { return [:] }
    func norm(_ name: String) -> Tensor {
      first.gradients.filter { $0.name == name }.map { ($0.value * $0.value).sum() }
        .reduce(trace.graph.constant(0), +).squareRoot()
    }
    let empty = scales(trace, mapped(trace, nil))
    var tensors = AdaptationProbes.shiftTensors(trace, adaptation)
    tensors["context_norm"] = (last.context * last.context).sum().squareRoot()
    tensors["inner_gradient_norm/head"] = norm("head.weight")
    tensors["scales"] = first.scales
    tensors["relative scales"] = (first.scales - empty) / empty
    for name in scaled(trace.model) { tensors["gradient/\(name)"] = norm(name) }
    return tensors
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    let names = scaled(model)
    // A task's scale against the mean, from the distances to a scale that all tasks share: the
    // scales themselves are equal to six digits.
    let (mean, tasks) = (measured["relative scales"], measured.episodes("relative scales"))
    let spread = tasks.flatMap { task in
      zip(task, mean).map { abs($0 - $1) / (1 + $1) }
    }
    let scales = measured["scales"]
    var values: [String: Float] = ["gamma_spread": spread.max() ?? 0]
    for layer in layers(model) {
      let own = names.indices.filter { names[$0].hasPrefix("body.\(layer).") }
      let sum = own.reduce(0) { $0 + (scales.indices.contains($1) ? scales[$1] : 0) }
      let squares = own.map { index in
        let norm = measured.number("gradient/\(names[index])") ?? 0
        return norm * norm
      }
      values["gamma/\(layer)"] = sum / Float(max(own.count, 1))
      values["inner_gradient_norm/\(layer)"] = squares.reduce(0, +).squareRoot()
    }
    return values
  }
}
