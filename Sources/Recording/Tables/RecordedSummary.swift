import Events
import Files

/// What a run directory says of a run that has ended, or of one under way.
package struct RecordedSummary {
  let name: String
  let method: String
  /// `omniglot 5-way 1-shot`.
  let task: String
  let isSplitByExamples: Bool
  let model: String
  let steps: Int
  /// Outer steps made; nil where nothing says so.
  let toldSteps: Int?
  var made: Int { toldSteps ?? 0 }
  /// When it was begun, in seconds since 1970.
  let created: Double
  /// The comparison it was begun in, and its place there; nil of a version that did not say it.
  let comparison: String?
  let place: Int?
  let seed: String
  /// As people write them, by id.
  let hyperparameters: [String: String]
  /// The same for programs: numbers, a choice's name, whether a flag is on.
  let values: [String: JSONValue]
  /// Of the meta-test, else of the last meta-validation; nil before both.
  let score: Score?
  let stepsPerSecond: Double?
  let status: Status

  enum Status: String, CaseIterable {
    case finished, stopped, running, paused, diverged
    /// Its process ended before the run did.
    case interrupted
  }

  struct Score {
    let isAccuracy: Bool
    let value: Double
    /// Half the 95 % interval over episodes.
    let half: Double
    let isTest: Bool
  }

  /// `command` begins the sentence that says what is wrong.
  package init(_ path: String, command: String = "compare") throws(ConfigurationError) {
    let directory = RunDirectory(given: path)
    let configuration = try Self.read(directory.configuration, command)
    let summary = try? Self.read(directory.summary, command)
    let state = try? Self.read(directory.state, command)
    name = directory.name.printable
    method = (configuration["method_name"]?.string ?? "?").printable
    task = Self.task(configuration["task"])
    isSplitByExamples = Self.isSplitByExamples(configuration["task"])
    model = (configuration["model"]?.string ?? "?").printable
    steps = configuration["steps"]?.integer ?? 0
    toldSteps = summary?["steps"]?.integer ?? state?["step"]?.integer
    created = configuration["created"]?.double ?? 0
    comparison = configuration["comparison"]?.string?.printable
    place = configuration["place"]?.integer
    seed = configuration["seed"]?.integer.map { String($0) } ?? configuration["seed"]?.string ?? "?"
    (hyperparameters, values) = Self.hyperparameters(configuration)
    score =
      summary.map { Self.score($0, "test") ?? Self.score($0, "validation") }
      ?? Self.lastValidation(directory)
    stepsPerSecond = summary?["steps_per_second"]?.double
    status = Self.status(summary, state)
  }

  private static func status(_ summary: JSONView?, _ state: JSONView?) -> Status {
    if let status = summary?["status"]?.string.flatMap(Status.init(rawValue:)) { return status }
    // Of a version that did not say it.
    if summary != nil { return .finished }
    guard let state else { return .interrupted }
    guard let writer = RunWriter(state), writer.isAlive() else { return .interrupted }
    return state["status"]?.string.flatMap(Status.init(rawValue:)) ?? .running
  }

  /// Of a run that is under way, or was interrupted.
  private static func lastValidation(_ directory: RunDirectory) -> Score? {
    var (log, last): (RecordedLog, JSONView?) = (RecordedLog(directory.events), nil)
    while let line = try? log.view() {
      guard line["event"]?.string == "validation", line["meta_test"]?.bool != true else { continue }
      last = line
    }
    return last.flatMap { score($0, prefix: "", isTest: false) }
  }

  private static func read(
    _ path: String,
    _ command: String
  ) throws(ConfigurationError) -> JSONView {
    do {
      return try RunDirectory.document(path)
    } catch {
      throw ConfigurationError(.badData, "\(command): \(error.sentence)")
    }
  }

  private static func task(_ value: JSONView?) -> String {
    let name =
      (value?["name"]?.string ?? "?") + (isSplitByExamples(value) ? ", split by examples," : "")
    if let setting = value?["setting"]?.string { return "\(name), \(setting)".printable }
    let way = value?["way"]?.integer.map { "\($0)-way " } ?? ""
    return "\(name) \(way)\(value?["shot"]?.integer ?? 0)-shot".printable
  }

  private static func isSplitByExamples(_ task: JSONView?) -> Bool {
    task?["split"]?.string == "examples"
  }

  private static func hyperparameters(
    _ configuration: JSONView
  ) -> (texts: [String: String], values: [String: JSONValue]) {
    let known = configuration.elements("hyperparameter_descriptors").prefix(1_000)
      .compactMap { HyperparameterDescriptor($0) }
    let descriptors = Dictionary(known.map { ($0.id, $0) }) { $1 }
    var (texts, values): ([String: String], [String: JSONValue]) = ([:], [:])
    for (key, field) in configuration.fields("hyperparameters").prefix(1_000) {
      guard let number = field.double else { continue }
      let text = descriptors[key]?.format(number) ?? HyperparameterDescriptor.plain(number)
      texts[key.printable] = text.printable
      values[key.printable] = value(number, text, descriptors[key]?.kind)
    }
    return (texts, values)
  }

  /// A value for programs.
  private static func value(
    _ number: Double,
    _ text: String,
    _ kind: HyperparameterDescriptor.Kind?
  ) -> JSONValue {
    switch kind {
    case .flag: .bool(number != 0)
    case .choice(let names) where names.contains(text): .string(text.printable)
    default: Int(text).map { .integer($0) } ?? .number(number)
    }
  }

  private static func score(_ summary: JSONView, _ name: String) -> Score? {
    score(summary, prefix: name + "_", isTest: name == "test")
  }

  /// What was measured and is not a number stands as null, and is a score all the same.
  private static func score(_ line: JSONView, prefix: String, isTest: Bool) -> Score? {
    let half = line[prefix + "ci95"]?.double ?? .nan
    // In regression there is no accuracy; an event says that by null.
    let accuracy = line[prefix + "accuracy"]
    let isMissing = accuracy == nil || prefix.isEmpty && accuracy?.double == nil
    guard isMissing else {
      return Score(isAccuracy: true, value: accuracy?.double ?? .nan, half: half, isTest: isTest)
    }
    return line[prefix + "loss"].map {
      Score(isAccuracy: false, value: $0.double ?? .nan, half: half, isTest: isTest)
    }
  }
}
