import Events
import Models
import Testing

@testable import MetaLearning

/// What the catalogue says of its methods, and of names that none has.
@Suite("The catalogue of methods")
struct MethodCatalogTests {
  @Test("The usual methods are among all, and what is written for examples is theirs")
  func usual() {
    let all = MethodCatalog.all.map(\.descriptor.id)
    let usual = MethodCatalog.usual.map(\.descriptor.id)
    #expect(usual == ["maml", "cml", "metaperturb"] && usual == Array(all.prefix(3)))
    #expect(MethodCatalog.usualNames == "maml,cml,metaperturb")
    #expect(MethodCatalog.twoNames == "maml,cml")
  }

  @Test(
    "A method says of itself what tables tell",
    arguments: CatalogEntry.all + CatalogEntry.composed
  )
  func facts(_ entry: CatalogEntry) {
    let method = entry.method
    let descriptor = method.descriptor
    #expect((1980...2100).contains(descriptor.year) && descriptor.citation.contains("20"))
    #expect(!descriptor.summary.isEmpty && descriptor.summary.hasSuffix("."))
    let lines = descriptor.equation.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(!lines.isEmpty && lines.allSatisfy { !$0.isEmpty && $0.count <= 76 })
    #expect(!method.whatAdapts.isEmpty && method.whatAdapts.count <= 24)
    #expect(!method.tasks.isEmpty)
    // What the declarations say already must not be said otherwise.
    let hasSwitch = method.hyperparameters(for: ModelSamples.numbers)
      .contains { $0.role == .firstOrder }
    #expect(!hasSwitch || method.gradientOrder == .either)
    for form in method.forms {
      let own = method.hyperparameters(for: ModelSamples.numbers)
        .first { $0.id == form.hyperparameter }
      #expect(own?.isFixed == true && own?.allowed.contains(form.value) == true)
      #expect(form.method.descriptor.id == descriptor.id)
    }
  }

  @Test("The year is the citation's last; numbers of other kinds are none")
  func years() {
    func year(_ citation: String) -> Int {
      MethodDescriptor(id: "a", name: "A", citation: citation).year
    }
    #expect(year("Finn et al., ICML 2017") == 2017 && year("arXiv 2205.15745, 2022") == 2022)
    #expect(year("1987, again 2003 (12045 pages)") == 2003 && year("no year") == 0)
  }

  @Test("What adapts and the order come from the method's own declarations")
  func derived() {
    #expect(MAML().whatAdapts == "body and head" && MAML().gradientOrder == .either)
    #expect(MAML().page == "MAML" && SupervisedMethod.joint.page == "MetaPerturb")
    #expect(SupervisedMethod.joint.gradientOrder == .first)
    #expect(HeadOnly().whatAdapts == "head" && HeadOnly().gradientOrder == .second)
    #expect(HeadOnly().page == "Elsewhere")
  }

  private struct HeadOnly: Method {
    let descriptor = MethodDescriptor(id: "h", name: "H", citation: "2020", page: "Elsewhere")

    func isAdapted(_ name: String, _ values: HyperparameterValues) -> Bool {
      name.hasPrefix("head.")
    }

    func sharedHyperparameters(for family: ModelFamily) -> [HyperparameterDescriptor] { [] }
  }

  @Test(
    "An unknown name is answered with the nearest one, if any is near",
    arguments: [
      ("mamll", "maml"), ("MAML", "maml"), ("mml", "maml"), ("cm", "cml"),
      ("meta-perturb", "metaperturb"), ("perturb", "metaperturb"), ("qwxyzqwxyz", nil), ("", nil),
      (String(repeating: "m", count: 1_000_000), nil),
    ]
  )
  func nearest(name: String, id: String?) {
    #expect(MethodCatalog.nearest(to: name) == id)
    let refusal = MethodCatalog.refusal(of: name)
    #expect(refusal.hasPrefix("no such method: \(name)"))
    #expect(refusal.hasSuffix("; `metatop methods` lists all") == (id == nil))
    #expect(id == nil || refusal.hasSuffix("did you mean \(id ?? "")? `metatop methods` lists all"))
  }
}
