import Experiments
import Files
import Glibc
import Recording
import Synchronization
import Tasks
import Training

/// Makes the runs of a sweep: those that are not there yet, and those that were interrupted.
package struct SweepRunner: Sendable {
  package let plan: SweepPlan
  package let directory: SweepDirectory
  package let threads: Int
  /// Where the data of the runs are now.
  private let policy: DataPolicy
  /// What earlier runs have read.
  private let images = TaskShelf()

  package init(
    plan: SweepPlan,
    directory: SweepDirectory,
    threads: Int,
    policy: DataPolicy = DataPolicy()
  ) {
    (self.plan, self.directory, self.threads) = (plan, directory, threads)
    self.policy = policy
  }

  /// What is to be done about a run.
  private enum State {
    case ended
    case interrupted
    /// It is not there, or was killed before its first checkpoint.
    case new
  }

  private func stored(_ run: SweepPlan.Run) -> StoredRun {
    StoredRun(path: directory.run(run).path, origin: "sweep", cores: threads, policy: policy)
  }

  private func state(_ run: SweepPlan.Run) -> State {
    if stored(run).isConcluded { return .ended }
    return directory.run(run).hasCheckpoint ? .interrupted : .new
  }

  /// The runs that have not come to their end, those of stopped combinations among them.
  package var open: [SweepPlan.Run] { plan.runs.filter { state($0) != .ended } }

  /// How many runs fit side by side into the machine's memory; `threads` when all do.
  package func workers(_ run: SweepPlan.Run?) throws(Failure) -> Int {
    guard let run else { return threads }
    do throws(ConfigurationError) {
      let need = RunResolver.totalBytes([try configuration(run, threads: 1)])
      return min(max(Int(physicalMemory() / max(need, 1)), 1), threads)
    } catch {
      throw Failure(error)
    }
  }

  /// What is told while the runs are made.
  package struct Listener {
    package var isStopped: () -> Bool
    /// A run ended or failed; how many have, and what came of it.
    var finished: (SweepPlan.Run, _ count: Int, RunPool.Result) throws(Failure) -> Void
    /// A rung was decided; a sentence about it.
    var decided: (String) -> Void = { _ in }

    package init(
      isStopped: @escaping () -> Bool,
      finished: @escaping (SweepPlan.Run, _ count: Int, RunPool.Result) throws(Failure) -> Void,
      decided: @escaping (String) -> Void = { _ in }
    ) {
      self.isStopped = isStopped
      self.finished = finished
      self.decided = decided
    }
  }

  /// Makes the sweep's runs, several at a time, until all are ended that are wanted.
  package func make(
    workers: Int,
    control: SweepControl,
    _ listener: Listener
  ) throws(Failure) {
    var (failed, count): (Set<Int>, Int) = ([], 0)
    while !listener.isStopped() {
      let changes = control.changes
      let decisions = control.decisions
      let halving = SweepHalving(plan: plan, directory: directory)
      let ends = Dictionary(
        uniqueKeysWithValues: plan.methods.compactMap { method in
          halving.next(method, decisions).map { (method.id, $0.step) }
        }
      )
      let runs = open.filter { run in
        // No method runs to its end while another still has rungs to come to.
        let end = ends[run.combination.method]
        return !failed.contains(run.index) && decisions.stopped[run.combination] == nil
          && (ends.isEmpty || end != nil) && !hasReached(run, end)
      }
      if runs.isEmpty {
        guard !ends.isEmpty else { return }
        try decide(halving, decisions, control, listener)
        continue
      }
      _ = try RunPool(threads: workers).run(
        runs.count,
        policy: policy(runs, control),
        prepare: { (index, threads) throws(Failure) in
          var own = try ready(runs[index], threads)
          own.stopAfter = ends[runs[index].combination.method]
          return try TrainingRun(pooled: own, out: directory.path)
        },
        isStopped: { listener.isStopped() || control.changes != changes },
        finished: { (index, _, result) throws(Failure) in
          if result.failure != nil { failed.insert(runs[index].index) }
          count += 1
          try listener.finished(runs[index], count, result)
        }
      )
    }
  }

  /// Makes one run alone, on all threads; nil when it was stopped.
  package func make(
    _ run: SweepPlan.Run,
    isStopped: () -> Bool
  ) throws(Failure) -> RunPool.Result? {
    try RunPool(threads: threads).run(
      1,
      prepare: { (_, threads) throws(Failure) in
        try TrainingRun(pooled: try ready(run, threads), out: directory.path)
      },
      isStopped: isStopped,
      finished: { (_, _, _) throws(Failure) in }
    )[0]
  }

  private func policy(_ runs: [SweepPlan.Run], _ control: SweepControl) -> RunPool.Policy {
    RunPool.Policy(
      next: { waiting in
        waiting.map { ($0, control.urgency(runs[$0].combination)) }
          .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
      },
      isPaused: { control.isPaused },
      isUnwanted: { control.isStopped(runs[$0].combination) }
    )
  }

  /// Every method's next rung, whose runs have all come there.
  private func decide(
    _ halving: SweepHalving,
    _ decisions: SweepDecisions,
    _ control: SweepControl,
    _ listener: Listener
  ) throws(Failure) {
    for method in plan.methods {
      let made = halving.decide(method, decisions)
      guard let (rung, step) = halving.next(method, decisions) else { continue }
      try control.decide(made, interrupts: false)
      let all = plan.combinations.count {
        $0.method == method.id && decisions.stopped[$0] == nil
      }
      listener.decided(
        "\(method.name), rung \(rung) of \(halving.rungs(method).count) after \(step) outer steps: "
          + "\(all - made.count + 1) of \(all) combinations go on"
      )
    }
  }

  /// Whether a run stands at a rung or beyond it.
  private func hasReached(_ run: SweepPlan.Run, _ step: Int?) -> Bool {
    guard let step, let bytes = try? SystemFile.read(directory.run(run).state, limit: 1 << 20),
      let state = try? JSONView(bytes), directory.run(run).hasCheckpoint
    else { return false }
    return (state["step"]?.integer ?? 0) >= step
  }

  /// A new run, or one that goes on where it was interrupted.
  private func ready(
    _ run: SweepPlan.Run,
    _ threads: Int
  ) throws(Failure) -> RunConfiguration {
    do throws(ConfigurationError) {
      if state(run) == .interrupted {
        let resumed = try stored(run).resumed(steps: nil, threads: threads)
        images.say(resumed.notes)
        return resumed
      }
      try stored(run).checkDead()
      var fresh = try configuration(run, threads: threads)
      fresh.directoryName = run.folder
      try clear(run)
      return fresh
    } catch {
      throw Failure(error)
    }
  }

  private func configuration(
    _ run: SweepPlan.Run,
    threads: Int
  ) throws(ConfigurationError) -> RunConfiguration {
    var options = try plan.options(run)
    options.threads = threads
    var resolver = RunResolver(options: options, cores: threads)
    try policy.apply(to: &resolver)
    let name = resolver.options.task ?? TaskCatalog.builtIn[0]
    if let task = images.task(name) { resolver.known[name] = task }
    guard var own = try resolver.configurations().first else {
      throw ConfigurationError(.badData, "sweep: \(run.folder) has no run")
    }
    // A sweep that has just begun has written what it was given.
    let recorded = RecordedData(path: directory.data, origin: "sweep", owner: directory.path)
    let outcome = try recorded.compare(own.data, policy)
    own.notes += outcome.notes
    own.acceptedChanges = outcome.accepted
    images.say(outcome.notes)
    if own.supervised == nil { images.keep(own.distribution, name) }
    return own
  }

  /// Takes away what a run left that was killed before its first checkpoint: nothing is lost.
  private func clear(_ run: SweepPlan.Run) throws(ConfigurationError) {
    let folder = directory.run(run)
    guard access(folder.path, F_OK) == 0 else { return }
    for path in [
      folder.configuration, folder.environment, folder.data, folder.metrics, folder.state,
      folder.events,
      folder.summary,
    ] { unlink(path) }
    for path in [folder.checkpoints, folder.path] { SystemFile.removeRemains(in: path) }
    rmdir(folder.checkpoints)
    guard rmdir(folder.path) == 0 else {
      throw ConfigurationError(
        .badData,
        "\(folder.path): has no checkpoint to go on from, but files of others; move it away"
      )
    }
  }
}

/// What the runs of a sweep have in common: tasks that were read once, and sentences said once.
private final class TaskShelf: Sendable {
  private let tasks = Mutex<[String: any TaskDistribution]>([:])

  func task(_ name: String) -> (any TaskDistribution)? { tasks.withLock { $0[name] } }
  func keep(_ task: any TaskDistribution, _ name: String) { tasks.withLock { $0[name] = task } }

  private let said = Mutex<Set<String>>([])

  /// Tells a person what has not been told yet: many runs have the same to say.
  func say(_ notes: [String]) {
    for note in notes where said.withLock({ $0.insert(note).inserted }) { complain(note) }
  }
}
