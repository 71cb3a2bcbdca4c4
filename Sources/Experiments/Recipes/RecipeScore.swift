import Files
import MetaLearning
import Recording
import Training

/// What one run of a recipe came to.
package struct RecipeScore: Sendable, Equatable {
  /// Accuracy in per cent or squared error, by meta-test episode.
  package let values: [Double]
  package let isAccuracy: Bool
  /// Inner steps in training, and before this score.
  package let trainSteps: Int
  package let testSteps: Int
  /// Whether query examples are normalised by statistics of each other.
  package let isTransductive: Bool
  /// Training took so many seconds.
  package let seconds: Double

  private var test = ""

  init(
    values: [Double],
    isAccuracy: Bool,
    trainSteps: Int,
    testSteps: Int,
    isTransductive: Bool,
    seconds: Double
  ) {
    (self.values, self.isAccuracy, self.isTransductive) = (values, isAccuracy, isTransductive)
    (self.trainSteps, self.testSteps, self.seconds) = (trainSteps, testSteps, seconds)
  }

  package var mean: Double { EpisodeMean(values.map(Float.init)).mean }
  package var interval: Double { EpisodeMean(values.map(Float.init)).confidence95 }

  init(_ scored: ScoredRun, _ directory: RunDirectory, _ test: Recipe.Test) {
    let wanted = test.innerSteps.flatMap { scored.scores.points.firstIndex(of: $0) }
    let point = wanted ?? scored.point
    let run = scored.run
    let isClassification = !scored.scores.accuracies.isEmpty
    isAccuracy = isClassification
    values = scored.measure(point).map { Double($0) * (isClassification ? 100 : 1) }
    trainSteps = run.method.adaptationSteps(run.values)
    testSteps = scored.scores.points[point]
    let statistics = ConvolutionHyperparameters.statistics.id
    isTransductive =
      run.values.descriptor(statistics) != nil && run.values.choice(statistics) == "transductive"
    let summary = (try? SystemFile.read(directory.summary, limit: 1 << 20)).flatMap {
      try? JSONView($0)
    }
    seconds = summary?["seconds"]?.double ?? 0
    self.test = test.text
  }

  // MARK: The file

  /// Nil where there is none for this test.
  init?(reading file: String, test: Recipe.Test) {
    guard let bytes = try? SystemFile.read(file, limit: 64 << 20), let view = try? JSONView(bytes),
      view["test"]?.string == test.text, let isAccuracy = view["is_accuracy"]?.bool,
      let trained = view["train_steps"]?.integer, let tested = view["test_steps"]?.integer,
      let isTransductive = view["is_transductive"]?.bool, let seconds = view["seconds"]?.double
    else { return nil }
    values = view.elements("values").compactMap(\.double)
    guard values.count == test.episodes else { return nil }
    (self.isAccuracy, trainSteps, testSteps) = (isAccuracy, trained, tested)
    (self.isTransductive, self.seconds) = (isTransductive, seconds)
    self.test = test.text
  }

  func write(_ file: String) {
    let document: JSONValue = [
      "test": .string(test), "is_accuracy": .bool(isAccuracy), "train_steps": .integer(trainSteps),
      "test_steps": .integer(testSteps), "is_transductive": .bool(isTransductive),
      "seconds": .number(seconds), "values": .array(values.map { .number($0) }),
    ]
    // What cannot be kept is computed again.
    try? SystemFile.replace(file, with: [document.encoded()[...]], isDurable: false)
  }
}

extension Recipe.Test {
  var text: String { "\(episodes) \(innerSteps.map(String.init) ?? "own") \(checkpoint)" }
}
