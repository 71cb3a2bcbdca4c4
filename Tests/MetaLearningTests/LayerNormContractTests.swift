import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@testable import MetaLearning

/// Layer normalisation in every method that takes it: the derivatives are those of finite differences.
@Suite struct LayerNormContractTests {
  private static let seeds: [UInt64] = [11, 12, 13]

  /// A small network with layer norm for what the method learns.
  private static func model(_ method: any Method) -> MLP {
    var style = method.modelDefaults
    style.normalisation = .layer
    let outputs = method.tasks.contains(.regression) ? 1 : 2
    return MLP(inputs: 1, hidden: [6, 5], outputs: outputs, style: style)
  }

  private static func takers(_ entries: [CatalogEntry]) -> [CatalogEntry] {
    entries.filter { $0.method.tasks != [.nodes] && $0.method.refusal(of: model($0.method)) == nil }
  }

  private static func stage(_ method: any Method, seed: UInt64) throws -> MethodStage {
    let model = model(method)
    let known = Set(method.hyperparameters(for: model).map(\.id))
    let isRegression = method.tasks.contains(.regression)
    let settings = ["inner-steps": 2, "inner-lr": 0.05, "first-order": 0.0]
    return try MethodStage(
      method,
      model: model,
      shot: 4,
      queryShot: isRegression ? 5 : 4,
      seed: seed,
      isClassification: !isRegression,
      settings.filter { known.contains($0.key) }
    )
  }

  private static let unrolled = takers(CatalogEntry.unrolled + CatalogEntry.composed)
  private static let replayed = takers(CatalogEntry.all).filter {
    $0.method is any TrajectoryMethod
  }

  @Test func mostMethodsTakeIt() {
    #expect(Self.unrolled.count >= 10 && Self.replayed.count >= 4)
  }

  /// What a method says of exactness without it, it keeps with it.
  ///
  /// Single precision gives the same gradient, but where an episode lies at a kink, which one of the seeds may; FIML
  /// loses most, since it solves for its steps.
  @Test(arguments: unrolled)
  private func metaGradientIsTheSlopeOfTheObjective(_ entry: CatalogEntry) throws {
    let differences = try Self.seeds.map { try difference(entry.method, seed: $0) }
    #expect(differences.count { $0 < 1e-2 } >= 2, "\(differences), seeds \(Self.seeds)")
  }

  /// Checks the slope; gives the largest difference of the planned gradient from the exact one.
  private func difference(_ method: any Method, seed: UInt64) throws -> Float {
    let stage = try Self.stage(method, seed: seed)
    let trace = stage.setup.trace(stage.values)
    let (objective, own) = stage.ownGradient(trace)
    let all = trace.metaParameters
    #expect(all.names.contains { $0.contains(".norm.") })
    let gradients = trace.graph.gradient(of: objective, withRespectTo: all.values)
    let oracle = stage.oracle(for: trace.graph)
    let exact = oracle.values(of: gradients)
    let moves = stage.direction(seed: seed) { own[$0] == nil }
    let slope = zip(stage.setup.parameters.offsets, exact).reduce(0.0) { total, item in
      let move = moves[Address(.parameters, item.0)] ?? []
      return total + zip(move, item.1).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let numeric = oracle.slope(of: objective, along: moves, step: 1e-5)
    let isSlope = abs(slope - numeric) < 1e-5 * max(1, abs(numeric))
    #expect(
      isSlope || !method.isMetaGradientExact(stage.values),
      "\(slope), \(numeric), seed \(seed)"
    )
    let planned = stage.training().gradient
    return zip(all.names, exact).filter { own[$0.0] == nil }
      .map { relativeDifference(planned[$0.0] ?? [], $0.1.map { Float($0) }) }.max() ?? 0
  }

  /// The derivative of a replayed step, of which every way back over the loop is made.
  @Test(arguments: replayed)
  private func replayedStepIsDifferentiated(_ entry: CatalogEntry) throws {
    let method = try #require(entry.method as? any TrajectoryMethod)
    let seed = Self.seeds[0]
    var stage = try Self.stage(method, seed: seed)
    let trajectory = method.trajectory(for: stage.setup.model, stage.values)
    let layout = ParameterLayout(trajectory.state)
    stage.bind(state: layout, seed: seed)
    let trace = stage.setup.trace(stage.values, state: layout)
    let next = method.step(trace).sorted { $0.key < $1.key }.map(\.value)
    let value = next.reduce(trace.graph.constant(0)) { $0 + ($1 * $1).sum() }
    let gradients = trace.graph.gradient(of: value, withRespectTo: trace.state.values)
    let oracle = stage.oracle(for: trace.graph)
    var numbers = SeededNumbers(seed: seed + 1)
    var (moves, slope) = ([Address: [Double]](), 0.0)
    for (offset, gradient) in zip(layout.offsets, oracle.values(of: gradients)) {
      let move = numbers.normal(gradient.count)
      moves[Address(.state, offset)] = move
      slope += zip(move, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let numeric = oracle.slope(of: value, along: moves, step: 1e-5)
    #expect(slope != 0)
    #expect(
      abs(slope - numeric) < 1e-5 * max(1, abs(numeric)),
      "\(slope), \(numeric), seed \(seed)"
    )
  }
}
