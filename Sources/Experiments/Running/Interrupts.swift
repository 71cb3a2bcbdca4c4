import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM as a polite request; the second one ends the process at once.
package final class Interrupts: @unchecked Sendable {
  // Touched on the queue of its sources and, after they are cancelled, by the owner.
  private let queue = DispatchQueue(label: "metatop.interrupts")
  private var sources: [any DispatchSourceSignal] = []
  private var received: Int32?

  package init(_ stop: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable [unowned self] in
        if received != nil { _exit(128 + number) }
        received = number
        stop()
      }
      source.activate()
      sources.append(source)
    }
  }

  /// 128 + the signal that came first, if any.
  package var status: Int32? { queue.sync { received.map { 128 + $0 } } }
}

/// Set once, from the queue of signals.
package final class StopFlag: Sendable {
  private let value = Atomic(false)

  package init() {}

  package var isSet: Bool { value.load(ordering: .relaxed) }
  package func set() { value.store(true, ordering: .relaxed) }
}
