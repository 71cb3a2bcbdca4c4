import Testing

@testable import Events

@Suite("Runs are called by what differs")
struct RunNamesTests {
  private func names(_ runs: [RunDescription]) -> [String] { RunNames.names(of: runs) }

  @Test func methodsAlone() {
    #expect(names([.sample(0, "MAML"), .sample(1, "CML")]) == ["MAML", "CML"])
    #expect(names([.sample(0, "MAML", seed: 7)]) == ["MAML"] && names([]) == [])
  }

  @Test func seedsAndValues() {
    let seeds = [
      RunDescription.sample(0, "CML"), .sample(1, "CML", seed: 1), .sample(2, "MAML", seed: 1),
    ]
    #expect(names(seeds) == ["CML s0", "CML s1", "MAML"])
    let values = [RunDescription.sample(0, "CML"), .sample(1, "CML", gamma: 0.5)]
    #expect(names(values) == ["CML γ 1", "CML γ 0.5"])
    let both = values + [.sample(2, "CML", gamma: 0.5, seed: 3)]
    #expect(names(both) == ["CML γ 1 s0", "CML γ 0.5 s0", "CML γ 0.5 s3"])
  }

  @Test func whatDiffersInNothingIsCounted() {
    let runs = [RunDescription.sample(0, "CML"), .sample(1, "CML"), .sample(2, "CML", seed: 1)]
    #expect(names(runs) == ["CML s0 #1", "CML s0 #2", "CML s1"])
  }
}

extension RunDescription {
  /// A run of a method with one hyperparameter.
  static func sample(
    _ id: Int,
    _ method: String,
    gamma: Double = 1,
    seed: UInt64 = 0,
    kind: TaskDescription.Kind = .regression
  ) -> Self {
    let hyperparameter = HyperparameterDescriptor(
      id: "gamma",
      symbol: "γ",
      kind: .linear(0...2, step: 0.1),
      defaultValue: 1,
      help: ""
    )
    return Self(
      id: RunID(id),
      methodID: method.lowercased(),
      methodName: method,
      citation: "",
      task: TaskDescription(name: "task", kind: kind, way: nil, shot: 1, queryShot: 1),
      model: "MLP",
      layers: [],
      parameterCounts: [:],
      hyperparameters: [hyperparameter],
      values: ["gamma": gamma],
      probes: [],
      totalSteps: 100,
      metaBatchSize: 1,
      seed: seed,
      threads: 1
    )
  }
}
