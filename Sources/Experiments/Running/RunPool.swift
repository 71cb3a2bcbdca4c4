import Events
import Glibc
import Recording
import Training

/// Runs that do not know of each other, several at a time, each on threads of its own.
package struct RunPool {
  package let threads: Int

  package init(threads: Int) {
    self.threads = threads
  }

  /// What one run of the pool came to.
  package struct Result {
    /// Meta-validations in order; the last is the test at the end.
    package var reports: [ValidationReport] = []
    package var seconds = 0.0
    package var status = RunStatus.running
    /// It could not be made, or not be written whole.
    package var failure: Failure?
  }

  /// What may change while the pool is at work.
  package struct Policy {
    /// Which of the waiting runs begins next; nil for none of them.
    package var next: (_ waiting: [Int]) -> Int? = { $0.first }
    /// Whether running ones shall wait and no others begin.
    package var isPaused: () -> Bool = { false }
    /// Whether a run shall not begin, or stop where it is.
    var isUnwanted: (Int) -> Bool = { _ in false }

    package init(
      next: @escaping (_ waiting: [Int]) -> Int? = { $0.first },
      isPaused: @escaping () -> Bool = { false },
      isUnwanted: @escaping (Int) -> Bool = { _ in false }
    ) {
      self.next = next
      self.isPaused = isPaused
      self.isUnwanted = isUnwanted
    }
  }

  /// Trains them all, as threads become free; nil for a run that did not come to its end.
  ///
  /// - Parameters:
  ///   - count: How many runs there are.
  ///   - policy: In what order, and what may interrupt them.
  ///   - prepare: Makes a run from its index and the threads it gets; these are one, and more when
  ///     fewer runs than threads are left.
  ///   - isStopped: Asked often; once true, running ones are stopped and no others started.
  ///   - finished: Told the index of a run that has ended or failed, and how many have.
  /// - Returns: What each run came to.
  /// - Throws: What `finished` throws.
  package func run(
    _ count: Int,
    policy: Policy = Policy(),
    prepare: (_ index: Int, _ threads: Int) throws(Failure) -> TrainingRun,
    isStopped: () -> Bool,
    finished: (_ index: Int, _ count: Int, _ result: Result) throws(Failure) -> Void
  ) throws(Failure) -> [Result?] {
    var results = [Result?](repeating: nil, count: count)
    var waiting = Array(0..<count)
    var active: [Active] = []
    var done = 0
    func conclude(_ index: Int, _ result: Result) throws(Failure) {
      results[index] = result
      done += 1
      try finished(index, done, result)
    }
    while !waiting.isEmpty || !active.isEmpty {
      let (isOver, isPaused) = (isStopped(), policy.isPaused())
      waiting.removeAll { isOver || policy.isUnwanted($0) }
      for place in active.indices {
        if isOver || policy.isUnwanted(active[place].index) { active[place].stop() }
        active[place].setPaused(isPaused)
      }
      var free = threads - active.reduce(0) { $0 + $1.threads }
      while !isPaused, free > 0, let index = policy.next(waiting) {
        let own = max(free / waiting.count, 1)
        waiting.removeAll { $0 == index }
        do throws(Failure) {
          active.append(Active(index: index, threads: own, run: try prepare(index, own)))
          free -= own
        } catch {
          try conclude(index, Result(failure: error))
        }
      }
      if active.isEmpty {
        guard isPaused, !waiting.isEmpty else { break }
        usleep(Self.patience)
      }
      for place in active.indices.reversed() {
        active[place].take()
        guard let outcome = active[place].run.waitForOutcome(seconds: 0.02) else { continue }
        active[place].take()
        var one = active.remove(at: place)
        one.result.failure = Self.failure(outcome)
        guard one.result.status != .stopped || one.result.failure != nil else { continue }
        try conclude(one.index, one.result)
      }
    }
    return results
  }

  /// Microseconds between two looks while everything waits.
  private static let patience: UInt32 = 20_000

  private static func failure(_ outcome: TrainingRun.Outcome) -> Failure? {
    if let sentence = outcome.badData {
      return Failure(status: Failure.badData, sentence: sentence)
    }
    return outcome.failure.map { Failure(status: Failure.inputOutput, sentence: $0) }
  }

  /// A run under way.
  private struct Active {
    let index: Int
    let threads: Int
    let run: TrainingRun
    let subscription: Subscription
    var result = Result()
    private var isStopping = false
    private var isPaused = false

    init(index: Int, threads: Int, run: TrainingRun) {
      (self.index, self.threads, self.run) = (index, threads, run)
      subscription = run.bus.subscribe(capacity: 65_536)
      run.start(isKeptOpen: false)
    }

    mutating func stop() {
      guard !isStopping else { return }
      isStopping = true
      run.mailbox.post(.stop)
    }

    mutating func setPaused(_ isPaused: Bool) {
      guard isPaused != self.isPaused, !isStopping else { return }
      self.isPaused = isPaused
      run.mailbox.post(isPaused ? .pause : .resume)
    }

    mutating func take() {
      for event in subscription.drain().events {
        switch event {
        case .validation(let report): result.reports.append(report)
        case .step(let report): result.seconds = report.seconds
        case .statusChanged(_, let status, _): result.status = status
        default: break
        }
      }
    }
  }
}

extension TrainingRun {
  /// One run for a pool, in a new directory under `out` or in the one it goes on in.
  package convenience init(pooled run: RunConfiguration, out: String) throws(Failure) {
    do throws(RunDirectoryError) {
      try self.init(
        [run],
        fairness: .equalSteps,
        out: out,
        notes: run.notes,
        arguments: CommandLine.arguments
      )
    } catch {
      throw Failure(status: RunDirectoryError.exitStatus, sentence: error.description)
    }
  }
}

/// A line for each run of a pool that has ended, with what the rest will take.
package struct PoolProgress {
  let total: Int
  private let begin = ContinuousClock.now

  package init(total: Int) { self.total = total }

  /// `3 of 27  TEXT  (about 40 s left)`, for the run that ended as number `count`.
  package func line(_ count: Int, _ text: String) -> String {
    let spent = (ContinuousClock.now - begin) / .seconds(1)
    let left = durationText(spent / Double(count) * Double(total - count))
    return "\(count) of \(total)  \(text)" + (count < total ? "  (about \(left) left)" : "")
  }
}
