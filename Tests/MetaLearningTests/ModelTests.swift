import Autodiff
import Models
import Testing

@testable import MetaLearning

@Suite struct ModelTests {
  private let model = MLP(inputs: 1, hidden: [40, 40], outputs: 1)

  private func count(_ parameters: [ParameterSpecification]) -> Int {
    parameters.reduce(0) { $0 + $1.shape.count }
  }

  @Test func networksHaveTheirPublishedSizes() {
    #expect(count(model.parameters) == 1761)
    #expect(count(DenseCoLearner(featureCount: 40, outputCount: 1).parameters) == 1681)
    #expect(count(Perturbation().parameters) == 82)
    #expect(model.name == "MLP 1-40-40-1" && model.layers == ["layer1", "layer2", "head"])
  }

  /// Names and shapes of checkpoints (Documentation/RunDirectory.md): PyTorch's.
  @Test func parametersAreStoredAsTheInterfaceSays() {
    let all =
      model.parameters + DenseCoLearner(featureCount: 40, outputCount: 1).parameters
      + Perturbation().parameters
    let expected: [(String, [Int])] = [
      ("body.layer1.weight", [40, 1]), ("body.layer1.bias", [40]),
      ("body.layer2.weight", [40, 40]), ("body.layer2.bias", [40]), ("head.weight", [1, 40]),
      ("head.bias", [1]), ("colearner.layer1.weight", [40, 40]), ("colearner.layer1.bias", [40]),
      ("colearner.head.weight", [1, 40]), ("colearner.head.bias", [1]),
      ("perturbation.phi_1.w_identity", [1, 1, 3, 3]), ("perturbation.phi_1.w_all", [1, 1, 3, 3]),
      ("perturbation.phi_2.w_identity", [1, 1, 3, 3]), ("perturbation.phi_2.w_all", [1, 1, 3, 3]),
      ("perturbation.kernel", [4, 1, 3, 3]), ("perturbation.fc.weight", [1, 10]),
    ]
    #expect(all.map(\.name) == expected.map(\.0))
    #expect(all.map(\.storedShape) == expected.map(\.1))
  }

  /// `[h, w, channels, out]` here is `[out, channels · h · w]` in a checkpoint, as PyTorch flattens.
  @Test func storedOrdersArePyTorchs() {
    let linear = ParameterSpecification.linear("head", from: 3, to: 2)[0]
    #expect(linear.order.sources() == [0, 2, 4, 1, 3, 5])
    let image = ParameterSpecification.linear("head", from: 4, to: 1, image: (1, 2, 2))[0]
    #expect(image.order.sources() == [0, 2, 1, 3] && image.storedShape == [1, 4])
    let block = ParameterSpecification.block("body.block1", from: 2, to: 3)
    #expect(block.map(\.storedShape) == [[3, 2, 3, 3], [3], [3], [3]])
    let sources = block[0].order.sources()
    // Stored [o, i, y, x] is the engine's [y, x, i, o].
    #expect(sources[0] == 0 && sources[1] == 6 && sources[9] == 3 && sources[18] == 1)
    #expect(Set(sources).count == 54)
  }

  @Test func conv4HasItsPublishedNumberOfWeights() {
    func count(_ specifications: [ParameterSpecification]) -> Int {
      specifications.reduce(0) { $0 + $1.shape.count }
    }
    let small = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 64, outputs: 5)
    let large = ConvNet(height: 84, width: 84, inputChannels: 3, channels: 64, outputs: 5)
    #expect(count(small.parameters) == 112_261)
    #expect(count(large.parameters) == 121_093)
    #expect(count(large.coLearner.parameters) == 82_117)
  }

  @Test func conv6HasTwoMoreBlocksThanConv4() {
    let four = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 64, outputs: 5)
    let six = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 64, outputs: 5, depth: 6)
    #expect(count(six.parameters) == count(four.parameters) + 2 * (9 * 64 * 64 + 3 * 64))
    #expect(six.featureCount == four.featureCount && six.bodyLayers.last == "block6")
    #expect(six.coLearner.parameters == four.coLearner.parameters)
    #expect(six.name == "Conv6-64 28×28×1" && four.name == "Conv4-64 28×28×1")
  }

  /// With option B, three channels and ten classes; twice the width has nearly four times as many.
  @Test func resNet20HasItsPublishedNumberOfWeights() {
    let network = ResNet20(height: 32, width: 32, inputChannels: 3, channels: 16, outputs: 10)
    #expect(count(network.parameters) == 272_474)
    #expect(network.featureCount == 64 && network.name == "ResNet20-16 32×32×3")
    // Nineteen convolutions and two projections are normalised, and nine sums are perturbed.
    #expect(network.normalisedLayers.count == 21)
    #expect(network.sites.map(\.name) == (1...9).map { "block\($0)" })
    #expect(network.layers == ["stem"] + network.sites.map(\.name) + ["head"])
    let pixels = 32 * 32
    #expect(network.unitCount == pixels * 16 * 7 + pixels / 4 * 32 * 7 + pixels / 16 * 64 * 7)
  }

  @Test func resNet20IsStoredUnderTheNamesOfItsParts() {
    let network = ResNet20(height: 32, width: 32, inputChannels: 3, channels: 16, outputs: 10)
    let all = network.parameters
    let expected: [(String, [Int])] = [
      ("body.stem.conv.weight", [16, 3, 3, 3]), ("body.stem.norm.weight", [16]),
      ("body.stem.norm.bias", [16]), ("body.block1.unit1.conv.weight", [16, 16, 3, 3]),
      ("body.block1.unit1.norm.weight", [16]), ("body.block1.unit1.norm.bias", [16]),
      ("body.block1.unit2.conv.weight", [16, 16, 3, 3]),
    ]
    for (parameter, (name, shape)) in zip(all, expected) {
      #expect(parameter.name == name && parameter.storedShape == shape)
    }
    let shortcuts = all.filter { $0.name.hasSuffix("shortcut.conv.weight") }
    #expect(
      shortcuts.map(\.name) == [4, 7].map { "body.block\($0).shortcut.conv.weight" }
    )
    #expect(shortcuts.map(\.storedShape) == [[32, 16, 1, 1], [64, 32, 1, 1]])
    // Stored [o, i] is the engine's [i, o].
    #expect(Array(shortcuts[0].order.sources()[..<2]) == [0, 32])
    #expect(all.suffix(2).map(\.name) == ["head.weight", "head.bias"])
  }

  @Test func groupsAndLayersAreReadFromNames() {
    #expect(model.parameters.map(\.group) == ["body", "body", "body", "body", "head", "head"])
    #expect(
      model.parameters.map(\.layer) == ["layer1", "layer1", "layer2", "layer2", "head", "head"]
    )
  }

  @Test func layoutKeepsBodyAndHeadTogether() {
    let layout = ParameterLayout(
      CML().metaParameters(
        for: model,
        shot: 1,
        HyperparameterValues(CML().hyperparameters(for: model))
      )
    )
    #expect(layout.groups.map(\.name) == ["body", "head", "colearner"])
    #expect(layout.groups.map(\.range.lowerBound).first == 0)
    for (group, next) in zip(layout.groups, layout.groups.dropFirst()) {
      #expect(group.range.upperBound == next.range.lowerBound)
    }
    #expect(layout.groups.last?.range.upperBound == layout.count)
    #expect(layout.bodyAndHeadEnd == layout.groups[1].range.upperBound)
    #expect(layout.parameterCounts == ["body": 1720, "head": 41, "colearner": 1681])
    #expect(layout.offsets.allSatisfy { $0 % 16 == 0 })
    #expect(
      layout.specifications.indices.allSatisfy { layout.range($0).upperBound <= layout.count }
    )
  }
}
