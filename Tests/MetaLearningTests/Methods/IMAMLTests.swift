import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@testable import MetaLearning

/// The implicit gradient at a solved inner problem is the derivative of L_Q(φ*(θ)), whatever way led
/// there; in double precision, on a network without kinks.
@Suite struct IMAMLTests {
  private static let smooth = MLP(
    inputs: 1,
    hidden: [5, 4],
    outputs: 1,
    style: ModelStyle(activation: .tanh)
  )

  private func stage(_ settings: [String: Double]) throws -> MethodStage {
    try MethodStage(
      IMAML(),
      model: Self.smooth,
      settings.merging(["proximal-strength": 20, "inner-lr": 0.02]) { own, _ in own }
    )
  }

  /// The episode's graphs: the state after one step, and the end's gradient and query loss.
  private struct Graphs {
    let state: ParameterLayout
    let step: [Tensor]
    let gradient: [String: Tensor]
    let query: Tensor
    let stepTrace: EpisodeTrace
    let endTrace: EpisodeTrace

    init(_ stage: MethodStage) throws {
      let method = IMAML()
      state = ParameterLayout(
        method.trajectory(for: stage.setup.model, stage.values).state
      )
      stepTrace = stage.setup.trace(stage.values, state: state)
      let moved = method.step(stepTrace)
      step = try state.specifications.map { try #require(moved[$0.name]) }
      endTrace = stage.setup.trace(stage.values, state: state)
      let end = method.end(endTrace)
      (gradient, query) = (end.metaGradient, end.queryLoss)
    }

    func bind(_ values: [[Double]], _ oracle: inout ReferenceInterpreter) {
      for (value, offset) in zip(values, state.offsets) {
        oracle.inputs[Address(.state, offset)] = value
      }
    }
  }

  /// The state after `steps` steps from the meta-parameters that `oracle` has.
  private func adapted(
    _ graphs: Graphs,
    _ stage: MethodStage,
    _ oracle: inout ReferenceInterpreter,
    steps: Int
  ) -> [[Double]] {
    var values = graphs.state.specifications.map { specification in
      let name = String(specification.name.dropFirst(Trajectory.fast("").count))
      let index = stage.setup.parameters.specifications.firstIndex { $0.name == name } ?? 0
      return oracle.inputs[Address(.parameters, stage.setup.parameters.offsets[index])] ?? []
    }
    for _ in 0..<steps {
      graphs.bind(values, &oracle)
      values = oracle.values(of: graphs.step)
    }
    return values
  }

  /// How far the gradient is from central differences of the query loss at the optimum, relatively.
  private func error(cgSteps: Double, steps: Int = 400) throws -> Double {
    let stage = try stage(["cg-steps": cgSteps])
    let graphs = try Graphs(stage)
    var oracle = stage.oracle(for: graphs.endTrace.graph)
    graphs.bind(adapted(graphs, stage, &oracle, steps: steps), &oracle)
    let names = stage.setup.parameters.specifications.map(\.name)
    let gradients = try oracle.values(of: names.map { try #require(graphs.gradient[$0]) })
    let moves = stage.direction(seed: 5) { _ in true }
    let slope = zip(stage.setup.parameters.offsets, gradients).reduce(0.0) { sum, item in
      sum + zip(moves[Address(.parameters, item.0)] ?? [], item.1).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let losses = [1e-5, -1e-5].map { size in
      var moved = stage.oracle(for: graphs.endTrace.graph)
      for (address, move) in moves {
        let start = moved.inputs[address] ?? []
        moved.inputs[address] = zip(start, move).map { $0 + size * $1 }
      }
      graphs.bind(adapted(graphs, stage, &moved, steps: steps), &moved)
      return moved.values(of: [graphs.query])[0][0]
    }
    let numeric = (losses[0] - losses[1]) / 2e-5
    return abs(slope - numeric) / abs(numeric)
  }

  @Test func aSolvedSystemGivesTheDerivativeOfTheOptimum() throws {
    let errors = try [0.0, 3, 20].map { try error(cgSteps: $0) }
    // Conjugate gradients stop at a squared residual of 1e-10, as published.
    #expect(errors[2] < 1e-4, "\(errors)")
    #expect(errors[0] > 10 * errors[2] && errors[1] > errors[2], "\(errors)")
  }

  /// Steps lie in no graph: what a worker's arena holds does not grow with them.
  @Test func memoryDoesNotDependOnTheInnerSteps() throws {
    let sizes = try [1.0, 10, 100].map { steps in
      let stage = try stage(["inner-steps": steps])
      let plans = try #require(
        stage.setup.trajectoryPlans(stage.values, .losses, isTraining: true)
      )
      return plans.all.map(\.plan.program.arenaCount)
    }
    #expect(sizes[0] == sizes[1] && sizes[1] == sizes[2], "\(sizes)")
  }

  /// One more step, towards θ alone, when the pull is not in every one.
  @Test func theLastPullIsAStepOfItsOwn() throws {
    let stage = try stage(["proximal": 1, "inner-steps": 3])
    let trajectory = IMAML().trajectory(for: Self.smooth, stage.values)
    #expect(trajectory.steps == 4 && trajectory.state.last?.name == "steps")
    #expect(IMAML().evaluationSteps(stage.values, wanted: 10) == 4)
  }
}
