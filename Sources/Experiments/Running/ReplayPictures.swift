import Dispatch
import Events
import Files
import Recording
import Synchronization
import Training

/// The pictures of recorded episodes, read again from the runs' data while the replay plays.
///
/// They are shown only where the data are those that were recorded; else a sentence says why not.
package struct ReplayPictures {
  enum State: Sendable {
    case read(RecordedPictures)
    case missing(String)
  }

  private let directories: [RunID: RunDirectory]
  private let policy: DataPolicy
  /// Called from the background when something has been read.
  private let wake: @Sendable () -> Void
  private let shelf = Shelf()
  /// Runs whose data are being read or have been.
  private var asked: Set<RunID> = []
  /// What each run showed last, still without pictures.
  private var waiting: [RunID: EpisodeSnapshot] = [:]

  /// What has been read; written from the background.
  private final class Shelf: Sendable {
    let states = Mutex<[RunID: State]>([:])
  }

  package init(
    _ runs: [(description: RunDescription, directory: RunDirectory)],
    _ policy: DataPolicy,
    wake: @escaping @Sendable () -> Void
  ) {
    self.wake = wake
    directories = Dictionary(uniqueKeysWithValues: runs.map { ($0.description.id, $0.directory) })
    self.policy = policy
  }

  /// Gives out an event, an episode with its pictures or with why it has none.
  package mutating func complete(_ event: RunEvent, _ take: (RunEvent) -> Void) {
    guard case .episode(let snapshot) = event else { return take(event) }
    ask(snapshot.run)
    let state = shelf.states.withLock { $0[snapshot.run] }
    if state == nil { waiting[snapshot.run] = snapshot }
    take(.episode(Self.completed(snapshot, state)))
  }

  /// Gives out what was shown without pictures before they were read.
  package mutating func takeRead(_ take: (RunEvent) -> Void) {
    for (run, snapshot) in waiting {
      guard let state = shelf.states.withLock({ $0[run] }) else { continue }
      waiting[run] = nil
      take(.episode(Self.completed(snapshot, state)))
    }
  }

  static func completed(_ snapshot: EpisodeSnapshot, _ state: State?) -> EpisodeSnapshot {
    var snapshot = snapshot
    switch state {
    case nil: snapshot.obstacle = "its pictures are being read"
    case .missing(let sentence): snapshot.obstacle = sentence
    case .read(let pictures):
      if let whole = pictures.added(to: snapshot) { return whole }
      snapshot.obstacle = "the data hold another episode than the recorded one"
    }
    return snapshot
  }

  /// Reads a run's data in the background, once.
  private mutating func ask(_ run: RunID) {
    guard asked.insert(run).inserted, let directory = directories[run] else { return }
    DispatchQueue.global(qos: .utility).async { [policy, shelf, wake] in
      let state = Self.read(directory, policy)
      shelf.states.withLock { $0[run] = state }
      wake()
    }
  }

  static func read(_ directory: RunDirectory, _ policy: DataPolicy) -> State {
    do throws(ConfigurationError) {
      let stored = StoredRun(path: directory.path, origin: "replay", cores: 1, policy: policy)
      let (run, _) = try stored.read(.last)
      guard run.hasSameData == true else {
        return .missing(
          "its pictures are not shown, because it does not say what it was trained on"
        )
      }
      return RecordedPictures(run).map { .read($0) } ?? .missing("this run has no pictures")
    } catch {
      return .missing("its pictures cannot be shown: \(error)")
    }
  }
}
