import Files
import Kernels
import MetaLearning

/// The noise of a joint run's passes, read from a safetensors file: `draws.noise.train.SITE` and
/// `draws.noise.valid.SITE`, `[steps, tasks, pictures, channels, rows, columns]`.
struct RecordedNoise: Sendable {
  static let prefix = "draws.noise."

  private let taskCount: Int
  /// Channels last, by the sites' names.
  private let values: [BatchHalf: [String: [Float]]]

  /// Nil where the file has none.
  ///
  /// - Throws: where it has that of some sites and not of others, of sites that `setup`'s network does
  ///   not have, or of other shapes.
  init?(
    _ file: TensorFile,
    _ batches: RecordedBatches,
    for setup: SupervisedSetup
  ) throws(SafetensorsError) {
    let shapes = setup.noiseShapes
    let given = file.names.filter { $0.hasPrefix(Self.prefix) }
    guard let first = given.first else { return nil }
    let network = setup.model.name
    var wanted: Set<String> = []
    var values: [BatchHalf: [String: [Float]]] = [:]
    for half in BatchHalf.allCases {
      for (site, dimensions) in shapes {
        let name = Self.prefix + half.name + "." + site
        wanted.insert(name)
        guard let shape = file.shape(named: name) else {
          throw SafetensorsError(
            path: file.path,
            reason: "there is no tensor \(name), but \(first); give the noise of every site of "
              + "\(network) for both halves, or none to have it drawn"
          )
        }
        // One picture's: height, width and channels.
        let map = Array(dimensions[1...])
        let needed = [batches.stepLimit, batches.taskCount, batches.batch, map[2], map[0], map[1]]
        guard shape == needed else {
          throw SafetensorsError(
            path: file.path,
            reason: "\(name) has shape \(shape); for \(network) it must be \(needed)"
          )
        }
        values[half, default: [:]][site] = try file.finiteFloats(named: name, of: "draws")
          .channelsLast(map[2], pixels: map[0] * map[1])
      }
    }
    if let stray = given.first(where: { !wanted.contains($0) }) {
      throw SafetensorsError(
        path: file.path,
        reason: "\(stray) belongs to no site of \(network); its sites are "
          + shapes.map(\.site).joined(separator: ", ")
      )
    }
    self.values = values
    taskCount = batches.taskCount
  }

  /// Writes what a task's plan draws in an outer step to the places where it reads it.
  func write(
    _ draws: [NoiseDraw],
    sites: [String],
    _ half: BatchHalf,
    step: Int,
    task: Int,
    into buffer: AlignedBuffer
  ) {
    for draw in draws {
      guard let all = values[half]?[sites[draw.site]] else {
        preconditionFailure("every site's noise is read")
      }
      let start = (step * taskCount + task) * draw.shape.count
      buffer.write(all, range: start..<start + draw.shape.count, at: draw.offset)
    }
  }
}

extension [Float] {
  /// Pictures channels first, one after the other, with the channels last.
  func channelsLast(_ channels: Int, pixels: Int) -> [Float] {
    guard channels > 1, pixels > 1 else { return self }
    return indices.map { index in
      let (image, place) = index.quotientAndRemainder(dividingBy: pixels * channels)
      return self[(image * channels + place % channels) * pixels + place / channels]
    }
  }
}
