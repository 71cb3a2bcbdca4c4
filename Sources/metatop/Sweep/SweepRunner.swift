import Glibc
import Synchronization
import Tasks
import Training

/// Makes the runs of a sweep: those that are not there yet, and those that were interrupted.
struct SweepRunner: Sendable {
  let plan: SweepPlan
  let directory: SweepDirectory
  let threads: Int
  /// The task that a new sweep's checks have read already, by its name.
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
  func workers(_ run: SweepPlan.Run?) throws(ConfigurationError) -> Int {
    guard let run else { return threads }
    let need = RunResolver.totalBytes([try configuration(run, threads: 1)])
    return min(max(Int(physicalMemory() / max(need, 1)), 1), threads)
  }

  /// Makes a run ready: a new one, or one that goes on where it was interrupted.
  func prepare(_ run: SweepPlan.Run, threads: Int) throws(Failure) -> TrainingRun {
    do throws(ConfigurationError) {
      if state(run) == .interrupted {
        let resumed = try stored(run).resumed(steps: nil, threads: threads)
        return try training(resumed)
      }
      try stored(run).checkDead()
      var fresh = try configuration(run, threads: threads)
      fresh.directoryName = run.folder
      try clear(run)
      return try training(fresh)
    } catch {
      throw Failure(status: error.status.rawValue, sentence: error.description)
    }
  }

  private func training(_ run: RunConfiguration) throws(ConfigurationError) -> TrainingRun {
    do throws(Failure) {
      return try TrainingRun(pooled: run, out: directory.path)
    } catch {
      throw ConfigurationError(.badData, error.sentence)
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
