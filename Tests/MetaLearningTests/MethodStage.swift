import Autodiff
import AutodiffOracle
import Events
import Kernels
import Models
import Tasks
import Testing

@testable import MetaLearning

/// A method as a test's argument.
struct CatalogEntry: CustomTestStringConvertible, Sendable {
  let method: any Method
  var testDescription: String { method.descriptor.name }

  /// Those that learn from episodes; what learns from batches has tests of its own.
  static let all = MethodCatalog.all.filter { !($0 is any BatchMethod) }.map { Self(method: $0) }
  /// Whatever it learns from.
  static let declared = MethodCatalog.all.map { Self(method: $0) }
  /// Whose episode is one graph: the others' inner loops are replayed.
  static let unrolled = all.filter { !($0.method is any TrajectoryMethod) }
  /// What wrappers make of other bases than their own.
  static let composed = MethodCatalog.compositions.map { Self(method: $0) }
}

/// A model as a test's argument.
struct CatalogModel: CustomTestStringConvertible, Sendable {
  let model: any Model
  var testDescription: String { model.name }

  static let all = [
    Self(model: MLP(inputs: 1, hidden: [6, 5], outputs: 1)),
    Self(model: ConvNet(height: 28, width: 28, inputChannels: 1, channels: 8, outputs: 5)),
    Self(model: ResNet20(height: 8, width: 8, inputChannels: 3, channels: 2, outputs: 5)),
  ]
}

/// A method on one small episode with everything bound: for the oracle in double precision and
/// for plans in single precision.
struct MethodStage {
  let setup: EpisodeSetup
  var values: HyperparameterValues
  /// Values by address, rounded to single precision.
  private(set) var inputs: [Address: [Double]] = [:]
  /// Normal numbers, repeated where a plan asks for more.
  private let normal: [Double]

  var method: any Method { setup.method }

  init(
    _ method: any Method,
    model: any Model = MLP(inputs: 1, hidden: [6, 5], outputs: 1),
    shot: Int = 4,
    queryShot: Int = 5,
    seed: UInt64 = 1,
    isClassification: Bool? = nil,
    _ settings: [String: Double] = [:]
  ) throws {
    let image = Self.imageShape(model)
    let isClassification = isClassification ?? (image != nil)
    let layout = EpisodeLayout(
      supportCount: shot,
      queryCount: queryShot,
      inputShape: image ?? [1],
      targetCount: model.outputCount
    )
    values = HyperparameterValues(method.hyperparameters(for: model))
    for (id, value) in settings { try values.set(id, to: value) }
    setup = EpisodeSetup(
      method: method,
      model: model,
      layout: layout,
      values: values,
      isClassification: isClassification
    )
    // The numbers that follow the episode's in its stream.
    normal = Self.normal(after: layout, isClassification, seed, blocks: image == nil ? 400 : 6_000)
    var numbers = SeededNumbers(seed: seed)
    for (index, parameter) in setup.parameters.specifications.enumerated() {
      let draws = numbers.normal(parameter.shape.count).map { $0 * 0.6 }
      bind(Address(.parameters, setup.parameters.offsets[index]), draws)
    }
    // The same episode for every method, however many parameters it has.
    numbers = SeededNumbers(seed: seed + 1000)
    for (inputs, targets, count) in [
      (layout.supportInputs, layout.supportTargets, shot),
      (layout.queryInputs, layout.queryTargets, queryShot),
    ] {
      let inputCount = layout.inputShape.reduce(count, *)
      bind(Address(.episode, inputs), numbers.normal(inputCount).map { $0 * 2 })
      let classes = layout.targetCount
      let oneHot = (0..<count * classes).map { $0 / classes % classes == $0 % classes ? 1.0 : 0 }
      bind(Address(.episode, targets), isClassification ? oneHot : numbers.normal(count))
    }
    for (index, descriptor) in values.descriptors.enumerated() {
      bind(Address(.settings, values.settingOffset(index)), [values.number(descriptor.id)])
    }
  }

  /// A small network on a task that the method can learn, under those of the settings it has.
  static func usual(
    _ method: any Method,
    seed: UInt64 = 1,
    _ settings: [String: Double] = [:]
  ) throws -> Self {
    if method.tasks == [.nodes] { return try Self(nodes: method, seed: seed, settings) }
    let isRegression = method.tasks.contains(.regression)
    let model = MLP(
      inputs: 1,
      hidden: [6, 5],
      outputs: isRegression ? 1 : 2,
      style: method.modelDefaults
    )
    let known = Set(method.hyperparameters(for: model).map(\.id))
    return try Self(
      method,
      model: model,
      shot: 4,
      queryShot: isRegression ? 5 : 4,
      seed: seed,
      isClassification: !isRegression,
      settings.filter { known.contains($0.key) }
    )
  }

  /// Nodes of a small graph, two of each of two classes; one exact inner step where nothing is said.
  private init(nodes method: any Method, seed: UInt64, _ settings: [String: Double]) throws {
    let model = TinyGraph.model(method.modelDefaults)
    values = HyperparameterValues(method.hyperparameters(for: model))
    let own = ["inner-steps": 1, "first-order": 0].merging(settings) { $1 }
    for (id, value) in own where values.descriptor(id) != nil { try values.set(id, to: value) }
    let reading = method.graphReading(values)
    let layout = TinyGraph.layout(reading)
    setup = EpisodeSetup(
      method: method,
      model: model,
      layout: layout,
      values: values,
      isClassification: true
    )
    normal = [0]
    var numbers = SeededNumbers(seed: seed)
    for (index, parameter) in setup.parameters.specifications.enumerated() {
      let draws = numbers.normal(parameter.shape.count).map { $0 * 0.6 }
      bind(Address(.parameters, setup.parameters.offsets[index]), draws)
    }
    for (offset, inputs) in TinyGraph.inputs(reading, layout) {
      bind(Address(.episode, offset), inputs.map(Double.init))
    }
    for targets in [layout.supportTargets, layout.queryTargets] {
      bind(Address(.episode, targets), [1, 0, 1, 0, 0, 1, 0, 1])
    }
    for (index, descriptor) in values.descriptors.enumerated() {
      bind(Address(.settings, values.settingOffset(index)), [values.number(descriptor.id)])
    }
  }

  private static func normal(
    after layout: EpisodeLayout,
    _ isClassification: Bool,
    _ seed: UInt64,
    blocks: Int
  ) -> [Double] {
    var numbers = SeededNumbers(seed: seed + 1000)
    for count in [layout.supportCount, layout.queryCount] {
      _ = numbers.normal(layout.inputShape.reduce(count, *))
      if !isClassification { _ = numbers.normal(count) }
    }
    return (0..<blocks).flatMap { _ in numbers.normal(16) }.map { Double(Float($0)) }
  }

  private static func imageShape(_ model: any Model) -> [Int]? {
    switch model {
    case let model as ConvNet: [model.height, model.width, model.inputChannels]
    case let model as ResNet20: [model.height, model.width, model.inputChannels]
    default: nil
    }
  }

  /// The state of a replayed loop; what holds squares or counts is above 0.
  mutating func bind(state layout: ParameterLayout, seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for (parameter, offset) in zip(layout.specifications, layout.offsets) {
      let draws = numbers.normal(parameter.shape.count).map { $0 * 0.6 }
      let isFast = parameter.name.hasPrefix("fast.")
      bind(Address(.state, offset), isFast ? draws : draws.map { abs($0) + 0.1 })
    }
  }

  private mutating func bind(_ address: Address, _ numbers: [Double]) {
    inputs[address] = numbers.map { Double(Float($0)) }
  }

  // MARK: Double precision

  /// An oracle for a trace of the objective: noise tensors find their part of the noise.
  func oracle(for graph: Graph) -> ReferenceInterpreter {
    var inputs = inputs
    let drawn = drawn(setup.draws(values))
    for node in graph.nodes {
      guard case .input(let address) = node.primitive, address.bits >> 28 == Space.noise.rawValue
      else { continue }
      let place = Int(address.bits & 0x0fff_ffff)
      inputs[address] = (place..<place + node.shape.count).map { drawn[$0] ?? noise($0) }
    }
    return ReferenceInterpreter(inputs: inputs)
  }

  private func noise(_ place: Int) -> Double { normal[place % normal.count] }

  /// Numbers of other distributions than the normal one, by their places.
  private func drawn(_ draws: EpisodeDraws) -> [Int: Double] {
    var numbers: [Int: Double] = [:]
    for draw in draws.items where draw.distribution != .normal {
      var stream = RandomDraws(draw.labels.reduce(RandomStream(seed: 7)) { $0.split($1) })
      draw.make(
        &stream,
        setting: { Float(inputs[Address(.settings, $0)]?[0] ?? 0) },
        write: { numbers[$0] = Double($1) }
      )
    }
    return numbers
  }

  /// The objective of one episode, traced like the training plan.
  func objective(_ trace: EpisodeTrace) -> OuterObjective {
    method.outerObjective(trace, adaptation(trace))
  }

  /// The same number, and what the method puts in the place of its gradient, by parameter.
  func ownGradient(_ trace: EpisodeTrace) -> (objective: Tensor, own: [String: Tensor]) {
    let adaptation = adaptation(trace)
    let objective = method.outerObjective(trace, adaptation)
    return (objective.total, method.metaGradient(trace, adaptation, objective))
  }

  func adaptation(_ trace: EpisodeTrace) -> Adaptation {
    method.adapt(
      trace,
      steps: method.adaptationSteps(values),
      isFirstOrder: values.isFirstOrder
    )
  }

  /// A random direction for every parameter that satisfies a condition.
  func direction(seed: UInt64, where isIncluded: (String) -> Bool) -> [Address: [Double]] {
    var numbers = SeededNumbers(seed: seed)
    var directions: [Address: [Double]] = [:]
    for (parameter, offset) in zip(setup.parameters.specifications, setup.parameters.offsets) {
      let draws = numbers.normal(parameter.shape.count)
      if isIncluded(parameter.name) { directions[Address(.parameters, offset)] = draws }
    }
    return directions
  }

  // MARK: Single precision

  /// The outputs of a plan on this episode.
  func results(_ plan: EpisodePlan) -> [[Float]] {
    let workspace = Workspace()
    let drawn = drawn(plan.draws)
    let noise = (0..<plan.draws.count).map { Float(drawn[$0] ?? self.noise($0)) }
    workspace.bind(.noise, to: AlignedBuffer(noise.isEmpty ? [0] : noise))
    for space in [Space.parameters, .episode, .settings] {
      let parts = inputs.filter { $0.key.bits >> 28 == space.rawValue }
      let ends = parts.map { Int($0.key.bits & 0x0fff_ffff) + $0.value.count }
      let buffer = AlignedBuffer(count: ends.max() ?? 1)
      for (address, numbers) in parts {
        buffer.write(numbers.map { Float($0) }, at: Int(address.bits & 0x0fff_ffff))
      }
      workspace.bind(space, to: buffer)
    }
    let results = AlignedBuffer(count: plan.resultCount)
    workspace.bind(.results, to: results)
    plan.plan.program.replay(in: workspace)
    return plan.outputs.map { results.values($0) }
  }

  /// The training plan's meta-gradient by parameter name, its query loss and support loss.
  func training() -> (gradient: [String: [Float]], queryLoss: Float, supportLoss: Float) {
    let all = results(setup.trainingPlan(values))
    let names = setup.parameters.specifications.map(\.name)
    return (
      Dictionary(uniqueKeysWithValues: zip(names, all)), all[names.count][0],
      all[names.count + 1][0]
    )
  }

  /// The probes of one episode as a session would report them.
  func probes() -> StepProbes {
    let points = method.adaptationSteps(values) + 1
    let plan = setup.probePlan(values)
    return setup.probes(from: results(plan), points: points, values) {
      MeasuredProbes(keys: plan.probeKeys, averages: $0, settings: values.byID)
    }
  }
}

/// The largest difference, measured against the largest number.
func relativeDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  let size = max(b.map { abs($0) }.max() ?? 0, 1e-6)
  return (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / size
}

/// Layers that gradient steps move have an inner gradient, others have none.
func expectNorms(_ norms: [Float], of stage: MethodStage) {
  let trace = stage.setup.trace(stage.values)
  let moved = stage.adaptation(trace).firstGradients.names
  for (layer, norm) in zip(stage.setup.model.layers, norms) {
    let isMoved = stage.setup.parameters.specifications.contains {
      $0.layer == layer && ["body", "head"].contains($0.group) && moved.contains($0.name)
    }
    #expect(isMoved ? norm > 0 : norm == 0, "\(stage.method.descriptor.id): \(layer) \(norm)")
  }
}
