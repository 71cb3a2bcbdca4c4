import Events
import Files

/// Turns a run's reports into the lines of `metrics.jsonl`.
///
/// A short run writes every outer step. A long one writes every `stride`-th, and each that carries
/// probes or a validation, with the exact smallest and largest query loss since the line before.
struct MetricsLog {
  /// Lines that a run writes for its plain steps, at most.
  static let maximumLines = 5_000

  private let run: RunDescription
  let stride: Int
  private var lines = MetricsLines()
  /// The latest step, held back until the next event shows whether a validation belongs to it.
  private var pending: (report: StepReport, time: Double)?
  private var lowest: Float?
  private var highest: Float?
  private var written = (step: 0, seconds: 0.0)

  init(_ run: RunDescription) {
    self.run = run
    stride = max(1, (run.totalSteps + Self.maximumLines - 1) / Self.maximumLines)
  }

  /// The rule, in the words that `config.json` records.
  var rule: String {
    stride == 1
      ? "every outer step"
      : "one outer step in \(stride), the last, and each with probes or a validation; "
        + "query_loss_min and query_loss_max are exact over the steps since the line before"
  }

  mutating func record(_ report: StepReport, at time: Double) {
    settle()
    if report.queryLoss.isFinite {
      lowest = min(lowest ?? report.queryLoss, report.queryLoss)
      highest = max(highest ?? report.queryLoss, report.queryLoss)
    }
    pending = (report, time)
  }

  /// Adds the validation to its step's line, or gives it a line of its own when there is none.
  mutating func record(_ validation: ValidationReport, at time: Double) {
    guard !validation.isMetaTest else { return settle() }
    if let step = pending, step.report.step == validation.step {
      pending = nil
      write(step.report, validation, at: step.time)
    } else {
      settle()
      write(nil, validation, at: time)
    }
  }

  /// Writes the step held back, when it is due.
  mutating func settle() {
    guard let (report, time) = pending else { return }
    let isDue = report.step % stride == 0 || report.step == run.totalSteps
    guard isDue || report.probes != nil else { return }
    pending = nil
    write(report, nil, at: time)
  }

  /// Writes the step held back in any case: the run halts, so it is the last there is.
  mutating func close() {
    guard let (report, time) = pending else { return }
    pending = nil
    write(report, nil, at: time)
  }

  var byteCount: Int { lines.byteCount }

  /// The step held back until the next event.
  var pendingStep: Int? { pending?.report.step }

  /// Whole lines, to be appended with one write.
  mutating func takeLines() -> [UInt8] { lines.take() }

  private mutating func write(
    _ report: StepReport?,
    _ validation: ValidationReport?,
    at time: Double
  ) {
    lines.begin(step: report?.step ?? validation?.step ?? 0, time: time, method: run.methodID)
    if let report {
      write(report)
      if let probes = report.probes { write(probes) }
    }
    if let validation {
      lines.number("validation_loss", validation.loss)
      if let accuracy = validation.accuracy { lines.number("validation_accuracy", accuracy) }
      lines.number("validation_ci95", validation.confidence95)
    }
    lines.end()
  }

  private mutating func write(_ report: StepReport) {
    lines.number("query_loss", report.queryLoss)
    if stride > 1 {
      lines.number("query_loss_min", lowest ?? .nan)
      lines.number("query_loss_max", highest ?? .nan)
    }
    if let accuracy = report.queryAccuracy { lines.number("query_accuracy", accuracy) }
    lines.number("support_loss", report.supportLoss)
    lines.number("meta_gradient_norm", report.metaGradientNorm)
    let episodes = Double((report.step - written.step) * run.metaBatchSize)
    let elapsed = report.seconds - written.seconds
    if elapsed > 0 { lines.number("episodes_per_second", Float(episodes / elapsed)) }
    if report.operations > 0 { lines.number("flops", report.operations) }
    written = (report.step, report.seconds)
    (lowest, highest) = (nil, nil)
  }

  private mutating func write(_ probes: StepProbes) {
    if let before = probes.queryLosses.first { lines.number("query_loss_before", before) }
    for (probe, value) in zip(run.probes, probes.values) { lines.number(probe.key, value) }
  }
}

/// Lines of metrics; what JSON cannot hold becomes null and is listed under `nan`.
private struct MetricsLines {
  private var writer = JSONWriter()
  private var notFinite: [String] = []

  var byteCount: Int { writer.bytes.count }

  mutating func begin(step: Int, time: Double, method: String) {
    writer.beginObject()
    writer.key("step")
    writer.integer(step)
    writer.key("t")
    writer.number((time * 1_000).rounded() / 1_000)
    writer.key("method")
    writer.string(method)
  }

  mutating func number(_ key: String, _ value: Float) {
    writer.key(key)
    writer.number(value)
    if !value.isFinite { notFinite.append(key) }
  }

  mutating func number(_ key: String, _ value: Double) {
    writer.key(key)
    writer.number(value)
  }

  mutating func end() {
    if !notFinite.isEmpty {
      writer.key("nan")
      writer.value(.array(notFinite.map { .string($0) }))
      notFinite.removeAll()
    }
    writer.endObject()
    writer.newline()
  }

  mutating func take() -> [UInt8] {
    defer { writer.removeAll() }
    return writer.bytes
  }
}
