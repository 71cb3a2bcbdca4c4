import Glibc
import Tasks

/// The process that writes a run, as the run's `state.json` names it.
package struct RunWriter: Sendable {
  /// The run is being trained, or waits to be.
  private let isAtWork: Bool
  package let processID: Int
  private let host: String
  private let heartbeat: Double

  /// A heartbeat older than this (in seconds) is of a dead run.
  ///
  /// A run to which nothing happens writes one every 20 s, a disk may take its time.
  private static let oldestHeartbeat = 60.0

  /// Reads a `state.json`; nil when it does not say enough.
  package init?(_ state: JSONView) {
    guard let status = state["status"]?.string, let processID = state["pid"]?.integer,
      let host = state["host"]?.string, let heartbeat = state["heartbeat"]?.double
    else { return nil }
    isAtWork = ["running", "paused"].contains(status)
    self.processID = processID
    self.host = host
    self.heartbeat = heartbeat
  }

  /// Whether it is a process of this machine.
  package func isHere(in environment: RecordingEnvironment = .system) -> Bool {
    host == environment.host
  }

  /// Whether it still writes: its heartbeat is fresh, and on this machine the process exists.
  package func isAlive(in environment: RecordingEnvironment = .system) -> Bool {
    guard isAtWork, environment.now() - heartbeat < Self.oldestHeartbeat else { return false }
    guard isHere(in: environment) else { return true }
    return kill(pid_t(truncatingIfNeeded: processID), 0) == 0 || errno == EPERM
  }
}
