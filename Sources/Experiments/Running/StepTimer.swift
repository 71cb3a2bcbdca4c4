import Dispatch
import Events
import Kernels
import Synchronization
import Training

/// Makes three outer steps of runs that are only thought of, and says how long all would take.
///
/// Nothing is recorded, and nothing of what is learned stays.
package final class StepTimer: Sendable {
  private struct State {
    /// Which question the answer belongs to.
    var question = 0
    var mailbox: Mailbox?
    var seconds: Double?
  }

  /// The first may be slower, because memory is touched for the first time.
  private static let steps = 3

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "metatop.timer", qos: .utility)

  package init() {}

  /// Seconds that all steps of the runs take, once they are measured; the answer is given once.
  package func take() -> Double? {
    state.withLock { state in
      defer { state.seconds = nil }
      return state.seconds
    }
  }

  /// Begins to measure, in the place of what was measured before; `done` is called from another
  /// queue.
  package func measure(_ runs: [RunConfiguration], done: @escaping @Sendable () -> Void) {
    let question = begin()
    queue.async { [self] in
      var seconds = 0.0
      for run in runs {
        let mailbox = Mailbox()
        guard enter(question, mailbox), let own = Self.seconds(of: run, mailbox) else { return }
        seconds += own
      }
      let isNews = state.withLock { state in
        guard state.question == question else { return false }
        state.seconds = seconds
        return true
      }
      if isNews { done() }
    }
  }

  /// Gives up what is being measured.
  package func cancel() { _ = begin() }

  private func begin() -> Int {
    state.withLock { state in
      state.mailbox?.post(.stop)
      state.question += 1
      (state.mailbox, state.seconds) = (nil, nil)
      return state.question
    }
  }

  private func enter(_ question: Int, _ mailbox: Mailbox) -> Bool {
    state.withLock { state in
      guard state.question == question else { return false }
      state.mailbox = mailbox
      return true
    }
  }

  /// Seconds of a run's steps, without meta-validations; nil where it was given up.
  static func seconds(of run: RunConfiguration, _ mailbox: Mailbox) -> Double? {
    var run = run
    (run.evaluateEvery, run.keepEvery, run.probeEvery) = (0, 0, 0)
    let made = Mutex<[Double]>([])
    let begin = run.resume?.step ?? 0
    let last = min(begin + steps, run.totalSteps)
    let comparison = try? Comparison(
      [run],
      mailbox: mailbox,
      post: { event in
        guard case .step(let report) = event else { return }
        made.withLock { $0.append(report.seconds) }
        if report.step >= last { mailbox.post(.stop) }
      }
    )
    comparison?.run()
    let seconds = made.withLock { $0 }
    guard last > begin, seconds.count >= last - begin, let first = seconds.first,
      let end = seconds.last
    else {
      return nil
    }
    let each =
      seconds.count > 1
      ? (end - first) / Double(seconds.count - 1) : first - (run.resume?.seconds ?? 0)
    return each * Double(run.totalSteps - begin)
  }
}
