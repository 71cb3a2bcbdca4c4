import Autodiff
import AutodiffOracle
import Kernels
import Models
import Tasks
import Testing

@testable import MetaLearning

/// A method on one small episode of pictures, in single precision.
private struct PictureStage {
  static let model = ConvNet(height: 16, width: 16, inputChannels: 1, channels: 16, outputs: 2)
  static let layout = EpisodeLayout(
    supportCount: 4,
    queryCount: 6,
    inputShape: [16, 16, 1],
    targetCount: 2
  )
  let setup: EpisodeSetup
  var values: HyperparameterValues
  let parameters: AlignedBuffer
  let episode: AlignedBuffer

  init(_ method: any Method, _ settings: [String: Double] = [:]) throws {
    values = HyperparameterValues(method.hyperparameters(for: Self.model))
    for (id, value) in settings { try values.set(id, to: value) }
    setup = EpisodeSetup(
      method: method,
      model: Self.model,
      layout: Self.layout,
      values: values,
      isClassification: true
    )
    parameters = AlignedBuffer(count: setup.parameters.count)
    var numbers = SeededNumbers(seed: 5)
    for (index, parameter) in setup.parameters.specifications.enumerated() {
      let (place, count) = (setup.parameters.offsets[index], parameter.shape.count)
      switch parameter.initialiser {
      case .zeros: break
      case .ones: parameters.write([Float](repeating: 1, count: count), at: place)
      case .constant(let value):
        parameters.write([Float](repeating: value, count: count), at: place)
      case .uniform(let size), .normal(let size), .between(_, let size):
        parameters.write(numbers.normal(count).map { Float($0) * size }, at: place)
      }
    }
    episode = AlignedBuffer(count: Self.layout.count)
    var stream = RandomStream(seed: 6)
    stream.fillNormal(episode, at: 0, count: Self.layout.count)
    for (start, count) in [
      (Self.layout.supportTargets, Self.layout.supportCount),
      (Self.layout.queryTargets, Self.layout.queryCount),
    ] {
      for index in 0..<2 * count { episode[start + index] = index % 2 == index / count ? 1 : 0 }
    }
  }

  func results(_ plan: EpisodePlan) -> [[Float]] {
    let workspace = Workspace()
    workspace.bind(.parameters, to: parameters)
    workspace.bind(.episode, to: episode)
    let settings = AlignedBuffer(count: values.settingCount)
    for (index, descriptor) in values.descriptors.enumerated() {
      settings[values.settingOffset(index)] = Float(values.number(descriptor.id))
    }
    workspace.bind(.settings, to: settings)
    let results = AlignedBuffer(count: plan.resultCount)
    workspace.bind(.results, to: results)
    plan.plan.program.replay(in: workspace)
    return plan.outputs.map { results.values($0) }
  }

  /// Logits of the query set after one inner step, as meta-test makes them.
  func logits() -> [Float] {
    let trace = setup.trace(values, isTraining: false)
    let adaptation = setup.method.adapt(trace, steps: 1, isFirstOrder: true)
    let output = setup.method.evaluationOutput(trace, adaptation.adapted)
    return results(EpisodePlan(trace, [Plan.Output(output)]))[0]
  }

  func gradients() -> [String: [Float]] {
    let names = setup.parameters.specifications.map(\.name)
    return Dictionary(uniqueKeysWithValues: zip(names, results(setup.trainingPlan(values))))
  }

  /// Changes the last query picture.
  func disturbLastQuery() {
    let size = 16 * 16
    for index in 0..<size { episode[Self.layout.queryInputs + 5 * size + index] += 3 }
  }

  func write(_ number: Float, to name: String) {
    guard let index = setup.parameters.specifications.firstIndex(where: { $0.name == name }) else {
      return
    }
    for place in setup.parameters.range(index) { parameters[place] = number }
  }
}

@Suite struct BatchStatisticsTests {
  /// Whether a prediction depends on the other queries is what the policies differ in.
  @Test(arguments: [("transductive", 0.0, true), ("support", 1, false), ("running", 2, false)])
  func dependenceOnOtherQueries(name: String, policy: Double, depends: Bool) throws {
    let stage = try PictureStage(MAML(), ["batch-norm": policy])
    let before = stage.logits()
    stage.disturbLastQuery()
    let after = stage.logits()
    #expect(Array(before[10...]) != Array(after[10...]), "the picture itself changed")
    let others = relativeDifference(Array(after[..<10]), Array(before[..<10]))
    #expect((others > 1e-3) == depends, "\(name): \(others)")
  }

  /// With the batch's own statistics a bias moves a map and its mean alike: the gradient is exactly
  /// zero, where others have rounding noise.
  @Test func biasesHaveNoGradient() throws {
    let gradients = try PictureStage(CML()).gradients()
    for (name, gradient) in gradients where name.hasSuffix(".conv.bias") {
      #expect(gradient.allSatisfy { $0 == 0 }, "\(name)")
    }
    for (name, gradient) in gradients
    where !name.hasSuffix(".conv.bias") && !name.hasPrefix("statistics.") {
      #expect(gradient.contains { $0 != 0 }, "\(name)")
    }
  }

  /// Averages keep PyTorch's meaning: of the maps with their bias, the variance unbiased.
  @Test func runningAveragesFollowTheQuerySet() throws {
    let stage = try PictureStage(CML())
    let layers = CML().normalisedLayers(of: PictureStage.model).map(\.name)
    #expect(layers.count == 6 && layers[0] == "body.block1" && layers[5] == "colearner.block2")
    let trace = stage.setup.trace(stage.values)
    let adaptation = stage.setup.method.adapt(trace, steps: 1, isFirstOrder: false)
    let product = trace.queryInputs.convolution(
      adaptation.adapted["body.block1.conv.weight"]
    )
    let values = stage.results(EpisodePlan(trace, [Plan.Output(product)]))[0]
    let gradients = stage.gradients()
    let (mean, variance) = (
      gradients["statistics.body.block1.running_mean"] ?? [],
      gradients["statistics.body.block1.running_var"] ?? []
    )
    let index = try #require(
      stage.setup.parameters.specifications.firstIndex { $0.name == "body.block1.conv.bias" }
    )
    let bias = stage.parameters.values(stage.setup.parameters.range(index))
    for channel in 0..<16 {
      let numbers = stride(from: channel, to: values.count, by: 16).map { Double(values[$0]) }
      let average = numbers.reduce(0, +) / Double(numbers.count)
      let square = numbers.reduce(0) { $0 + ($1 - average) * ($1 - average) }
      let unbiased = square / Double(numbers.count - 1)
      // The averages begin at 0 and 1; the distance is what they move by.
      #expect(abs(Double(-mean[channel]) - average - Double(bias[channel])) < 1e-5)
      #expect(abs(Double(1 - variance[channel]) - unbiased) < 1e-5 * max(unbiased, 1))
    }
  }

  /// At meta-test the averages take the batch's place, so they decide the predictions.
  @Test func runningAveragesNormaliseAtMetaTest() throws {
    for (policy, isUsed) in [(0.0, false), (2, true)] {
      let stage = try PictureStage(MAML(), ["batch-norm": policy])
      let before = stage.logits()
      stage.write(4, to: "statistics.body.block2.running_var")
      #expect((stage.logits() != before) == isUsed)
    }
  }

  /// Off, scale and shift keep their meta-learnt values through the inner loop; they are still
  /// meta-learnt.
  @Test func normalisationIsAdaptedOnlyWhenAsked() throws {
    for (flag, isAdapted) in [(1.0, true), (0, false)] {
      let stage = try PictureStage(MAML(), ["adapt-norm": flag])
      let trace = stage.setup.trace(stage.values)
      let adaptation = stage.setup.method.adapt(trace, steps: 1, isFirstOrder: false)
      for name in trace.metaParameters.names where name.contains(".norm.") {
        #expect((adaptation.adapted[name].id != trace.metaParameters[name].id) == isAdapted)
        #expect(stage.gradients()[name]?.contains { $0 != 0 } == true, "\(name)")
      }
      let weight = "body.block1.conv.weight"
      #expect(adaptation.adapted[weight].id != trace.metaParameters[weight].id)
    }
  }

  /// CML's meta-test with the meta-head, and both readings of CML†: the paper's adapts the body by
  /// the co-learner's loss, the code's by the meta-head's; both classify with the co-learner.
  @Test func readingsOfCMLDagger() throws {
    let logits = try (0..<3).map { try PictureStage(CML(), ["meta-test": Double($0)]).logits() }
    let maml = try PictureStage(MAML()).logits()
    #expect(logits[0] == maml)
    #expect(logits[1] != logits[0] && logits[2] != logits[0] && logits[1] != logits[2])
    let paper = try PictureStage(CML(), ["meta-test": 1])
    paper.write(0, to: "head.weight")
    #expect(paper.logits() == logits[1], "the meta-head has no part in the paper's reading")
    let code = try PictureStage(CML(), ["meta-test": 2])
    code.write(0, to: "head.weight")
    #expect(code.logits() != logits[2], "it guides the adaptation in the code's")
  }

  /// The three algorithms give the same gradients but for their rounding.
  @Test func algorithmsAgree() throws {
    let direct = try PictureStage(MAML(), ["convolution": 0]).gradients()
    for (algorithm, tolerance) in [(1.0, Float(2e-4)), (2, 2e-3)] {
      let other = try PictureStage(MAML(), ["convolution": algorithm]).gradients()
      for (name, gradient) in direct {
        #expect(relativeDifference(other[name] ?? [], gradient) < tolerance, "\(name)")
      }
    }
  }
}
