import Autodiff
import Models
import Tasks

/// The plans of a way back over replayed steps; the adjoint lies in all of them alike.
package struct BackwardPlans: Sendable {
  package let adjoint: ParameterLayout
  package let depart: EpisodePlan
  package let back: EpisodePlan
  /// A gradient laid out like the parameters, from the adjoint at the beginning.
  package let arrive: EpisodePlan?

  package var all: [EpisodePlan] { [depart, back] + [arrive].compactMap { $0 } }
  /// Floats of a buffer that holds the adjoint or anything else a replay of it writes.
  package var adjointCount: Int { max(depart.resultCount, back.resultCount, 1) }
}

/// Ways back over replayed steps, as far as a run goes them.
struct WaysBack {
  var own: BackwardPlans?
  var exact: BackwardPlans?
  var online: OnlinePlans?
}

extension EpisodeSetup {
  /// All ways back of a run that trains.
  func ways(
    _ method: any TrajectoryMethod,
    _ state: ParameterLayout,
    _ values: HyperparameterValues,
    minibatch: EpisodeLayout?,
    _ traced: Traced
  ) -> WaysBack {
    var ways = WaysBack()
    if let method = method as? any AdjointMethod {
      let own = backward(method, values, minibatch: minibatch, traced)
      ways.own = own
      if let method = method as? any OnlineMethod {
        ways.online = online(method, own, minibatch: minibatch, traced)
      }
    }
    if isQualityMeasured(values) {
      ways.exact = exact(
        method,
        state,
        isTasksOwn: method.trajectory(for: model, values).lasting == .task,
        minibatch: minibatch,
        traced
      )
    }
    return ways
  }

  /// How a trajectory's plans are traced: on whose layout, with what adjoint.
  typealias Traced = (
    _ layout: EpisodeLayout?, _ adjoint: ParameterLayout?,
    _ outputs: (EpisodeTrace) -> [Plan.Output]
  ) -> EpisodePlan

  /// The way back that a method goes itself.
  func backward(
    _ method: any AdjointMethod,
    _ values: HyperparameterValues,
    minibatch: EpisodeLayout?,
    _ traced: Traced
  ) -> BackwardPlans {
    let layout = ParameterLayout(method.adjoint(for: model, values))
    return BackwardPlans(
      adjoint: layout,
      depart: traced(nil, layout) { outputs(layout, $0, method.depart($0), isKept: false) },
      back: traced(minibatch, layout) { outputs(layout, $0, method.back($0), isKept: true) },
      arrive: nil
    )
  }

  /// The way back of the exact derivative.
  func exact(
    _ method: any TrajectoryMethod,
    _ state: ParameterLayout,
    isTasksOwn: Bool,
    minibatch: EpisodeLayout?,
    _ traced: Traced
  ) -> BackwardPlans {
    let exact = ExactAdjoint(
      method: method,
      state: state.specifications,
      parameters: parameters.specifications,
      isTasksOwn: isTasksOwn
    )
    let layout = ParameterLayout(exact.adjoint)
    return BackwardPlans(
      adjoint: layout,
      depart: traced(nil, layout) { outputs(layout, $0, exact.depart($0), isKept: false) },
      back: traced(minibatch, layout) { outputs(layout, $0, exact.back($0), isKept: true) },
      arrive: traced(nil, layout) { gradientOutputs($0, exact.arrive($0)) }
    )
  }

  private func outputs(
    _ layout: ParameterLayout,
    _ trace: EpisodeTrace,
    _ values: [String: Tensor],
    isKept: Bool
  ) -> [Plan.Output] {
    zip(layout.specifications, layout.offsets).map { specification, offset in
      let rest =
        isKept
        ? trace.adjoint[specification.name] : trace.graph.constant(0, specification.shape)
      return Plan.Output(values[specification.name] ?? rest, at: offset)
    }
  }
}
