import Events
import Files

/// Where a stopped or killed run goes on from: its directory, and its last whole checkpoint.
package struct ResumePoint: Sendable {
  package let directory: RunDirectory
  package let checkpoint: TensorFile
  /// Outer steps made.
  package let step: Int
  /// Updates of the optimizer.
  package let updates: Int
  /// Seconds of computing so far.
  package let seconds: Double
  /// Floating-point operations so far; 0 in a checkpoint of a version that did not count them.
  package let operations: Double
  /// Hyperparameters as they were, changes on the way included.
  package let values: [String: Double]
  /// The best meta-validation so far: loss, and accuracy where there is one.
  package let best: (loss: Float, accuracy: Float?)?
  /// The last outer step that was meta-validated.
  package let validated: Int
  /// What a measurement of the probes costs, in outer steps; nil where that was not known yet.
  package let probeCost: Double?

  /// Reads one of the run's checkpoints, usually the last.
  ///
  /// - Throws: when it is missing, damaged, or not a checkpoint that can be continued.
  package init(
    _ directory: RunDirectory,
    _ kind: CheckpointKind = .last
  ) throws(SafetensorsError) {
    self.directory = directory
    let path = directory.checkpoint(kind)
    checkpoint = try TensorFile(reading: path)
    let metadata = checkpoint.metadata
    guard let step = metadata["step"].flatMap({ Int($0) }), step >= 0,
      let updates = metadata["updates"].flatMap({ Int($0) }),
      let seconds = metadata["seconds"].flatMap({ Double($0) }),
      let values = Self.numbers(metadata["hyperparameters"])
    else {
      throw SafetensorsError(
        path: path,
        reason: "does not say how far the run had come; it is another version's, or was changed"
      )
    }
    operations = metadata["operations"].flatMap { Double($0) } ?? 0
    validated = metadata["validated"].flatMap { Int($0) } ?? 0
    probeCost = metadata["probe_cost"].flatMap { Double($0) }.flatMap { $0 > 0 ? $0 : nil }
    (self.step, self.updates, self.seconds, self.values) = (step, updates, seconds, values)
    let best = Self.numbers(metadata["best"])
    self.best = best?["loss"].map { (Float($0), best?["accuracy"].map { Float($0) }) }
  }

  private static func numbers(_ text: String?) -> [String: Double]? {
    guard let text, let document = try? JSONView(Array(text.utf8)), document.isObject else {
      return nil
    }
    return document.fields.reduce(into: [:]) { numbers, field in
      if let number = field.value.double { numbers[field.key] = number }
    }
  }
}
