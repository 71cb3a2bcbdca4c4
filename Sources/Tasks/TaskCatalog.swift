/// What a task is trained with where nothing else is said.
package struct TaskDefaults: Sendable, Equatable {
  package let shot: Int
  package let steps: Int
  package let metaBatchSize: Int
  package let evaluateEvery: Int
  package let evaluationEpisodes: Int
  package let testEpisodes: Int
  package let probeEvery: Int
  /// Units of each hidden layer of the default network.
  package let width: Int
}

/// The task distributions that need no data, by name.
package enum TaskCatalog {
  package static let names = ["sinusoid"]

  package static func distribution(_ name: String) -> (any TaskDistribution)? {
    name == "sinusoid" ? Sinusoid() : nil
  }
}

extension TaskDistribution {
  package var defaults: TaskDefaults {
    // Finn et al. (2017) train 70,000 steps; the curves are flat from about 30,000.
    TaskDefaults(
      shot: 10,
      steps: 30_000,
      metaBatchSize: 25,
      evaluateEvery: 1_000,
      evaluationEpisodes: 200,
      testEpisodes: 2_000,
      probeEvery: 50,
      width: 40
    )
  }
}
