import CTermGuard
import Dispatch

/// Wakes the screen's loop while a recording plays: 30 times a second, twice a second while it
/// waits for more.
final class ReplayClock {
  private let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
  private var isMoving = true

  init() {
    timer.setEventHandler { @Sendable in term_guard_wake() }
    schedule()
    timer.activate()
  }

  deinit { timer.cancel() }

  func set(isMoving: Bool) {
    guard isMoving != self.isMoving else { return }
    self.isMoving = isMoving
    schedule()
  }

  func wake() { term_guard_wake() }

  private func schedule() {
    let interval = isMoving ? 33 : 500
    timer.schedule(
      deadline: .now() + .milliseconds(interval),
      repeating: .milliseconds(interval),
      leeway: .milliseconds(interval / 8)
    )
  }
}
