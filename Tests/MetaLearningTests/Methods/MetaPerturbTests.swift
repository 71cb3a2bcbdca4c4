import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@testable import MetaLearning

@Suite struct MetaPerturbTests {
  @Test(arguments: [0.0, 1], [0.0, 1])
  func withoutNoiseItIsMAML(rule: Double, firstOrder: Double) throws {
    let settings = ["inner-steps": 2, "first-order": firstOrder]
    let own = try MethodStage(
      MetaPerturb(),
      settings.merging(["kappa": 0, "rule": rule]) { $1 }
    ).training()
    let maml = try MethodStage(MAML(), settings).training()
    for (name, values) in maml.gradient {
      #expect(relativeDifference(own.gradient[name] ?? [], values) < 1e-6, "\(name)")
    }
    #expect(abs(own.queryLoss - maml.queryLoss) < 1e-6 * maml.queryLoss)
    for (name, values) in own.gradient where name.hasPrefix("perturbation.") {
      #expect(values.allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  /// MP-direct: φ from the query pass alone, θ′ a constant; MP-unrolled: through the inner loop.
  @Test(arguments: [("MP-direct", 0.0), ("MP-unrolled", 1.0)])
  func noiseWeightsHaveTheirRulesGradient(_ name: String, _ rule: Double) throws {
    let settings = ["inner-steps": 2, "inner-lr": 0.1, "rule": rule]
    let stage = try MethodStage(MetaPerturb(), seed: 3, settings)
    let trace = stage.setup.trace(stage.values)
    let adaptation = stage.adaptation(trace)
    let objective = stage.method.outerObjective(trace, adaptation).total
    let oracle = stage.oracle(for: trace.graph)
    let moves = stage.direction(seed: 5) { $0.hasPrefix("perturbation.") }
    let gradient = stage.training().gradient
    var slope = 0.0
    for (parameter, offset) in zip(
      stage.setup.parameters.specifications,
      stage.setup.parameters.offsets
    ) {
      let values = gradient[parameter.name] ?? []
      let move = moves[Address(.parameters, offset)] ?? []
      slope += zip(move, values).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let whole = oracle.slope(of: objective, along: moves, step: 1e-5)

    // A query pass of its own, on parameters that are θ′ already; the same noise.
    let fixed = stage.setup.trace(stage.values)
    _ = stage.adaptation(fixed)
    let loss = fixed.queryLoss(stage.method, fixed.metaParameters)
    var query = stage.oracle(for: fixed.graph)
    let adapted = oracle.values(of: adaptation.adapted.values)
    for (offset, values) in zip(stage.setup.parameters.offsets, adapted) {
      query.inputs[Address(.parameters, offset)] = values
    }
    let partial = query.slope(of: loss, along: moves, step: 1e-5)

    #expect(abs(whole - partial) > 1e-3, "the two rules do not differ here")
    let expected = rule == 0 ? partial : whole
    #expect(abs(slope - expected) < 1e-3 * abs(expected), "\(name): \(slope), \(expected)")
  }

  @Test func oneExampleIsRefused() {
    #expect(MetaPerturb().refusal(supportCount: 2, queryCount: 2) == nil)
    for (support, query) in [(1, 5), (5, 1), (1, 1)] {
      let reason = MetaPerturb().refusal(supportCount: support, queryCount: query)
      #expect(reason?.contains("--shot 2") == true)
    }
    #expect(MAML().refusal(supportCount: 1, queryCount: 1) == nil)
  }

  @Test func noiseGrowsOverItsShareOfTheRun() throws {
    let model = MLP(inputs: 1, hidden: [6, 5], outputs: 1)
    var values = HyperparameterValues(MetaPerturb().hyperparameters(for: model))
    try values.set("kappa", to: 0.8)
    func kappa(_ step: Int) -> Double {
      MetaPerturb().scheduledValue("kappa", values, step: step, totalSteps: 1000) ?? .nan
    }
    #expect(kappa(0) == 0 && abs(kappa(100) - 0.2) < 1e-12)
    #expect(kappa(400) == 0.8 && kappa(1000) == 0.8)
    try values.set("kappa-anneal", to: 0)
    #expect(kappa(0) == 0.8)
  }
}
