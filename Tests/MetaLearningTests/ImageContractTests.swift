import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@testable import MetaLearning

/// A method under one setting of its structural choices, on one network for images.
private struct Variant: CustomTestStringConvertible, Sendable {
  /// Those that the method can have, with its own rectifier: a plain one leaves blocks of two channels
  /// dead.
  private static func models(_ method: any Method) -> [any Model] {
    let style = ModelStyle(activation: method.modelDefaults.activation)
    let all: [any Model] = [
      ConvNet(height: 16, width: 16, inputChannels: 1, channels: 8, outputs: 2, style: style),
      ConvNet(
        height: 16,
        width: 16,
        inputChannels: 1,
        channels: 4,
        outputs: 2,
        depth: 6,
        style: style
      ),
      ResNet20(height: 8, width: 8, inputChannels: 1, channels: 2, outputs: 2, style: style),
    ]
    return all.filter { method.refusal(of: $0) == nil }
  }

  let model: any Model
  let method: any Method
  let settings: [String: Double]
  var testDescription: String { "\(model.name), \(method.descriptor.name) \(settings)" }

  static let all: [Self] = CatalogEntry.unrolled.map(\.method).flatMap(variants)

  /// One of each method.
  static let methods: [Self] =
    CatalogEntry.unrolled.map(\.method).flatMap { method in
      models(method).map { Self(model: $0, method: method, settings: [:]) }
    }
    // What a wrapper does on its usual base it does on another: one network tells, and of wrappers that
    // leave the passes alone one base that is a wrapper itself.
    + CatalogEntry.composed.compactMap { $0.method as? any WrappingMethod }.filter {
      $0.neededSeams.contains(.innerLoop) || $0.base is any WrappingMethod
    }.flatMap { method in
      models(method).prefix(1).map { Self(model: $0, method: method, settings: [:]) }
    }

  private static func variants(_ method: any Method) -> [Self] {
    var settings: [[String: Double]] = [["inner-steps": 1, "inner-lr": 0.1]]
    for parameter in method.ownHyperparameters(for: .convolutional) {
      guard case .choice(let names) = parameter.kind else { continue }
      settings = settings.flatMap { setting in
        names.indices.map { setting.merging([parameter.id: Double($0)]) { $1 } }
      }
    }
    return models(method).flatMap { model in
      settings.map { Self(model: model, method: method, settings: $0) }
    }
  }
}

/// What every method must keep on images too: 2-way 2-shot.
@Suite struct ImageContractTests {
  private func stage(
    _ variant: Variant,
    _ settings: [String: Double]
  ) throws -> MethodStage {
    let known = Set(variant.method.hyperparameters(for: variant.model).map(\.id))
    // A graph of many draws is planned for minutes.
    let settings = settings.merging(["mc-samples": 2]) { own, _ in own }
    return try MethodStage(
      variant.method,
      model: variant.model,
      shot: 4,
      queryShot: 4,
      settings.filter { known.contains($0.key) }
    )
  }

  /// The plan's gradient is the graph's, and where a method claims exactness the slope of the whole
  /// objective.
  @Test(arguments: Variant.all)
  private func exactGradientIsTheSlopeOfTheObjective(_ variant: Variant) throws {
    let stage = try stage(variant, variant.settings)
    let trace = stage.setup.trace(stage.values)
    let (objective, own) = stage.ownGradient(trace)
    let parameters = trace.metaParameters
    let gradients = trace.graph.gradient(of: objective, withRespectTo: parameters.values)
    let claimed = zip(parameters.names, gradients).map { own[$0] ?? $1 }
    let moves = stage.direction(seed: 3) { own[$0] == nil }
    let oracle = stage.oracle(for: trace.graph)
    let exact = oracle.values(of: gradients)
    let planned = stage.training().gradient
    for (name, values) in zip(parameters.names, oracle.values(of: claimed))
    where !name.hasPrefix(RunningStatistics.group) {
      let error = relativeDifference(planned[name] ?? [], values.map { Float($0) })
      #expect(error < (own[name] == nil ? 2e-3 : 0.1), "\(name)")
    }
    let slope = zip(stage.setup.parameters.offsets, exact).reduce(0.0) { total, item in
      let move = moves[Address(.parameters, item.0)] ?? []
      return total + zip(move, item.1).reduce(0) { $0 + $1.0 * $1.1 }
    }
    // So near that no rectifier, maximum or response bends between.
    let numeric = oracle.slope(of: objective, along: moves, step: 1e-8)
    let isExact = variant.method.isMetaGradientExact(stage.values)
    let isSlope = abs(slope - numeric) < 1e-5 * max(1, abs(numeric))
    #expect(isSlope || !isExact, "\(slope) and \(numeric)")
  }

  @Test(arguments: Variant.methods)
  private func probesAreAsManyAsDeclared(_ variant: Variant) throws {
    let stage = try stage(variant, ["inner-steps": 2])
    let declared = variant.method.probes(for: stage.setup.model, stage.values)
    let probes = stage.probes()
    #expect(probes.values.count == declared.count)
    let points = variant.method.adaptationSteps(stage.values) + 1
    #expect(probes.supportLosses.count == points && probes.queryLosses.count == points)
    #expect(probes.innerGradientNorms.count == variant.model.layers.count)
    expectNorms(probes.innerGradientNorms, of: stage)
    let all = probes.values + probes.supportLosses + probes.queryLosses
    #expect(all.allSatisfy { $0.isFinite })
    for layer in variant.model.sites.map(\.name)
    where declared.contains(where: { $0.layer != nil }) {
      #expect(declared.contains { $0.layer == layer }, "no probe of \(layer)")
    }
    // The probed pass is the trained one, to the number.
    let training = stage.training()
    #expect(abs(probes.queryLosses[points - 1] - training.queryLoss) < 1e-4 * training.queryLoss)
    #expect(abs(probes.supportLosses[0] - training.supportLoss) < 1e-4 * training.supportLoss)
  }

  /// Losses and accuracies after 0, 1 and 2 inner steps, under every batch normalisation.
  @Test(arguments: Variant.methods, [0.0, 1, 2])
  private func evaluationIsFinite(_ variant: Variant, normalisation: Double) throws {
    let stage = try stage(variant, ["batch-norm": normalisation, "inner-lr": 0.01])
    let steps = variant.method.evaluationSteps(stage.values, wanted: 2)
    let plan = stage.setup.evaluationPlan(stage.values, steps: steps)
    let results = stage.results(plan).map { $0[0] }
    #expect(results.count == 2 * (steps + 1))
    // Running variances in the stage are random numbers, some of them negative.
    guard normalisation != 2 else { return }
    #expect(results.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(results[(steps + 1)...].allSatisfy { $0 <= 1 })
  }
}
