import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@testable import MetaLearning

@Suite("MAML++")
struct MAMLPlusPlusTests {
  private static let network = MLP(inputs: 1, hidden: [6, 5], outputs: 1)

  private func values(_ settings: [String: Double]) throws -> HyperparameterValues {
    var values = HyperparameterValues(MAMLPlusPlus().hyperparameters(for: Self.network))
    for (id, value) in settings { try values.set(id, to: value) }
    return values
  }

  private func weights(_ values: HyperparameterValues, step: Int, of total: Int) -> [Double] {
    let method = MAMLPlusPlus()
    return method.derivedSettings(values).filter { $0.hasPrefix("multi") }
      .compactMap { method.scheduledValue($0, values, step: step, totalSteps: total) }
  }

  @Test("The weights of the query losses add up to 1, from equal ones to the last alone")
  func weights() throws {
    let values = try values(["epoch-steps": 2, "multi-step-epochs": 4, "inner-steps": 5])
    for step in 0..<20 {
      let weights = weights(values, step: step, of: 20)
      #expect(weights.count == 5 && abs(weights.reduce(0, +) - 1) < 1e-12)
      #expect(weights[0] >= (step < 8 ? 0.006 : 0) && weights[4] <= 1)
    }
    #expect(weights(values, step: 1, of: 20).allSatisfy { abs($0 - 0.2) < 1e-12 })
    #expect(weights(values, step: 8, of: 20) == [0, 0, 0, 0, 1])
  }

  @Test("The outer rate follows a cosine and is constant within an epoch")
  func cosine() throws {
    let values = try values(["epoch-steps": 10, "outer-lr": 0.1, "outer-lr-final": 0.02])
    let rates = (0..<40).map {
      MAMLPlusPlus().outerRate(of: "body", values, step: $0, totalSteps: 40)
    }
    #expect(Set(rates.prefix(10)) == [0.1] && Set(rates).count == 4)
    #expect(abs(rates[20] - 0.06) < 1e-12)
    let own = try self.values([
      "epoch-steps": 10, "outer-lr": 0.1, "outer-lr-final": 0.02, "rates-lr": 0.01,
    ])
    let learned = MAMLPlusPlus().outerRate(of: "rates", own, step: 20, totalSteps: 40)
    #expect(abs(learned - 0.006) < 1e-12)
  }

  @Test("An epoch is 500 steps or a hundredth of the run where nothing is said")
  func epochs() throws {
    let values = try values([:])
    #expect(MAMLPlusPlus.Epochs(values, totalSteps: 100_000).steps == 500)
    #expect(MAMLPlusPlus.Epochs(values, totalSteps: 2_000).steps == 20)
    let short = MAMLPlusPlus.Epochs(values, totalSteps: 7)
    #expect(short.steps == 1 && short.count == 7)
  }

  @Test("Phases come from the epoch: several losses, first order, or neither")
  func stages() throws {
    let values = try values([
      "epoch-steps": 1, "multi-step-epochs": 2, "first-order-epochs": 1,
    ])
    let stages = (0..<4).map { MAMLPlusPlus().stage(values, step: $0, totalSteps: 4) }
    #expect(stages == [3, 1, 0, 0])
  }

  /// In every phase but the first-order ones the gradient is the slope of the weighted objective.
  @Test("The gradient of several query losses is exact", arguments: [1, 3])
  func multiStepGradient(phase: Int) throws {
    let method = MAMLPlusPlus()
    let stage = try MethodStage(method, ["inner-steps": 3, "inner-lr": 0.05])
    let trace = stage.setup.trace(stage.values, stage: phase)
    let objective = stage.objective(trace).total
    let gradients = trace.graph.gradient(
      of: objective,
      withRespectTo: trace.metaParameters.values
    )
    var oracle = stage.oracle(for: trace.graph)
    for (place, id) in method.derivedSettings(stage.values).enumerated() {
      let weight = ["1": 0.2, "2": 0.3, "3": 0.5][String(id.suffix(1))] ?? 2.0
      oracle.inputs[Address(.settings, stage.values.derivedOffset(place))] = [weight]
    }
    let exact = oracle.values(of: gradients)
    let moves = stage.direction(seed: 2) { _ in true }
    let slope = zip(stage.setup.parameters.offsets, exact).reduce(0.0) { total, item in
      let move = moves[Address(.parameters, item.0)] ?? []
      return total + zip(move, item.1).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let numeric = oracle.slope(of: objective, along: moves, step: 1e-6)
    let isSlope = abs(slope - numeric) < 1e-5 * max(1, abs(numeric))
    #expect(isSlope == (phase == 1), "\(slope) and \(numeric)")
  }

  /// Rates of a tensor and step, and rows of scale and shift.
  @Test("Pictures have rows of scales and shifts, and rates of all that adapts")
  func shapes() throws {
    let model = ConvNet(height: 16, width: 16, inputChannels: 1, channels: 4, outputs: 2)
    for (isPerStep, shape) in [(1.0, [3, 4]), (0, [4])] {
      var values = HyperparameterValues(MAMLPlusPlus().hyperparameters(for: model))
      try values.set("inner-steps", to: 3)
      try values.set("per-step-norm", to: isPerStep)
      let all = MAMLPlusPlus().metaParameters(for: model, shot: 1, values)
      let scale = all.first { $0.name == "body.block2.norm.weight" }
      #expect(scale?.shape.dimensions == shape)
      let rates = all.filter { $0.group == "rates" }
      #expect(rates.count == 6 && rates.allSatisfy { $0.shape.dimensions == [3] })
      #expect(!rates.contains { $0.name.contains("norm") || $0.name.hasSuffix("conv.bias") })
    }
  }

  @Test("Only weights are bounded, and rates that are not learned stay")
  func rules() throws {
    let values = try values(["gradient-clip": 0.5, "learn-rates": 0])
    #expect(MAMLPlusPlus().gradientLimit(values) == .value(0.5, groups: ["body", "head"]))
    #expect(MAMLPlusPlus().rule(for: "rates", values, stage: 0) == .frozen)
    #expect(MAMLPlusPlus().rule(for: "body", values, stage: 0) == .adam())
  }
}
