import Kernels
import Tasks

/// Where a run's episodes come from; the same step and episode number always give the same one.
package protocol EpisodeSource: Sendable {
  var layout: EpisodeLayout { get }
  /// The same memory in the shapes of episodes of several sizes, the smallest first, `layout` last.
  var layouts: [EpisodeLayout] { get }
  /// Outer steps it can serve, or nil when without end.
  var stepLimit: Int? { get }
  /// Examples of a minibatch where the source decides it.
  var minibatchSize: Int? { get }
  /// Inner steps an episode has minibatches for, where the source decides them.
  var minibatchSteps: Int? { get }
  /// The rows of the pool (support set, then query set) that make the minibatch of an inner step;
  /// nil where the source leaves that to the engine.
  func minibatch(step: Int, episode: Int, _ innerStep: Int) -> [Int]?
  /// The random numbers of an episode where the source decides them.
  func draws(step: Int, episode: Int) -> RecordedDraws.Episode?
  /// Writes episode number `episode` of outer step `step` (0, 1, …) into `buffer`.
  func load(step: Int, episode: Int, into buffer: AlignedBuffer)
  /// The names of an episode's pictures; nil where nothing can be shown.
  func images(step: Int, episode: Int) -> EpisodeImages?
}

extension EpisodeSource {
  package var layouts: [EpisodeLayout] { [layout] }
  package var minibatchSize: Int? { nil }
  package var minibatchSteps: Int? { nil }
  package func minibatch(step: Int, episode: Int, _ innerStep: Int) -> [Int]? { nil }
  package func draws(step: Int, episode: Int) -> RecordedDraws.Episode? { nil }
}

extension EpisodeSource {
  /// Which of the layouts an episode in memory has.
  func place(of episode: AlignedBuffer) -> Int {
    let all = layouts
    return all.count == 1 ? 0 : all.firstIndex { $0.holds(episode) } ?? all.count - 1
  }
}

/// Fresh episodes of a task distribution.
///
/// Every run with this seed sees the same ones: common
/// random numbers make methods comparable episode by episode.
package struct SampledEpisodes: EpisodeSource {
  package let distribution: any TaskDistribution
  package let split: MetaSplit
  package let layout: EpisodeLayout
  package let layouts: [EpisodeLayout]
  package let stepLimit: Int? = nil
  /// Whether episode i of every step is task i, with fresh examples.
  private let keepsTasks: Bool
  private let stream: RandomStream

  package init(
    _ distribution: any TaskDistribution,
    split: MetaSplit,
    layouts: [EpisodeLayout],
    seed: UInt64,
    keepsTasks: Bool = false
  ) {
    self.keepsTasks = keepsTasks
    self.distribution = distribution
    self.split = split
    precondition(!layouts.isEmpty, "episodes without a layout")
    (layout, self.layouts) = (layouts[layouts.count - 1], layouts)
    stream = RandomStream(seed: seed).split(StreamLabel.episodes.rawValue).split(split.rawValue)
  }

  package func load(step: Int, episode: Int, into buffer: AlignedBuffer) {
    if let count = distribution.taskCount {
      return distribution.write(task: episode % count, layout, into: buffer, at: 0)
    }
    let stream = stream(step: step, episode: episode)
    if keepsTasks {
      // Apart from every step's own streams.
      let task = self.stream.split(.max).split(UInt64(episode))
      return distribution.sample(split, layout, task: task, stream: stream, into: buffer, at: 0)
    }
    distribution.sample(split, layout, stream: stream, into: buffer, at: 0)
  }

  /// The names of an episode's pictures; nil where the task has none.
  package func images(step: Int, episode: Int) -> EpisodeImages? {
    distribution.shown(split, layout, stream: stream(step: step, episode: episode))
  }

  private func stream(step: Int, episode: Int) -> RandomStream {
    stream.split(UInt64(step)).split(UInt64(episode))
  }
}

/// What a seed's streams are for.
enum StreamLabel: UInt64 {
  case episodes = 1
  case initialParameters
  case noise
  case minibatches
}
