import Autodiff
import AutodiffOracle
import Kernels
import Models
import Testing

@testable import MetaLearning

/// A method under one setting of its structural choices.
private struct Variant: CustomTestStringConvertible, Sendable {
  let method: any Method
  let settings: [String: Double]
  var testDescription: String { "\(method.descriptor.name) \(settings)" }

  /// Every choice of every method, with one and with two inner steps.
  static let all: [Self] = (CatalogEntry.unrolled + CatalogEntry.composed).map(\.method).flatMap {
    method in
    var settings: [[String: Double]] = [["inner-steps": 1], ["inner-steps": 2]]
    for parameter in method.ownHyperparameters(for: .dense) {
      guard case .choice(let names) = parameter.kind else { continue }
      settings = settings.flatMap { setting in
        names.indices.map { setting.merging([parameter.id: Double($0)]) { $1 } }
      }
    }
    let usual = ["inner-lr": 0.05, "first-order": 0]
    return settings.map { Self(method: method, settings: $0.merging(usual) { $1 }) }
  }
}

@Suite struct MetaGradientTests {
  /// Where a method claims exactness, the plan's gradient is the slope of the whole objective.
  @Test(arguments: Variant.all)
  private func exactGradientIsTheSlopeOfTheObjective(_ variant: Variant) throws {
    for seed in UInt64(1)...2 {
      let stage = try MethodStage.usual(variant.method, seed: seed, variant.settings)
      let isExact = variant.method.isMetaGradientExact(stage.values)
      let trace = stage.setup.trace(stage.values)
      let (objective, own) = stage.ownGradient(trace)
      let gradients = trace.graph.gradient(
        of: objective,
        withRespectTo: trace.metaParameters.values
      )
      let claimed = zip(trace.metaParameters.names, gradients).map { own[$0] ?? $1 }
      let oracle = stage.oracle(for: trace.graph)
      let exact = oracle.values(of: gradients)
      let planned = stage.training().gradient
      for (name, values) in zip(trace.metaParameters.names, oracle.values(of: claimed)) {
        let single = planned[name] ?? []
        // Single precision loses most where a system is solved for an estimate of the gradient.
        let limit: Float = own[name] == nil ? 1e-3 : 0.1
        #expect(relativeDifference(single, values.map { Float($0) }) < limit, "\(name)")
      }
      // What has a gradient of its own is no claim about the slope.
      let moves = stage.direction(seed: seed) { own[$0] == nil }
      let slope = zip(stage.setup.parameters.offsets, exact).reduce(0.0) { total, item in
        let move = moves[Address(.parameters, item.0)] ?? []
        return total + zip(move, item.1).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let numeric = oracle.slope(of: objective, along: moves, step: 1e-5)
      let isSlope = abs(slope - numeric) < 1e-5 * max(1, abs(numeric))
      #expect(isSlope || !isExact, "\(slope) and \(numeric), seed \(seed)")
    }
  }

  @Test(
    arguments: CatalogEntry.unrolled.filter { entry in
      entry.method.sharedHyperparameters(for: .dense).contains { $0.id == "first-order" }
    }
  )
  func firstOrderIsNotExactAndSaysSo(_ entry: CatalogEntry) throws {
    let stage = try MethodStage.usual(entry.method, ["first-order": 1, "inner-lr": 0.1])
    #expect(!entry.method.isMetaGradientExact(stage.values))
    let exact = try MethodStage.usual(entry.method, ["first-order": 0, "inner-lr": 0.1]).training()
    let first = stage.training()
    // The same forward pass, another gradient.
    #expect(abs(first.queryLoss - exact.queryLoss) < 1e-5 * exact.queryLoss)
    let name = "body.layer1.weight"
    let difference = relativeDifference(first.gradient[name] ?? [], exact.gradient[name] ?? [])
    #expect(difference > 1e-3)
  }
}

/// f = θ: one number that is the output whatever the input (methods §iv).
private struct ScalarModel: Model {
  let name = "scalar"
  let family = ModelFamily.dense
  let bodyLayers: [String] = []
  let parameters = [ParameterSpecification("head.bias", [1], .zeros)]
  let normalisedLayers: [NormalisedLayer] = []
  let sites: [FeatureSite] = []
  let inputShape = [1]
  let featureCount = 1
  let outputCount = 1

  func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor { inputs }

  func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    parameters["head.bias"].broadcast(.scalar, to: [features.shape.rows, 1])
  }
}

@Suite struct ClosedFormTests {
  /// The losses here are (θ − s)² where the closed forms have ½(θ − s)²: so the rate counts twice,
  /// and so does the gradient.
  @Test(arguments: [1, 2, 5, 12], [0.01, 0.1, 0.3])
  func scalarModelFollowsItsClosedForm(steps: Int, rate: Double) throws {
    for isFirstOrder in [false, true] {
      let stage = try MethodStage(
        MAML(),
        model: ScalarModel(),
        shot: 1,
        queryShot: 1,
        [
          "inner-steps": Double(steps), "inner-lr": rate, "first-order": isFirstOrder ? 1 : 0,
        ]
      )
      let layout = stage.setup.layout
      func number(_ space: Space, _ offset: Int) -> Double {
        stage.inputs[Address(space, offset)]?[0] ?? .nan
      }
      let theta = number(.parameters, 0)
      let support = number(.episode, layout.supportTargets)
      let query = number(.episode, layout.queryTargets)
      let shrink = (0..<steps).reduce(1.0) { product, _ in product * (1 - 2 * rate) }
      let adapted = support + shrink * (theta - support)
      let gradient = 2 * (isFirstOrder ? 1 : shrink) * (adapted - query)
      let training = stage.training()
      let loss = (adapted - query) * (adapted - query)
      #expect(abs(Double(training.gradient["head.bias"]?[0] ?? .nan) - gradient) < 1e-5)
      #expect(abs(Double(training.queryLoss) - loss) < 1e-5)
      let supportLoss = (theta - support) * (theta - support)
      #expect(abs(Double(training.supportLoss) - supportLoss) < 1e-5)
    }
  }
}
