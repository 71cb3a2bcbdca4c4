import Dispatch
import Kernels
import Synchronization

/// A few workers on Dispatch's pool that share the items of one phase after another, and the
/// instructions of an episode where there are fewer episodes than workers.
///
/// One worker leads: it decides what comes next and takes items itself, so a phase never waits
/// for a worker that has not come, only for items that somebody has begun. Helpers spin between
/// phases, because an outer step lasts a tenth of a millisecond and waking a thread would cost a
/// tenth of that; between turns they are gone. Who finds no item looks whether somebody's plan has
/// an instruction open (`Crew`).
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
  private let phase = SharedPhase()
  private let idle = IdleWorkers()
  private let isTurnOver = Atomic<Bool>(true)
  private let hasLeader = Atomic<Bool>(false)
  private let helpers = Atomic<Int>(0)
  private var job: Job = { _, _ in }

  init(count: Int, isStopRequested: @escaping @Sendable () -> Bool = { false }) {
    precondition(count > 0, "a team of \(count) workers")
    self.count = count
    self.isStopRequested = isStopRequested
    let idle = idle
    workspaces = (0..<count).map { _ in Workspace(crew: count > 1 ? Crew(idle) : nil) }
  }

  /// Runs `lead` on one worker while the others help with what it shares.
  func perform(_ lead: @Sendable () -> Void) {
    guard count > 1 else { return lead() }
    isTurnOver.store(false, ordering: .relaxed)
    hasLeader.store(false, ordering: .relaxed)
    helpers.store(0, ordering: .relaxed)
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      if hasLeader.exchange(true, ordering: .acquiringAndReleasing) {
        let worker = helpers.add(1, ordering: .relaxed).newValue
        help(worker) { isTurnOver.load(ordering: .acquiring) }
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
    phase.open(items)
    help(0) { phase.isDone(items) }
  }

  /// Takes items, and parts of others' instructions, until `isOver`.
  private func help(_ worker: Int, until isOver: () -> Bool) {
    var patience = Patience()
    var isIdle = false
    while true {
      if let item = phase.isOpen ? claimed(&isIdle) : nil {
        job(item, worker)
        phase.finish()
        patience = Patience()
        continue
      }
      guard !isOver() else { break }
      if assist(worker) {
        patience = Patience()
        continue
      }
      if !isIdle, patience.isIdle {
        idle.enter()
        isIdle = true
      }
      patience.wait()
    }
    if isIdle { idle.leave() }
  }

  /// The next item, for a worker that is not idle any more.
  private func claimed(_ isIdle: inout Bool) -> Int? {
    guard let item = phase.claim() else { return nil }
    if isIdle {
      idle.leave()
      isIdle = false
    }
    return item
  }

  /// Does a part of somebody's instruction, if one is open.
  private func assist(_ worker: Int) -> Bool {
    for distance in 1..<count {
      let other = worker + distance < count ? worker + distance : worker + distance - count
      if let crew = workspaces[other].crew, crew.help(in: workspaces[worker]) { return true }
    }
    return false
  }
}
