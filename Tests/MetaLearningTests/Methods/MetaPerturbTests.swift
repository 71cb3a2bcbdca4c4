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

  /// The network of methods C.2 on 1×1 maps, written out.
  @Test(arguments: [0, 0.7, 1])
  func siteIsWhatThePaperSays(kappa: Double) {
    let (rows, columns) = (5, 3)
    var numbers = SeededNumbers(seed: 17)
    let graph = Graph()
    var inputs: [Address: [Double]] = [:]
    var nextOffset = 0
    func input(_ shape: Shape, scale: Double) -> (Tensor, [Double]) {
      let values = numbers.normal(shape.count).map { $0 * scale }
      let address = Address(.parameters, nextOffset)
      nextOffset += paddedCount(shape.count)
      inputs[address] = values
      return (graph.input(address, shape), values)
    }
    var tensors: [(name: String, value: Tensor)] = []
    var weights: [String: [Double]] = [:]
    for parameter in Perturbation().parameters {
      let (tensor, values) = input(parameter.shape, scale: 1)
      tensors.append((parameter.name, tensor))
      weights[String(parameter.name.dropFirst("perturbation.".count))] = values
    }
    // Large enough that some results exceed 100.
    let (x, xs) = input([rows, columns], scale: 90)
    let (noise, epsilon) = input([rows, columns], scale: 1)
    func tap(_ name: String, _ kernel: Int = 0) -> Double { weights[name]?[kernel * 9 + 4] ?? .nan }
    func equivariant(_ values: [Double], _ name: String) -> [Double] {
      values.indices.map { index in
        let row = values[index / columns * columns..<index / columns * columns + columns]
        let mean = row.reduce(0, +) / Double(columns)
        return tap(name + ".w_identity") * values[index] + tap(name + ".w_all") * mean
      }
    }
    let mean = equivariant(equivariant(xs, "phi_1").map { max($0, 0) }, "phi_2")
    let z = zip(mean, epsilon).map { ReferenceInterpreter.unary(.softplus, $0 + $1) }
    let fc = weights["fc.weight"] ?? []
    let scale = (0..<columns).map { channel -> Double in
      var score = fc[8] + fc[9]
      for kernel in 0..<4 {
        let responses = (0..<rows).map {
          max(xs[$0 * columns + channel] * tap("kernel", kernel), 0)
        }
        let m = responses.reduce(0, +) / Double(rows)
        let u = responses.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(rows - 1)
        score += fc[kernel] * m + fc[4 + kernel] * u
      }
      return ReferenceInterpreter.unary(.sigmoid, score)
    }
    let free = xs.indices.map { ((z[$0] * scale[$0 % columns] - 1) * kappa + 1) * xs[$0] }
    for isClamped in [true, false] {
      let site = Perturbation().apply(
        to: x,
        noise: noise,
        kappa: graph.constant(kappa),
        isClamped: isClamped,
        ParameterTree(tensors)
      )
      let expected = [isClamped ? free.map { min($0, 100) } : free, z, scale]
      let actual = ReferenceInterpreter(inputs: inputs)
        .values(of: [site.values, site.noise, site.scale])
      for (a, e) in zip(actual, expected) {
        #expect(zip(a, e).allSatisfy { abs($0 - $1) < 1e-9 * max(1, abs($1)) })
      }
    }
    #expect(free.contains { $0 > 100 }, "nothing to clamp")
  }
}
