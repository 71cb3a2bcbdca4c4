import Autodiff
import Events
import Models

/// HyperMAML: a hypernetwork reads the support set and gives the head's update, in the place of
/// gradient steps (Przewięźlikowski et al., 2022, equation 2 and section 3).
///
/// While it warms up, gradient steps of the head are blended out as its own update is blended in.
package struct HyperMAML: Method {
  package static let warmup = HyperparameterDescriptor(
    id: "warmup-steps",
    symbol: "E₁",
    kind: .integer(0...1_000_000),
    defaultValue: 200,
    help: "outer steps in which gradient steps alone adapt the head; published 2,500",
    isFixed: true
  )

  package static let blending = HyperparameterDescriptor(
    id: "switch-steps",
    symbol: "E₂",
    kind: .integer(0...1_000_000),
    defaultValue: 400,
    help: "outer steps over which the hypernetwork's update takes their place; published 25,000",
    isFixed: true
  )

  package static let width = HyperparameterDescriptor(
    id: "hypernet-width",
    symbol: "w",
    kind: .integer(1...1024),
    defaultValue: 64,
    help: "units of the hypernetwork's hidden layers; published 256 and 512",
    isFixed: true
  )

  package static let layers = HyperparameterDescriptor(
    id: "hypernet-layers",
    symbol: "l",
    kind: .integer(2...4),
    defaultValue: 3,
    help: "layers of the hypernetwork",
    isFixed: true
  )

  package static let aggregation = HyperparameterDescriptor(
    id: "aggregation",
    symbol: "Σ",
    kind: .choice(["mean", "concat"]),
    defaultValue: 0,
    help: "a class's support vectors are averaged, or stand one behind the other in support order",
    isFixed: true
  )

  package static let penalty = HyperparameterDescriptor(
    id: "update-penalty",
    symbol: "λ",
    kind: .logarithmic(0...1),
    defaultValue: 0,
    help: "weight of the update's squared size in the objective"
  )

  private static let share = "warmup-share"
  private static let group = "hypernet"

  package let descriptor = MethodDescriptor(
    id: "hypermaml",
    name: "HyperMAML",
    citation: "Przewięźlikowski et al.: HyperMAML: Few-Shot Adaptation of Deep Models with "
      + "Hypernetworks, arXiv 2205.15745, 2022",
    order: .either,
    summary: "A hypernetwork reads the support set and gives the head's update, in the place of "
      + "gradient steps.",
    equation: "Δ = hypernetwork(features, predictions, labels of S)\n"
      + "head′ = head − Δ;  all ← Adam(mean of ∇ L_Q(head′)),  rate β"
  )

  package init() {}

  /// Its adaptation is its own, its objective a query loss and a penalty that no query example enters.
  package var seams: Set<MethodSeam> { [.queryLosses] }

  // MARK: What can be set

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    return [
      standard.innerLearningRate, standard.innerSteps.with(defaultValue: 5),
      standard.outerLearningRate, standard.outerSchedule,
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [Self.warmup, Self.blending, Self.width, Self.layers, Self.aggregation, Self.penalty]
  }

  package var tasks: Set<TaskAbility> { [.classification, .nodes] }

  /// The predictions that the hypernetwork reads count as constants, as published.
  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }

  // MARK: The warm-up

  private enum Stage: Int {
    /// Gradient steps alone; the hypernetwork has no gradient.
    case gradients
    /// Both, by shares.
    case blended
    /// The hypernetwork's update alone, once.
    case hypernetwork
  }

  /// p = 1 while it warms up, then along a line towards 0, and 0 when the switch is over.
  private func warmupShare(_ values: HyperparameterValues, step: Int) -> Double {
    let (first, second) = (values.integer(Self.warmup.id), values.integer(Self.blending.id))
    if step < first { return 1 }
    if step < first + second { return Double(first + second - step) / Double(second + 1) }
    return 0
  }

  package func stage(_ values: HyperparameterValues, step: Int, totalSteps: Int) -> Int {
    let share = warmupShare(values, step: step)
    let stage: Stage = share == 1 ? .gradients : share > 0 ? .blended : .hypernetwork
    return stage.rawValue
  }

  package func derivedSettings(_ values: HyperparameterValues) -> [String] { [Self.share] }

  package func scheduledValue(
    _ id: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double? { id == Self.share ? warmupShare(values, step: step) : nil }

  package func rule(
    for group: String,
    _ values: HyperparameterValues,
    stage: Int
  ) -> UpdateRule {
    group == Self.group && stage == Stage.gradients.rawValue ? .frozen : .adam()
  }

  /// Which adaptation a trace has: meta-test knows the hypernetwork alone.
  private func stage(_ trace: EpisodeTrace) -> Stage {
    trace.isTraining ? Stage(rawValue: trace.stage) ?? .hypernetwork : .hypernetwork
  }

  // MARK: The hypernetwork

  /// Support vectors of a class that the hypernetwork reads.
  private func vectors(_ trace: EpisodeTrace) -> Int {
    trace.values.choice(Self.aggregation.id) == "concat" ? trace.shot : 1
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let isConcatenated = values.choice(Self.aggregation.id) == "concat"
    let vector = model.headInputCount + model.outputCount + 1
    let (width, count) = (values.integer(Self.width.id), values.integer(Self.layers.id))
    return (1...count).flatMap { layer in
      ParameterSpecification.linear(
        "\(Self.group).layer\(layer)",
        from: layer == 1 ? vector * (isConcatenated ? shot : 1) : width,
        to: layer == count ? model.headInputCount + 1 : width
      )
    }
  }

  /// The update of the head's weights `[features, classes]` and of its bias `[classes]`.
  private func update(_ trace: EpisodeTrace, _ features: Tensor) -> (weight: Tensor, bias: Tensor) {
    let parameters = trace.metaParameters
    let classes = trace.model.outputCount
    let predictions = trace.model.head(features, parameters).logSoftmax().exp()
      .stoppingGradient()
    let labels = trace.supportTargets.matmul(numbers(trace, classes))
    let parts = [trace.model.headInputs(features), predictions, labels]
    let weight = parameters["\(Self.group).layer1.weight"]
    var hidden: Tensor?
    var row = 0
    for chosen in selections(trace) {
      for part in parts {
        let count = part.shape.columns
        let rows = weight.slice(
          from: row * weight.shape.columns,
          as: [count, weight.shape.columns]
        )
        let product = chosen.transposedMatmul(part).matmul(rows)
        hidden = hidden.map { $0 + product } ?? product
        row += count
      }
    }
    guard var values = hidden else { preconditionFailure("no support vector") }
    values = added(values, parameters["\(Self.group).layer1.bias"])
    for layer in 2...trace.values.integer(Self.layers.id) {
      values = values.relu().linear(
        parameters["\(Self.group).layer\(layer).weight"],
        parameters["\(Self.group).layer\(layer).bias"]
      )
    }
    let rows = values.transposed()
    let inputs = trace.model.headInputCount
    return (
      rows.slice(from: 0, as: [inputs, classes]), rows.slice(from: inputs * classes, as: [classes])
    )
  }

  private func added(_ values: Tensor, _ bias: Tensor) -> Tensor {
    values + bias.broadcast(.row, to: values.shape)
  }

  /// 0, 1, … as a column.
  private func numbers(_ trace: EpisodeTrace, _ count: Int) -> Tensor {
    (0..<count).reduce(trace.graph.constant(0, [count, 1])) { column, place in
      column + trace.graph.constant(Double(place), [1, 1]).padded(from: place, to: [count, 1])
    }
  }

  /// What takes a class's support vectors together, `[examples, classes]`: their mean, or one matrix
  /// for the first of each class, one for the second, …, in support order.
  private func selections(_ trace: EpisodeTrace) -> [Tensor] {
    let targets = trace.supportTargets
    guard vectors(trace) > 1 else { return [targets * (1 / Double(trace.shot))] }
    let examples = targets.shape.rows
    let graph = trace.graph
    // Rows of ones below the diagonal: which examples come before one.
    var earlier = graph.constant(0, [examples, examples])
    for row in 1..<examples {
      earlier =
        earlier
        + graph.constant(1, [row]).padded(from: row * examples, to: [examples, examples])
    }
    let rank = (targets.matmul(targets.transposed()) * earlier).sumOverColumns()
    return (0..<trace.shot).map { place in
      let distance = rank - Double(place)
      let isPlace = (1 - (distance.relu() + (-distance).relu())).relu()
      return targets * isPlace.broadcast(.column, to: targets.shape)
    }
  }

  // MARK: Adaptation

  /// Before and after, whatever it is made of.
  package func adaptationSteps(_ values: HyperparameterValues) -> Int { 1 }
  package func evaluationSteps(_ values: HyperparameterValues, wanted: Int) -> Int { 1 }
  package func adaptationAxis(_ values: HyperparameterValues) -> AdaptationAxis { .once }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    name.hasPrefix("head.")
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
    func loss(_ head: ParameterTree<Tensor>) -> Tensor {
      trace.loss(trace.model.head(features, head), trace.supportTargets)
    }
    let stage = stage(trace)
    let share = trace.setting(Self.share)
    let own = stage == .gradients ? nil : named(update(trace, features))
    let names = parameters.names.filter { isAdapted($0, trace.values) }
    var current = parameters
    for _ in 0..<(stage == .hypernetwork ? 1 : trace.values.integer(innerSteps)) {
      var next: [String: Tensor] = [:]
      let gradients =
        stage == .hypernetwork
        ? [] : trace.graph.gradient(of: loss(current), withRespectTo: names.map { current[$0] })
      for (index, name) in names.enumerated() {
        let step = gradients.isEmpty ? nil : gradients[index] * trace.setting(innerRate)
        switch stage {
        case .gradients: next[name] = current[name] - (step ?? share)
        case .hypernetwork: next[name] = current[name] - (own?[name] ?? share)
        case .blended:
          let blended = (step ?? share) * share + (own?[name] ?? share) * (1 - share)
          next[name] = current[name] - blended
        }
      }
      current = current.replacing(next)
    }
    return Adaptation(parameters: [parameters, current], innerLosses: [loss(parameters)])
  }

  private var innerSteps: String { StandardHyperparameters.innerSteps.id }
  private var innerRate: String { StandardHyperparameters.innerLearningRate.id }

  private func named(_ update: (weight: Tensor, bias: Tensor)) -> [String: Tensor] {
    ["head.weight": update.weight, "head.bias": update.bias]
  }

  package func outerObjective(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> OuterObjective {
    let plain = queryObjective(trace, adaptation)
    guard stage(trace) != .gradients else { return plain }
    let statistics = statistics(trace, trace.metaParameters, pass: .support(step: 0))
    let features = trace.features(
      of: trace.supportInputs,
      trace.metaParameters,
      statistics,
      pass: .support(step: 0)
    )
    let weight = update(trace, features).weight
    return OuterObjective(
      total: plain.total + (weight * weight).sum() * trace.setting(Self.penalty.id),
      queryLoss: plain.queryLoss,
      queryOutput: plain.queryOutput,
      statistics: plain.statistics
    )
  }

  // MARK: Probes

  package func probes(for model: any Model) -> [ProbeDescriptor] {
    [
      ProbeDescriptor(
        key: "warmup_share",
        label: "p",
        help: "share of the gradient steps in the adaptation; 0 when the warm-up is over",
        style: .gauge(0...1)
      ),
      ProbeDescriptor(
        key: "relative_update",
        label: "‖ΔW‖/‖W‖",
        help: "size of the hypernetwork's update against the universal head"
      ),
      ProbeDescriptor(
        key: "update_cosine",
        label: "cos(−ΔW, −∇)",
        help: "agreement of the update with a gradient step on the support set",
        style: .signedBar
      ),
      ProbeDescriptor(
        key: "support_loss_after",
        label: "L_S′",
        help: "support loss of the adapted head"
      ),
    ]
  }

  package func panels(for model: any Model) -> [PanelDescription] {
    [panelOfProbes(id: "hypernetwork", title: "hypernetwork", for: model)]
  }

  package func probeTensors(_ trace: EpisodeTrace, _ adaptation: Adaptation) -> [String: Tensor] {
    let parameters = trace.metaParameters
    let statistics = statistics(trace, parameters, pass: .support(step: 0))
    let features = trace.features(
      of: trace.supportInputs,
      parameters,
      statistics,
      pass: .support(step: 0)
    )
    let update = update(trace, features).weight
    let universal = parameters["head.weight"]
    let loss = trace.loss(trace.model.head(features, parameters), trace.supportTargets)
    let slope = trace.graph.gradient(of: loss, withRespectTo: [universal])[0]
    func size(_ tensor: Tensor) -> Tensor { (tensor * tensor).sum().squareRoot() }
    // The update is subtracted, like a gradient.
    let cosine = (update * slope).sum() / (size(update) * size(slope) + 1e-30)
    let after = trace.loss(trace.model.head(features, adaptation.adapted), trace.supportTargets)
    return [
      "relative_update": size(update) / size(universal), "update_cosine": cosine,
      "support_loss_after": after,
    ]
  }

  package func probeValues(_ measured: MeasuredProbes, model: any Model) -> [String: Float] {
    ["warmup_share": Float(measured.settings[Self.share] ?? 0)]
  }
}
