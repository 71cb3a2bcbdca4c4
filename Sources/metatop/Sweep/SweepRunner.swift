import Glibc
import Synchronization
import Tasks
import Training

/// Makes the runs of a sweep: those that are not there yet, and those that were interrupted.
struct SweepRunner: Sendable {
  let plan: SweepPlan
  let directory: SweepDirectory
  let threads: Int
  /// What earlier runs have read.
  private let images = TaskShelf()

  /// What is to be done about a run.
  private enum State {
    case ended
    case interrupted
    /// It is not there, or was killed before its first checkpoint.
    case new
  }

  private func stored(_ run: SweepPlan.Run) -> StoredRun {
    StoredRun(path: directory.run(run).path, origin: "sweep", cores: threads)
  }

  private func state(_ run: SweepPlan.Run) -> State {
    if stored(run).isConcluded { return .ended }
    return directory.run(run).hasCheckpoint ? .interrupted : .new
  }

  /// The runs that have not come to their end.
  var open: [SweepPlan.Run] { plan.runs.filter { state($0) != .ended } }

  /// How many runs fit side by side into the machine's memory; `threads` when all do.
  func workers(_ run: SweepPlan.Run?) throws(Failure) -> Int {
    guard let run else { return threads }
    do throws(ConfigurationError) {
      let need = RunResolver.totalBytes([try configuration(run, threads: 1)])
      return min(max(Int(physicalMemory() / max(need, 1)), 1), threads)
    } catch {
      throw Failure(error)
    }
  }

  /// Makes runs of the sweep, several at a time; `finished` is told which, how many, and what came
  /// of it.
  func make(
    _ runs: [SweepPlan.Run],
    workers: Int,
    isStopped: () -> Bool,
    finished: (SweepPlan.Run, _ count: Int, RunPool.Result) throws(Failure) -> Void
  ) throws(Failure) {
    _ = try RunPool(threads: workers).run(
      runs.count,
      prepare: { (index, threads) throws(Failure) in
        try TrainingRun(pooled: try ready(runs[index], threads), out: directory.path)
      },
      isStopped: isStopped,
      finished: { (index, count, result) throws(Failure) in
        try finished(runs[index], count, result)
      }
    )
  }

  /// A new run, or one that goes on where it was interrupted.
  private func ready(
    _ run: SweepPlan.Run,
    _ threads: Int
  ) throws(Failure) -> RunConfiguration {
    do throws(ConfigurationError) {
      if state(run) == .interrupted {
        return try stored(run).resumed(steps: nil, threads: threads)
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
    let name = options.task ?? TaskCatalog.builtIn[0]
    if let task = images.task(name) { resolver.known[name] = task }
    guard let own = try resolver.configurations().first else {
      throw ConfigurationError(.badData, "sweep: \(run.folder) has no run")
    }
    if own.supervised == nil { images.keep(own.distribution, name) }
    return own
  }

  /// Takes away what a run left that was killed before its first checkpoint: nothing is lost.
  private func clear(_ run: SweepPlan.Run) throws(ConfigurationError) {
    let folder = directory.run(run)
    guard access(folder.path, F_OK) == 0 else { return }
    for path in [
      folder.configuration, folder.environment, folder.metrics, folder.state, folder.events,
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

/// Tasks that were read once: the runs of a sweep see the same images.
private final class TaskShelf: Sendable {
  private let tasks = Mutex<[String: any TaskDistribution]>([:])

  func task(_ name: String) -> (any TaskDistribution)? { tasks.withLock { $0[name] } }
  func keep(_ task: any TaskDistribution, _ name: String) { tasks.withLock { $0[name] = task } }
}
