import Experiments
import Files
import Recording
import Synchronization

/// What a person asks of a sweep while it is made, and what was decided of its combinations.
///
/// The screen writes into it and the thread that makes the runs reads it.
package final class SweepControl: Sendable {
  private struct State {
    var decisions: SweepDecisions
    var isPaused = false
    /// Combinations whose runs come before the others', the most urgent first.
    var urgent: [SweepPlan.Combination] = []
    /// Counts what makes the runs under way begin their plan anew.
    var changes = 0
  }

  package let directory: SweepDirectory
  private let state: Mutex<State>

  package init(_ directory: SweepDirectory) {
    self.directory = directory
    state = Mutex(State(decisions: SweepDecisions(reading: directory)))
  }

  package var decisions: SweepDecisions { state.withLock { $0.decisions } }
  var urgentOnes: [SweepPlan.Combination] { state.withLock { $0.urgent } }
  var isPaused: Bool { state.withLock { $0.isPaused } }
  package var changes: Int { state.withLock { $0.changes } }

  package func isStopped(_ combination: SweepPlan.Combination) -> Bool {
    state.withLock { $0.decisions.stopped[combination] != nil }
  }

  /// The place of a combination among the urgent ones, beyond all of them where it is not urgent.
  func urgency(_ combination: SweepPlan.Combination) -> Int {
    state.withLock { $0.urgent.firstIndex(of: combination) ?? $0.urgent.count }
  }

  package func togglePause() -> Bool {
    state.withLock { state in
      state.isPaused.toggle()
      return state.isPaused
    }
  }

  /// Puts a combination's runs before all others'.
  package func makeFirst(_ combination: SweepPlan.Combination) {
    state.withLock { state in
      state.urgent.removeAll { $0 == combination }
      state.urgent.insert(combination, at: 0)
    }
  }

  /// Takes decisions in and writes them down; what changes the plan interrupts the runs under way.
  ///
  /// - Throws: When they cannot be written; they hold for this process all the same.
  package func decide(_ decisions: [SweepDecisions.Decision], interrupts: Bool) throws(Failure) {
    state.withLock { state in
      for decision in decisions { state.decisions.take(decision) }
      if interrupts { state.changes += 1 }
    }
    let lines = decisions.flatMap { $0.json.encoded() }
    do {
      try SystemFile.append(lines, to: directory.decisions)
    } catch {
      throw Failure(
        status: Failure.inputOutput,
        sentence:
          "\(error.path): cannot be written (\(error.reason)); the sweep would not remember it"
      )
    }
  }
}
