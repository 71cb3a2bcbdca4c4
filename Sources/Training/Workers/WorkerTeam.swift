import Dispatch
import Kernels
import Synchronization

/// A few workers on Dispatch's pool that share the items of one phase after another.
///
/// One worker leads: it decides what comes next and takes items itself, so a phase never waits
/// for a worker that has not come, only for items that somebody has begun. Helpers spin between
/// phases, because an outer step lasts a tenth of a millisecond and waking a thread would cost a
/// tenth of that; between turns they are gone.
///
/// `@unchecked Sendable`: `job` is written by the leader while no item is open, and read by a
/// helper only after it has claimed one.
final class WorkerTeam: @unchecked Sendable {
  typealias Job = @Sendable (_ item: Int, _ worker: Int) -> Void

  let count: Int
  /// Whether somebody has asked to end: a step under way is given up between two episodes.
  let isStopRequested: @Sendable () -> Bool
  /// Each worker's arena; runs share them, because they take turns.
  let workspaces: [Workspace]
  private let ticket = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let isTurnOver = Atomic<Bool>(true)
  private let hasLeader = Atomic<Bool>(false)
  private let helpers = Atomic<Int>(0)
  private var job: Job = { _, _ in }

  init(count: Int, isStopRequested: @escaping @Sendable () -> Bool = { false }) {
    precondition(count > 0, "a team of \(count) workers")
    self.count = count
    self.isStopRequested = isStopRequested
    workspaces = (0..<count).map { _ in Workspace() }
  }

  /// Runs `lead` on one worker while the others help with what it shares.
  func perform(_ lead: @Sendable () -> Void) {
    guard count > 1 else { return lead() }
    isTurnOver.store(false, ordering: .relaxed)
    hasLeader.store(false, ordering: .relaxed)
    helpers.store(0, ordering: .relaxed)
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      if hasLeader.exchange(true, ordering: .acquiringAndReleasing) {
        help(worker: helpers.add(1, ordering: .relaxed).newValue)
      } else {
        lead()
        isTurnOver.store(true, ordering: .releasing)
      }
    }
  }

  /// Leader only: does items 0 ..< `items`, each once, on whichever worker is free.
  func share(_ items: Int, _ job: @escaping Job) {
    guard count > 1, items > 1 else {
      for item in 0..<items { job(item, 0) }
      return
    }
    self.job = job
    finished.store(0, ordering: .relaxed)
    let generation = Ticket(bits: ticket.load(ordering: .relaxed)).generation &+ 1
    ticket.store(Ticket(generation, total: items).bits, ordering: .releasing)
    while takeItem(worker: 0) {}
    var spins = 0
    while finished.load(ordering: .acquiring) < items { Self.pause(&spins) }
  }

  private func help(worker: Int) {
    var spins = 0
    while !isTurnOver.load(ordering: .acquiring) {
      if Ticket(bits: ticket.load(ordering: .relaxed)).isOpen, takeItem(worker: worker) {
        spins = 0
      } else {
        Self.pause(&spins)
      }
    }
  }

  private func takeItem(worker: Int) -> Bool {
    let claimed = Ticket(bits: ticket.add(1, ordering: .acquiring).oldValue)
    guard claimed.isOpen else { return false }
    job(claimed.index, worker)
    finished.add(1, ordering: .releasing)
    return true
  }

  private static func pause(_ spins: inout Int) {
    spins += 1
    if spins < 4000 { spinHint() } else { yieldProcessor() }
  }

  /// A phase's number, its number of items and the next item in one word, so that claiming an
  /// item also says which phase it belongs to.
  private struct Ticket {
    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    init(_ generation: UInt64, total: Int) {
      precondition(total < 1 << 20, "\(total) items in one phase")
      bits = generation << 40 | UInt64(total) << 20
    }

    var generation: UInt64 { bits >> 40 }
    var total: Int { Int(bits >> 20 & 0xf_ffff) }
    var index: Int { Int(bits & 0xf_ffff) }
    var isOpen: Bool { index < total }
  }
}
