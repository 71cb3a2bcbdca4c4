import Synchronization

/// Carries what runs tell to everybody who listens, in one total order.
///
/// Posting never waits for a listener: it appends to an inbox, and rings a doorbell only when the
/// actor sleeps. The actor hands the inbox's whole content to each subscription, rests for
/// `pause`, and looks again; it sleeps when nothing came meanwhile. So waking a thread (7 µs) is
/// paid at most once a pause and not once an event, and the order is everywhere the same.
/// (One task an event would be dearer still, and out of order.)
package actor EventBus {
  private struct Inbox {
    var events: [RunEvent] = []
    var subscriptions: [Subscription] = []
    var isClosed = false
    var isAsleep = true
  }

  /// An event's longest delay on its way to a listener; a sixth of a frame.
  private static let pause = Duration.milliseconds(5)

  private let inbox = Mutex(Inbox())
  private let doorbell: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  /// Swapped with the inbox at each delivery, so that neither allocates in steady state.
  private var batch: [RunEvent] = []

  package init() {
    (doorbell, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Hands over an event from any thread; events posted after `close()` are discarded.
  package nonisolated func post(_ event: RunEvent) {
    let mustWake = inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      inbox.events.append(event)
      defer { inbox.isAsleep = false }
      return inbox.isAsleep
    }
    if mustWake { bell.yield() }
  }

  /// Adds a listener, which receives every event that has not been delivered yet.
  ///
  /// - Parameters:
  ///   - capacity: The number of events kept for a slow listener (see `Subscription`); nil keeps
  ///     all.
  ///   - wake: Called on the bus's thread whenever the subscription's buffer stops being empty, and
  ///     when the bus has closed. It must return at once.
  /// - Returns: The listener's buffer, finished already when the bus is closed.
  package nonisolated func subscribe(
    capacity: Int? = nil,
    wake: (@Sendable () -> Void)? = nil
  ) -> Subscription {
    let subscription = Subscription(capacity: capacity, wake: wake)
    let isClosed = inbox.withLock { inbox in
      if !inbox.isClosed { inbox.subscriptions.append(subscription) }
      return inbox.isClosed
    }
    if isClosed { subscription.finish() }
    return subscription
  }

  /// Delivers until the bus is closed or the surrounding task is cancelled.
  ///
  /// When it returns, all that was posted has been delivered and every subscription is finished.
  package func run() async {
    for await _ in doorbell {
      repeat {
        deliver()
        try? await Task.sleep(for: Self.pause)
      } while !Task.isCancelled && !fallAsleep()
    }
    close()
    finish()
  }

  /// Delivers what has been posted so far; when it returns, every subscription holds it.
  package func flush() { deliver() }

  /// Takes no more events; `run()` delivers those already posted, finishes the subscriptions and
  /// returns.
  package nonisolated func close() {
    inbox.withLock { $0.isClosed = true }
    bell.finish()
  }

  /// Returns false, and stays awake, when events have come in.
  private func fallAsleep() -> Bool {
    inbox.withLock { inbox in
      inbox.isAsleep = inbox.events.isEmpty
      return inbox.isAsleep
    }
  }

  private func deliver() {
    let subscriptions = inbox.withLock { inbox in
      swap(&inbox.events, &batch)
      return inbox.subscriptions
    }
    guard !batch.isEmpty else { return }
    for subscription in subscriptions { subscription.receive(batch) }
    batch.removeAll(keepingCapacity: true)
  }

  private func finish() {
    deliver()
    for subscription in inbox.withLock({ $0.subscriptions }) { subscription.finish() }
  }
}
