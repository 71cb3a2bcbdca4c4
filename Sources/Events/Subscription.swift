import Synchronization

/// One listener's view of the bus: a buffer that is pulled from, never a callback with events.
///
/// A full buffer drops the oldest `.step` events and counts them. Everything else (statuses,
/// changes, validations, notes) is rare and is never dropped, even beyond the capacity; of the
/// episodes' pictures, the newest of each run.
package final class Subscription: Sendable {
  private struct State {
    var buffer: EventBuffer
    var isFinished = false
  }

  private let state: Mutex<State>
  private let wake: (@Sendable () -> Void)?
  private let doorbell: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation

  init(capacity: Int?, wake: (@Sendable () -> Void)?) {
    state = Mutex(State(buffer: EventBuffer(capacity: capacity)))
    self.wake = wake
    (doorbell, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes all that has arrived, in order, and the number of steps dropped since the last call.
  package func drain() -> (events: [RunEvent], dropped: Int) {
    state.withLock { $0.buffer.drain() }
  }

  /// Whether the bus has closed and everything it delivered has been drained.
  package var isFinished: Bool {
    state.withLock { $0.isFinished && $0.buffer.isEmpty }
  }

  /// Waits for events and takes them all; nil when the bus has closed (or the task was cancelled)
  /// and nothing is left.
  ///
  /// Meant for a single consumer that does not use `wake`.
  package func next() async -> [RunEvent]? {
    while true {
      let (events, isFinished) = state.withLock { ($0.buffer.drain().events, $0.isFinished) }
      if !events.isEmpty { return events }
      if isFinished || Task.isCancelled { return nil }
      var rings = doorbell.makeAsyncIterator()
      _ = await rings.next()
    }
  }

  func receive(_ events: [RunEvent]) {
    let wasEmpty = state.withLock { state in
      let wasEmpty = state.buffer.isEmpty
      state.buffer.append(events)
      return wasEmpty
    }
    guard wasEmpty else { return }
    bell.yield()
    wake?()
  }

  func finish() {
    state.withLock { $0.isFinished = true }
    bell.finish()
    wake?()
  }
}
