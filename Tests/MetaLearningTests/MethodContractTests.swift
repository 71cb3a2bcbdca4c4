import Events
import Foundation
import Kernels
import Models
import Testing

@testable import MetaLearning

/// What every method must keep; it asks for capabilities and never names a method.
@Suite struct MethodContractTests {
  private static let seed: UInt64 = 31

  // MARK: The catalog and what a method says of itself

  @Test func catalogListsTheFilesOfTheFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/MetaLearning/Methods")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    // A method is a file, or a folder where one is not enough.
    let stems = files.map { $0.hasSuffix(".swift") ? String($0.dropLast(6)) : $0 }
    let types = MethodCatalog.all.map { String(describing: type(of: $0)) }
    #expect(Set(stems) == Set(types) && stems.count == types.count)
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
    #expect(!descriptor.name.isEmpty && descriptor.id == descriptor.name.lowercased())
    #expect(descriptor.citation.contains(/(19|20)\d\d/), "a citation has a year")
  }

  @Test(arguments: CatalogEntry.all, CatalogModel.all)
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
      #expect(all.subtracting(own) == ["batch-norm", "adapt-norm", "convolution"])
    }
    let values = HyperparameterValues(CML().hyperparameters(for: images.model))
    #expect(values.number("inner-lr") == 0.4 && values.number("gamma") == 1)
    #expect(values.choice("batch-norm") == "transductive" && values.isOn("adapt-norm"))
    #expect(values.choice("convolution") == "winograd" && values.choice("meta-test") == "meta-head")
    let regression = HyperparameterValues(CML().hyperparameters(for: dense.model))
    #expect(regression.number("inner-lr") == 0.01 && regression.number("gamma") == 0.2)
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

  @Test(arguments: CatalogEntry.all)
  func parametersBeginWithTheModels(_ entry: CatalogEntry) {
    let model = MLP(inputs: 1, hidden: [40, 40], outputs: 1)
    let parameters = entry.method.metaParameters(
      for: model,
      shot: 1,
      HyperparameterValues(entry.method.hyperparameters(for: model))
    )
    #expect(Array(parameters.prefix(model.parameters.count)) == model.parameters)
    let names = parameters.map(\.name)
    #expect(Set(names).count == names.count)
    for extra in parameters.dropFirst(model.parameters.count) {
      #expect(extra.group != "body" && extra.group != "head", "\(extra.name)")
    }
  }

  // MARK: Training

  @Test(arguments: CatalogEntry.all)
  func lossOfUnseenEpisodesFalls(_ entry: CatalogEntry) {
    let model = MLP(inputs: 1, hidden: [40, 40], outputs: 1)
    let values = HyperparameterValues(entry.method.hyperparameters(for: model))
    let trainer = MiniTrainer(entry.method, model: model, values, seed: Self.seed)
    let before = trainer.validationLoss()
    #expect(trainer.train(steps: 300) == 300)
    let after = trainer.validationLoss()
    #expect(after < 0.95 * before, "\(before) to \(after), seed \(Self.seed)")
  }

  @Test(arguments: CatalogEntry.all)
  func trainingIsDecidedByTheSeed(_ entry: CatalogEntry) {
    let model = MLP(inputs: 1, hidden: [8, 8], outputs: 1)
    let values = HyperparameterValues(entry.method.hyperparameters(for: model))
    let runs = [7, 7, 8].map { (seed: UInt64) in
      let trainer = MiniTrainer(entry.method, model: model, values, seed: seed)
      _ = trainer.train(steps: 30)
      return trainer.parameters.values(0..<trainer.parameters.count).map(\.bitPattern)
    }
    #expect(runs[0] == runs[1] && runs[0] != runs[2])
  }

  @Test(arguments: CatalogEntry.all)
  func extremeHyperparametersNeverLeaveBadParameters(_ entry: CatalogEntry) throws {
    let model = MLP(inputs: 1, hidden: [4], outputs: 1)
    for parameter in entry.method.hyperparameters(for: model) {
      for value in Self.ends(of: parameter) {
        var values = HyperparameterValues(entry.method.hyperparameters(for: model))
        try values.set(parameter.id, to: value)
        let trainer = MiniTrainer(entry.method, model: model, values, seed: Self.seed)
        let made = trainer.train(steps: 5)
        #expect(trainer.parameters.isFinite(0..<trainer.parameters.count))
        #expect(made > 0, "\(parameter.id) = \(value) diverges at once")
      }
    }
  }

  // MARK: Probes

  @Test(arguments: CatalogEntry.all, [1, 3])
  func probesAreAsManyAsDeclared(_ entry: CatalogEntry, steps: Int) throws {
    let stage = try MethodStage(entry.method, ["inner-steps": Double(steps)])
    let declared = entry.method.probes(for: stage.setup.model)
    let probes = stage.probes()
    #expect(probes.values.count == declared.count)
    #expect(probes.supportLosses.count == steps + 1 && probes.queryLosses.count == steps + 1)
    #expect(probes.innerGradientNorms.count == stage.setup.model.layers.count)
    let all =
      probes.values + probes.supportLosses + probes.queryLosses + probes.innerGradientNorms
    #expect(all.allSatisfy { $0.isFinite })
    #expect(probes.innerGradientNorms.allSatisfy { $0 > 0 })
    let keys = declared.map(\.key)
    #expect(Set(keys).count == keys.count)
    for probe in declared where probe.layer != nil {
      #expect(stage.setup.model.layers.contains(probe.layer ?? ""), "\(probe.key)")
    }
  }

  /// What the training plan reports is what the probes show.
  @Test(arguments: CatalogEntry.all)
  func probesAgreeWithTheTrainingPlan(_ entry: CatalogEntry) throws {
    let stage = try MethodStage(entry.method, ["inner-steps": 2])
    let (training, probes) = (stage.training(), stage.probes())
    #expect(abs(training.supportLoss - probes.supportLosses[0]) < 1e-5 * training.supportLoss)
    let trace = stage.setup.trace(stage.values)
    let loss = stage.objective(trace).queryLoss
    let exact = stage.oracle(for: trace.graph).values(of: [loss])[0][0]
    #expect(abs(Double(training.queryLoss) - exact) < 1e-4 * exact)
  }
}
