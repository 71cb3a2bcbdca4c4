import Events
import Files

extension RunDescription {
  /// What `config.json` says of a run: everything that is fixed before its first step.
  var configuration: [JSONField] {
    [
      JSONField("method", .string(methodID)),
      JSONField("method_name", .string(methodName)),
      JSONField("citation", .string(citation)),
      JSONField("task", task.json),
      JSONField("model", .string(model)),
      JSONField("layers", .array(layers.map { .string($0) })),
      JSONField("parameters", .object(parameterCounts.sorted().map { ($0, .integer($1)) })),
      JSONField("steps", .integer(totalSteps)),
      JSONField("meta_batch", .integer(metaBatchSize)),
      JSONField("seed", .whole(seed)),
      JSONField("threads", .integer(threads)),
      JSONField("estimated_bytes", estimatedBytes.map { .integer($0) } ?? .null),
      JSONField("color", color.map { .integer($0) } ?? .null),
      JSONField("hyperparameters", .object(values.sorted().map { ($0, .number($1)) })),
      JSONField("hyperparameter_descriptors", .array(hyperparameters.map(\.json))),
      JSONField("probes", .array(probes.map(\.json))),
    ] + declarations + conditions(values)
  }

  /// What a number must be read with: whose statistics normalised, how convolutions were computed
  /// (both null without convolutions), and of what the 95 % interval is.
  func conditions(_ values: [String: Double]) -> [JSONField] {
    func choice(_ id: String) -> JSONValue {
      guard let value = values[id], let descriptor = hyperparameters.first(where: { $0.id == id })
      else { return .null }
      return .string(descriptor.format(value))
    }
    let measure = task.kind == .classification ? "accuracy" : "loss"
    return [
      JSONField("batch_norm", choice("batch-norm")),
      JSONField("convolution", choice("convolution")),
      JSONField("interval", .string("1.96 standard errors of the \(measure) over \(task.scored)")),
    ]
  }
}

extension TaskDescription {
  fileprivate var json: JSONValue {
    [
      "name": .string(name),
      "kind": .string(kind.rawValue),
      "input": .string(input.rawValue),
      "way": way.map { .integer($0) } ?? .null,
      "shot": .integer(shot),
      "query": .integer(queryShot),
      "setting": setting.map { .string($0) } ?? .null,
      "split": split.map { .string($0) } ?? .null,
      "meta_test": isTested.map { .bool($0) } ?? .null,
    ]
  }
}

extension ProbeDescriptor {
  fileprivate var json: JSONValue {
    [
      "key": .string(key),
      "label": .string(label),
      "ascii": asciiLabel.map { .string($0) } ?? .null,
      "help": .string(help),
      "layer": layer.map { .string($0) } ?? .null,
      "style": style.json,
      "unit": .string(unit),
      "healthy": healthy?.json ?? .null,
    ]
  }
}

extension HealthyRange {
  fileprivate var json: JSONValue {
    [
      "low": low.map { .number($0) } ?? .null,
      "high": high.map { .number($0) } ?? .null,
      "text": .string(text),
    ]
  }
}

extension HyperparameterDescriptor {
  fileprivate var json: JSONValue {
    let common: [JSONField] = [
      JSONField("id", .string(id)),
      JSONField("symbol", .string(symbol)),
      JSONField("default", .number(defaultValue)),
      JSONField("help", .string(help)),
      JSONField("structural", .bool(isStructural)),
      JSONField("fixed", .bool(isFixed)),
      JSONField("role", role?.json ?? .null),
    ]
    return .object(common + kind.fields)
  }
}

extension HyperparameterDescriptor.Kind {
  fileprivate var fields: [JSONField] {
    func fields(_ kind: String, _ rest: (String, JSONValue)...) -> [JSONField] {
      [JSONField("kind", .string(kind))] + rest.map { JSONField($0.0, $0.1) }
    }
    switch self {
    case .logarithmic(let range):
      return fields(
        "logarithmic",
        ("range", [.number(range.lowerBound), .number(range.upperBound)])
      )
    case .linear(let range, let step):
      let bounds: JSONValue = [.number(range.lowerBound), .number(range.upperBound)]
      return fields("linear", ("range", bounds), ("step", .number(step)))
    case .integer(let range):
      return fields("integer", ("range", [.integer(range.lowerBound), .integer(range.upperBound)]))
    case .flag: return fields("flag")
    case .choice(let names): return fields("choice", ("names", .array(names.map { .string($0) })))
    }
  }
}

extension Dictionary where Key == String {
  /// In the order of the keys, so that the same run writes the same file.
  fileprivate func sorted() -> [(String, Value)] {
    sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension JSONValue {
  fileprivate static func object(_ fields: [(String, JSONValue)]) -> JSONValue {
    .object(fields.map { JSONField($0.0, $0.1) })
  }
}
