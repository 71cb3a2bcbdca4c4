import Events
import Files

/// The final numbers of one run: `summary.json`, and the line that `--json` prints.
package struct RunSummary: Sendable, Equatable {
  /// The query loss is the mean over this many last steps.
  private static let window = 100

  private let run: RunDescription
  private let directory: String
  private var steps = 0
  private var seconds = 0.0
  private var recentLosses: [Float] = []
  private var validation: ValidationReport?
  private var test: ValidationReport?
  /// Hyperparameters as they are now.
  private var values: [String: Double]
  package private(set) var status = RunStatus.running
  package var peakMemory = 0.0

  init(_ run: RunDescription, directory: String) {
    self.run = run
    self.directory = directory
    values = run.values
  }

  package var id: RunID { run.id }

  /// Goes on where a run was stopped or killed: after outer step `step`, with its recorded lines.
  mutating func resume(after step: Int, seconds: Double, metrics: [UInt8], events: [UInt8]) {
    (steps, self.seconds) = (step, seconds)
    for line in LinesFromTheEnd(metrics).prefix(Self.window) {
      guard let value = try? JSONView(line) else { continue }
      if let loss = value["query_loss"]?.double { recentLosses.insert(Float(loss), at: 0) }
    }
    for line in LinesFromTheEnd(events) {
      guard let value = try? JSONView(line) else { continue }
      guard let report = ValidationReport(value, of: id), !report.isMetaTest else { continue }
      validation = report
      break
    }
  }

  mutating func record(_ event: RunEvent) {
    switch event {
    case .step(let report):
      steps = report.step
      seconds = report.seconds
      if recentLosses.count == Self.window { recentLosses.removeFirst() }
      recentLosses.append(report.queryLoss)
    case .validation(let report):
      if report.isMetaTest { test = report } else { validation = report }
    case .statusChanged(_, let status, _): self.status = status
    case .hyperparameterChanged(_, let id, let value, _): values[id] = value
    default: break
    }
  }

  /// A run whose process ends before it has come to an end of its own is stopped.
  mutating func end() { if [.running, .paused].contains(status) { status = .stopped } }

  /// The line that `--json` prints: always the same keys, null where nothing was measured.
  package var line: JSONValue {
    .object(Self.keys.map { JSONField($0, json[$0] ?? .null) })
  }

  private static let keys = [
    "run", "method", "task", "steps", "seconds", "steps_per_second", "query_loss",
    "test_loss",
    "test_accuracy", "test_ci95", "test_episodes", "seed", "parameters", "peak_rss_mib", "diverged",
    "batch_norm", "convolution", "interval", "split",
  ]

  /// The document `summary.json`.
  package var json: JSONValue {
    let lossSum = recentLosses.reduce(0) { $0 + Double($1) }
    var fields = [
      JSONField("run", .string(directory)),
      JSONField("method", .string(run.methodID)),
      JSONField("task", .string(run.task.name)),
      JSONField("status", .string(status.rawValue)),
      JSONField("steps", .integer(steps)),
      JSONField("seconds", .number(seconds)),
      JSONField("steps_per_second", .number(seconds > 0 ? Double(steps) / seconds : 0)),
      JSONField("query_loss", .number(lossSum / Double(recentLosses.count))),
    ]
    if let validation { fields += Self.fields(validation, prefix: "validation") }
    if let test { fields += Self.fields(test, prefix: "test") }
    fields += [
      JSONField("seed", .whole(run.seed)),
      JSONField("parameters", .integer(run.parameterCounts.values.reduce(0, +))),
      JSONField("peak_rss_mib", .number((peakMemory * 10).rounded() / 10)),
      JSONField("diverged", .bool(status == .diverged)),
    ]
    let split = JSONField("split", run.task.split.map { .string($0) } ?? .null)
    return .object(fields + run.conditions(values) + [split])
  }

  private static func fields(_ report: ValidationReport, prefix: String) -> [JSONField] {
    var fields = [JSONField("\(prefix)_loss", .number(report.loss))]
    if let accuracy = report.accuracy {
      fields.append(JSONField("\(prefix)_accuracy", .number(accuracy)))
    }
    fields.append(JSONField("\(prefix)_ci95", .number(report.confidence95)))
    fields.append(JSONField("\(prefix)_episodes", .integer(report.episodes)))
    return fields
  }
}

extension JSONValue {
  /// A whole number; beyond what JSON readers take for whole, as a string.
  static func whole(_ number: UInt64) -> JSONValue {
    Int(exactly: number).map { .integer($0) } ?? .string(String(number))
  }
}
