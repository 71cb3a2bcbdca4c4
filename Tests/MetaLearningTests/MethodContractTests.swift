import Events
import Foundation
import Kernels
import Models
import Testing

@testable import MetaLearning

/// What every method must keep; it asks for capabilities and never names a method.
@Suite struct MethodContractTests {
  // MARK: The catalog and what a method says of itself

  @Test func catalogListsTheFilesOfTheFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/MetaLearning/Methods")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    // A method is a file, or a folder where one is not enough.
    let stems = files.map { $0.hasSuffix(".swift") ? String($0.dropLast(6)) : $0 }
    let types = MethodCatalog.all.map { String(describing: type(of: $0)) }
    #expect(Set(stems) == Set(types))
  }

  @Test func identifiersAreUniqueAndFound() {
    let ids = MethodCatalog.all.map(\.descriptor.id)
    #expect(Set(ids).count == ids.count)
    for id in ids { #expect(MethodCatalog.method(id)?.descriptor.id == id) }
    #expect(MethodCatalog.method("no such method") == nil)
  }

  @Test(arguments: CatalogEntry.all)
  func descriptorIsComplete(_ entry: CatalogEntry) throws {
    let descriptor = entry.method.descriptor
    #expect(!descriptor.name.isEmpty && descriptor.id.wholeMatch(of: /[a-z0-9-]+/) != nil)
    #expect(descriptor.citation.contains(/(19|20)\d\d/), "a citation has a year")
  }

  @Test(arguments: CatalogEntry.all + CatalogEntry.composed, CatalogModel.all)
  func hyperparametersAreComplete(_ entry: CatalogEntry, _ model: CatalogModel) throws {
    let hyperparameters = entry.method.hyperparameters(for: model.model)
    let ids = hyperparameters.map(\.id)
    #expect(Set(ids).count == ids.count, "\(ids)")
    for parameter in hyperparameters {
      #expect(!parameter.symbol.isEmpty && parameter.symbol.count <= 3, "\(parameter.id)")
      #expect(!parameter.help.isEmpty && !parameter.help.contains("\n"), "\(parameter.id)")
      #expect(try parameter.validated(parameter.defaultValue) == parameter.defaultValue)
      for value in Self.values(of: parameter) {
        #expect(try parameter.parse(parameter.format(value)) == value, "\(parameter.id)")
      }
    }
  }

  /// A method may give a family other defaults, never other names or ranges.
  @Test(arguments: CatalogEntry.all)
  func familiesDifferInDefaultsAlone(_ entry: CatalogEntry) {
    let dense = entry.method.ownHyperparameters(for: .dense)
    let convolutional = entry.method.ownHyperparameters(for: .convolutional)
    #expect(dense.map(\.id) == convolutional.map(\.id))
    #expect(dense.map(\.kind) == convolutional.map(\.kind))
  }

  @Test func convolutionsAloneHaveBatchNormalisation() throws {
    let (dense, images) = try (#require(CatalogModel.all.first), #require(CatalogModel.all.last))
    for method in MethodCatalog.all {
      let own = Set(method.hyperparameters(for: dense.model).map(\.id))
      let all = Set(method.hyperparameters(for: images.model).map(\.id))
      let added = all.subtracting(own)
      #expect(added.contains("convolution"), "\(method.descriptor.id)")
      #expect(added.isSubset(of: ["batch-norm", "adapt-norm", "convolution", "precision"]))
    }
  }

  /// The default, both ends, and the next values on the hyperparameter's own scale.
  private static func values(of parameter: HyperparameterDescriptor) -> [Double] {
    let start = parameter.defaultValue
    let steps = [true, false].compactMap { parameter.stepped(from: start, up: $0) }
    return [start] + steps + ends(of: parameter)
  }

  private static func ends(of parameter: HyperparameterDescriptor) -> [Double] {
    switch parameter.kind {
    case .logarithmic(let range), .linear(let range, _): [range.lowerBound, range.upperBound]
    case .integer(let range): [Double(range.lowerBound), Double(range.upperBound)]
    case .flag: [0, 1]
    case .choice(let names): names.indices.map { Double($0) }
    }
  }

  @Test(arguments: CatalogEntry.all + CatalogEntry.composed)
  func parametersBeginWithTheModels(_ entry: CatalogEntry) {
    let model = MLP(inputs: 1, hidden: [40, 40], outputs: 1)
    let parameters = entry.method.metaParameters(
      for: model,
      shot: 1,
      HyperparameterValues(entry.method.hyperparameters(for: model))
    )
    // A method may do without the network's head, never without its body.
    let hasHead = parameters.contains { $0.group == "head" }
    let network = model.parameters.filter { hasHead || $0.group != "head" }
    #expect(Array(parameters.prefix(network.count)) == network)
    let names = parameters.map(\.name)
    #expect(Set(names).count == names.count)
    for extra in parameters.dropFirst(network.count) {
      #expect(extra.group != "body" && extra.group != "head", "\(extra.name)")
    }
  }

  // MARK: Probes

  @Test(arguments: CatalogEntry.unrolled + CatalogEntry.composed, [1, 3])
  func probesAreAsManyAsDeclared(_ entry: CatalogEntry, steps: Int) throws {
    let stage = try MethodStage.usual(entry.method, ["inner-steps": Double(steps)])
    let points = entry.method.adaptationSteps(stage.values) + 1
    let declared = entry.method.declaredProbes(for: stage.setup.model, stage.values)
    let probes = stage.probes()
    #expect(probes.values.count == declared.count)
    #expect(probes.supportLosses.count == points && probes.queryLosses.count == points)
    #expect(probes.innerGradientNorms.count == stage.setup.model.layers.count)
    let all =
      probes.values + probes.supportLosses + probes.queryLosses + probes.innerGradientNorms
    #expect(all.allSatisfy { $0.isFinite })
    expectNorms(probes.innerGradientNorms, of: stage)
    let keys = declared.map(\.key)
    #expect(Set(keys).count == keys.count)
    for probe in declared where probe.layer != nil {
      #expect(stage.setup.model.layers.contains(probe.layer ?? ""), "\(probe.key)")
    }
  }

  /// What the training plan reports is what the probes show.
  @Test(arguments: CatalogEntry.unrolled + CatalogEntry.composed)
  func probesAgreeWithTheTrainingPlan(_ entry: CatalogEntry) throws {
    let stage = try MethodStage.usual(entry.method, ["inner-steps": 2])
    let (training, probes) = (stage.training(), stage.probes())
    #expect(abs(training.supportLoss - probes.supportLosses[0]) < 1e-5 * training.supportLoss)
    let trace = stage.setup.trace(stage.values)
    let loss = stage.objective(trace).queryLoss
    let exact = stage.oracle(for: trace.graph).values(of: [loss])[0][0]
    #expect(abs(Double(training.queryLoss) - exact) < 1e-4 * exact)
  }
}
