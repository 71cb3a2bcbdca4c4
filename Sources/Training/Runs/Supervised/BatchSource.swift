import Kernels
import MetaLearning
import Tasks

/// Where a network's batches and noise come from: a file that has them, or random numbers that the
/// run's seed names.
///
/// The same step always gives the same ones.
struct BatchSource: Sendable {
  private let recorded: RecordedBatches?
  private let task: Int
  private let stream: RandomStream
  private let noise: RandomStream

  init(_ recorded: RecordedBatches?, task: Int, seed: UInt64) {
    self.recorded = recorded
    self.task = task
    let root = RandomStream(seed: seed)
    stream = root.split(StreamLabel.episodes.rawValue).split(UInt64(task))
    noise = root.split(StreamLabel.noise.rawValue).split(UInt64(task))
  }

  /// Which pictures of a half make the batch of an outer step.
  func batch(
    of images: LabelledImages,
    count: Int,
    _ half: BatchHalf,
    step: Int
  ) -> ArraySlice<Int> {
    if let recorded { return recorded.batch(step: step) }
    return images.batch(min(count, images.count), stream.split(UInt64(step)).split(half.rawValue))
  }

  /// Writes the noise of a plan's pass on that batch.
  func draw(
    _ plan: EpisodePlan,
    sites: [String],
    _ half: BatchHalf,
    step: Int,
    into memory: WorkerMemory
  ) {
    guard let noise = recorded?.noise else {
      return memory.draw(plan.draws, self.noise.split(UInt64(step)).split(half.rawValue))
    }
    memory.write { buffer in
      noise.write(plan.draws.sites, sites: sites, half, step: step, task: task, into: buffer)
    }
  }
}
