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
    #expect(count(CoLearner(featureCount: 40, outputCount: 1).parameters) == 1681)
    #expect(count(Perturbation().parameters) == 82)
    #expect(model.name == "MLP 1-40-40-1" && model.layers == ["layer1", "layer2", "head"])
  }

  /// Names and shapes of checkpoints (design/interface.md, “Tensors on disk”): PyTorch's.
  @Test func parametersAreStoredAsTheInterfaceSays() {
    let all =
      model.parameters + CoLearner(featureCount: 40, outputCount: 1).parameters
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
    #expect(
      all.filter(\.isStoredTransposed).map(\.name).sorted() == [
        "body.layer2.weight", "colearner.layer1.weight",
      ]
    )
  }

  @Test func groupsAndLayersAreReadFromNames() {
    #expect(model.parameters.map(\.group) == ["body", "body", "body", "body", "head", "head"])
    #expect(
      model.parameters.map(\.layer) == ["layer1", "layer1", "layer2", "layer2", "head", "head"]
    )
  }

  @Test func layoutKeepsBodyAndHeadTogether() {
    let layout = ParameterLayout(CML().metaParameters(for: model))
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
