/// What a task is trained with where nothing else is said.
package struct TaskDefaults: Sendable, Equatable {
  /// Classes of an episode; nil where there are none.
  package let way: Int?
  package let shot: Int
  /// Query examples, a class in classification; nil when as many as in the support set.
  package let queryShot: Int?
  package let steps: Int
  package let metaBatchSize: Int
  package let evaluateEvery: Int
  package let evaluationEpisodes: Int
  package let testEpisodes: Int
  package let probeEvery: Int
  /// Units of each hidden layer of the default network.
  package let width: Int
}

extension TaskDefaults {
  /// Few-shot pictures: 5-way 1-shot with 15 queries a class, as the field compares methods.
  package static func images(steps: Int, width: Int) -> Self {
    Self(
      way: 5,
      shot: 1,
      queryShot: 15,
      steps: steps,
      metaBatchSize: 4,
      evaluateEvery: 100,
      evaluationEpisodes: 100,
      testEpisodes: 600,
      probeEvery: 10,
      width: width
    )
  }
}

/// The task distributions that need no data, by name.
package enum TaskCatalog {
  package static let names = ["sinusoid"]

  package static func distribution(_ name: String) -> (any TaskDistribution)? {
    name == "sinusoid" ? Sinusoid() : nil
  }
}
