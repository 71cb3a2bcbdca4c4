import Events
import Experiments
import Files
import Glibc
import Recording

/// A sweep that another process makes, told in lines as `sweep` tells its own: each run's end, how far all are,
/// and the table at the end.
package struct SweepLines {
  /// Seconds between two looks.
  private static let pace = 0.5
  /// Seconds without a run under way or in a queue after which nobody is waited for: between two runs there are
  /// some.
  private static let patience = 10.0

  private var watcher: SweepWatcher
  private let every: Double
  private var told: Set<Int> = []
  private var report = ""

  /// Reports how far all are every so many seconds.
  package init(_ plan: SweepPlan, _ directory: SweepDirectory, every seconds: Double) {
    watcher = SweepWatcher(plan, directory)
    every = seconds
  }

  /// Follows it to its end, or until it is told to stop or nobody makes it any more.
  ///
  /// - Returns: The table as it is then.
  package mutating func follow(isStopped: () -> Bool) -> SweepTable {
    var (waited, sinceReport) = (0.0, Double.infinity)
    while true {
      let snapshot = watcher.look()
      tellEnds(isFirst: sinceReport == .infinity)
      if snapshot.isOver || isStopped() { break }
      if sinceReport >= every {
        tell(snapshot)
        sinceReport = 0
      }
      waited = snapshot.running + snapshot.queued > 0 ? 0 : waited + Self.pace
      if waited >= Self.patience {
        complain(
          "nobody makes this sweep now; go on with: metatop sweep --resume \(watcher.directory.path)"
        )
        break
      }
      usleep(UInt32(Self.pace * 1e6))
      sinceReport += Self.pace
    }
    return SweepTable(results: SweepResults(watcher.plan, watcher.directory))
  }

  /// The runs that have ended since the last look; of those before the first their number says enough.
  private mutating func tellEnds(isFirst: Bool) {
    for run in watcher.plan.runs where !told.contains(run.index) {
      guard let outcome = SweepResults.Outcome(watcher.directory.run(run)) else { continue }
      told.insert(run.index)
      if !isFirst { complain("\(watcher.plan.words(run)): \(outcome.words)") }
    }
  }

  /// How far all are, where that is news.
  private mutating func tell(_ snapshot: SweepSnapshot) {
    let stopped = snapshot.stopped > 0 ? ", \(snapshot.stopped) stopped" : ""
    let queued = snapshot.queued > 0 ? ", \(snapshot.queued) in the queue" : ""
    let share = fixed(snapshot.progress * 100, 0)
    let new =
      "\(snapshot.ended) of \(plural(snapshot.total, "run")) ended, \(snapshot.running) under way"
      + "\(queued)\(stopped), \(share) % of all outer steps"
    if new != report { complain(new) }
    report = new
  }
}

extension SweepResults.Outcome {
  /// What a run came to in a few words.
  fileprivate var words: String {
    guard let test else { return status.rawValue }
    return isAccuracy ? "test accuracy \(fixed(test * 100, 2)) %" : "test loss \(fixed(test, 4))"
  }
}
