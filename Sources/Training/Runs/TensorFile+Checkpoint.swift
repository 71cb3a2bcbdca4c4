import Files

extension TensorFile {
  /// A checkpoint's metadata; numbers in full, so that a resumed run has the same bits.
  static func checkpointMetadata(
    _ configuration: RunConfiguration,
    step: Int,
    updates: Int,
    seconds: Double,
    operations: Double,
    best: (loss: Float, accuracy: Float?)?,
    validated: Int,
    probeCost: Double?
  ) -> [String: String] {
    let values = configuration.values.byID.sorted { $0.key < $1.key }
      .map { JSONField($0.key, .number($0.value)) }
    var metadata = [
      "format": "pt", "method": configuration.method.descriptor.id,
      "task": configuration.distribution.name, "model": configuration.model.name,
      "step": String(step), "updates": String(updates), "seconds": String(seconds),
      "operations": String(operations),
      "seed": String(configuration.seed), "validated": String(validated),
      "random": "counter-based: every draw is named by seed, purpose, step and episode",
      "hyperparameters": text(.object(values)),
    ]
    if let probeCost { metadata["probe_cost"] = String(probeCost) }
    if let best {
      let fields =
        [JSONField("loss", .number(best.loss))]
        + (best.accuracy.map { [JSONField("accuracy", .number($0))] } ?? [])
      metadata["best"] = text(.object(fields))
    }
    return metadata
  }

  private static func text(_ value: JSONValue) -> String {
    String(decoding: value.encoded().dropLast(), as: UTF8.self)
  }
}
