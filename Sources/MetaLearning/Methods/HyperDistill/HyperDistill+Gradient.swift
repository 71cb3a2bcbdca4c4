import Autodiff
import Models

/// The hyper-gradient, and the fit of its scale.
extension HyperDistill {
  func hyperNames(_ trace: EpisodeTrace) -> [String] {
    let groups = onlineGroups(trace.values)
    return trace.metaParameters.names.filter { groups.contains(String($0.prefix { $0 != "." })) }
  }

  /// α_t by the fast weights, and ∂L_Q/∂λ.
  func query(_ trace: EpisodeTrace) -> (weights: [Tensor], direct: [Tensor]) {
    let (fast, hyper) = (trace.fastParameters, hyperNames(trace))
    let leaves = trace.fastNames.map { fast[$0] }
    let slopes = trace.graph.gradient(
      of: queryLoss(trace, fast),
      withRespectTo: leaves + hyper.map { trace.metaParameters[$0] }
    )
    return (Array(slopes.prefix(leaves.count)), Array(slopes.dropFirst(leaves.count)))
  }

  /// α ∂Φ(w, λ; D)/∂w and α ∂Φ(w, λ; D)/∂λ.
  func product(
    _ trace: EpisodeTrace,
    _ slopes: [Tensor],
    at weights: [Tensor]
  ) -> (weights: [Tensor], hyper: [Tensor]) {
    let held = slopes.map { $0.stoppingGradient() }
    let all = trace.graph.gradient(
      of: ConjugateGradients.product(held, map(trace, weights)),
      withRespectTo: weights + hyperNames(trace).map { trace.metaParameters[$0] }
    )
    return (Array(all.prefix(weights.count)), Array(all.dropFirst(weights.count)))
  }

  /// θ, 1 where nothing could be fitted.
  func theta(_ trace: EpisodeTrace) -> Tensor {
    let squares = trace.metaParameters[Self.squares].reshaped(to: .scalar)
    let isEmpty = 1 - trace.graph.constant(1).gated(by: squares)
    return (trace.metaParameters[Self.products].reshaped(to: .scalar) + isEmpty)
      / (squares + isEmpty)
  }

  /// (1 − c^n) / (1 − c), from c^n.
  func horizon(_ trace: EpisodeTrace, _ power: Tensor) -> Tensor {
    (1 - power) / (1 - trace.setting(Self.horizonDecay.id))
  }

  func gradient(
    _ trace: EpisodeTrace,
    at place: String,
    _ factor: Tensor
  ) -> [String: Tensor] {
    let query = query(trace)
    let mixed = product(trace, query.weights, at: own(trace, place)).hyper
    return Dictionary(
      uniqueKeysWithValues: zip(hyperNames(trace), zip(query.direct, mixed)).map { name, pair in
        (name, pair.0 + pair.1 * factor)
      }
    )
  }

  package func online(_ trace: EpisodeTrace) -> [String: Tensor] {
    let power = trace.state[Self.power].reshaped(to: .scalar)
    var slopes = gradient(trace, at: Self.star, theta(trace) * horizon(trace, power))
    for name in trace.fastNames {
      slopes[name] = trace.metaParameters[name] - trace.state["fast.\(name)"]
    }
    return slopes
  }

  package func oneStep(_ trace: EpisodeTrace) -> [String: Tensor] {
    gradient(trace, at: Self.before, trace.graph.constant(1))
  }

  package func end(_ trace: EpisodeTrace) -> TrajectoryEnd { queryEnd(trace, metaGradient: [:]) }

  // MARK: The fit of θ

  package func adjoint(
    for model: any Model,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let names = model.parameters.filter { isAdapted($0.name, values) }
    let groups = onlineGroups(values)
    let hyper = (model.parameters + extraParameters(for: model, shot: 1, values))
      .filter { groups.contains($0.group) }
    return ["alpha", "first", "last", Self.star].flatMap { group in
      names.map { $0.companion(group, .zeros) }
    } + hyper.map { $0.companion("second", .zeros) }
      + [Self.power, Self.count, "products", "squares"].map {
        ParameterSpecification($0, [1], .zeros)
      }
  }

  package func depart(_ trace: EpisodeTrace) -> [String: Tensor] {
    var adjoint = [Self.power: trace.graph.constant(1, [1])]
    for (name, slope) in zip(trace.fastNames, query(trace).weights) {
      adjoint["alpha.\(name)"] = slope
      adjoint["first.\(name)"] = slope
      adjoint["last.\(name)"] = trace.state["fast.\(name)"]
    }
    return adjoint
  }

  /// From w_t to w_{t−1}: DrMAD's step at a point between φ and w_T, and what a horizon of n = T − t + 1 steps
  /// tells of θ.
  package func back(_ trace: EpisodeTrace) -> [String: Tensor] {
    let names = trace.fastNames
    func tensors(_ group: String) -> [Tensor] { names.map { trace.adjoint["\(group).\($0)"] } }
    func number(_ name: String) -> Tensor { trace.adjoint[name].reshaped(to: .scalar) }
    let steps = Double(adaptationSteps(trace.values))
    // (t − 1) / T.
    let share = (number(Self.count) * -1 + (steps - 1)) * (1 / steps)
    let between = zip(names, tensors("last")).map { name, last in
      trace.metaParameters[name] * (1 - share) + last * share
    }
    let behind = product(trace, tensors("alpha"), at: between)
    let hyper = hyperNames(trace)
    let second = zip(hyper, behind.hyper).map { trace.adjoint["second.\($0)"] + $1 }
    let power = number(Self.power) * trace.setting(Self.horizonDecay.id)
    // q_n = (1 − c^(n−1)) / (1 − c^n), 0 at the first.
    let weight = (1 - number(Self.power)) / (1 - power)
    let star = zip(tensors(Self.star), own(trace, "fast")).map {
      $0 * weight + $1 * (1 - weight)
    }
    let mixed = product(trace, tensors("first"), at: star).hyper
    // x y = ⟨v, G⟩ s and x² = ‖v‖² s²; where v is 0 there is nothing to fit.
    let size = horizon(trace, power)
    let products = ConjugateGradients.product(mixed, second) * size
    let squares = ConjugateGradients.product(mixed, mixed) * (size * size)
    var next = [
      Self.power: power.reshaped(to: [1]),
      Self.count: trace.adjoint[Self.count] + 1,
      "products": trace.adjoint["products"] + products.reshaped(to: [1]),
      "squares": trace.adjoint["squares"] + squares.reshaped(to: [1]),
    ]
    for (index, name) in names.enumerated() {
      next["alpha.\(name)"] = behind.weights[index]
      next["\(Self.star).\(name)"] = star[index]
    }
    for (name, slope) in zip(hyper, second) { next["second.\(name)"] = slope }
    return next
  }

  package func fit(_ trace: EpisodeTrace) -> [String: Tensor] {
    [Self.products: trace.adjoint["products"], Self.squares: trace.adjoint["squares"]]
  }
}
