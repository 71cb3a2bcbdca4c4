import Dispatch
import Files
import Recording
import Synchronization

/// What a cluster's queue says of a sweep's runs: asked of `squeue` now and then, beside the screen.
final class SlurmQueue {
  /// A task of the job array, as the queue has it.
  struct Task: Equatable {
    /// In lower case, as in `pending` and `running`.
    let state: String
    /// Where it runs; empty while it waits.
    let node: String
  }

  /// Seconds between two questions: clusters ask not to be asked often.
  private static let interval = 10

  private let answers: Answers
  private let timer: any DispatchSourceTimer

  /// Nil where the sweep was submitted to no queue.
  init?(_ directory: SweepDirectory) {
    guard let bytes = try? SystemFile.read(directory.jobs, limit: 1 << 20) else { return nil }
    let ids = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      .filter { id in !id.isEmpty && id.allSatisfy { ("0"..."9").contains($0) } }
    guard !ids.isEmpty else { return nil }
    answers = Answers(jobs: ids.joined(separator: ","))
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "squeue", qos: .utility))
    timer.schedule(deadline: .now(), repeating: .seconds(Self.interval))
    timer.setEventHandler { @Sendable [answers] in answers.ask() }
    timer.activate()
  }

  deinit { timer.cancel() }

  /// By the numbers of the sweep's runs; those that have ended are not there.
  var known: [Int: Task] { answers.tasks.withLock { $0 ?? [:] } }

  /// Written on the timer's queue, read by the screen.
  private final class Answers: Sendable {
    let jobs: String
    /// Nil once it is clear that there is no squeue here: the sweep is looked at from elsewhere.
    let tasks = Mutex<[Int: Task]?>([:])

    init(jobs: String) { self.jobs = jobs }

    func ask() {
      guard tasks.withLock({ $0 != nil }) else { return }
      let answer = ChildProcess.run([
        "squeue", "--noheader", "--array", "--jobs=\(jobs)", "--format=%K %T %N",
      ])
      // A queue that has forgotten the job says so and fails.
      let found = answer.map { $0.status == 0 ? SlurmQueue.tasks($0.output) : [:] }
      tasks.withLock { $0 = found }
    }
  }

  /// The lines of squeue: `12 RUNNING node-3`.
  static func tasks(_ text: String) -> [Int: Task] {
    text.split(separator: "\n").reduce(into: [:]) { tasks, line in
      let words = line.split(separator: " ").map(String.init)
      guard words.count >= 2, let index = Int(words[0]) else { return }
      tasks[index] = Task(
        state: words[1].lowercased().printable,
        node: words.count > 2 ? words[2].printable : ""
      )
    }
  }
}

extension [SlurmQueue.Task] {
  /// A combination's tasks in a few words: `2 pending`, `1 running on node-3`.
  var summary: String? {
    let states = Dictionary(grouping: self, by: \.state).sorted { $0.key < $1.key }
    guard let (state, first) = states.last else { return nil }
    let nodes = Set(first.map(\.node)).filter { !$0.isEmpty }.sorted()
    return "\(first.count) \(state)" + (nodes.isEmpty ? "" : " on \(nodes.joined(separator: ","))")
  }
}
