import Events
import Tasks

extension RunDescription {
  /// A run as its `config.json` describes it; nil where the file says too little.
  init?(_ document: JSONValue, id: RunID) {
    guard let methodID = document["method"]?.string, let task = TaskDescription(document["task"]),
      let steps = document["steps"]?.integer
    else { return nil }
    self.init(
      id: id,
      methodID: methodID,
      methodName: document["method_name"]?.string ?? methodID,
      citation: document["citation"]?.string ?? "",
      task: task,
      model: document["model"]?.string ?? "",
      layers: document["layers"]?.array?.compactMap(\.string) ?? [],
      parameterCounts: (document["parameters"]?.fields ?? [:]).compactMapValues(\.integer),
      hyperparameters: (document["hyperparameter_descriptors"]?.array ?? [])
        .compactMap { HyperparameterDescriptor($0) },
      values: (document["hyperparameters"]?.fields ?? [:]).compactMapValues(\.double),
      probes: (document["probes"]?.array ?? []).compactMap { ProbeDescriptor($0) },
      totalSteps: steps,
      metaBatchSize: document["meta_batch"]?.integer ?? 1,
      seed: UInt64(document["seed"]?.integer ?? 0),
      threads: document["threads"]?.integer ?? 1,
      estimatedBytes: nil
    )
  }
}

extension TaskDescription {
  fileprivate init?(_ document: JSONValue?) {
    guard let document, let name = document["name"]?.string,
      let kind = document["kind"]?.string.flatMap(Kind.init(rawValue:))
    else { return nil }
    self.init(
      name: name,
      kind: kind,
      way: document["way"]?.integer,
      shot: document["shot"]?.integer ?? 0,
      queryShot: document["query"]?.integer ?? 0,
      setting: document["setting"]?.string
    )
  }
}

extension ProbeDescriptor {
  fileprivate init?(_ document: JSONValue) {
    guard let key = document["key"]?.string else { return nil }
    self.init(
      key: key,
      label: document["label"]?.string ?? key,
      help: document["help"]?.string ?? "",
      layer: document["layer"]?.string
    )
  }
}

extension HyperparameterDescriptor {
  fileprivate init?(_ document: JSONValue) {
    guard let id = document["id"]?.string, let kind = Kind(document) else { return nil }
    self.init(
      id: id,
      symbol: document["symbol"]?.string ?? "",
      kind: kind,
      defaultValue: document["default"]?.double ?? 0,
      help: document["help"]?.string ?? "",
      isStructural: document["structural"] == .bool(true),
      isFixed: document["fixed"] == .bool(true)
    )
  }
}

extension HyperparameterDescriptor.Kind {
  fileprivate init?(_ document: JSONValue) {
    let bounds = document["range"]?.array?.compactMap(\.double) ?? []
    let isRange = bounds.count == 2 && bounds[0] <= bounds[1]
    switch document["kind"]?.string {
    case "logarithmic" where isRange: self = .logarithmic(bounds[0]...bounds[1])
    case "linear" where isRange:
      self = .linear(bounds[0]...bounds[1], step: document["step"]?.double ?? 1)
    case "integer" where isRange && abs(bounds[0]) < 1e15 && abs(bounds[1]) < 1e15:
      self = .integer(Int(bounds[0])...Int(bounds[1]))
    case "flag": self = .flag
    case "choice":
      let names = document["names"]?.array?.compactMap(\.string) ?? []
      guard !names.isEmpty else { return nil }
      self = .choice(names)
    default: return nil
    }
  }
}

extension JSONValue {
  /// An object's values by key; nil when it is none.
  fileprivate var fields: [String: JSONValue]? {
    guard case .object(let fields) = self else { return nil }
    return Dictionary(fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }
}
