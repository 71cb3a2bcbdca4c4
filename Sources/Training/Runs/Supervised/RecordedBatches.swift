import Files
import Kernels
import MetaLearning
import Tasks

/// Which of a task's two halves a batch is of: the one θ learns from, or the one φ learns from.
enum BatchHalf: UInt64, CaseIterable {
  case training = 1
  case heldOut

  /// What a file calls it.
  var name: String { self == .training ? "train" : "valid" }
}

/// The batches of a joint run read from a safetensors file, in order: `train.inputs` and `valid.inputs`
/// `[steps, tasks, pictures, channels, height, width]`, and their `.targets` `[steps, tasks, pictures]`.
///
/// `draws.noise.…` beside them is the noise of the sites; without it the run draws its own.
package struct RecordedBatches: Sendable {
  /// Outer steps it can serve.
  package let stepLimit: Int
  package let taskCount: Int
  /// Pictures of a batch.
  package let batch: Int
  /// Classes of each task: one more than its largest label.
  package let classCounts: [Int]
  private let halves: [BatchHalf: Pictures]
  var noise: RecordedNoise?

  private struct Pictures {
    let images: RecordedImages
    let labels: [Int]
  }

  /// Whether a file holds batches, sound or not.
  package static func areIn(_ file: TensorFile) -> Bool {
    file.shape(named: "train.inputs") != nil
  }

  package init(_ file: TensorFile) throws(SafetensorsError) {
    let shape = try Self.shape(of: file)
    (stepLimit, taskCount, batch) = (shape[0], shape[1], shape[2])
    let picture = ImageShape(height: shape[4], width: shape[5], channels: shape[3])
    var halves: [BatchHalf: Pictures] = [:]
    for half in BatchHalf.allCases {
      let values = try file.finiteFloats(named: half.name + ".inputs", of: "pictures")
      halves[half] = Pictures(
        images: RecordedImages(
          shape: picture,
          values: values.channelsLast(picture.channels, pixels: picture.height * picture.width)
        ),
        labels: try Self.labels(file, half.name + ".targets", Array(shape[..<3]))
      )
    }
    self.halves = halves
    var counts = [Int](repeating: 1, count: taskCount)
    for labels in halves.values.map(\.labels) {
      for (place, label) in labels.enumerated() {
        let task = place / batch % taskCount
        counts[task] = max(counts[task], label + 1)
      }
    }
    classCounts = counts
    if let task = counts.firstIndex(of: 1) {
      throw SafetensorsError(
        path: file.path,
        reason: "task \(task + 1) has class 0 alone, which leaves nothing to tell apart; use 2 or "
          + "more classes"
      )
    }
    try checkHalves(file)
  }

  /// The pictures of both halves of a task, in the order of the steps.
  package func pictures(
    task: Int,
    classCount: Int
  ) -> (training: LabelledImages, heldOut: LabelledImages) {
    func images(_ half: BatchHalf) -> LabelledImages {
      guard let all = halves[half] else { preconditionFailure("both halves are read") }
      let places = places(task: task)
      return LabelledImages(
        collection: all.images,
        images: places.map { ImageReference(classIndex: 0, example: $0) },
        labels: places.map { all.labels[$0] },
        classCount: classCount
      )
    }
    return (images(.training), images(.heldOut))
  }

  /// Among a task's pictures, those of an outer step.
  func batch(step: Int) -> ArraySlice<Int> { ArraySlice(step * batch..<(step + 1) * batch) }

  /// Where a task's pictures lie among all of a half.
  private func places(task: Int) -> [Int] {
    (0..<stepLimit).flatMap { step in
      let start = (step * taskCount + task) * batch
      return Array(start..<start + batch)
    }
  }
}

// MARK: - Reading

extension RecordedBatches {
  private static let names = "train.inputs, train.targets, valid.inputs and valid.targets"

  /// Of the training half's pictures; the other half's must be the same.
  private static func shape(of file: TensorFile) throws(SafetensorsError) -> [Int] {
    guard areIn(file) || file.shape(named: "support.inputs") == nil else {
      throw SafetensorsError(
        path: file.path,
        reason:
          "holds episodes (support.inputs), and protocol=joint learns from batches; give a file "
          + "with \(names)"
      )
    }
    var known: [Int]?
    for half in BatchHalf.allCases {
      let name = half.name + ".inputs"
      let shape = try shape(of: name, in: file)
      guard shape.count == 6, shape.allSatisfy({ $0 > 0 }) else {
        throw SafetensorsError(
          path: file.path,
          reason:
            "\(name) has shape \(shape); it must be [steps, tasks, pictures, channels, height, "
            + "width], none 0"
        )
      }
      guard known.map({ $0 == shape }) ?? true else {
        throw SafetensorsError(
          path: file.path,
          reason: "\(name) has shape \(shape); it must be \(known ?? []), as train.inputs has"
        )
      }
      known = shape
    }
    guard let shape = known, shape[2] > 1 else {
      throw SafetensorsError(
        path: file.path,
        reason:
          "train.inputs has batches of one picture, which have no variance to normalise by; use "
          + "2 or more"
      )
    }
    return shape
  }

  private static func shape(
    of name: String,
    in file: TensorFile
  ) throws(SafetensorsError) -> [Int] {
    guard let shape = file.shape(named: name) else {
      throw SafetensorsError(
        path: file.path,
        reason: "there is no tensor \(name); joint training needs \(names)"
      )
    }
    return shape
  }

  private static func labels(
    _ file: TensorFile,
    _ name: String,
    _ pictures: [Int]
  ) throws(SafetensorsError) -> [Int] {
    let shape = try shape(of: name, in: file)
    guard shape == pictures else {
      throw SafetensorsError(
        path: file.path,
        reason: "\(name) has shape \(shape); it must be \(pictures), as train.inputs has"
      )
    }
    let labels = try file.integers(named: name)
    if let wrong = labels.first(where: { !(0..<10_000).contains($0) }) {
      throw SafetensorsError(
        path: file.path,
        reason:
          "\(name) holds class \(wrong); use 0 to N − 1 for N classes of a task, at most 10000"
      )
    }
    return labels
  }

  /// θ must not have seen what φ learns from.
  private func checkHalves(_ file: TensorFile) throws(SafetensorsError) {
    guard let seen = halves[.training]?.images, let heldOut = halves[.heldOut]?.images else {
      return
    }
    for task in 0..<taskCount {
      let places = places(task: task)
      var known: [Int: Int] = [:]
      for (index, place) in places.enumerated() { known[seen.picture(place).bitHash] = index }
      for (index, place) in places.enumerated() {
        let picture = heldOut.picture(place)
        guard let other = known[picture.bitHash],
          seen.picture(places[other]).elementsEqual(picture)
        else { continue }
        throw SafetensorsError(
          path: file.path,
          reason:
            "picture \(index % batch + 1) of task \(task + 1) in step \(index / batch + 1) of "
            + "valid.inputs is also picture \(other % batch + 1) in step \(other / batch + 1) of "
            + "train.inputs; a task's halves must have no picture in common"
        )
      }
    }
  }
}
