import Dispatch
import Events
import Synchronization

/// Commands waiting for the next moment between two outer steps; posting takes constant time.
package final class Mailbox: Sendable {
  private let commands = Mutex<[Command]>([])
  private let isFull = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let isLookedAt = Atomic<Bool>(false)
  private let arrival = DispatchSemaphore(value: 0)

  package init() {}

  package func post(_ command: Command) {
    if command == .stop { isStopping.store(true, ordering: .releasing) }
    commands.withLock { $0.append(command) }
    isFull.store(true, ordering: .releasing)
    arrival.signal()
  }

  /// Says whether somebody looks at the probes, which may then take more time.
  ///
  /// No command: it decides nothing of a run, so it waits for no turn and is answered by nothing.
  package func watch(_ isWatched: Bool) { isLookedAt.store(isWatched, ordering: .relaxed) }

  var isWatched: Bool { isLookedAt.load(ordering: .relaxed) }

  /// Whether a command waits; asked between any two steps, so it takes no lock.
  var hasCommands: Bool { isFull.load(ordering: .acquiring) }

  /// Whether somebody has asked to stop; an evaluation does not let that wait.
  var isStopRequested: Bool { isStopping.load(ordering: .acquiring) }

  func drain() -> [Command] {
    isFull.store(false, ordering: .releasing)
    return commands.withLock { waiting in
      let all = waiting
      waiting.removeAll(keepingCapacity: true)
      return all
    }
  }

  /// Sleeps until a command is posted.
  func waitForCommand() { arrival.wait() }
}
