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
  /// Inner steps that a meta-validation scores at least; the query set is predicted after each.
  package let validationCurve: Int
  /// The same of the meta-test.
  package let testCurve: Int
  package let probeEvery: Int
  /// Units of each hidden layer of the default network.
  package let width: Int
  /// What hyperparameters are on such tasks where nobody says it, by their names, for whatever has them.
  package var settings: [String: Double] = [:]
}

extension TaskDefaults {
  /// Classes of an episode where nothing is said and the task has classes.
  package static let usualWay = 5
  /// Support and query pictures of a class, as the field compares methods.
  package static let usualShot = 1
  package static let usualQuery = 15

  /// Few-shot pictures: 5-way 1-shot with 15 queries a class.
  package static func images(steps: Int, width: Int) -> Self {
    Self(
      way: usualWay,
      shot: usualShot,
      queryShot: usualQuery,
      steps: steps,
      metaBatchSize: 4,
      evaluateEvery: 250,
      evaluationEpisodes: 100,
      testEpisodes: 600,
      validationCurve: 1,
      testCurve: 3,
      probeEvery: 20,
      width: width
    )
  }
}
