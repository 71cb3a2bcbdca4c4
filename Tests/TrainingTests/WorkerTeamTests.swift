import Kernels
import Synchronization
import Testing

@testable import Training

/// Counts that any worker may raise.
private final class Tally: Sendable {
  private let counts: Mutex<[Int]>
  private let workers = Mutex<Set<Int>>([])

  init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

  func raise(_ item: Int, by worker: Int) {
    counts.withLock { $0[item] += 1 }
    workers.withLock { _ = $0.insert(worker) }
  }

  var values: [Int] { counts.withLock { $0 } }
  var seenWorkers: Set<Int> { workers.withLock { $0 } }
}

@Suite struct WorkerTeamTests {
  /// More workers than this machine has cores, too.
  @Test(arguments: [1, 2, 3, 4, 16])
  func everyItemIsDoneOnceInItsPhase(_ workers: Int) {
    let team = WorkerTeam(count: workers)
    for turn in 0..<5 {
      let sizes = (0..<60).map { ($0 * 7 + turn) % 30 }
      let tallies = sizes.map { Tally(max($0, 1)) }
      let isOrdered = Atomic<Bool>(true)
      team.perform {
        for (size, tally) in zip(sizes, tallies) {
          team.share(size) { tally.raise($0, by: $1) }
          // The phase is over when `share` returns.
          let done = tally.values
          if done != Array(repeating: size == 0 ? 0 : 1, count: max(size, 1)) {
            isOrdered.store(false, ordering: .relaxed)
          }
        }
      }
      let isInOrder = isOrdered.load(ordering: .relaxed)
      #expect(isInOrder, "turn \(turn)")
      for (size, tally) in zip(sizes, tallies) {
        #expect(tally.values.reduce(0, +) == size)
        #expect(tally.seenWorkers.allSatisfy { (0..<workers).contains($0) })
      }
    }
  }

  /// What one phase wrote, the next reads, whoever does it.
  @Test(arguments: [2, 4])
  func phasesSeeWhatEarlierOnesWrote(_ workers: Int) {
    let team = WorkerTeam(count: workers)
    let numbers = AlignedBuffer(count: 64)
    team.perform {
      for _ in 0..<500 {
        let isBackwards: @Sendable (Int) -> Int = { 63 - $0 }
        team.share(64) { item, _ in numbers[item] += 1 }
        team.share(64) { item, _ in numbers[isBackwards(item)] += 1 }
      }
    }
    #expect(numbers.values(0..<64) == [Float](repeating: 1000, count: 64))
  }
}
