import Events
import Files

/// Turns what happens to a run into the lines of `events.jsonl`: commands with their step numbers,
/// statuses, validations, notes, and the inner loops behind the probes.
struct EventsLog {
  private var writer = JSONWriter()
  /// The last step reported, for events that carry none.
  private var step = 0

  var byteCount: Int { writer.bytes.count }

  mutating func record(_ event: RunEvent, at time: Double) {
    switch event {
    case .started: write("started", 0, time, [])
    case .step(let report): record(report, at: time)
    case .validation(let report): write("validation", report.step, time, Self.fields(report))
    case .episode(let snapshot): write("episode", snapshot.step, time, Self.fields(snapshot))
    case .fit(let snapshot): write("fit", snapshot.step, time, Self.fields(snapshot))
    case .map(let snapshot): write("map", snapshot.step, time, Self.fields(snapshot))
    case .statusChanged(_, let status, let step):
      write("status", step, time, [JSONField("status", .string(status.rawValue))])
    case .diverging(let report): write("divergence", report.step, time, Self.fields(report))
    case .hyperparameterChanged(_, let id, let value, let step):
      let fields = [JSONField("id", .string(id)), JSONField("value", .number(value))]
      write("hyperparameter", step, time, fields)
    case .commandRefused(_, let reason, let step):
      write("refused", step, time, [JSONField("reason", .string(reason))])
    case .fairnessChanged(let fairness):
      write("fairness", step, time, [JSONField("fairness", .string(fairness.rawValue))])
    case .checkpointKept(_, let step): write("checkpoint", step, time, [])
    case .replayed, .sweep, .checkpointWritten, .recordingFailed, .probesPaced, .readingPast: break
    case .note(_, let text): write("note", step, time, [JSONField("text", .string(text))])
    }
  }

  /// Steps whose lines a file does not have, because the disk was full.
  mutating func recordGap(in file: String, _ steps: ClosedRange<Int>, at time: Double) {
    let fields = [
      JSONField("file", .string(file)), JSONField("from", .integer(steps.lowerBound)),
      JSONField("to", .integer(steps.upperBound)),
    ]
    write("gap", steps.upperBound, time, fields)
  }

  /// Whole lines, to be appended with one write.
  mutating func takeLines() -> [UInt8] {
    defer { writer.removeAll() }
    return writer.bytes
  }

  private mutating func record(_ report: StepReport, at time: Double) {
    step = report.step
    guard let probes = report.probes else { return }
    let fields = [
      JSONField("support_losses", .numbers(probes.supportLosses)),
      JSONField("query_losses", .numbers(probes.queryLosses)),
      JSONField("inner_gradient_norms", .numbers(probes.innerGradientNorms)),
    ]
    write("probes", report.step, time, fields)
  }

  private static func fields(_ report: ValidationReport) -> [JSONField] {
    [
      JSONField("loss", .number(report.loss)),
      JSONField("ci95", .number(report.confidence95)),
      JSONField("loss_ci95", .number(report.lossConfidence95)),
      JSONField("accuracy", report.accuracy.map { .number($0) } ?? .null),
      JSONField("loss_by_inner_step", .numbers(report.lossByInnerStep)),
      JSONField("accuracy_by_inner_step", .numbers(report.accuracyByInnerStep)),
      JSONField("samples", .array(report.accuracyBySamples.map { .integer($0.samples) })),
      JSONField("accuracy_by_samples", .numbers(report.accuracyBySamples.map(\.accuracy))),
      JSONField("episodes", .integer(report.episodes)),
      JSONField("scores", .numbers(RecordedRunReader.kept(report.scores))),
      JSONField("meta_test", .bool(report.isMetaTest)),
    ]
  }

  private static func fields(_ report: DivergenceReport) -> [JSONField] {
    [
      JSONField("quantity", .string(report.quantity)), JSONField("since", .integer(report.since)),
      JSONField("value", .number(report.value)),
      JSONField("median", report.median.map { .number($0) } ?? .null),
      JSONField("diverged", .bool(report.isDivergence)),
    ]
  }

  /// Names and predictions without the pictures, which seed and task give back.
  private static func fields(_ snapshot: EpisodeSnapshot) -> [JSONField] {
    let query = snapshot.query
    return task(snapshot.task) + [
      JSONField("classes", .array(snapshot.classNames.map { .string($0) })),
      JSONField("labels", .array(query.map { .integer($0.label) })),
      JSONField("before", .array(query.map { .integer($0.before.label) })),
      JSONField("after", .array(query.map { .integer($0.after.label) })),
      JSONField("probabilities_before", .numbers(query.map(\.before.probability))),
      JSONField("probabilities_after", .numbers(query.map(\.after.probability))),
    ]
  }

  /// Which task is shown, where it is not the first.
  private static func task(_ task: Int) -> [JSONField] {
    task == 0 ? [] : [JSONField("task", .integer(task))]
  }

  private static func fields(_ snapshot: FitSnapshot) -> [JSONField] {
    task(snapshot.task) + [
      JSONField("support_x", .numbers(snapshot.support.map(\.x))),
      JSONField("support_y", .numbers(snapshot.support.map(\.y))),
      JSONField("x", .numbers(snapshot.target.map(\.x))),
      JSONField("target", .numbers(snapshot.target.map(\.y))),
      JSONField("fits", .array(snapshot.fits.map { .numbers($0) })),
      JSONField("support_losses", .numbers(snapshot.supportLosses)),
    ]
  }

  private static func fields(_ snapshot: MapSnapshot) -> [JSONField] {
    func ends(_ range: ClosedRange<Float>) -> JSONValue {
      .numbers([range.lowerBound, range.upperBound])
    }
    return [
      JSONField("x", ends(snapshot.xRange)),
      JSONField("y", ends(snapshot.yRange)),
      JSONField("surface", .array(snapshot.surface.map { .numbers($0) })),
      JSONField("places", .array(snapshot.places.map(\.json))),
      JSONField("paths", .array(snapshot.paths.map(\.json))),
    ]
  }

  private mutating func write(
    _ name: String,
    _ step: Int,
    _ time: Double,
    _ fields: [JSONField]
  ) {
    let common = [
      JSONField("step", .integer(step)),
      JSONField("t", .number((time * 1_000).rounded() / 1_000)),
      JSONField("event", .string(name)),
    ]
    writer.value(.object(common + fields))
    writer.newline()
  }
}

extension JSONValue {
  /// A single-precision number with its own short digits: 0.1, not 0.10000000149011612.
  package static func number(_ number: Float) -> JSONValue {
    .number(Double(number.description) ?? Double(number))
  }

  static func numbers(_ numbers: [Float]) -> JSONValue { .array(numbers.map { .number($0) }) }
}

extension MapSnapshot.Place {
  fileprivate var json: JSONValue {
    ["label": .string(label), "x": .number(point.x), "y": .number(point.y)]
  }
}

extension MapSnapshot.Path {
  fileprivate var json: JSONValue {
    [
      "label": .string(label), "x": .numbers(points.map(\.x)), "y": .numbers(points.map(\.y)),
      "main": .bool(isMain),
    ]
  }
}
