import Dispatch
import Events
import Files
import Kernels
import MetaLearning
import Recording

/// Several runs trained side by side on the same episodes, in fair turns.
///
/// `@unchecked Sendable`: everything mutable is touched on the queue that calls `run` only; other
/// threads reach it through the mailbox.
package final class Comparison: @unchecked Sendable {
  package let mailbox: Mailbox
  package private(set) var fairness: Fairness
  let sessions: [TrainingSession]
  /// Runs that ended before and are shown beside the others.
  private let ended: [(id: RunID, configuration: RunConfiguration)]
  private let post: @Sendable (RunEvent) -> Void
  private let save: @Sendable (RunID, CheckpointKind, TensorFile) -> Void
  private var isPaused = false
  private var isStopped = false

  /// Seconds of work between two looks at the other runs.
  private static let turnSeconds = 0.004
  /// Outer steps of a turn, at most.
  private static let longestTurn = 256

  /// - Parameters:
  ///   - configurations: One for each run, in screen order.
  ///   - fairness: How the runs share the machine at first.
  ///   - mailbox: Where commands for the comparison arrive.
  ///   - policy: What a run that diverges or raises an alarm does to it and to the others.
  ///   - save: Takes checkpoints; called on the training queue, so it should only pass them on.
  ///   - post: Takes every event, in order.
  /// - Throws: when a file of initial parameters does not fit a run.
  package init(
    _ configurations: [RunConfiguration],
    fairness: Fairness = .equalSteps,
    mailbox: Mailbox = Mailbox(),
    onDivergence policy: DivergencePolicy = .stop,
    save: @escaping @Sendable (RunID, CheckpointKind, TensorFile) -> Void = { _, _, _ in },
    post: @escaping @Sendable (RunEvent) -> Void
  ) throws(SafetensorsError) {
    self.fairness = fairness
    self.mailbox = mailbox
    self.save = save
    self.post = post
    ended = configurations.enumerated().filter { $1.ended != nil }.map { (RunID($0), $1) }
    let team = WorkerTeam(
      count: configurations.map(\.threads).max() ?? 1,
      isStopRequested: { mailbox.isStopRequested }
    )
    var sessions: [TrainingSession] = []
    for (index, configuration) in configurations.enumerated() where configuration.ended == nil {
      sessions.append(
        try TrainingSession(
          id: RunID(index),
          configuration: configuration,
          team: team,
          policy: policy,
          save: save,
          post: post,
          isStopRequested: { mailbox.isStopRequested },
          isWatched: { mailbox.isWatched }
        )
      )
    }
    self.sessions = sessions
  }

  /// Trains until every run has ended or somebody asks to stop; call it on a background queue.
  ///
  /// A finished run is meta-tested; every ended run leaves its last checkpoint.
  /// - Parameter isKeptOpen: goes on answering commands (with refusals) until told to stop.
  package func run(isKeptOpen: Bool = false) {
    for (id, run) in ended { tell(of: id, run) }
    for session in sessions { session.begin() }
    if fairness != .equalSteps { post(.fairnessChanged(fairness)) }
    while !isStopped {
      let isOver = !sessions.contains { $0.isActive || $0.status == .paused }
      if isOver, !isKeptOpen { return }
      if isOver || isPaused, !mailbox.hasCommands { mailbox.waitForCommand() }
      if mailbox.hasCommands { for command in mailbox.drain() { carryOut(command) } }
      if !isPaused, !isStopped, let session = nextSession() { takeTurn(session) }
    }
  }

  /// Says that a run exists that has ended before.
  private func tell(of id: RunID, _ run: RunConfiguration) {
    post(.started(run.description(id: id)))
    guard let status = run.ended else { return }
    let step = run.resume?.step ?? run.totalSteps
    post(.statusChanged(id, status, step: step))
    post(.note(id, "ended before, after outer step \(step): shown, not trained"))
  }

  private func takeTurn(_ session: TrainingSession) {
    session.run(limit: turnLength(session)) { [mailbox] in mailbox.hasCommands }
    session.concludeTurn()
    if session.wantsPause { setPaused(true) }
  }

  /// Lazy, because turns are short and need no arrays.
  private var activeSessions: LazyFilterSequence<[TrainingSession]> {
    sessions.lazy.filter { $0.isActive }
  }

  /// The run that has had least: steps or computing time.
  private func nextSession() -> TrainingSession? {
    let active = activeSessions
    return switch fairness {
    case .equalSteps: active.min { $0.step < $1.step }
    case .equalCompute: active.min { $0.seconds < $1.seconds }
    }
  }

  /// Outer steps that take about a turn; with equal steps, the slowest run sets the length for all.
  private func turnLength(_ session: TrainingSession) -> Int {
    let active = activeSessions
    let slowest = active.map { $0.stepSeconds }.max() ?? session.stepSeconds
    let seconds = fairness == .equalSteps ? slowest : session.stepSeconds
    let length = min(max(Int(Self.turnSeconds / max(seconds, 1e-6)), 1), Self.longestTurn)
    guard fairness == .equalSteps else { return length }
    // Behind the others: catch up to them exactly.
    let ahead = active.filter { $0.step > session.step }.map { $0.step }.min()
    return ahead.map { min($0 - session.step, length) } ?? length
  }

  // MARK: Commands

  private func carryOut(_ command: Command) {
    switch command {
    case .pause: setPaused(true)
    case .resume: setPaused(false)
    case .singleStep: singleStep()
    case .setHyperparameter(let run, let id, let value): setHyperparameter(run, id, value)
    case .setFairness(let fairness):
      self.fairness = fairness
      post(.fairnessChanged(fairness))
    case .showTask(let task): for session in sessions { session.show(task: task) }
    case .replay:
      post(.commandRefused(nil, reason: "this comparison is no recording", step: 0))
    case .conclude:
      isStopped = true
      for session in sessions { session.conclude() }
    case .stop:
      isStopped = true
      for session in sessions { session.stop() }
    }
  }

  /// Brings all runs to the outer step of the one that is farthest, so that what stands still can be
  /// compared; those that are farther apart than a turn are catching up, and stop where they are.
  private func catchUp() {
    let active = Array(activeSessions)
    guard let last = active.map(\.step).max(), let first = active.map(\.step).min(),
      last - first <= Self.longestTurn
    else { return }
    for session in active {
      while session.isActive, session.step < last, !mailbox.isStopRequested {
        session.run(limit: last - session.step) { [mailbox] in mailbox.isStopRequested }
        session.concludeTurn()
      }
    }
  }

  private func setPaused(_ paused: Bool) {
    if paused, !isPaused, fairness == .equalSteps { catchUp() }
    isPaused = paused
    // Whatever went wrong while runs caught up, or in a single step, has been seen.
    for session in sessions { session.wantsPause = false }
    for session in sessions where session.status == (paused ? .running : .paused) {
      session.setStatus(paused ? .paused : .running)
    }
  }

  private func singleStep() {
    guard isPaused else {
      post(.commandRefused(nil, reason: "a single step needs a pause first", step: 0))
      return
    }
    for session in sessions { session.singleStep() }
  }

  private func setHyperparameter(_ run: RunID, _ id: String, _ value: Double) {
    guard let session = sessions.first(where: { $0.id == run }) else {
      let status = ended.first { $0.id == run }?.configuration.ended?.rawValue
      let reason = status.map { "\(id): the run has ended (\($0))" }
      post(.commandRefused(run, reason: reason ?? "there is no run \(run.rawValue)", step: 0))
      return
    }
    do throws(HyperparameterError) {
      try session.setHyperparameter(id, to: value, stays: true)
      post(.hyperparameterChanged(run, id: id, value: value, step: session.step))
    } catch {
      post(.commandRefused(run, reason: error.description, step: session.step))
    }
  }
}
