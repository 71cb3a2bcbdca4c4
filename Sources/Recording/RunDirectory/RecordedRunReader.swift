import Events
import Files

/// A run directory read back into the events that wrote it, also while it is still being written.
///
/// It only reads, takes no locks, and asks again for what has been appended: so it works on other
/// machines' runs and over network file systems. Half a line waits for its other half.
package struct RecordedRunReader {
  /// An event with the second since 1970 at which it happened.
  package struct Moment: Sendable {
    package let time: Double
    package let event: RunEvent
  }

  package let directory: RunDirectory
  package let description: RunDescription
  private var metrics: RecordedLog
  private var events: RecordedLog
  /// The inner loops behind the probes, by step, until their line of metrics comes.
  private var innerLoops: [Int: InnerLoop] = [:]
  /// Few wait at a time; more than this are of steps whose metrics never came.
  private static let mostInnerLoops = 1_000
  fileprivate static let mostNumbers = 4_096

  /// A list that would not be read back whole is not written.
  static func kept(_ numbers: [Float]) -> [Float] { numbers.count > mostNumbers ? [] : numbers }
  private var firstTime: Double?
  private var lastStep = 0
  /// The next line of each log.
  private var event: JSONView?
  private var step: JSONView?
  /// The time of the last line, and of which sizes of the logs.
  private var last: (sizes: [Int], time: Double?) = ([], nil)
  /// What a line of metrics tells besides, the last first.
  private var extremes: [Moment] = []

  /// Opens a run directory.
  ///
  /// - Throws: a sentence, when it is none.
  package init(_ path: String, id: RunID) throws(RunDirectoryError) {
    directory = RunDirectory(path: path)
    metrics = RecordedLog(directory.metrics)
    events = RecordedLog(directory.events)
    let document = try RunDirectory.document(directory.configuration)
    guard let description = RunDescription(document, id: id) else {
      throw RunDirectoryError(
        path: directory.configuration,
        reason: "does not describe a run; it is another program's, or was changed"
      )
    }
    self.description = description
  }

  /// What happened next; nil at the end of what had been written when `refresh` was called.
  package mutating func next() -> Moment? {
    if let extreme = extremes.popLast() { return extreme }
    while true {
      // A log that is not there, or cannot be read now, tells nothing yet.
      event = try? event ?? events.view()
      step = try? step ?? metrics.view()
      // The events first: a step's inner loop is written before or with its metrics.
      if let next = event, step.map({ next.time <= $0.time }) ?? true {
        event = nil
        if let moment = happened(next) { return moment }
      } else if let next = step {
        step = nil
        if let moment = stepped(next) { return moment }
      } else {
        return nil
      }
    }
  }

  /// Looks again whether something has been appended.
  package mutating func refresh() {
    events.refresh()
    metrics.refresh()
  }

  /// When what is written last happened, in seconds since 1970; nil when nothing is.
  package mutating func lastTime() -> Double? {
    let paths = [directory.metrics, directory.events]
    let sizes = paths.map { SystemFile.size($0) ?? 0 }
    if sizes != last.sizes {
      last = (sizes, paths.compactMap { RecordedLog.last(of: $0)?.time }.max())
    }
    return last.time
  }

  private var id: RunID { description.id }

  // MARK: - Metrics

  private static let stepKeys = [
    "step", "t", "query_loss", "flops", "support_loss", "meta_gradient_norm", "query_accuracy",
    "query_loss_min", "query_loss_max",
  ]

  private mutating func stepped(_ line: JSONView) -> Moment? {
    let found = line.values(Self.stepKeys)
    func number(_ key: Int) -> Float? { line.float(Self.stepKeys[key], found[key]) }
    guard let step = found[0]?.integer, let time = found[1]?.double, step > 0, let loss = number(2)
    else { return nil }
    let began = firstTime ?? time
    firstTime = began
    let report = StepReport(
      run: id,
      step: step,
      seconds: max(0, time - began),
      operations: found[3]?.double ?? 0,
      queryLoss: loss,
      supportLoss: number(4) ?? .nan,
      metaGradientNorm: number(5) ?? .nan,
      queryAccuracy: number(6),
      probes: probes(line, step)
    )
    defer { lastStep = step }
    // Where steps were left out their extremes stand just before the line's own step.
    if step - lastStep >= 3, let low = number(7), let high = number(8) {
      extremes = [Moment(time: time, event: .step(report))]
      for (offset, value) in [(1, high), (2, low)] where value.isFinite {
        var extreme = report
        extreme.step = step - offset
        extreme.queryLoss = value
        extreme.queryAccuracy = nil
        extreme.probes = nil
        extremes.append(Moment(time: time, event: .step(extreme)))
      }
      return extremes.popLast()
    }
    return Moment(time: time, event: .step(report))
  }

  private mutating func probes(_ line: JSONView, _ step: Int) -> StepProbes? {
    let inner = innerLoops.removeValue(forKey: step)
    // Most lines have none.
    guard inner != nil || description.probes.first.map({ line[$0.key] != nil }) == true else {
      return nil
    }
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

  private mutating func happened(_ line: JSONView) -> Moment? {
    guard let step = line["step"]?.integer, let time = line["t"]?.double else { return nil }
    let event: RunEvent?
    switch line["event"]?.string {
    case "probes":
      if innerLoops.count >= Self.mostInnerLoops { innerLoops = [:] }
      innerLoops[step] = InnerLoop(line)
      event = nil
    case "validation": event = ValidationReport(line, of: id).map { .validation($0) }
    case "fit": event = fit(line, step)
    case "map": event = .map(MapSnapshot(line, of: id, step))
    case "episode": event = episode(line, step)
    case "status":
      let status = line["status"]?.string.flatMap(RunStatus.init(rawValue:))
      event = status.map { .statusChanged(id, $0, step: step) }
    case "divergence": event = DivergenceReport(line, of: id, step).map { .diverging($0) }
    case "hyperparameter":
      guard let name = line["id"]?.string, let value = line["value"]?.double else { return nil }
      event = .hyperparameterChanged(id, id: name, value: value, step: step)
    case "checkpoint": event = .checkpointKept(id, step: step)
    case "note": event = line["text"]?.string.map { .note(id, $0) }
    case "fairness":
      event = line["fairness"]?.string.flatMap(Fairness.init(rawValue:)).map {
        .fairnessChanged($0)
      }
    default: event = nil
    }
    return event.map { Moment(time: time, event: $0) }
  }

  private func fit(_ line: JSONView, _ step: Int) -> RunEvent? {
    let target = points(line, "x", "target")
    let fits = line.elements("fits").prefix(Self.mostNumbers).map { $0.floats }
    guard !target.isEmpty, !fits.isEmpty, fits.allSatisfy({ $0.count == target.count }) else {
      return nil
    }
    return .fit(
      FitSnapshot(
        run: id,
        step: step,
        task: max(line["task"]?.integer ?? 0, 0),
        support: points(line, "support_x", "support_y"),
        target: target,
        fits: fits,
        supportLosses: line.floats("support_losses")
      )
    )
  }

  /// What the model said of an episode, without its pictures.
  private func episode(_ line: JSONView, _ step: Int) -> RunEvent? {
    let names = line.elements("classes").prefix(EpisodeSnapshot.classLimit).map { $0.string ?? "" }
    func labels(_ key: String) -> [Int] {
      line.elements(key).prefix(EpisodeSnapshot.classLimit * EpisodeSnapshot.queryLimit)
        .map { $0.integer ?? -1 }
    }
    let (own, before, after) = (labels("labels"), labels("before"), labels("after"))
    let (first, last) = (line.floats("probabilities_before"), line.floats("probabilities_after"))
    let counts = [before.count, after.count, first.count, last.count]
    guard !names.isEmpty, !own.isEmpty, counts.allSatisfy({ $0 == own.count }),
      (own + before + after).allSatisfy({ $0 >= 0 })
    else { return nil }
    return .episode(
      EpisodeSnapshot(
        run: id,
        step: step,
        task: max(line["task"]?.integer ?? 0, 0),
        innerSteps: innerSteps,
        height: 1,
        width: 1,
        channels: 1,
        classNames: names.map { String($0.prefix(EpisodeSnapshot.nameLimit)) },
        support: [],
        query: own.indices.map { index in
          EpisodeSnapshot.Query(
            label: own[index],
            pixels: [],
            before: .init(label: before[index], probability: first[index]),
            after: .init(label: after[index], probability: last[index])
          )
        },
        obstacle: "a recording has no pictures"
      )
    )
  }

  /// M, where the recording says it.
  private var innerSteps: Int {
    let value = description.hyperparameters.first { $0.role == .innerSteps }
      .flatMap { description.values[$0.id] }.flatMap { Int(exactly: $0) }
    if let value { return value }
    if case .innerSteps(let count) = description.adaptation { return count }
    return 1
  }

  private func points(_ line: JSONView, _ x: String, _ y: String) -> [FitSnapshot.Point] {
    zip(line.floats(x), line.floats(y)).map { FitSnapshot.Point(x: $0, y: $1) }
  }
}

/// The inner loop behind a step's probes.
private struct InnerLoop {
  let supportLosses: [Float]
  let queryLosses: [Float]
  let gradientNorms: [Float]

  init(_ line: JSONView) {
    supportLosses = line.floats("support_losses")
    queryLosses = line.floats("query_losses")
    gradientNorms = line.floats("inner_gradient_norms")
  }
}

extension JSONView {
  /// When a line of a log was written.
  fileprivate var time: Double { self["t"]?.double ?? 0 }

  /// A number, or not a number where the log lists it as that.
  func float(_ key: String) -> Float? { float(key, self[key]) }

  /// The same where the key's value has been found already.
  fileprivate func float(_ key: String, _ value: JSONView?) -> Float? {
    guard let value else { return nil }
    if let number = value.double { return Float(number) }
    return elements("nan").contains { $0.string == key } ? .nan : nil
  }

  fileprivate func floats(_ key: String) -> [Float] { self[key]?.floats ?? [] }

  /// No list of ours has more numbers than some hundreds.
  fileprivate var floats: [Float] {
    elements.prefix(RecordedRunReader.mostNumbers).map { $0.double.map { Float($0) } ?? .nan }
  }
}

extension ValidationReport {
  /// A recorded line read back; nil when it is not that of a validation.
  init?(_ line: JSONView, of run: RunID) {
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
      accuracyBySamples: zip(
        line.elements("samples").prefix(RecordedRunReader.mostNumbers),
        line.floats("accuracy_by_samples")
      )
      .compactMap { samples, accuracy in
        samples.integer.map { SampledAccuracy(samples: $0, accuracy: accuracy) }
      },
      episodes: line["episodes"]?.integer ?? 0,
      scores: line.floats("scores"),
      isMetaTest: line["meta_test"]?.bool == true
    )
  }
}

extension MapSnapshot {
  /// A recorded line read back; what it lacks is empty.
  fileprivate init(_ line: JSONView, of run: RunID, _ step: Int) {
    func ends(_ key: String) -> (low: Float, high: Float) {
      let numbers = line.floats(key)
      return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 1)
    }
    func points(_ path: JSONView) -> [Point] {
      zip(path.floats("x"), path.floats("y")).map { Point(x: $0, y: $1) }
    }
    self.init(
      run: run,
      step: step,
      x: ends("x"),
      y: ends("y"),
      surface: line.elements("surface").prefix(Self.gridLimit).map(\.floats),
      places: line.elements("places").prefix(Self.placeLimit).map { place in
        Place(
          label: place.label("label", limit: Self.labelLimit) ?? "",
          point: Point(x: place.float("x") ?? .nan, y: place.float("y") ?? .nan)
        )
      },
      paths: line.elements("paths").prefix(Self.pathLimit).map { path in
        Path(
          label: path.label("label", limit: Self.labelLimit) ?? "",
          points: points(path),
          isMain: path["main"]?.bool == true
        )
      }
    )
  }
}
