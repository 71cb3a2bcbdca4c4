import Dispatch
import Kernels
import Synchronization

/// A fixed number of workers that execute a turn together, meeting at barriers inside it.
///
/// Workers run on Dispatch's pool and spin at barriers: an outer step lasts a tenth of a
/// millisecond, and waking a thread would cost a tenth of that.
final class WorkerTeam: Sendable {
  let count: Int
  private let barrier: SpinBarrier

  init(count: Int) {
    precondition(count > 0, "a team of \(count) workers")
    self.count = count
    barrier = SpinBarrier(count: count)
  }

  /// Calls `turn` once on every worker at the same time and waits for all.
  func perform(_ turn: @Sendable (_ worker: Int) -> Void) {
    if count == 1 { return turn(0) }
    // Barriers need every worker to be running; Dispatch gives no such promise, so each worker
    // first says that it is there, and work is claimed one item a worker.
    DispatchQueue.concurrentPerform(iterations: count) { turn($0) }
  }

  /// Returns when every worker of the turn has called it.
  func meet() { barrier.wait() }
}

/// A barrier for a few threads that are about to arrive: spins, then yields the processor.
final class SpinBarrier: Sendable {
  private let count: Int
  private let arrived = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  func wait() {
    guard count > 1 else { return }
    let current = generation.load(ordering: .relaxed)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      generation.store(current + 1, ordering: .releasing)
      return
    }
    var spins = 0
    while generation.load(ordering: .acquiring) == current {
      spins += 1
      spins < 2000 ? spinHint() : yieldProcessor()
    }
  }
}
