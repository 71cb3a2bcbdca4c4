import Kernels
import Tasks

/// Episodes read from a safetensors file, in order: `support.inputs` of shape
/// `[steps, episodes, examples, …]`, `support.targets`, and the same for `query`.
package struct RecordedEpisodes: EpisodeSource {
  package let layout: EpisodeLayout
  package let stepLimit: Int?
  /// B, the episodes of an outer step.
  package let metaBatchSize: Int
  private let parts: [Part]

  /// One of an episode's four tensors and its place in the episode.
  private struct Part {
    let values: [Float]
    let offset: Int
    /// Floats an episode.
    let count: Int
  }

  /// Checks every shape against the others and against `distribution`'s examples.
  package init(
    _ file: TensorFile,
    for distribution: any TaskDistribution
  ) throws(SafetensorsError) {
    let reader = Reader(file: file, example: distribution.layout(shot: 1, queryShot: 1))
    let support = try reader.set("support", like: nil)
    let query = try reader.set("query", like: support)
    let example = reader.example
    layout = EpisodeLayout(
      supportCount: support.examples,
      queryCount: query.examples,
      inputShape: example.inputShape,
      targetCount: example.targetCount
    )
    stepLimit = support.steps
    metaBatchSize = support.episodes
    let offsets = [
      layout.supportInputs, layout.supportTargets, layout.queryInputs, layout.queryTargets,
    ]
    let values = [support.inputs, support.targets, query.inputs, query.targets]
    parts = zip(values, offsets).map { values, offset in
      Part(
        values: values,
        offset: offset,
        count: values.count / (support.steps * support.episodes)
      )
    }
  }

  package func load(step: Int, episode: Int, into buffer: AlignedBuffer) {
    let index = step * metaBatchSize + episode
    for part in parts {
      buffer.write(
        part.values,
        range: index * part.count..<(index + 1) * part.count,
        at: part.offset
      )
    }
  }

  // MARK: Reading

  private struct Examples {
    let steps: Int
    let episodes: Int
    let examples: Int
    let inputs: [Float]
    let targets: [Float]
  }

  private struct Reader {
    let file: TensorFile
    /// The layout of one example, for the shape of its input and target.
    let example: EpisodeLayout

    func set(_ name: String, like other: Examples?) throws(SafetensorsError) -> Examples {
      let inputs = "\(name).inputs"
      let shape = try shape(of: inputs)
      let tail = example.inputShape
      guard shape.count == 3 + tail.count, Array(shape[3...]) == tail,
        shape.allSatisfy({ $0 > 0 })
      else {
        let wanted = ["steps", "episodes", "examples"] + tail.map(String.init)
        throw problem(
          "\(inputs) has shape \(shape); it must be [\(wanted.joined(separator: ", "))], none 0"
        )
      }
      if let other, [other.steps, other.episodes] != Array(shape[..<2]) {
        throw problem(
          "\(inputs) has \(shape[0]) steps of \(shape[1]) episodes, but support.inputs "
            + "\(other.steps) of \(other.episodes); they must agree"
        )
      }
      let targets = "\(name).targets"
      let count = shape[0] * shape[1] * shape[2] * example.targetCount
      let targetShape = try self.shape(of: targets)
      guard Array(targetShape.prefix(3)) == Array(shape[..<3]), targetShape.reduce(1, *) == count
      else {
        throw problem(
          "\(targets) has shape \(targetShape); it must be \(Array(shape[..<3])), as \(inputs) has"
        )
      }
      return Examples(
        steps: shape[0],
        episodes: shape[1],
        examples: shape[2],
        inputs: try file.floats(named: inputs),
        targets: try file.floats(named: targets)
      )
    }

    private func shape(of name: String) throws(SafetensorsError) -> [Int] {
      guard let shape = file.shape(named: name) else {
        throw problem(
          "there is no tensor \(name); episodes need support.inputs, support.targets, "
            + "query.inputs and query.targets"
        )
      }
      return shape
    }

    private func problem(_ reason: String) -> SafetensorsError {
      SafetensorsError(path: file.path, reason: reason)
    }
  }
}
