import Events
import Models
import Testing

@testable import MetaLearning

/// `wrapper:base`: which there are, what they are called, and what every one of them keeps.
@Suite("Compositions of methods")
struct MethodCompositionTests {
  private static let network = MLP(inputs: 1, hidden: [6, 5], outputs: 1)

  @Test("The paper's bases are all there, under the ids of both")
  func ids() {
    let ids = Set(MethodCatalog.compositions.map(\.descriptor.id))
    #expect(ids.isSuperset(of: ["cml:anil", "cml:boil", "cml:maml-plus-plus"]))
    #expect(ids.isSuperset(of: ["cml:amm-gnn", "cml:g-meta"]))
    #expect(
      ids.isSuperset(of: ["metamix:cml", "metamix:anil", "metamix:boil", "metamix:meta-sgd"])
    )
    for id in ids { #expect(MethodCatalog.method(id)?.descriptor.id == id) }
    let boil = MethodCatalog.method("cml:boil")
    #expect(boil?.descriptor.name == "CML on BOIL" && boil?.descriptor.year == 2024)
    #expect(boil?.page == "CML" && boil?.whatAdapts == "body")
  }

  @Test(
    "What composes nothing is refused with the reason",
    arguments: [
      ("cml:maml", "stands on MAML by itself; write cml"),
      ("cml:cml", "cml stands in it twice"), ("cml:boil:boil", "boil stands in it twice"),
      ("boil:cml", "BOIL changes no other method; in front of a colon stands one of cml, metamix"),
      ("metamix:maml", "stands on MAML by itself; write metamix"),
      ("metamix:metamix", "metamix stands in it twice"),
      ("metamix:cml:metamix", "metamix stands in it twice"),
      ("cml:metamix", "changes what CML would need; write metamix:cml"),
      (
        "metamix:reptile",
        "an objective made of query losses, which Reptile has not; use it on one of"
      ),
      ("metamix:imaml", "which iMAML has not"), ("metamix:metamix-yao", "has not"),
      ("metamix:cml:maml", "CML stands on MAML by itself"),
      ("cml:reptile", "which Reptile has not; use it on one of amm-gnn, anil, boil"),
      ("metamix:g-meta", "what G-Meta learns MetaMix (Chen) cannot; use it on another base"),
      ("cml:metaperturb", "which MetaPerturb has not"), ("cml:comln", "which COMLN has not"),
      ("cml:bol", "no such method: bol; did you mean boil?"), ("cml:", "no such method: ;"),
      (":boil", "no such method: ;"),
      (
        "cml:" + String(repeating: "a", count: 999),
        "so long a "
          + "name"
      ),
    ]
  )
  func refusals(name: String, reason: String) {
    #expect(MethodCatalog.method(name) == nil)
    #expect(MethodCatalog.refusal(of: name).contains(reason), "\(MethodCatalog.refusal(of: name))")
  }

  @Test("A composition has what its base has, and what the wrapper adds", arguments: composed)
  func hyperparameters(_ entry: CatalogEntry) throws {
    let wrapper = try #require(entry.method as? any WrappingMethod)
    for model in CatalogModel.all.map(\.model) {
      let ids = wrapper.hyperparameters(for: model).map(\.id)
      let added = wrapper.addedHyperparameters(for: model.family).map(\.id)
      #expect(ids == wrapper.base.hyperparameters(for: model).map(\.id) + added)
      #expect(!added.isEmpty)
    }
  }

  /// With the wrapper's switch off nothing but its own parameters differs from the base.
  @Test("Switched off, it is its base", arguments: composed)
  func withoutTheWrapper(_ entry: CatalogEntry) throws {
    let wrapper = try #require(entry.method as? any WrappingMethod)
    let added = wrapper.addedHyperparameters(for: .dense)
    let off = Dictionary(
      uniqueKeysWithValues: added.compactMap { own in own.offValue.map { (own.id, $0) } }
    )
    #expect(!off.isEmpty)
    let whole = try MethodStage.usual(wrapper, off).training()
    let base = try MethodStage.usual(wrapper.base).training()
    #expect(abs(whole.queryLoss - base.queryLoss) < 1e-6 * base.queryLoss)
    for (name, gradient) in base.gradient {
      #expect(relativeDifference(whole.gradient[name] ?? [], gradient) < 1e-5, "\(name)")
    }
  }

  /// The co-learner that never learns, and the second head that adapts.
  @Test("Both controls work on every base", arguments: composed.filter { $0.method is CML })
  func controls(_ entry: CatalogEntry) throws {
    for (choice, isAdapted) in [("trained", false), ("frozen", false), ("adapted", true)] {
      let index = try CML.coLearner.parse(choice)
      let stage = try MethodStage.usual(entry.method, ["co-learner": index, "inner-steps": 2])
      let adaptation = stage.adaptation(stage.setup.trace(stage.values))
      let moved = adaptation.firstGradients.names.filter { $0.hasPrefix("colearner.") }
      #expect(moved.isEmpty != isAdapted, "\(choice)")
      let rule = entry.method.rule(for: "colearner", stage.values, stage: 0)
      #expect((rule == .frozen) == (choice == "frozen"))
      let gradient = stage.training().gradient
      let own = gradient.filter { $0.key.hasPrefix("colearner.") }.values.flatMap { $0 }
      #expect(own.contains { $0 != 0 } && own.allSatisfy { $0.isFinite })
    }
  }

  /// Three deep: the outermost changes what the two inner ones make.
  @Test func compositionsNest() throws {
    let method = try #require(MethodCatalog.method("metamix:cml:boil"))
    #expect(method.descriptor.name == "MetaMix (Chen) on CML on BOIL")
    #expect(method.descriptor.status == .reconstructed && method.whatAdapts == "body")
    let (off, on) = (["mix-weight": 0.0], ["mix-weight": 1.0])
    let base = try MethodStage(CML(base: BOIL())).training()
    let (plain, mixed) = (
      try MethodStage(method, off).training(), try MethodStage(method, on).training()
    )
    #expect(abs(plain.queryLoss - base.queryLoss) < 1e-6 * base.queryLoss)
    #expect(abs(mixed.queryLoss - base.queryLoss) > 1e-3 * base.queryLoss)
    // The co-learner learns from the mixtures, too.
    let names = mixed.gradient.keys.filter { $0.hasPrefix("colearner.") }
    #expect(!names.isEmpty)
    for name in names {
      let difference = relativeDifference(mixed.gradient[name] ?? [], plain.gradient[name] ?? [])
      #expect(difference > 1e-3, "\(name)")
    }
  }

  /// Each weighed query loss of the base is mixed, not the last alone.
  @Test func everyWeighedQueryLossIsMixed() throws {
    func total(_ weight: Double) throws -> (Double, Double) {
      let stage = try MethodStage(
        MetaMix(base: MixedSteps()),
        ["inner-steps": 3, "mixing": 0, "mix-weight": weight]
      )
      let trace = stage.setup.trace(stage.values)
      let objective = stage.objective(trace)
      let numbers = stage.oracle(for: trace.graph).values(of: [
        objective.total, objective.queryLoss,
      ])
      return (numbers[0][0], numbers[1][0])
    }
    let (clean, mixed) = (try total(0), try total(1))
    // With mixing 0 the objective is the first step's loss: it is none of the last's.
    #expect(abs(clean.0 - clean.1) > 1e-6 && abs(mixed.0 - mixed.1) > 1e-6)
    #expect(abs(clean.0 - mixed.0) > 1e-3)
  }

  /// The co-learner's loss stands beside the base's wherever that counts: after every inner step.
  @Test func theCoLearnerCountsAfterEveryWeighedStep() throws {
    let method = CML(base: MAMLPlusPlus())
    let stage = try MethodStage(method, ["inner-steps": 3, "gamma": 1])
    func total(_ stageNumber: Int) -> Double {
      let trace = stage.setup.trace(stage.values, stage: stageNumber)
      let objective = stage.objective(trace)
      var oracle = stage.oracle(for: trace.graph)
      for (place, id) in method.derivedSettings(stage.values).enumerated() {
        oracle.inputs[.init(.settings, stage.values.derivedOffset(place))] = [
          id.hasPrefix("multi") ? 1.0 / 3 : 2
        ]
      }
      return oracle.values(of: [objective.total])[0][0]
    }
    let (alone, every) = (total(0), total(1))
    #expect(alone > 0 && every > 0 && abs(alone - every) > 1e-6)
  }

  private static let composed = CatalogEntry.composed
}
