import Files
import Kernels

/// p(T): episodes on demand, the same for the same stream whoever asks.
package protocol TaskDistribution: Sendable {
  /// The name on the command line.
  var name: String { get }
  var kind: TaskKind { get }
  /// Whether targets are classes, one-hot, and outputs their logits.
  var isClassification: Bool { get }
  /// How it is trained where nothing else is said.
  var defaults: TaskDefaults { get }

  /// The memory of an episode with `shot` support and `queryShot` query examples (a class, in
  /// classification).
  func layout(shot: Int, queryShot: Int) -> EpisodeLayout

  /// The same memory for episodes of several sizes, the smallest first; the last is `layout`, and holds
  /// every episode.
  func layouts(shot: Int, queryShot: Int) -> [EpisodeLayout]

  /// The same as a network reads it, where it is of graphs.
  func reading(_ reading: GraphReading) -> any TaskDistribution

  /// Writes one episode into `buffer` from `offset` on, drawn from `stream` alone.
  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  )

  /// Writes one episode of the task that `task` names, with examples drawn from `stream`.
  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    task: RandomStream,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  )

  /// How many tasks there are where p(T) is a list of them: episode e of every step has task e, and
  /// after the last comes the first again. Nil where tasks are drawn.
  var taskCount: Int? { get }

  /// Writes the episode of one of so many tasks.
  func write(task: Int, _ layout: EpisodeLayout, into buffer: AlignedBuffer, at offset: Int)

  /// Whether episodes can be drawn; else a file has them all.
  var isSampled: Bool { get }

  // MARK: What it draws from

  /// Why episodes of this size cannot be drawn, or nil.
  func obstacle(shot: Int, queryShot: Int) -> DatasetError?
  /// Bytes of memory that what it draws from takes.
  var byteCount: Int { get }
  /// What a person should know before the first step.
  var notes: [String] { get }
  var digest: DataDigest? { get }
  /// What keeps the splits apart; nil where they are streams of random numbers.
  var splitKind: DataOptions.Split? { get }
  /// What its data are now, to be compared later; nil where they cannot change.
  func record(named name: String) -> ImageSetRecord?
  /// The names of what `sample` writes for the same stream; nil where nothing can be shown.
  func shown(_ split: MetaSplit, _ layout: EpisodeLayout, stream: RandomStream) -> EpisodeImages?
  /// What is seen from above of a task of two parameters; nil for others.
  var map: SurfaceMap? { get }
  /// The graph whose nodes its episodes are, where there is a single one.
  var graph: FeatureGraph? { get }
  /// Query examples that score an episode at meta-validation and meta-test, where it is trained with
  /// `queryShot`.
  func evaluationQuery(_ queryShot: Int) -> Int
}
