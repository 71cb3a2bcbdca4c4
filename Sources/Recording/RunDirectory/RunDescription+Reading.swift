import Events
import Files

extension RunDescription {
  /// A run as its `config.json` describes it; nil where the file says too little.
  init?(_ document: JSONView, id: RunID) {
    guard let methodID = document["method"]?.string, let task = TaskDescription(document["task"]),
      let steps = document["steps"]?.integer
    else { return nil }
    let hyperparameters = document.elements("hyperparameter_descriptors").prefix(Self.mostParts)
      .compactMap { HyperparameterDescriptor($0) }
    let probes = document.elements("probes").prefix(Self.mostParts).compactMap {
      ProbeDescriptor($0)
    }
    guard document["panels"] != nil else {
      self.init(
        document,
        id: id,
        methodID: methodID,
        task: task,
        steps: steps,
        declared: ReadDeclarations(earlier: task, hyperparameters, probes)
      )
      return
    }
    let batch = document["meta_batch"]?.integer ?? 1
    self.init(
      document,
      id: id,
      methodID: methodID,
      task: task,
      steps: steps,
      declared: ReadDeclarations(
        hyperparameters: hyperparameters,
        probes: probes,
        panels: Declarations.panels(document),
        moments: Declarations.moments(document),
        regime: Regime(document["regime"]) ?? task.regime(metaBatchSize: batch),
        adaptation: AdaptationAxis(document["adaptation"]),
        stepLoss: document["step_loss"]?.string.flatMap(StepLoss.init(rawValue:))
      )
    )
  }

  private init(
    _ document: JSONView,
    id: RunID,
    methodID: String,
    task: TaskDescription,
    steps: Int,
    declared: ReadDeclarations
  ) {
    self.init(
      id: id,
      methodID: methodID,
      methodName: document["method_name"]?.string ?? methodID,
      citation: document["citation"]?.string ?? "",
      task: task,
      model: document["model"]?.string ?? "",
      layers: document.elements("layers").prefix(Self.mostParts).compactMap(\.string),
      parameterCounts: document["parameters"]?.values(\.integer) ?? [:],
      hyperparameters: declared.hyperparameters,
      values: document["hyperparameters"]?.values(\.double) ?? [:],
      probes: declared.probes,
      panels: declared.panels,
      moments: declared.moments,
      regime: declared.regime,
      adaptation: declared.adaptation,
      stepLoss: declared.stepLoss,
      totalSteps: steps,
      metaBatchSize: document["meta_batch"]?.integer ?? 1,
      seed: document["seed"]?.whole ?? 0,
      threads: document["threads"]?.integer ?? 1,
      estimatedBytes: nil,
      color: document["color"]?.integer
    )
  }
}

extension RunDescription {
  /// Layers, hyperparameters or probes: ours have some dozens, and more are not shown.
  private static var mostParts: Int { 1_000 }
}

extension TaskDescription {
  fileprivate init?(_ document: JSONView?) {
    guard let document, let name = document["name"]?.string,
      let kind = document["kind"]?.string.flatMap(Kind.init(rawValue:))
    else { return nil }
    self.init(
      name: name,
      kind: kind,
      input: document["input"]?.string.flatMap(Input.init(rawValue:)),
      way: document["way"]?.integer,
      shot: document["shot"]?.integer ?? 0,
      queryShot: document["query"]?.integer ?? 0,
      setting: document["setting"]?.string,
      split: document["split"]?.string,
      isTested: document["meta_test"]?.bool
    )
  }
}

extension ProbeDescriptor {
  fileprivate init?(_ document: JSONView) {
    guard let key = document["key"]?.string else { return nil }
    self.init(
      key: key,
      label: document.label("label") ?? key,
      asciiLabel: document.label("ascii"),
      help: document["help"]?.string ?? "",
      layer: document["layer"]?.string,
      style: ProbeStyle(document["style"]),
      unit: document.label("unit", limit: 8) ?? "",
      healthy: HealthyRange(document["healthy"])
    )
  }
}

extension HealthyRange {
  /// Nil of a version that did not say it.
  fileprivate init?(_ document: JSONView?) {
    guard let document, let text = document["text"]?.label(limit: 300) else { return nil }
    self.init(from: document["low"]?.double, to: document["high"]?.double, text)
  }
}

extension HyperparameterDescriptor {
  /// As `config.json` has it.
  init?(_ document: JSONView) {
    guard let id = document["id"]?.string, let kind = Kind(document) else { return nil }
    self.init(
      id: id,
      symbol: document["symbol"]?.string ?? "",
      kind: kind,
      defaultValue: document["default"]?.double ?? 0,
      help: document["help"]?.string ?? "",
      isStructural: document["structural"]?.bool == true,
      isFixed: document["fixed"]?.bool == true,
      role: Role(document["role"])
    )
  }
}

extension HyperparameterDescriptor.Kind {
  fileprivate init?(_ document: JSONView) {
    let bounds = document.elements("range").compactMap(\.double)
    let isRange = bounds.count == 2 && bounds[0] <= bounds[1]
    switch document["kind"]?.string {
    case "logarithmic" where isRange: self = .logarithmic(bounds[0]...bounds[1])
    case "linear" where isRange:
      self = .linear(bounds[0]...bounds[1], step: document["step"]?.double ?? 1)
    case "integer" where isRange && abs(bounds[0]) < 1e15 && abs(bounds[1]) < 1e15:
      self = .integer(Int(bounds[0])...Int(bounds[1]))
    case "flag": self = .flag
    case "choice":
      let names = document.elements("names").compactMap(\.string)
      guard !names.isEmpty else { return nil }
      self = .choice(names)
    default: return nil
    }
  }
}

extension JSONView {
  /// What `JSONValue.whole` writes: a number, or a string with a larger one.
  fileprivate var whole: UInt64? {
    string.flatMap { UInt64($0) } ?? integer.flatMap { UInt64(exactly: $0) }
  }

  /// An object's values by key, as far as they are such values.
  fileprivate func values<Value>(_ value: (JSONView) -> Value?) -> [String: Value] {
    fields.reduce(into: [:]) { all, field in
      if let own = value(field.value) { all[field.key] = own }
    }
  }
}
