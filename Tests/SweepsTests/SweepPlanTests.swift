import Experiments
import Files
import Recording
import TestSupport
import Testing

@testable import Sweeps

@Suite("A sweep's plan, without a process")
struct SweepPlanTests {
  static func plan(
    _ grid: [String],
    methods: String = "maml",
    random: String? = nil,
    seeds: String = "2",
    settings: [String] = []
  ) throws -> SweepPlan {
    var options = SweepOptions()
    try options.training.apply(.methods, methods, origin: "--methods")
    try options.training.apply(.task, "sinusoid", origin: "--task")
    try options.training.apply(.steps, "8", origin: "--steps")
    for setting in settings {
      let parts = setting.split(separator: "=").map(String.init)
      try options.training.apply(setting: parts[0], parts[1], origin: "--set")
    }
    try options.apply(grid: grid, random: random, seeds: seeds, name: nil, baseline: nil)
    return try SweepPlan(options, name: "planned", cores: 1)
  }

  private func refusal(_ grid: [String], random: String? = nil, settings: [String] = []) -> String {
    do {
      _ = try Self.plan(grid, random: random, settings: settings)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test func everyCombinationComesWithEverySeed() throws {
    let plan = try Self.plan(["inner-lr=0.01,0.02", "inner-steps=1,2,3"], seeds: "2")
    #expect(plan.combinations.count == 6 && plan.runs.count == 12 && plan.steps == 96)
    #expect(plan.runs.map(\.index) == Array(1...12))
    #expect(Set(plan.runs.map(\.folder)).count == 12)
    #expect(plan.runs.prefix(6).allSatisfy { $0.seed == 0 })
    #expect(plan.runs.suffix(6).allSatisfy { $0.seed == 1 })
    let options = try plan.options(plan.runs[11])
    #expect(options.seed == 1 && options.steps == 8)
    #expect(options.set.map(\.text) == ["0.02", "3"])
  }

  @Test func drawnCombinationsAreTheSameAgainAndInRange() throws {
    let first = try Self.plan(["inner-lr=0.001..0.1"], random: "5")
    let again = try Self.plan(["inner-lr=0.001..0.1"], random: "5")
    #expect(first == again && first.combinations.count == 5)
    for combination in first.combinations {
      let value = try #require(Double(combination.values[0].text))
      #expect((0.001...0.1).contains(value))
    }
  }

  @Test func theManifestReadsBackAsThePlan() throws {
    let folder = try TemporaryFolder()
    let directory = SweepDirectory(path: folder / "sweep")
    let plan = try Self.plan(["inner-lr=0.01,0.02"], methods: "maml,cml")
    try directory.create(plan, file: nil)
    #expect(try directory.plan(origin: "--resume") == plan)
    // A folder's name is made of what its run is: a changed value is noticed.
    let text = String(decoding: try SystemFile.read(directory.manifest), as: UTF8.self)
    try folder.write(text.replacing("\"0.02\"", with: "\"0.03\""), to: "sweep/sweep.json")
    #expect(throws: ConfigurationError.self) { try directory.plan(origin: "--resume") }
  }

  @Test func whatCannotBeSweptIsRefusedInASentence() {
    #expect(refusal([]).contains("there is nothing to sweep over"))
    #expect(refusal(["nothing=1,2"]).contains("nothing: there is no such hyperparameter; use"))
    #expect(
      refusal(["inner-lr=0.1,0.2"], settings: ["inner-lr=0.1"]).contains("is set as well (--set)")
    )
    #expect(refusal(["inner-lr=0.1..0.2"]).contains("a grid needs values with commas"))
    #expect(refusal(["inner-lr=0.1,0.2"], random: "9").contains("cannot be drawn"))
  }
}
