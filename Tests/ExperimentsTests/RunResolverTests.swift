import Testing

@testable import Experiments

@Suite("Options become runs, or a sentence")
struct RunResolverTests {
  private func resolver(_ given: [OptionName: String], set: [String] = []) throws -> RunResolver {
    var options = TrainingOptions()
    for (option, text) in given {
      try options.apply(option, text, origin: "--\(option.rawValue)")
    }
    for setting in set {
      let parts = setting.split(separator: "=").map(String.init)
      try options.apply(setting: parts[0], parts[1], origin: "--set")
    }
    return RunResolver(options: options, cores: 3)
  }

  @Test func defaultsComeFromTheTaskAndTheMachine() throws {
    let run = try #require(
      try resolver([.methods: "maml", .task: "sinusoid"]).configurations().first
    )
    #expect(run.threads == 3 && run.seed == 0)
    #expect(run.totalSteps == run.distribution.defaults.steps)
    #expect(run.keepEvery == (run.totalSteps + 9) / 10)
  }

  @Test func aRunsRecordMakesTheSameRunAgain() throws {
    let given: [OptionName: String] = [
      .methods: "cml", .task: "sinusoid", .steps: "12", .width: "16", .shot: "4", .seed: "7",
    ]
    let run = try #require(try resolver(given).configurations().first)
    var options = TrainingOptions()
    for (key, text) in run.options {
      try options.apply(try #require(OptionName(rawValue: key)), text, origin: "config.json")
    }
    let again = try #require(
      try RunResolver(options: options, cores: 1).configurations().first
    )
    #expect(again.options == run.options)
    #expect(again.model.name == run.model.name && again.shot == 4 && again.threads == 3)
  }

  @Test(
    "What cannot be trained is refused",
    arguments: [
      ([OptionName.methods: "nobody"], [], "--methods: no such method: nobody"),
      ([.task: "nothing"], [], "--task: there is no task \"nothing\"; use"),
      ([.model: "conv4"], [], "--model: conv4 reads images"),
      ([.way: "5"], [], "--way: sinusoid has no classes; leave it out"),
      ([:], ["depth=3"], "--set: depth: there is no such hyperparameter; use"),
      ([:], ["cml.gamma=0.5"], "--set: cml.gamma: cml is not among the methods being trained"),
      ([.initialHead: "new"], [], "give --initial as well"),
    ] as [([OptionName: String], [String], String)]
  )
  func refusals(_ given: [OptionName: String], _ set: [String], _ sentence: String) throws {
    let usual: [OptionName: String] = [.methods: "maml", .task: "sinusoid"]
    let resolver = try resolver(usual.merging(given) { $1 }, set: set)
    #expect {
      try resolver.configurations()
    } throws: { error in
      "\(error)".contains(sentence)
    }
  }
}
