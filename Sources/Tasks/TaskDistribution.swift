import Kernels

/// p(T): episodes on demand, the same for the same stream whoever asks.
package protocol TaskDistribution: Sendable {
  /// The name on the command line.
  var name: String { get }
  var isClassification: Bool { get }
  /// How it is trained where nothing else is said.
  var defaults: TaskDefaults { get }

  /// The memory of an episode with `shot` support and `queryShot` query examples (a class, in
  /// classification).
  func layout(shot: Int, queryShot: Int) -> EpisodeLayout

  /// Writes one episode into `buffer` from `offset` on, drawn from `stream` alone.
  func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  )
}
