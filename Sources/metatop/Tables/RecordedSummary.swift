import Tasks
import Training

/// What a run directory says of a run that has ended, or of one under way.
struct RecordedSummary {
  let name: String
  let method: String
  /// `omniglot 5-way 1-shot`.
  let task: String
  let isSplitByExamples: Bool
  let model: String
  let steps: Int
  let seed: String
  /// As people write them, by id.
  let hyperparameters: [String: String]
  /// Of the meta-test, else of the last meta-validation; nil before both.
  let score: Score?
  let stepsPerSecond: Double?

  struct Score {
    let isAccuracy: Bool
    let value: Double
    /// Half the 95 % interval over episodes.
    let half: Double
    let isTest: Bool
  }

  init(_ path: String) throws(ConfigurationError) {
    let directory = StoredRun(path: path, origin: "compare", cores: 1).directory
    let configuration = try Self.read(directory.configuration)
    let summary = try? Self.read(directory.summary)
    name = directory.name.printable
    method = (configuration["method_name"]?.string ?? "?").printable
    task = Self.task(configuration["task"])
    isSplitByExamples = Self.isSplitByExamples(configuration["task"])
    model = (configuration["model"]?.string ?? "?").printable
    steps = configuration["steps"]?.integer ?? 0
    seed = configuration["seed"]?.integer.map { String($0) } ?? configuration["seed"]?.string ?? "?"
    hyperparameters = Self.hyperparameters(configuration)
    score = summary.flatMap { Self.score($0, "test") ?? Self.score($0, "validation") }
    stepsPerSecond = summary?["steps_per_second"]?.double
  }

  private static func read(_ path: String) throws(ConfigurationError) -> JSONView {
    do {
      return try JSONView(try SystemFile.read(path, limit: RunDirectory.longestDocument))
    } catch let error as SystemError {
      throw ConfigurationError(
        .badData,
        "compare: \(path.printable) cannot be read (\(error.reason)); give the folders of runs"
      )
    } catch {
      throw ConfigurationError(.badData, "compare: \(path.printable) is damaged: \(error)")
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
    task?["split"]?.string == DataOptions.Split.examples.rawValue
  }

  private static func hyperparameters(_ configuration: JSONView) -> [String: String] {
    var descriptors: [String: JSONView] = [:]
    for descriptor in configuration.elements("hyperparameter_descriptors").prefix(1_000) {
      if let id = descriptor["id"]?.string { descriptors[id] = descriptor }
    }
    let values = configuration.fields("hyperparameters").prefix(1_000)
    return values.reduce(into: [:]) { all, field in
      guard let value = field.value.double else { return }
      let descriptor = descriptors[field.key]
      let text: String =
        switch descriptor?["kind"]?.string {
        case "choice": descriptor.flatMap { Self.name($0, value) } ?? "\(value)"
        case "flag": value == 0 ? "off" : "on"
        default: value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        }
      all[field.key.printable] = text.printable
    }
  }

  /// A choice's name by its index.
  private static func name(_ descriptor: JSONView, _ value: Double) -> String? {
    guard let index = Int(exactly: value), index >= 0 else { return nil }
    return descriptor.elements("names").dropFirst(index).first { _ in true }?.string
  }

  private static func score(_ summary: JSONView, _ prefix: String) -> Score? {
    let half = summary["\(prefix)_ci95"]?.double ?? .infinity
    if let accuracy = summary["\(prefix)_accuracy"]?.double {
      return Score(isAccuracy: true, value: accuracy, half: half, isTest: prefix == "test")
    }
    return summary["\(prefix)_loss"]?.double.map {
      Score(isAccuracy: false, value: $0, half: half, isTest: prefix == "test")
    }
  }
}
