import Dispatch
import Events
import Files
import Synchronization

/// Writes the run directories of a comparison from its events.
///
/// It has a queue of its own: a disk that hangs delays neither the bus nor the runs.
package actor Recorder {
  private let queue = RecorderQueue()
  private let environment: RecordingEnvironment
  private let report: @Sendable (RunEvent) -> Void
  private var records: [RunRecord] = []
  private var heart: (any DispatchSourceTimer)?
  /// Something happened since the last heartbeat.
  private var hasNews = false
  private var isResting = false
  /// What cannot be written now, as it was last reported.
  private var failing: [RunID: (file: String, reason: String)] = [:]
  /// For each run, up to which step everything has been written.
  private let written: Mutex<[RunID: Int]>
  /// Everything that is not on the disk when all has ended; each file stands here once.
  package private(set) var failures: [RunDirectoryError] = []
  /// One directory a run, in the order of the runs.
  package nonisolated let directories: [RunDirectory]

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    queue.asUnownedSerialExecutor()
  }

  /// Makes the directories and writes their `config.json`, before any run makes its first step.
  ///
  /// - Parameters:
  ///   - runs: The runs of the comparison.
  ///   - out: The folder for the new directories, made where it is missing.
  ///   - configuration: Further fields for every `config.json`: version, arguments.
  ///   - surroundings: Where and on what the runs are trained, for every `env.json`.
  ///   - options: For each run the options that make it again, for its `config.json`.
  ///   - names: Runs whose directories have a name of their own, one of a sweep.
  ///   - resume: Runs that go on in the directory they have, or begin where another was.
  ///   - branches: Those of them that get a directory of their own.
  ///   - ended: Of runs that ended before their directories, into which nothing is written.
  ///   - data: For each run its `data.json`: what it is trained on, where that is to be written.
  ///   - environment: The clock and the disk.
  ///   - report: Takes the notes about files that could not be written; the bus's `post`.
  /// - Throws: The sentence that names the folder or file that could not be made.
  package init(
    _ runs: [RunDescription],
    under out: String,
    configuration: [JSONField] = [],
    surroundings: [JSONField] = [],
    options: [RunID: [String: String]] = [:],
    names: [RunID: String] = [:],
    resume: [RunID: ResumePoint] = [:],
    branches: Set<RunID> = [],
    ended: [RunID: RunDirectory] = [:],
    data: [RunID: JSONValue] = [:],
    environment: RecordingEnvironment = .system,
    report: @escaping @Sendable (RunEvent) -> Void
  ) throws(RunDirectoryError) {
    var records: [RunRecord] = []
    for run in runs where ended[run.id] == nil {
      let own = options[run.id] ?? [:]
      let fields = own.sorted { $0.key < $1.key }.map { JSONField($0.key, .string($0.value)) }
      let document = configuration + [JSONField("options", .object(fields))]
      let point = resume[run.id]
      if let point, !branches.contains(run.id) {
        records.append(try RunRecord(resuming: run, at: point, environment: environment))
      } else if let point {
        records.append(
          try RunRecord(
            branching: run,
            from: point,
            under: out,
            beside: records.first?.directory,
            configuration: document,
            environment: environment
          )
        )
      } else {
        records.append(
          try RunRecord(
            run,
            named: names[run.id],
            under: out,
            beside: records.first?.directory,
            configuration: document,
            environment: environment
          )
        )
      }
    }
    for index in records.indices {
      let id = records[index].id
      if resume[id] != nil, let own = options[id] { try records[index].noteMoved(own) }
      if let data = data[id] { try records[index].note(data: data) }
      try records[index].noteStart(surroundings)
      for note in records[index].notes { report(.note(id, note)) }
    }
    self.environment = environment
    self.report = report
    self.records = records
    written = Mutex(Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.writtenStep) }))
    let made = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.directory) })
    directories = runs.compactMap { ended[$0.id] ?? made[$0.id] }
  }

  /// Follows a lossless subscription to its end, keeps the heartbeat, and writes the summaries.
  package nonisolated func follow(_ subscription: Subscription) async -> [RunSummary] {
    await startHeart()
    while let events = await subscription.next() { await record(events) }
    return await finish()
  }

  /// Seconds between two heartbeats, while something happens and while nothing does.
  ///
  /// A heartbeat wakes the machine; a dashboard that is paused over night shall not.
  private static let heartbeats = (usual: 1.0, resting: 20.0)

  private func startHeart() {
    heart = queue.timer { [weak self] in self?.assumeIsolated { $0.beat() } }
    scheduleBeat()
    heart?.activate()
  }

  private func beat() {
    isResting = !hasNews
    hasNews = false
    // The state says when the next one comes, so that others know how long to watch.
    for index in records.indices { records[index].heartbeatInterval = heartbeatInterval }
    tick()
    scheduleBeat()
  }

  private var heartbeatInterval: Double {
    isResting ? Self.heartbeats.resting : Self.heartbeats.usual
  }

  private func scheduleBeat() {
    // One at a time: how long the next may wait depends on what happens until then.
    heart?.schedule(deadline: .now() + heartbeatInterval)
  }

  /// Takes in a batch of events and writes what is due.
  package func record(_ events: [RunEvent]) {
    let time = environment.now()
    hasNews = true
    if isResting {
      isResting = false
      for index in records.indices { records[index].heartbeatInterval = heartbeatInterval }
      scheduleBeat()
    }
    var mustFlush = false
    for event in events {
      if case .statusChanged = event { mustFlush = true }
      for index in records.indices where records[index].concerns(event) {
        records[index].record(event, at: time)
      }
    }
    flush(at: time, now: mustFlush)
  }

  /// Writes what waits and the heartbeat; called also when nothing happens.
  package func tick() { flush(at: environment.now(), now: true) }

  /// Writes everything that is left and the summaries, which it returns.
  package func finish() -> [RunSummary] {
    let time = environment.now()
    heart?.cancel()
    heart = nil
    for index in records.indices {
      let errors = records[index].finish(at: time)
      failures += errors
      note(errors, records[index].id)
    }
    return records.map(\.summary)
  }

  private func flush(at time: Double, now: Bool) {
    for index in records.indices {
      note(records[index].flush(at: time, now: now), records[index].id)
      reportFailure(of: records[index])
      let (id, step) = (records[index].id, records[index].writtenStep)
      written.withLock { $0[id] = step }
    }
  }

  /// Whether the lines of all steps up to this one are in their files.
  ///
  /// A checkpoint that is written earlier would, after a kill, leave a gap in the metrics.
  package nonisolated func hasWritten(_ run: RunID, step: Int) -> Bool {
    written.withLock { ($0[run] ?? 0) >= step }
  }

  /// Says when a log begins to fail, and when it is written again.
  private func reportFailure(of record: RunRecord) {
    let failure = record.failure
    guard failure?.reason != failing[record.id]?.reason else { return }
    let file = failure?.file ?? failing[record.id]?.file ?? ""
    failing[record.id] = failure
    report(.recordingFailed(record.id, file: file, reason: failure?.reason))
  }

  /// The note names the file alone: a log's line has room for the reason, not for the folders.
  private func note(_ errors: [RunDirectoryError], _ run: RunID) {
    for error in errors {
      let name = error.path.split(separator: "/").last ?? ""
      report(.note(run, "\(name): \(error.reason)"))
    }
  }
}

/// Runs an actor's work on a serial Dispatch queue.
private final class RecorderQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "recorder")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Lets the timer's handler, which runs here and is no job, be taken for the actor's own.
  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

  /// A timer on the queue itself, so that a heartbeat wakes one thread and not four.
  func timer(_ handler: @escaping @Sendable () -> Void) -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler(handler: handler)
    return timer
  }
}
