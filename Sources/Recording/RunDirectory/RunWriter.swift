import Files
import Glibc

/// The process that writes a run, as the run's `state.json` names it.
package struct RunWriter: Sendable {
  /// The run is being trained, or waits to be.
  private let isAtWork: Bool
  package let processID: Int
  package let host: String
  /// Its kernel and its processes' namespace; nil of a version that did not say it.
  private let machine: String?
  private let heartbeat: Double
  /// Seconds until the next heartbeat at the latest; nil of a version that did not say it.
  private let interval: Double?

  /// A heartbeat older than this (in seconds) is of a dead run, where the clock is the writer's.
  ///
  /// A run to which nothing happens writes one every 20 s, a disk may take its time.
  private static let oldestHeartbeat = 60.0
  /// What an older version's heartbeats are apart at most, in seconds.
  private static let longestInterval = 20.0

  /// Reads a `state.json`; nil when it does not say enough.
  package init?(_ state: JSONView) {
    guard let status = state["status"]?.string, let processID = state["pid"]?.integer,
      let host = state["host"]?.string, let heartbeat = state["heartbeat"]?.double
    else { return nil }
    isAtWork = ["running", "paused"].contains(status)
    self.processID = processID
    self.host = host
    self.heartbeat = heartbeat
    machine = state["machine"]?.string
    interval = state["heartbeat_every"]?.double
  }

  /// Reads a run's `state.json`; nil when there is none that says enough.
  init?(_ directory: RunDirectory, in environment: RecordingEnvironment) {
    guard let bytes = try? environment.files.read(directory.state),
      bytes.count <= RunDirectory.longestDocument, let state = try? JSONView(bytes)
    else { return nil }
    self.init(state)
  }

  /// Whether it still writes, as far as one look tells: its heartbeat is fresh, and where its process
  /// can be seen it exists.
  package func isAlive(in environment: RecordingEnvironment = .system) -> Bool {
    guard isAtWork, abs(environment.now() - heartbeat) < Self.oldestHeartbeat else { return false }
    return canBeSeen(in: environment) ? environment.isRunning(processID) : true
  }

  /// Whether its process, were it alive, would be among those that this process can see.
  private func canBeSeen(in environment: RecordingEnvironment) -> Bool {
    machine.map { $0 == environment.machine } ?? (host == environment.host)
  }

  /// Whether both run under one kernel, whose locks then tell for certain.
  private func sharesKernel(with environment: RecordingEnvironment) -> Bool {
    machine?.split(separator: " ").first == environment.machine.split(separator: " ").first
  }
}

extension RunWriter {
  /// What is known of a run that somebody wants to go on with.
  package enum Finding: Sendable {
    /// Nobody writes it any more.
    case free
    /// Somebody does: the process that `state.json` names, where it names one.
    case taken(RunWriter?)
  }

  /// Finds out whether a run is still being written.
  ///
  /// The folder's lock tells where it reaches, and processes where they can be seen. Of others,
  /// containers and hosts whose names may be equal and whose clocks may differ, the heartbeat alone
  /// is known: whether it moves on while one watches for as long as it may take.
  ///
  /// - Parameters:
  ///   - directory: The run's.
  ///   - environment: The clock, the disk and the processes.
  ///   - watch: Told before somebody watches, with the seconds it takes at most.
  /// - Returns: Whether the run is free, or who has it.
  package static func find(
    _ directory: RunDirectory,
    in environment: RecordingEnvironment = .system,
    watch: (RunWriter, Int) -> Void
  ) -> Finding {
    let writer = RunWriter(directory, in: environment)
    let isLocked: Bool?
    do {
      isLocked = try environment.files.lock(directory.path).map { _ in false }
    } catch {
      isLocked = true
    }
    if isLocked == true { return .taken(writer) }
    guard let writer, writer.isAtWork else { return .free }
    switch writer.isWriting(isUnlocked: isLocked == false, in: environment) {
    case true?: return .taken(writer)
    case false?: return .free
    case nil: return writer.moves(in: directory, environment, watch) ? .taken(writer) : .free
    }
  }

  /// Whether it writes; nil where only watching tells.
  private func isWriting(isUnlocked: Bool, in environment: RecordingEnvironment) -> Bool? {
    if isUnlocked, sharesKernel(with: environment) { return false }
    let age = abs(environment.now() - heartbeat)
    if canBeSeen(in: environment) {
      // A process that has ended, or waits for its parent only to be forgotten, writes nothing; one
      // without a name of its machine may have ended in another container of this name.
      if !environment.isRunning(processID) { return machine == nil ? unknown(age) : false }
      // After a restart of a container the number may be this process's own.
      if processID != environment.processID, age < Self.oldestHeartbeat { return true }
    }
    return unknown(age)
  }

  /// An older version's promise: who is a minute behind is dead.
  private func unknown(_ age: Double) -> Bool? {
    interval == nil && age >= Self.oldestHeartbeat ? false : nil
  }

  /// Watches whether the heartbeat moves.
  private func moves(
    in directory: RunDirectory,
    _ environment: RecordingEnvironment,
    _ watch: (RunWriter, Int) -> Void
  ) -> Bool {
    let longest = 1.5 * (interval ?? Self.longestInterval) + 2
    let seconds = Int(min(max(longest, 2), 60).rounded(.up))
    watch(self, seconds)
    for _ in 0..<seconds {
      environment.wait(1)
      let now = RunWriter(directory, in: environment)
      if now?.heartbeat != heartbeat { return now?.isAtWork ?? false }
    }
    return false
  }
}
