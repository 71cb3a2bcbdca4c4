import Events
import Files
import Glibc

/// Folds one run's events into its directory; owned by the recorder.
struct RunRecord {
  /// Lines wait this long at most (in seconds) while events flow, so that a write holds many.
  static let flushInterval = 0.25
  static let stateInterval = 1.0
  static let bufferSize = 65_536

  let directory: RunDirectory
  private let run: RunDescription
  let environment: RecordingEnvironment
  var metrics: MetricsLog
  var events = EventsLog()
  var summary: RunSummary
  var lastFlush = -Double.infinity
  var lastState = -Double.infinity
  var step = 0
  /// How often the run was begun before this time.
  private var restarts = 0
  /// When the first step was heard of since then, and which.
  private var first: (step: Int, time: Double)?
  /// Up to this step nothing waits to be written.
  var writtenStep = 0
  var metricsFile: LogOnDisk
  var eventsFile: LogOnDisk
  /// The last `state.json` could not be written; told once.
  var isStateBehind = false
  /// How often probes are measured, while `config.json` does not say it.
  var pace: ProbePace?
  /// Seconds until the next heartbeat at the latest.
  var heartbeatInterval = 1.0
  /// No other process writes into the folder meanwhile.
  var lock: FolderLock?
  /// What is to be told of the run's beginning.
  private(set) var notes: [String] = []

  /// Makes the directory and writes `config.json`, `state.json` before the first step.
  ///
  /// `beside` is the directory of its comparison's first run, after which the comparison is named.
  init(
    _ run: RunDescription,
    named name: String? = nil,
    under out: String,
    beside first: RunDirectory? = nil,
    configuration: [JSONField],
    environment: RecordingEnvironment
  ) throws(RunDirectoryError) {
    self.run = run
    self.environment = environment
    metrics = MetricsLog(run)
    directory = try RunDirectory.create(
      task: run.task.name,
      method: run.methodID,
      named: name,
      under: out,
      environment: environment
    )
    metricsFile = LogOnDisk(directory.metrics)
    eventsFile = LogOnDisk(directory.events)
    summary = RunSummary(run, directory: directory.path)
    lock = try? environment.files.lock(directory.path)
    try writeBeginning(place(beside: first) + configuration)
  }

  /// Makes the directory of a run that begins at a checkpoint of another: the other's lines up to
  /// there are its own as well, and its `config.json` names its ancestors, the eldest first.
  init(
    branching run: RunDescription,
    from point: ResumePoint,
    under out: String,
    beside first: RunDirectory? = nil,
    configuration: [JSONField],
    environment: RecordingEnvironment
  ) throws(RunDirectoryError) {
    let parent = point.directory
    let history: (metrics: [UInt8], events: [UInt8])
    let own: JSONValue = [
      "run": .string(parent.name), "path": .string(parent.path), "after_step": .integer(point.step),
    ]
    let ancestors: JSONValue
    do {
      history = (
        try Self.kept(parent.metrics, upTo: point.step, environment),
        try Self.kept(parent.events, upTo: point.step, environment)
      )
      let document = try? JSONView(environment.files.read(parent.configuration))
      ancestors = document?.list("branched_from", adding: own) ?? [own]
    } catch {
      throw RunDirectoryError(path: error.path, reason: "cannot be read (\(error.reason))")
    }
    try self.init(
      run,
      under: out,
      beside: first,
      configuration: configuration + [JSONField("branched_from", ancestors)],
      environment: environment
    )
    step = point.step
    writtenStep = step
    summary.resume(
      after: step,
      seconds: point.seconds,
      metrics: history.metrics,
      events: history.events
    )
    do {
      try environment.files.replace(directory.metrics, history.metrics, true)
      try environment.files.replace(directory.events, history.events, true)
    } catch {
      throw Self.full(error)
    }
  }

  static func full(_ error: SystemError) -> RunDirectoryError {
    RunDirectoryError(
      path: error.path,
      reason: "cannot be written (\(error.reason)); give --out a folder with space"
    )
  }

  /// Which comparison it belongs to, and its place in it.
  private func place(beside first: RunDirectory?) -> [JSONField] {
    [
      JSONField("comparison", .string((first ?? directory).name.printable)),
      JSONField("place", .integer(run.id.rawValue)),
    ]
  }

  private func writeBeginning(_ configuration: [JSONField]) throws(RunDirectoryError) {
    do {
      let document = JSONValue.object(fields() + configuration).encoded(onLines: true)
      try environment.files.replace(directory.configuration, document, true)
      try environment.files.replace(directory.state, stateDocument(), true)
      // Also a run that is stopped before its first step has its metrics: none.
      try environment.files.append([], directory.metrics)
    } catch {
      throw Self.full(error)
    }
  }

  /// Goes on in the directory of a run that was stopped or killed after its checkpoint.
  ///
  /// Lines of later steps are dropped, because those steps are made again.
  init(
    resuming run: RunDescription,
    at point: ResumePoint,
    environment: RecordingEnvironment
  ) throws(RunDirectoryError) {
    let (directory, step) = (point.directory, point.step)
    self.run = run
    self.directory = directory
    self.environment = environment
    self.step = step
    writtenStep = step
    metrics = MetricsLog(run)
    metricsFile = LogOnDisk(directory.metrics)
    eventsFile = LogOnDisk(directory.events)
    summary = RunSummary(run, directory: directory.path)
    lock = try Self.lock(directory, environment)
    for folder in [directory.path, directory.checkpoints] { SystemFile.removeRemains(in: folder) }
    Self.sayLength(of: directory)
    do {
      let kept = try [directory.metrics, directory.events].map { (path) throws(SystemError) in
        try Self.kept(path, upTo: step, environment)
      }
      try environment.files.replace(directory.metrics, kept[0], true)
      try environment.files.replace(directory.events, kept[1], true)
      summary.resume(after: step, seconds: point.seconds, metrics: kept[0], events: kept[1])
      try Self.putSummaryAside(directory, environment)
      noteGap(kept[0])
      let configuration = try environment.files.read(directory.configuration)
      if let document = try? JSONView(configuration) {
        let resumed = document.resumed(
          after: step,
          total: run.totalSteps,
          color: run.color,
          at: environment.now()
        )
        try environment.files.replace(
          directory.configuration,
          resumed.encoded(onLines: true),
          true
        )
      }
      try environment.files.replace(directory.state, stateDocument(), true)
    } catch {
      throw RunDirectoryError(
        path: error.path,
        reason: "cannot be written (\(error.reason)); a run goes on in its own directory"
      )
    }
  }

  /// What takes seconds to read is said before any screen is up.
  private static func sayLength(of directory: RunDirectory) {
    let size = SystemFile.size(directory.metrics) ?? 0
    guard size >= 4 << 20 else { return }
    complain("metatop: \(directory.path): reading its \(size >> 20) MiB of steps")
  }

  /// Two processes that begin to go on with one dead run at one moment are told apart here.
  private static func lock(
    _ directory: RunDirectory,
    _ environment: RecordingEnvironment
  ) throws(RunDirectoryError) -> FolderLock? {
    do {
      return try environment.files.lock(directory.path)
    } catch {
      throw RunDirectoryError(
        path: directory.path,
        reason: "another process has just gone on with it; wait for its end, or stop it first"
      )
    }
  }

  /// The final numbers of a run that goes on are those of an earlier end: they stay under its step.
  private static func putSummaryAside(
    _ directory: RunDirectory,
    _ environment: RecordingEnvironment
  ) throws(SystemError) {
    guard let bytes = try? environment.files.read(directory.summary) else { return }
    let step = (try? JSONView(bytes))?["steps"]?.integer ?? 0
    try environment.files.move(directory.summary, directory.summary(of: step))
  }

  /// A run that was killed while its disk was full has fewer lines than steps.
  private mutating func noteGap(_ lines: [UInt8]) {
    let last = LinesFromTheEnd(lines).lazy.compactMap { (try? JSONView($0))?["step"]?.integer }
      .first
    let (first, due) = ((last ?? 0) + 1, step / metrics.stride * metrics.stride)
    guard first <= due else { return }
    let name = "metrics.jsonl"
    events.recordGap(in: name, first...due, at: environment.now())
    notes.append(
      "\(name): \(LogOnDisk.text(first...due)) are missing; they were not on the disk when the run "
        + "was interrupted"
    )
  }

  /// Adds to `env.json` where and on what the run begins or goes on.
  mutating func noteStart(_ surroundings: [JSONField]) throws(RunDirectoryError) {
    let own = [
      JSONField("t", .number(environment.now())),
      JSONField("host", .string(environment.host)),
      JSONField("pid", .integer(environment.processID)),
      JSONField("after_step", .integer(step)),
      JSONField("threads", .integer(run.threads)),
    ]
    do {
      let bytes = try Self.content(directory.environment, environment)
      let before = try? JSONView(bytes)
      restarts = before?.elements("starts").reduce(0) { count, _ in count + 1 } ?? 0
      let start = JSONValue.object(own + surroundings)
      let starts = before?.list("starts", adding: start) ?? [start]
      let document = JSONValue.object([JSONField("starts", starts)])
      try environment.files.replace(directory.environment, document.encoded(onLines: true), true)
    } catch {
      throw Self.full(error)
    }
  }

  /// A file's bytes; none when it is not there, because the run was killed before it was made.
  private static func content(
    _ path: String,
    _ environment: RecordingEnvironment
  ) throws(SystemError) -> [UInt8] {
    do {
      return try environment.files.read(path)
    } catch {
      guard error.code == ENOENT else { throw error }
      return []
    }
  }

  /// The lines of a log up to an outer step.
  private static func kept(
    _ path: String,
    upTo step: Int,
    _ environment: RecordingEnvironment
  ) throws(SystemError) -> [UInt8] {
    var bytes = try content(path, environment)
    RecordedLines.keep(in: &bytes, upTo: step)
    return bytes
  }

  var id: RunID { run.id }

  func concerns(_ event: RunEvent) -> Bool { event.run.map { $0 == run.id } ?? true }

  /// Takes in one event that happened at `time`.
  mutating func record(_ event: RunEvent, at time: Double) {
    switch event {
    case .step(let report):
      step = report.step
      if first == nil { first = (step, time) }
      metrics.record(report, at: time)
    case .validation(let report): metrics.record(report, at: time)
    case .probesPaced(_, let pace): self.pace = pace
    // A finished run may still validate its last step; that belongs into the step's line.
    case .statusChanged(_, let status, _) where ![.running, .finished].contains(status):
      metrics.close()
    default: break
    }
    events.record(event, at: time)
    summary.record(event)
  }

  private func fields() -> [JSONField] {
    let recording: JSONValue = [
      "metrics_every": .integer(metrics.stride), "metrics_rule": .string(metrics.rule),
    ]
    return [
      JSONField("run", .string(directory.name)),
      JSONField("created", .number(environment.now())),
      JSONField("host", .string(environment.host)),
    ] + run.configuration + [JSONField("recording", recording)]
  }

  func stateDocument() -> [UInt8] {
    let state: JSONValue = [
      "status": .string(summary.status.rawValue),
      "step": .integer(step),
      "total": .integer(run.totalSteps),
      "heartbeat": .number(environment.now()),
      "heartbeat_every": .number(heartbeatInterval),
      "pid": .integer(environment.processID),
      "host": .string(environment.host),
      "machine": .string(environment.machine),
      "eta": secondsLeft.map { .number($0) } ?? .null,
      "restarts": .integer(restarts),
    ]
    return state.encoded()
  }

  /// How long the rest will take at the pace since this start; nil while nobody can say.
  private var secondsLeft: Double? {
    guard summary.status == .running, let first, step > first.step else { return nil }
    let pace = (environment.now() - first.time) / Double(step - first.step)
    return (pace * Double(run.totalSteps - step)).rounded()
  }
}
