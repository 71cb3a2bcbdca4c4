import Events
import Tasks

/// A run directory read back into the events that wrote it, also while it is still being written.
///
/// It only reads, takes no locks, and asks again for what has been appended: so it works on other
/// machines' runs and over network file systems. Half a line waits for its other half.
package struct RecordedRunReader {
  /// An event with the second since 1970 at which it happened.
  package struct Moment: Sendable {
    package var time: Double
    package var event: RunEvent

    package init(time: Double, event: RunEvent) {
      self.time = time
      self.event = event
    }
  }

  package let directory: RunDirectory
  package let description: RunDescription
  private var metrics = LogTail()
  private var events = LogTail()
  /// The inner loops behind the probes, by step, until their line of metrics comes.
  private var innerLoops: [Int: InnerLoop] = [:]
  private var firstTime: Double?
  private var lastStep = 0

  /// Opens a run directory.
  ///
  /// - Throws: a sentence, when it is none.
  package init(_ path: String, id: RunID) throws(RunDirectoryError) {
    directory = RunDirectory(path: path)
    let document: JSONValue
    do {
      document = try JSONReader.parse(try SystemFile.read(directory.configuration, limit: 4 << 20))
    } catch let error as SystemError {
      throw RunDirectoryError(
        path: directory.configuration,
        reason: "cannot be read (\(error.reason)); give the folder of a run"
      )
    } catch {
      throw RunDirectoryError(path: directory.configuration, reason: "is damaged: \(error)")
    }
    guard let description = RunDescription(document, id: id) else {
      throw RunDirectoryError(
        path: directory.configuration,
        reason: "does not describe a run; it is another program's, or was changed"
      )
    }
    self.description = description
  }

  /// What has been written since the last time, in the order it happened.
  package mutating func read() -> [Moment] {
    // The events first: a step's inner loop is written before or with its metrics.
    var other: [Moment] = []
    for line in events.lines(of: directory.events) {
      if let value = try? JSONReader.parse(line) { other += happened(value) }
    }
    var steps: [Moment] = []
    for line in metrics.lines(of: directory.metrics) {
      if let value = try? JSONReader.parse(line) { steps += stepped(value) }
    }
    return other.merged(with: steps)
  }

  private var id: RunID { description.id }

  // MARK: - Metrics

  private mutating func stepped(_ line: JSONValue) -> [Moment] {
    guard let step = line["step"]?.integer, let time = line["t"]?.double, step > 0,
      let loss = line.float("query_loss")
    else { return [] }
    let began = firstTime ?? time
    firstTime = began
    var report = StepReport(
      run: id,
      step: step,
      seconds: max(0, time - began),
      operations: line["flops"]?.double ?? 0,
      queryLoss: loss,
      supportLoss: line.float("support_loss") ?? .nan,
      metaGradientNorm: line.float("meta_gradient_norm") ?? .nan,
      queryAccuracy: line.float("query_accuracy"),
      probes: probes(line, step)
    )
    defer { lastStep = step }
    var moments: [Moment] = []
    // Where steps were left out their extremes stand just before the line's own step.
    if step - lastStep >= 3, let low = line.float("query_loss_min"),
      let high = line.float("query_loss_max")
    {
      for (offset, value) in [(2, low), (1, high)] where value.isFinite {
        var extreme = report
        extreme.step = step - offset
        extreme.queryLoss = value
        extreme.queryAccuracy = nil
        extreme.probes = nil
        moments.append(Moment(time: time, event: .step(extreme)))
      }
    }
    report.step = step
    moments.append(Moment(time: time, event: .step(report)))
    return moments
  }

  private mutating func probes(_ line: JSONValue, _ step: Int) -> StepProbes? {
    let inner = innerLoops.removeValue(forKey: step)
    let values = description.probes.map { line.float($0.key) }
    let isMeasured = inner != nil || (!values.isEmpty && values.allSatisfy { $0 != nil })
    guard isMeasured else { return nil }
    return StepProbes(
      supportLosses: inner?.supportLosses ?? [],
      queryLosses: inner?.queryLosses ?? [],
      innerGradientNorms: inner?.gradientNorms ?? [],
      values: values.map { $0 ?? .nan }
    )
  }

  // MARK: - Events

  private mutating func happened(_ line: JSONValue) -> [Moment] {
    guard let step = line["step"]?.integer, let time = line["t"]?.double else { return [] }
    let event: RunEvent?
    switch line["event"]?.string {
    case "probes":
      innerLoops[step] = InnerLoop(line)
      event = nil
    case "validation": event = ValidationReport(line, of: id).map { .validation($0) }
    case "fit": event = fit(line, step)
    case "status":
      let status = line["status"]?.string.flatMap(RunStatus.init(rawValue:))
      event = status.map { .statusChanged(id, $0, step: step) }
    case "hyperparameter":
      guard let name = line["id"]?.string, let value = line["value"]?.double else { return [] }
      event = .hyperparameterChanged(id, id: name, value: value, step: step)
    case "note": event = line["text"]?.string.map { .note(id, $0) }
    case "fairness":
      event = line["fairness"]?.string.flatMap(Fairness.init(rawValue:)).map {
        .fairnessChanged($0)
      }
    default: event = nil
    }
    return event.map { [Moment(time: time, event: $0)] } ?? []
  }

  private func fit(_ line: JSONValue, _ step: Int) -> RunEvent? {
    let target = points(line, "x", "target")
    let fits = line["fits"]?.array?.map { $0.floats } ?? []
    guard !target.isEmpty, !fits.isEmpty, fits.allSatisfy({ $0.count == target.count }) else {
      return nil
    }
    return .fit(
      FitSnapshot(
        run: id,
        step: step,
        support: points(line, "support_x", "support_y"),
        target: target,
        fits: fits,
        supportLosses: line.floats("support_losses")
      )
    )
  }

  private func points(_ line: JSONValue, _ x: String, _ y: String) -> [FitSnapshot.Point] {
    zip(line.floats(x), line.floats(y)).map { FitSnapshot.Point(x: $0, y: $1) }
  }
}

extension [RecordedRunReader.Moment] {
  /// Both in the order of time, its own first where times are equal.
  ///
  /// Each is in order already, unless a clock was set: then what came earlier stays earlier.
  package func merged(with others: Self) -> Self {
    var merged: Self = []
    merged.reserveCapacity(count + others.count)
    var (own, other) = (startIndex, others.startIndex)
    while own < count || other < others.count {
      let isOwn = other == others.count || own < count && self[own].time <= others[other].time
      merged.append(isOwn ? self[own] : others[other])
      if isOwn { own += 1 } else { other += 1 }
    }
    return merged
  }
}

/// The inner loop behind a step's probes.
private struct InnerLoop {
  let supportLosses: [Float]
  let queryLosses: [Float]
  let gradientNorms: [Float]

  init(_ line: JSONValue) {
    supportLosses = line.floats("support_losses")
    queryLosses = line.floats("query_losses")
    gradientNorms = line.floats("inner_gradient_norms")
  }
}

/// A log that may be growing: whole lines, each once.
private struct LogTail {
  private var offset = 0

  /// Lines as they stand there: a tree for each of them at once would take many times the room.
  mutating func lines(of path: String) -> [ArraySlice<UInt8>] {
    guard let bytes = try? SystemFile.read(path, from: offset),
      let end = bytes.lastIndex(of: UInt8(ascii: "\n"))
    else { return [] }
    offset += end + 1
    return bytes[..<end].split(separator: UInt8(ascii: "\n"))
  }
}

extension JSONValue {
  /// A number, or not a number where the log lists it as that.
  fileprivate func float(_ key: String) -> Float? {
    if let number = self[key]?.double { return Float(number) }
    return self["nan"]?.array?.contains(.string(key)) == true ? .nan : nil
  }

  fileprivate func floats(_ key: String) -> [Float] { self[key]?.floats ?? [] }

  fileprivate var floats: [Float] { array?.map { $0.double.map { Float($0) } ?? .nan } ?? [] }
}

extension ValidationReport {
  /// A recorded line read back; nil when it is none of a validation.
  init?(_ line: JSONValue, of run: RunID) {
    guard line["event"]?.string == "validation", let step = line["step"]?.integer,
      let loss = line.float("loss")
    else { return nil }
    let accuracy = line.float("accuracy")
    let half = line.float("ci95") ?? .nan
    self.init(
      run: run,
      step: step,
      loss: loss,
      lossConfidence95: line.float("loss_ci95") ?? half,
      accuracy: accuracy,
      accuracyConfidence95: accuracy == nil ? nil : half,
      lossByInnerStep: line.floats("loss_by_inner_step"),
      accuracyByInnerStep: line.floats("accuracy_by_inner_step"),
      episodes: line["episodes"]?.integer ?? 0,
      isMetaTest: line["meta_test"] == .bool(true)
    )
  }
}
