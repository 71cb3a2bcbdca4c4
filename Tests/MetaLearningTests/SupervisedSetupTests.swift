import Autodiff
import AutodiffOracle
import Events
import Kernels
import Models
import Testing

@testable import MetaLearning

@Suite struct SupervisedSetupTests {
  private static let model = ConvNet(
    height: 16,
    width: 16,
    inputChannels: 1,
    channels: 8,
    outputs: 3
  )

  private func setup(
    _ method: SupervisedMethod,
    _ settings: [String: Double] = [:]
  ) throws
    -> SupervisedSetup
  {
    var values = HyperparameterValues(method.hyperparameters(for: Self.model))
    for (id, value) in settings { try values.set(id, to: value) }
    return SupervisedSetup(
      model: Self.model,
      regularizer: method.regularizer,
      values: values,
      batch: 6,
      inputShape: [16, 16, 1]
    )
  }

  /// Every input of a graph that is not a target or a setting, drawn; rounded to single precision.
  private func inputs(_ setup: SupervisedSetup, _ graph: Graph, seed: UInt64) -> [Address: [Double]]
  {
    var numbers = SeededNumbers(seed: seed)
    let layout = setup.layout(batch: setup.batch)
    var inputs: [Address: [Double]] = [:]
    func bind(_ address: Address, _ values: [Double]) {
      inputs[address] = values.map { Double(Float($0)) }
    }
    for (index, parameter) in setup.parameters.specifications.enumerated() {
      let draws = numbers.normal(parameter.shape.count).map { $0 * 0.4 }
      // A variance is positive.
      let isVariance = parameter.name.hasSuffix("running_var")
      bind(
        Address(.parameters, setup.parameters.offsets[index]),
        isVariance ? draws.map { 1 + abs($0) } : draws
      )
    }
    let targets = (0..<setup.batch * 3).map { $0 / 3 % 3 == $0 % 3 ? 1.0 : 0 }
    for address in [layout.supportTargets, layout.queryTargets] {
      bind(Address(.episode, address), targets)
    }
    for (index, descriptor) in setup.values.descriptors.enumerated() {
      bind(
        Address(.settings, setup.values.settingOffset(index)),
        [setup.values.number(descriptor.id)]
      )
    }
    for node in graph.nodes {
      guard case .input(let address) = node.primitive, inputs[address] == nil else { continue }
      bind(address, numbers.normal(node.shape.count))
    }
    return inputs
  }

  private func direction(
    _ setup: SupervisedSetup,
    _ isMoved: (String) -> Bool
  ) -> [Address: [Double]] {
    var numbers = SeededNumbers(seed: 77)
    var moves: [Address: [Double]] = [:]
    for (parameter, offset) in zip(setup.parameters.specifications, setup.parameters.offsets)
    where isMoved(parameter.name) {
      moves[Address(.parameters, offset)] = numbers.normal(parameter.shape.count)
    }
    return moves
  }

  /// The plan's gradient along a direction, against central differences in double precision.
  private func compare(
    _ setup: SupervisedSetup,
    _ pass: SupervisedSetup.TracedPass,
    _ plan: EpisodePlan,
    seed: UInt64,
    _ isMoved: (String) -> Bool
  ) {
    let inputs = inputs(setup, pass.trace.graph, seed: seed)
    let moves = direction(setup, isMoved)
    let slope = ReferenceInterpreter(inputs: inputs)
      .slope(of: pass.loss, along: moves, step: 1e-6)
    let results = run(plan, inputs)
    var own = 0.0
    for (address, move) in moves {
      for (index, value) in move.enumerated() {
        own += value * Double(results[Int(address.bits & 0x0fff_ffff) + index])
      }
    }
    #expect(abs(own - slope) < 1e-3 * max(abs(slope), 0.01), "\(own) and \(slope), seed \(seed)")
    let loss = ReferenceInterpreter(inputs: inputs).values(of: [pass.loss])[0][0]
    let place = plan.outputs[plan.outputs.count - 2].lowerBound
    #expect(abs(Double(results[place]) - loss) < 1e-5 * loss)
  }

  private func run(_ plan: EpisodePlan, _ inputs: [Address: [Double]]) -> AlignedBuffer {
    let workspace = Workspace()
    for space in [Space.parameters, .episode, .settings, .noise] {
      let own = inputs.filter { $0.key.bits >> 28 == space.rawValue }
      let ends = own.map { Int($0.key.bits & 0x0fff_ffff) + $0.value.count }
      let buffer = AlignedBuffer(count: ends.max() ?? 1)
      for (address, values) in own {
        buffer.write(values.map { Float($0) }, at: Int(address.bits & 0x0fff_ffff))
      }
      workspace.bind(space, to: buffer)
    }
    workspace.requireArena(plan.plan.program.arenaCount)
    let results = AlignedBuffer([Float](repeating: .nan, count: plan.resultCount))
    workspace.bind(.results, to: results)
    plan.plan.program.replay(in: workspace)
    return results
  }

  @Test(arguments: [1, 2] as [UInt64])
  func weightsHaveTheTrainingLosssGradient(seed: UInt64) throws {
    for method in [SupervisedMethod.joint] + SupervisedMethod.arms {
      let setup = try setup(method)
      compare(setup, setup.trainingPass(), setup.trainingPlan(), seed: seed) {
        // A convolution's bias in front of batch normalisation has no gradient by construction.
        ($0.hasPrefix("body.") || $0.hasPrefix("head.")) && !$0.hasSuffix("conv.bias")
      }
    }
  }

  @Test(arguments: [3, 4] as [UInt64])
  func perturbationHasTheHeldOutLosssGradient(seed: UInt64) throws {
    let setup = try setup(.joint)
    compare(setup, setup.heldOutPass(), setup.sharedPlan(), seed: seed) {
      $0.hasPrefix("perturbation.")
    }
  }

  /// With κ = 0 every site is the identity, so φ has no gradient and changes no prediction.
  @Test func withoutNoiseItIsPlainTraining() throws {
    let own = try setup(.joint, ["kappa": 0])
    let plain = try setup(SupervisedMethod.arms[0])
    let inputs = inputs(own, own.heldOutPass().trace.graph, seed: 5)
    let phi = run(own.sharedPlan(), inputs)
    for (index, parameter) in own.parameters.specifications.enumerated()
    where parameter.group == "perturbation" {
      let values = phi.values(own.parameters.range(index))
      #expect(values.allSatisfy { $0 == 0 }, "\(parameter.name)")
    }
    let (pass, bare) = (own.trainingPass(), plain.trainingPass())
    let loss = ReferenceInterpreter(inputs: self.inputs(own, pass.trace.graph, seed: 6))
      .values(of: [pass.loss])
    // Bound by name: without φ the parameters lie elsewhere.
    var moved = self.inputs(plain, bare.trace.graph, seed: 6)
    let source = self.inputs(own, pass.trace.graph, seed: 6)
    for (parameter, offset) in zip(plain.parameters.specifications, plain.parameters.offsets) {
      guard
        let index = own.parameters.specifications.firstIndex(where: { $0.name == parameter.name })
      else { continue }
      moved[Address(.parameters, offset)] =
        source[Address(.parameters, own.parameters.offsets[index])]
    }
    let layout = plain.layout(batch: plain.batch)
    moved[Address(.episode, layout.supportInputs)] =
      source[Address(.episode, layout.supportInputs)]
    let other = ReferenceInterpreter(inputs: moved).values(of: [bare.loss])
    #expect(abs(loss[0][0] - other[0][0]) < 1e-12)
  }

  @Test func quantilesAreThoseOfTheNormalDistribution() {
    #expect(abs(normalQuantile(0.5)) < 1e-9)
    #expect(abs(normalQuantile(0.975) - 1.959964) < 1e-6)
    #expect(abs(normalQuantile(0.1) + 1.281552) < 1e-6)
  }
}
