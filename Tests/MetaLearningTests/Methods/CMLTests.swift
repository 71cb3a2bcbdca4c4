import Kernels
import Models
import Testing

@testable import MetaLearning

@Suite struct CMLTests {
  private static let ownNames = [
    "body.layer1.weight", "body.layer1.bias", "body.layer2.weight", "body.layer2.bias",
    "head.weight", "head.bias",
  ]

  private func gradients(
    _ method: any Method,
    _ settings: [String: Double]
  ) throws
    -> [String: [Float]]
  {
    try MethodStage(method, settings).training().gradient
  }

  @Test(arguments: [0, 1])
  func withoutGammaItIsMAML(firstOrder: Double) throws {
    let settings = ["inner-steps": 2, "first-order": firstOrder]
    let cml = try gradients(CML(), settings.merging(["gamma": 0]) { $1 })
    let maml = try gradients(MAML(), settings)
    for name in Self.ownNames {
      #expect(relativeDifference(cml[name] ?? [], maml[name] ?? []) < 1e-6, "\(name)")
    }
  }

  /// The co-learner does not reach the head when inner gradients count as constants.
  @Test func firstOrderHeadGradientIsFOMAMLs() throws {
    let settings = ["inner-steps": 2.0, "first-order": 1]
    let cml = try gradients(CML(), settings.merging(["gamma": 0.7]) { $1 })
    let maml = try gradients(MAML(), settings)
    for name in Self.ownNames {
      let difference = relativeDifference(cml[name] ?? [], maml[name] ?? [])
      #expect((difference < 1e-6) == name.hasPrefix("head."), "\(name): \(difference)")
    }
  }

  @Test func onlyTheFrozenControlKeepsItsCoLearner() throws {
    for (index, choice) in ["trained", "frozen", "adapted"].enumerated() {
      let model = MLP(inputs: 1, hidden: [6, 5], outputs: 1)
      var values = HyperparameterValues(CML().hyperparameters(for: model))
      try values.set("co-learner", to: Double(index))
      let trainer = MiniTrainer(CML(), model: model, values, seed: 1)
      let before = trainer.parameters.values(0..<trainer.parameters.count)
      #expect(trainer.train(steps: 5) == 5)
      for group in trainer.setup.parameters.groups {
        let isKept = trainer.parameters.values(group.range) == Array(before[group.range])
        #expect(isKept == (choice == "frozen" && group.name == "colearner"), "\(group.name)")
      }
    }
  }

  @Test func onlyTheAdaptedControlAdaptsItsCoLearner() throws {
    for (choice, isAdapted) in [(0.0, false), (1, false), (2, true)] {
      let stage = try MethodStage(CML(), ["co-learner": choice])
      let adaptation = stage.adaptation(stage.setup.trace(stage.values))
      for name in adaptation.adapted.names where name.hasPrefix("colearner.") {
        let moved = adaptation.adapted[name].id != adaptation.parameters[0][name].id
        #expect(moved == isAdapted, "\(name)")
      }
    }
  }

  /// CML's gradient less MAML's is γ times the co-learner's: so the probes have a second source.
  @Test func probesAreCosineAndRatioOfTheTwoGradients() throws {
    let gamma: Float = 0.7
    let settings = ["inner-steps": 2.0, "gamma": Double(gamma)]
    let stage = try MethodStage(CML(), settings)
    let cml = stage.training().gradient
    let maml = try gradients(MAML(), ["inner-steps": 2])
    func pair(_ prefix: String) -> (own: [Float], other: [Float]) {
      let names = Self.ownNames.filter { $0.hasPrefix(prefix) }
      let own = names.flatMap { maml[$0] ?? [] }
      let sum = names.flatMap { cml[$0] ?? [] }
      return (own, zip(sum, own).map { ($0 - $1) / gamma })
    }
    func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let probes = stage.method.probes(for: stage.setup.model).map(\.key)
    let values = Dictionary(uniqueKeysWithValues: zip(probes, stage.probes().values))
    for (prefix, suffix) in [
      ("body.", ""), ("body.layer1.", "/layer1"), ("body.layer2.", "/layer2"),
    ] {
      let (own, other) = pair(prefix)
      let norms = (dot(own, own).squareRoot(), dot(other, other).squareRoot())
      let cosine = dot(own, other) / (norms.0 * norms.1)
      #expect(abs((values["colearner_cosine" + suffix] ?? .nan) - cosine) < 1e-3)
      let ratio = gamma * norms.1 / norms.0
      let probe = values["colearner_norm_ratio" + suffix] ?? .nan
      #expect(abs(probe - ratio) < 1e-3 * ratio)
      if !suffix.isEmpty {
        #expect(values["colearner_alignment" + suffix] == (dot(own, other) > 0 ? 1 : 0))
      }
    }
  }

  @Test func vanishingGradientsHaveNoAngle() {
    let pair = GradientPair(own: [0, 0], other: [1, 2])
    #expect(pair.cosine == 0 && pair.normRatio == 0)
    let exact = GradientPair(own: [3, 4], other: [-6, -8])
    #expect(abs(exact.cosine + 1) < 1e-6 && abs(exact.normRatio - 2) < 1e-6)
  }
}
