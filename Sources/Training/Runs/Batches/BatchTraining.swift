import Files
import Kernels
import MetaLearning
import Models
import Tasks

/// What a method that learns from batches learns from.
package struct BatchTraining: Sendable {
  package let method: any BatchMethod
  /// All classes of meta-training.
  package let classCount: Int
  /// Pictures of a batch.
  package let batch: Int
  private let source: Source

  private enum Source: Sendable {
    /// Each class's pictures, drawn from by lot.
    case drawn(any ImageCollection, [EpisodeClass], images: Int)
    /// A file's, in order.
    case recorded(ClassBatches)
  }

  /// Batches by lot of so many classes of `task`'s meta-training, as many as there are at most.
  package init(_ method: any BatchMethod, _ task: ImageTask, _ values: HyperparameterValues) {
    self.method = method
    // A turned picture is told apart by its turn, not by a class of its own.
    let classes = task.splits.metaTrain.filter { $0.quarterTurns == 0 }
    let size = method.batchSize(values)
    classCount = classes.count
    let fewest = classes.map { task.collection.classes[$0.index].imageCount }.min() ?? 1
    let images = min(size.images, max(fewest, 1))
    batch = min(size.classes, classes.count) * images
    source = .drawn(task.collection, classes, images: images)
  }

  /// The batches of a file.
  package init(_ method: any BatchMethod, _ batches: ClassBatches, classCount: Int) {
    self.method = method
    self.classCount = classCount
    batch = batches.batch
    source = .recorded(batches)
  }

  /// Writes the batch of an outer step: pictures, and their one-hot classes.
  func load(step: Int, seed: UInt64, into buffer: AlignedBuffer, _ layout: EpisodeLayout) {
    func write(_ label: Int, at position: Int) {
      for place in 0..<classCount {
        buffer[layout.supportTargets + position * classCount + place] = place == label ? 1 : 0
      }
    }
    switch source {
    case .recorded(let batches):
      batches.images.write(
        (0..<batch).map { ImageReference(classIndex: 0, example: step * batch + $0) },
        into: buffer,
        at: layout.supportInputs
      )
      for position in 0..<batch { write(batches.labels[step * batch + position], at: position) }
    case .drawn(let collection, let classes, let images):
      let stream = RandomStream(seed: seed).split(StreamLabel.episodes.rawValue)
      var draws = RandomDraws(stream.split(UInt64(step)))
      var references: [ImageReference] = []
      for label in draws.sample(batch / images, below: classes.count) {
        let own = classes[label]
        let count = collection.classes[own.index].imageCount
        for example in draws.sample(images, below: count) {
          write(label, at: references.count)
          references.append(
            ImageReference(
              classIndex: own.index,
              example: example,
              quarterTurns: own.quarterTurns
            )
          )
        }
      }
      collection.write(references, into: buffer, at: layout.supportInputs)
    }
  }
}

/// Labelled batches read from a safetensors file, in order: `batch.inputs` `[steps, pictures, channels,
/// height, width]` and `batch.targets` `[steps, pictures]`; beside them the episodes that are decoded,
/// `validation.support.inputs` `[episodes, examples, channels, height, width]`, `.targets`, and the same
/// for `validation.query`.
package struct ClassBatches: Sendable {
  package let stepLimit: Int
  package let batch: Int
  /// One more than the largest label.
  package let classCount: Int
  /// The episodes, as files of episodes have them.
  package let episodes: TensorFile
  let images: RecordedImages
  let labels: [Int]

  /// Whether a file holds batches, sound or not.
  package static func areIn(_ file: TensorFile) -> Bool { file.shape(named: "batch.inputs") != nil }

  package init(_ file: TensorFile) throws(SafetensorsError) {
    func problem(_ reason: String) -> SafetensorsError {
      SafetensorsError(path: file.path, reason: reason)
    }
    let shape = file.shape(named: "batch.inputs") ?? []
    guard shape.count == 5, shape.allSatisfy({ $0 > 0 }), shape[1] > 1 else {
      throw problem(
        "batch.inputs has shape \(shape); it must be [steps, pictures, channels, height, width], none 0 "
          + "and 2 pictures or more"
      )
    }
    guard file.shape(named: "batch.targets") == Array(shape[..<2]) else {
      throw problem("batch.targets must have the shape \(Array(shape[..<2])), as batch.inputs has")
    }
    labels = try file.integers(named: "batch.targets")
    guard let largest = labels.max(), (1..<100_000).contains(largest),
      labels.allSatisfy({ $0 >= 0 })
    else {
      throw problem("batch.targets must hold classes from 0 on, at least two of them")
    }
    (stepLimit, batch, classCount) = (shape[0], shape[1], largest + 1)
    let values = try file.finiteFloats(named: "batch.inputs", of: "pictures")
    images = RecordedImages(
      shape: ImageShape(height: shape[3], width: shape[4], channels: shape[2]),
      values: values.channelsLast(shape[2], pixels: shape[3] * shape[4])
    )
    episodes = try Self.episodes(file)
    let decoded = episodes.shape(named: "support.inputs") ?? []
    guard decoded.suffix(3) == shape.suffix(3) else {
      throw problem(
        "validation.support.inputs has pictures of \(decoded.suffix(3)), and batch.inputs of "
          + "\(shape.suffix(3)); they must be alike"
      )
    }
  }

  /// The episodes under a file of episodes' names, one outer step of them.
  private static func episodes(_ file: TensorFile) throws(SafetensorsError) -> TensorFile {
    let prefix = "validation."
    let tensors = file.tensors.filter { $0.name.hasPrefix(prefix) }.map { tensor in
      TensorFile.Tensor(
        name: String(tensor.name.dropFirst(prefix.count)),
        dtype: tensor.dtype,
        shape: [1] + tensor.shape,
        bytes: tensor.bytes
      )
    }
    guard tensors.contains(where: { $0.name == "support.inputs" }) else {
      throw SafetensorsError(
        path: file.path,
        reason:
          "has batch.inputs and no validation.support.inputs; the episodes that are decoded stand beside "
          + "the batches, as validation.support.… and validation.query.…"
      )
    }
    return TensorFile(path: file.path, tensors: tensors)
  }
}
