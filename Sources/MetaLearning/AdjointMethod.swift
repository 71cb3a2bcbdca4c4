import Autodiff
import Models

/// A method whose replayed steps are followed backwards, a replay for each, over the states that were kept.
///
/// After an episode's steps: `depart` once, from the state they end in; `back` for every step from the last to
/// the first, with the state before it, its minibatch, and the adjoint so far; then `end`, which finds the
/// adjoint at the beginning in `trace.adjoint`. Each is one plan, whatever the number of steps; what
/// grows with that is a state for each step, and nothing of the graph.
package protocol AdjointMethod: TrajectoryMethod {
  /// What goes backwards.
  func adjoint(for model: any Model, _ values: HyperparameterValues) -> [ParameterSpecification]

  /// The adjoint at the end of the steps, from `trace.state`; tensors left out are 0.
  func depart(_ trace: EpisodeTrace) -> [String: Tensor]

  /// The adjoint before a step, from `trace.adjoint` behind it and `trace.state` before it; tensors left out
  /// stay as they are.
  func back(_ trace: EpisodeTrace) -> [String: Tensor]
}

/// The exact derivative of the query loss that replayed steps end in: reverse mode, step by step.
///
/// It serves every method whose loop is replayed, and says what its own meta-gradient is worth.
package struct ExactAdjoint: Sendable {
  let method: any TrajectoryMethod
  let state: [ParameterSpecification]
  let parameters: [ParameterSpecification]
  /// A task's own trajectory began at the meta-parameters as a run does.
  let isTasksOwn: Bool

  private static func back(_ name: String) -> String { "back." + name }
  private static func through(_ name: String) -> String { "through." + name }

  /// The slope of every tensor of the state, and of every meta-parameter so far.
  var adjoint: [ParameterSpecification] {
    state.map { ParameterSpecification(Self.back($0.name), $0.shape, .zeros) }
      + parameters.map { ParameterSpecification(Self.through($0.name), $0.shape, .zeros) }
  }

  func depart(_ trace: EpisodeTrace) -> [String: Tensor] {
    slopes(trace, of: method.queryLoss(trace, trace.fastParameters), adding: false)
  }

  func back(_ trace: EpisodeTrace) -> [String: Tensor] {
    slopes(trace, of: product(trace, method.step(trace)), adding: true)
  }

  /// The meta-gradient by parameter: what came back, and what the beginning makes of it.
  func arrive(_ trace: EpisodeTrace) -> [String: Tensor] {
    let value = product(trace, isTasksOwn ? method.start(trace) : method.begin(trace))
    let all = trace.metaParameters
    let slopes = trace.graph.gradient(of: value, withRespectTo: all.values)
    return Dictionary(
      uniqueKeysWithValues: zip(all.names, slopes).map { name, slope in
        (name, trace.adjoint[Self.through(name)] + slope)
      }
    )
  }

  /// ⟨adjoint, state⟩, where tensors left out are the state before.
  private func product(_ trace: EpisodeTrace, _ next: [String: Tensor]) -> Tensor {
    trace.state.names.reduce(trace.graph.constant(0)) { sum, name in
      let value = next[name] ?? trace.state[name]
      return sum + (value * trace.adjoint[Self.back(name)].stoppingGradient()).sum()
    }
  }

  private func slopes(_ trace: EpisodeTrace, of value: Tensor, adding: Bool) -> [String: Tensor] {
    let (own, all) = (trace.state, trace.metaParameters)
    let slopes = trace.graph.gradient(of: value, withRespectTo: own.values + all.values)
    var next: [String: Tensor] = [:]
    for (name, slope) in zip(own.names, slopes) { next[Self.back(name)] = slope }
    for (name, slope) in zip(all.names, slopes.dropFirst(own.names.count)) {
      let key = Self.through(name)
      next[key] = adding ? trace.adjoint[key] + slope : slope
    }
    return next
  }
}
