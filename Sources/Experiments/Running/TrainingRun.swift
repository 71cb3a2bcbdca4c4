import Dispatch
import Events
import Files
import Glibc
import MetaLearning
import Recording
import Synchronization
import Training

/// A comparison with everything around it: the bus, the recorder, the checkpoints' writer.
package final class TrainingRun: Sendable {
  package let bus = EventBus()
  package let mailbox = Mailbox()
  package let configurations: [RunConfiguration]
  private let fairness: Fairness
  private let policy: DivergencePolicy?
  private let notes: [String]
  private let recorder: Recorder
  private let checkpoints = DispatchQueue(label: "metatop.checkpoints", qos: .utility)
  private let outcome = Mutex(Outcome())
  /// Those of runs that have one; used from the checkpoints' queue.
  private let eventFiles: Mutex<[RunID: LiveEventFile]>
  private let ended = DispatchSemaphore(value: 0)
  private let isOver = StopFlag()
  /// Checkpoints that stay wait for the disk in memory; training waits where there are too many.
  private let waiting = DispatchSemaphore(value: 8)

  /// What is left when everything has been written.
  package struct Outcome: Sendable {
    package var summaries: [RunSummary] = []
    /// Something could not be written; the first sentence about it.
    package var failure: String?
    /// A file of initial parameters does not fit.
    package var badData: String?
    /// By path, what is to be said of a checkpoint or an event file that is not on the disk.
    fileprivate var unwritten: [String: String] = [:]

    package init() {}
  }

  /// Makes the run directories; nothing is computed yet.
  ///
  /// The notes are told when training starts. Without a `policy` runs that diverge pause the others where
  /// somebody is there to go on, and else leave them alone.
  package init(
    _ configurations: [RunConfiguration],
    fairness: Fairness,
    onDivergence policy: DivergencePolicy? = nil,
    out: String,
    notes: [String] = [],
    arguments: [String]
  ) throws(RunDirectoryError) {
    let configurations = Self.colored(configurations)
    self.configurations = configurations
    self.fairness = fairness
    self.policy = policy
    self.notes = notes
    let descriptions = configurations.enumerated().map { $1.description(id: RunID($0)) }
    recorder = try Recorder(
      descriptions,
      under: out,
      configuration: [
        JSONField("version", .string(version)),
        JSONField("arguments", .array(arguments.map { .string($0.printable) })),
        JSONField("fairness", .string(fairness.rawValue)),
      ],
      surroundings: RunSurroundings.fields(configurations),
      options: Self.byRun(configurations) { $0.options },
      names: Self.byRun(configurations) { $0.directoryName },
      resume: Self.byRun(configurations) { $0.resume },
      branches: Set(Self.byRun(configurations) { $0.isBranch ? true : nil }.keys),
      ended: Self.byRun(configurations) { $0.ended == nil ? nil : $0.resume?.directory },
      data: Self.byRun(configurations) { $0.isDataRecorded ? $0.data.json : nil },
      report: { [bus] in bus.post($0) }
    )
    eventFiles = Mutex(Self.eventFiles(configurations, recorder.directories))
  }

  /// Every run with a colour: its own of before, its method's, or the next that is free.
  private static func colored(_ configurations: [RunConfiguration]) -> [RunConfiguration] {
    let wishes = configurations.map { run in
      let preferred = MethodCatalog.color(of: run.method.descriptor.id)
      return ColorChoice.Wish(recorded: run.color, preferred: preferred)
    }
    let parents = Set(configurations.compactMap(\.parentColor))
    // The first of each method before further seeds, which stand behind it.
    let ids = configurations.map(\.method.descriptor.id)
    let ranks = ids.indices.map { place in ids[..<place].count { $0 == ids[place] } }
    let order = ids.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
    let chosen = ColorChoice.choose(order.map { wishes[$0] }, besides: parents)
    var runs = configurations
    for (place, color) in zip(order, chosen) { runs[place].color = runs[place].color ?? color }
    return runs
  }

  private static func byRun<Value>(
    _ configurations: [RunConfiguration],
    _ value: (RunConfiguration) -> Value?
  ) -> [RunID: Value] {
    configurations.enumerated().reduce(into: [:]) { all, next in
      all[RunID(next.offset)] = value(next.element)
    }
  }

  private static func eventFiles(
    _ configurations: [RunConfiguration],
    _ directories: [RunDirectory]
  ) -> [RunID: LiveEventFile] {
    let now = RecordingEnvironment.system.now()
    return byRun(configurations) { $0.hasEventFile && $0.ended == nil ? $0 : nil }.reduce(into: [:])
    { files, next in
      files[next.key] = try? LiveEventFile(directories[next.key.rawValue], now: now)
    }
  }

  package var directories: [RunDirectory] { recorder.directories }

  /// What all runs together are expected to take.
  package var memory: String {
    let count = configurations.count == 1 ? "1 run" : "\(configurations.count) runs"
    let bytes = RunResolver.totalBytes(configurations)
    return "\(count), expected to take \(memoryText(bytes)) of memory"
  }

  /// Starts training in the background.
  ///
  /// - Parameter isKeptOpen: Stays after the last run to answer commands, until told to stop.
  package func start(isKeptOpen: Bool) {
    let recording = bus.subscribe()
    Task.detached(priority: .utility) { [self] in
      async let delivery: Void = bus.run()
      let summaries = await recorder.follow(recording)
      await delivery
      checkpoints.sync { followLogs(isEnd: true) }
      let failures = await recorder.failures
      outcome.withLock {
        $0.summaries = summaries
        let unwritten = $0.unwritten.sorted { $0.key < $1.key }.first?.value
        $0.failure = unwritten ?? failures.first?.description
      }
      isOver.set()
      ended.signal()
    }
    for note in notes { bus.post(.note(nil, note)) }
    // A queue of its own gets its thread at once; those of the global queue are as many as cores, and
    // a pool of runs would wait seconds for the last of them.
    DispatchQueue(label: "training", qos: .utility).async { [self] in
      train(isKeptOpen: isKeptOpen)
      checkpoints.sync {}
      bus.close()
    }
  }

  private func train(isKeptOpen: Bool) {
    do throws(SafetensorsError) {
      let comparison = try Comparison(
        configurations,
        fairness: fairness,
        mailbox: mailbox,
        onDivergence: policy ?? (isKeptOpen ? .pause : .stop),
        save: { [self] in save($0, $1, $2) },
        post: { [bus] in bus.post($0) }
      )
      comparison.run(isKeptOpen: isKeptOpen)
    } catch {
      let goesOn = configurations.contains { $0.resume != nil }
      let isBranch = configurations.contains(where: \.isBranch)
      let option = isBranch ? "--branch" : goesOn ? "--resume" : "--initial"
      outcome.withLock { $0.badData = "\(option): \(error)" }
    }
  }

  private func save(_ run: RunID, _ kind: CheckpointKind, _ file: TensorFile) {
    let path = recorder.directories[run.rawValue].checkpoint(kind)
    let stays = if case .step = kind { true } else { false }
    if stays { waiting.wait() }
    checkpoints.async { [self] in
      defer { if stays { waiting.signal() } }
      waitForLines(run, file, hurries: stays)
      do throws(SafetensorsError) {
        try file.write(to: path)
        let wasFailing = outcome.withLock { $0.unwritten.removeValue(forKey: path) != nil }
        noteWritten(run, kind, file, wasFailing: wasFailing)
        followLogs(isEnd: false)
      } catch {
        // The next one takes its place, but for those that stay.
        if fails(path, error.description) {
          bus.post(.note(run, "checkpoint \(kind.text): \(error.reason)"))
        }
        bus.post(.recordingFailed(run, file: "checkpoint \(kind.text)", reason: error.reason))
      }
    }
  }

  private func noteWritten(
    _ run: RunID,
    _ kind: CheckpointKind,
    _ file: TensorFile,
    wasFailing: Bool
  ) {
    switch kind {
    case .step(let step): bus.post(.checkpointKept(run, step: step))
    case .last:
      bus.post(.checkpointWritten(run, step: file.metadata["step"].flatMap { Int($0) } ?? 0))
    case .best: break
    }
    guard wasFailing else { return }
    bus.post(.recordingFailed(run, file: "checkpoint \(kind.text)", reason: nil))
  }

  /// Remembers what is not on the disk until it is; false when that was known.
  private func fails(_ path: String, _ sentence: String) -> Bool {
    outcome.withLock { $0.unwritten.updateValue(sentence, forKey: path) == nil }
  }

  /// Lets the event files take in what the logs have had; what cannot be written waits for room.
  private func followLogs(isEnd: Bool) {
    let now = RecordingEnvironment.system.now()
    eventFiles.withLock { files in
      for (run, var file) in files {
        defer { files[run] = file }
        do throws(SystemError) {
          try isEnd ? file.finish() : file.update(now: now)
          outcome.withLock { $0.unwritten[file.path] = nil }
        } catch {
          let isNew = fails(file.path, error.description)
          if isNew, !isEnd { bus.post(.note(run, "TensorBoard's events: \(error.reason)")) }
        }
      }
    }
  }

  /// A checkpoint comes after the lines of its steps, unless the disk hangs; the last one, which
  /// nothing follows, does not wait for the line that is held back for its validation.
  private func waitForLines(_ run: RunID, _ file: TensorFile, hurries: Bool) {
    let step = file.metadata["step"].flatMap { Int($0) } ?? 0
    guard step < configurations[run.rawValue].totalSteps else { return }
    let end = ContinuousClock.now + .seconds(5)
    while !recorder.hasWritten(run, step: step), ContinuousClock.now < end {
      // Lines are written some times a second; many checkpoints would wait for them one by one.
      if hurries { Task { await recorder.tick() } }
      usleep(10_000)
    }
  }

  /// Whether all is trained and written.
  package var hasEnded: Bool { isOver.isSet }

  /// Waits until all is trained and written, or so many seconds; nil when time ran out first.
  package func waitForOutcome(seconds: Double) -> Outcome? {
    guard ended.wait(timeout: .now() + seconds) == .success else { return nil }
    return outcome.withLock { $0 }
  }
}
