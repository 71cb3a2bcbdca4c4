import CKernels

/// Items that several workers claim one by one, phase after phase; one of them opens the phases.
package final class SharedPhase: @unchecked Sendable {
  private let state: UnsafeMutablePointer<ck_phase>

  package init() {
    let size = MemoryLayout<ck_phase>.stride
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: size,
      alignment: Int(CK_PHASE_ALIGNMENT)
    )
    state = memory.initializeMemory(as: ck_phase.self, repeating: ck_phase(), count: 1)
  }

  deinit { UnsafeMutableRawPointer(state).deallocate() }

  /// Items in one phase, at most.
  package static let mostItems = 1 << Int(CK_PHASE_BITS)

  /// Opens the next phase; all items of the one before are done.
  package func open(_ items: Int) {
    precondition(items < Self.mostItems, "\(items) items in one phase")
    ck_phase_open(state, UInt64(items))
  }

  package var isOpen: Bool { ck_phase_is_open(state) != 0 }

  /// The next item, which nobody else gets; nil where none is left.
  package func claim() -> Int? {
    let item = ck_phase_claim(state)
    return item < 0 ? nil : Int(item)
  }

  /// A claimed item is done.
  package func finish() { ck_phase_finish(state) }

  package func isDone(_ items: Int) -> Bool { ck_phase_is_done(state, UInt64(items)) != 0 }
}

/// How many workers of a team have nothing of their own to do.
package final class IdleWorkers: @unchecked Sendable {
  private let counter: UnsafeMutablePointer<ck_counter>

  package init() {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<ck_counter>.stride,
      alignment: Int(CK_PHASE_ALIGNMENT)
    )
    counter = memory.initializeMemory(as: ck_counter.self, repeating: ck_counter(), count: 1)
  }

  deinit { UnsafeMutableRawPointer(counter).deallocate() }

  package var count: Int { Int(ck_counter_value(counter)) }
  package func enter() { ck_counter_add(counter, 1) }
  package func leave() { ck_counter_add(counter, -1) }
}

/// A worker that waits: it spins for a while, then lets others run on its core.
package struct Patience {
  private var spins = 0
  package init() {}

  /// Looks in vain after which a waiting worker counts as idle: about two microseconds.
  package var isIdle: Bool { spins > 64 }
  package mutating func wait() {
    spins += 1
    if spins < 4000 { spinHint() } else { yieldProcessor() }
  }
}

/// One worker's plan at work, whose instructions idle workers help to execute.
///
/// The worker itself opens each instruction and takes parts of it, so it never waits for somebody who
/// has not come, only for parts that somebody has begun.
///
/// `@unchecked Sendable`: `work` is written while no part is open, and read by a helper only after it
/// has claimed one.
package final class Crew: @unchecked Sendable {
  private let phase = SharedPhase()
  private let idle: IdleWorkers
  private var work = Work.nothing

  package init(_ idle: IdleWorkers) { self.idle = idle }

  /// Workers that would help now.
  @inline(__always)
  var helpers: Int { idle.count }

  /// What is done in parts; the pointers stay valid until all are done.
  enum Work {
    case nothing
    case instruction(UnsafePointer<Instruction>, Sharing, Replay, parts: Int)
    case normals(UnsafeMutablePointer<Float>, count: Int, key: UInt64, first: UInt64, parts: Int)

    func execute(_ part: Int, in own: Workspace) {
      switch self {
      case .nothing: break
      case .instruction(let instruction, let sharing, let replay, let parts):
        own.requireConvolutionScratch(replay.scratchCount)
        replay.execute(instruction.pointee, sharing, Part(index: part, count: parts), own)
      case .normals(let start, let count, let key, let first, let parts):
        let range = Part(index: part, count: parts).range(of: count, by: 64)
        own.kernels.table.pointee.normal(
          start + range.lowerBound,
          range.count,
          key,
          first + UInt64(range.lowerBound / 4)
        )
      }
    }
  }

  /// Does all parts, with whoever helps.
  func share(_ work: Work, parts: Int, in own: Workspace) {
    self.work = work
    phase.open(parts)
    while let part = phase.claim() {
      work.execute(part, in: own)
      phase.finish()
    }
    var patience = Patience()
    while !phase.isDone(parts) { patience.wait() }
  }

  /// Does a part in a workspace that nobody else uses; false where none is left.
  package func help(in own: Workspace) -> Bool {
    guard let part = phase.claim() else { return false }
    work.execute(part, in: own)
    phase.finish()
    return true
  }
}
