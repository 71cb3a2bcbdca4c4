import Autodiff
import Events
import Glibc
import Models

/// HyperDistill: meta-parameters λ that take no inner steps get a hyper-gradient after every one of a long inner
/// loop, made of a single Jacobian product whose scale is distilled now and then (Lee et al., ICLR 2022,
/// algorithms 3 and 4, equations 13 and 17 as a third party numbers them).
///
/// g_t = ∂L_Q/∂λ + θ (1 − c^t)/(1 − c) v_t, v_t = α_t ∂Φ(w*_t, λ; D*_t)/∂λ, α_t = ∂L_Q/∂w_t; w* is the average of
/// w_0 … w_{t−1} with weights c^{t−i}. λ ← λ − η g_t after every inner step of the meta-batch, φ by Reptile after
/// the last. θ is fitted by least squares to second-order terms that DrMAD brings back.
package struct HyperDistill: OnlineMethod {
  package enum Kind: String, CaseIterable { case rates, body }

  package static let kind = HyperparameterDescriptor(
    id: "hyper-parameters",
    symbol: "λ",
    kind: .choice(Kind.allCases.map(\.rawValue)),
    defaultValue: 0,
    help:
      "rates: inner rate and weight decay of every tensor; body: the body, while the head takes "
      + "inner steps",
    isStructural: true,
    isFixed: true
  )

  package static let minibatch = HyperparameterDescriptor(
    id: "minibatch",
    symbol: "b",
    kind: .integer(0...1_000),
    defaultValue: 0,
    help: "support examples of an inner step, at most all; 0: the whole support set",
    isStructural: true
  )

  package static let decay = HyperparameterDescriptor(
    id: "weight-decay",
    symbol: "δ",
    kind: .logarithmic(1e-9...1),
    defaultValue: 1e-3,
    help: "weight decay that training begins with (rates); it is learned",
    isFixed: true
  )

  package static let horizonDecay = HyperparameterDescriptor(
    id: "horizon-decay",
    symbol: "c",
    kind: .linear(0...0.9999, step: 0.01),
    defaultValue: 0.99,
    help: "how far back the distilled term looks; 0: one step"
  )

  package static let period = HyperparameterDescriptor(
    id: "estimation-period",
    symbol: "E",
    kind: .integer(1...10_000),
    defaultValue: 50,
    help: "outer steps from one fit of θ to the next"
  )

  package static let hyperRate = HyperparameterDescriptor(
    id: "hyper-lr",
    symbol: "η",
    kind: .logarithmic(0...1),
    defaultValue: 1e-3,
    help: "rate of λ, falling to 0 along a line",
    role: .outerRate
  )

  package static let reptileRate = HyperparameterDescriptor(
    id: "reptile-lr",
    symbol: "ε",
    kind: .logarithmic(0...1),
    defaultValue: 0.1,
    help: "share of the way to the tasks' weights that the initialisation goes"
  )

  static let group = "distillation"
  static let products = "distillation.products"
  static let squares = "distillation.squares"
  static let rates = "log_rates"
  static let decays = "log_decays"
  static let star = "star"
  static let before = "before"
  /// c^t behind inner step t; on the way back c^n.
  static let power = "power"
  /// Steps that the way back has made.
  static let count = "count"

  package let descriptor = MethodDescriptor(
    id: "hyperdistill",
    name: "HyperDistill",
    citation: "Lee, Lee, Lee, Hwang: Online Hyperparameter Meta-Learning with Hypergradient "
      + "Distillation, ICLR 2022",
    status: .reconstructed,
    order: .second,
    summary: "Learned rates, or a body that takes no inner steps, get a hyper-gradient after every "
      + "step of a long inner loop: one Jacobian product, whose scale is distilled now and then.",
    equation: "gₜ = ∂L_Q/∂λ + θ (1−cᵗ)/(1−c) αₜ ∂Φ(w*ₜ, λ; D*ₜ)/∂λ,  λ ← λ − η gₜ\n"
      + "φ ← φ + ε · mean of (w_T − φ)"
  )

  package init() {}

  // MARK: What can be set

  package var tasks: Set<TaskAbility> { [.regression, .classification] }

  package func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    let standard = StandardHyperparameters.self
    return [
      HyperparameterDescriptor(
        id: standard.innerLearningRate.id,
        symbol: standard.innerLearningRate.symbol,
        kind: .logarithmic(1e-6...1),
        defaultValue: 0.01,
        help:
          "inner learning rate: what training begins with (rates), or the rate of the head (body)",
        isFixed: true,
        role: .innerRate
      ),
      HyperparameterDescriptor(
        id: standard.innerSteps.id,
        symbol: "T",
        kind: .integer(1...1_000),
        defaultValue: 20,
        help: "inner steps of an episode, λ moving after each; about 100 in the paper",
        isStructural: true,
        isFixed: true,
        role: .innerSteps
      ),
    ]
  }

  package func ownHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] {
    [
      Self.kind, Self.minibatch, Self.decay, Self.horizonDecay, Self.period, Self.hyperRate,
      Self.reptileRate,
    ]
  }

  func learnsRates(_ values: HyperparameterValues) -> Bool {
    values.choice(Self.kind.id) == Kind.rates.rawValue
  }

  package func isMetaGradientExact(_ values: HyperparameterValues) -> Bool { false }

  /// One mixed product after each inner step.
  package func curvatureProducts(_ values: HyperparameterValues) -> Int { adaptationSteps(values) }

  package func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
    guard AdaptationProbes.isBodyOrHead(name) else { return false }
    if !learnsRates(values) { return name.hasPrefix("head.") }
    return values.isNormalisationAdapted || !name.contains(".norm.")
  }

  package func extraParameters(
    for model: any Model,
    shot: Int,
    _ values: HyperparameterValues
  ) -> [ParameterSpecification] {
    let names = model.parameters.map(\.name).filter { isAdapted($0, values) }
    let starts = [
      (Self.rates, StandardHyperparameters.innerLearningRate.id), (Self.decays, Self.decay.id),
    ]
    let logarithms = starts.flatMap { group, id in
      names.map { name in
        let start = Float(Glibc.log(values.number(id)))
        return ParameterSpecification("\(group).\(name)", [1], .constant(start))
      }
    }
    return (learnsRates(values) ? logarithms : [])
      + [Self.products, Self.squares].map { ParameterSpecification($0, [1], .ones) }
  }

  // MARK: The outer loop

  package func onlineGroups(_ values: HyperparameterValues) -> Set<String> {
    learnsRates(values) ? [Self.rates, Self.decays] : ["body"]
  }

  package var fittedGroups: Set<String> { [Self.group] }

  package func isFitted(_ values: HyperparameterValues, step: Int) -> Bool {
    step % values.integer(Self.period.id) == 0
  }

  package func lookBack(_ values: HyperparameterValues) -> Double {
    values.number(Self.horizonDecay.id)
  }

  package func rule(for group: String, _ values: HyperparameterValues, stage: Int) -> UpdateRule {
    if group == Self.group { return .assign }
    return onlineGroups(values).contains(group) ? .sgd() : .interpolate
  }

  package func outerRate(
    of group: String,
    _ values: HyperparameterValues,
    step: Int,
    totalSteps: Int
  ) -> Double {
    guard onlineGroups(values).contains(group) else { return values.number(Self.reptileRate.id) }
    let share = Double(min(step, totalSteps)) / Double(max(totalSteps, 1))
    return values.number(Self.hyperRate.id) * (1 - share)
  }

  // MARK: The inner loop

  package func trajectory(for model: any Model, _ values: HyperparameterValues) -> Trajectory {
    let names = model.parameters.filter { isAdapted($0.name, values) }
    let groups = ["fast", Self.star, Self.before]
    return Trajectory(
      state: groups.flatMap { group in names.map { $0.companion(group, .zeros) } }
        + [ParameterSpecification(Self.power, [1], .ones)],
      steps: adaptationSteps(values),
      minibatches: .init(size: values.integer(Self.minibatch.id), isReplaced: true)
    )
  }

  package func start(_ trace: EpisodeTrace) -> [String: Tensor] {
    var state = [Self.power: trace.graph.constant(1, [1])]
    for name in trace.fastNames {
      for group in ["fast", Self.star, Self.before] {
        state["\(group).\(name)"] = trace.metaParameters[name]
      }
    }
    return state
  }

  /// Φ(w, λ; D): w − e^ρ (∇L_S(w) + e^δ w) tensor by tensor, or w − α ∇L_S(w) of the head.
  func map(_ trace: EpisodeTrace, _ weights: [Tensor]) -> [Tensor] {
    let names = trace.fastNames
    let parameters = trace.metaParameters
      .replacing(Dictionary(uniqueKeysWithValues: zip(names, weights)))
    let slopes = trace.graph.gradient(
      of: innerLoss(trace, parameters, step: 0),
      withRespectTo: weights
    )
    guard learnsRates(trace.values) else {
      let rate = trace.setting(StandardHyperparameters.innerLearningRate.id)
      return zip(weights, slopes).map { $0 - $1 * rate }
    }
    return names.indices.map { index in
      func number(_ group: String) -> Tensor {
        trace.metaParameters["\(group).\(names[index])"].reshaped(to: .scalar).exp()
      }
      let step = slopes[index] + weights[index] * number(Self.decays)
      return weights[index] - step * number(Self.rates)
    }
  }

  func own(_ trace: EpisodeTrace, _ group: String) -> [Tensor] {
    trace.fastNames.map { trace.state["\(group).\($0)"] }
  }

  package func step(_ trace: EpisodeTrace) -> [String: Tensor] {
    let now = own(trace, "fast")
    let decay = trace.setting(Self.horizonDecay.id)
    let power = trace.state[Self.power].reshaped(to: .scalar) * decay
    // p_t = (c − c^t) / (1 − c^t), 0 at the first step.
    let share = (decay - power) / (1 - power)
    let next = map(trace, now)
    var state = [Self.power: power.reshaped(to: [1])]
    for (index, name) in trace.fastNames.enumerated() {
      let star = trace.state["\(Self.star).\(name)"]
      state["fast.\(name)"] = next[index]
      state["\(Self.before).\(name)"] = now[index]
      state["\(Self.star).\(name)"] = star * share + now[index] * (1 - share)
    }
    return state
  }
}
