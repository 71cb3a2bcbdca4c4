import Events
import Training

/// Runs that do not know of each other, several at a time, each on a thread of its own.
struct RunPool {
  let threads: Int
  let out: String

  /// What one run of the pool came to.
  struct Result {
    /// Meta-validations in order; the last is the test at the end.
    var reports: [ValidationReport] = []
    var seconds = 0.0
    var status = RunStatus.running
  }

  /// Trains them all, in order as threads become free; nil for a run that did not come to its end.
  ///
  /// `finished` is told the index of a run that has ended, and how many have. `isStopped` is asked
  /// often: once true, running ones are stopped and no others started.
  func run(
    _ runs: [RunConfiguration],
    isStopped: () -> Bool,
    finished: (_ index: Int, _ count: Int, _ result: Result) -> Void
  ) throws(Failure) -> [Result?] {
    var results = [Result?](repeating: nil, count: runs.count)
    var active: [Active] = []
    var (next, done, wasStopped) = (0, 0, false)
    while next < runs.count || !active.isEmpty {
      if isStopped(), !wasStopped {
        wasStopped = true
        next = runs.count
        for one in active { one.run.mailbox.post(.stop) }
      }
      while next < runs.count, active.count < threads {
        active.append(try start(runs[next], next))
        next += 1
      }
      for index in active.indices.reversed() {
        active[index].take()
        guard let outcome = active[index].run.waitForOutcome(seconds: 0.02) else { continue }
        active[index].take()
        let one = active.remove(at: index)
        if let sentence = outcome.badData {
          throw Failure(status: Failure.badData, sentence: sentence)
        }
        if let sentence = outcome.failure {
          throw Failure(status: Failure.inputOutput, sentence: sentence)
        }
        guard one.result.status != .stopped else { continue }
        results[one.index] = one.result
        done += 1
        finished(one.index, done, one.result)
      }
    }
    return results
  }

  /// A run under way.
  private struct Active {
    let index: Int
    let run: TrainingRun
    let subscription: Subscription
    var result = Result()

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

  private func start(_ run: RunConfiguration, _ index: Int) throws(Failure) -> Active {
    do throws(RunDirectoryError) {
      let training = try TrainingRun(
        [run],
        fairness: .equalSteps,
        out: out,
        arguments: CommandLine.arguments
      )
      let subscription = training.bus.subscribe(capacity: 65_536)
      training.start(isKeptOpen: false)
      return Active(index: index, run: training, subscription: subscription)
    } catch {
      throw Failure(status: RunDirectoryError.exitStatus, sentence: error.description)
    }
  }
}
