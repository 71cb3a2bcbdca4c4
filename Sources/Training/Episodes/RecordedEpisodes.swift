import Files
import Kernels
import Tasks

/// Episodes read from a safetensors file, in order: `support.inputs` of shape
/// `[steps, episodes, examples, …]`, `support.targets`, and the same for `query`.
///
/// A file's images are channels first, the engine's channels last; its classes are numbers, the
/// engine's targets one-hot.
package struct RecordedEpisodes: EpisodeSource {
  package private(set) var layout: EpisodeLayout
  package let stepLimit: Int?
  /// B, the episodes of an outer step.
  package let metaBatchSize: Int
  /// All episodes of the file.
  package var count: Int { metaBatchSize * (stepLimit ?? 1) }
  private var parts: [Part]
  /// The nodes and the file they come from, where examples are nodes of a graph.
  private var nodes: RecordedNodes?
  private var nodeFile: TensorFile?
  let minibatches: RecordedMinibatches?
  private(set) var recordedDraws: RecordedDraws
  private let kind: TaskKind

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
    let reader = Reader(
      file: file,
      example: distribution.layout(shot: 1, queryShot: 1),
      isClassification: distribution.isClassification
    )
    if distribution.kind == .nodes {
      self = try Self(file, nodes: distribution, reader)
      return
    }
    let support = try reader.set("support", like: nil)
    let query = try reader.set("query", like: support)
    let example = reader.example
    layout = EpisodeLayout(
      supportCount: support.examples,
      queryCount: query.examples,
      inputShape: example.inputShape,
      targetCount: example.targetCount
    )
    kind = distribution.kind
    stepLimit = support.steps
    metaBatchSize = support.episodes
    let offsets = [
      layout.supportInputs, layout.supportTargets, layout.queryInputs, layout.queryTargets,
    ]
    let values = [support.inputs, support.targets, query.inputs, query.targets]
    if distribution.kind == .pictures {
      try reader.checkLeaks(support, query)
    }
    minibatches = try RecordedMinibatches(
      file,
      steps: support.steps,
      episodes: support.episodes,
      pool: support.examples + query.examples
    )
    recordedDraws = try RecordedDraws(file, steps: support.steps, episodes: support.episodes)
    parts = zip(values, offsets).map { values, offset in
      Part(
        values: values,
        offset: offset,
        count: values.count / (support.steps * support.episodes)
      )
    }
  }

  /// Nodes of the task's graph, or of the file's own.
  private init(
    _ file: TensorFile,
    nodes distribution: any TaskDistribution,
    _ reader: Reader
  ) throws(SafetensorsError) {
    guard RecordedNodes.areIn(file) else {
      throw SafetensorsError(
        path: file.path,
        reason: "has no support.nodes; episodes of nodes need support.nodes, support.targets, "
          + "query.nodes and query.targets"
      )
    }
    guard let graph = distribution.graph else {
      throw SafetensorsError(
        path: file.path,
        reason:
          "names nodes, and every graph of \(distribution.name) is another; use --task nodes:NAME "
          + "or graph:PATH"
      )
    }
    let nodes = try RecordedNodes(file, graph, way: reader.example.targetCount)
    self.nodes = nodes
    nodeFile = file
    layout = nodes.layout
    (kind, stepLimit, metaBatchSize) = (.nodes, nodes.steps, nodes.episodes)
    minibatches = nil
    recordedDraws = try RecordedDraws(file, steps: nodes.steps, episodes: nodes.episodes)
      .placed(nodes, file)
    let counts = [nodes.layout.supportCount, nodes.layout.queryCount]
    var parts: [Part] = []
    for (set, count) in zip(["support", "query"], counts) {
      let shape = [nodes.steps, nodes.episodes, count]
      let targets = try reader.targets("\(set).targets", shape, "\(set).nodes")
      parts.append(
        Part(
          values: targets,
          offset: set == "support" ? nodes.layout.supportTargets : nodes.layout.queryTargets,
          count: targets.count / (nodes.steps * nodes.episodes)
        )
      )
    }
    self.parts = parts
  }

  /// Why no memory holds its episodes where a network reads their graph so, or nil.
  func obstacle(_ reading: GraphReading) -> String? { nodes?.obstacle(reading) }

  /// The same as a network reads the graph.
  func reading(_ reading: GraphReading) -> Self {
    guard let nodes, let nodeFile else { return self }
    let own = nodes.reading(reading)
    guard own.layout != layout || reading != GraphReading(),
      let raw = try? RecordedDraws(nodeFile, steps: nodes.steps, episodes: nodes.episodes),
      let draws = try? raw.placed(own, nodeFile)
    else { return self }
    var copy = self
    (copy.nodes, copy.layout, copy.recordedDraws) = (own, own.layout, draws)
    let offsets = [own.layout.supportTargets, own.layout.queryTargets]
    copy.parts = zip(parts, offsets).map { Part(values: $0.values, offset: $1, count: $0.count) }
    return copy
  }

  /// The classes in a file's episodes: one more than the largest label, or nil where the targets
  /// are no labels.
  package static func way(of file: TensorFile) -> Int? {
    guard let labels = try? file.integers(named: "support.targets"), let largest = labels.max(),
      (1..<10_000).contains(largest)
    else { return nil }
    return largest + 1
  }

  /// How many pictures of each of `way` classes an episode of a file has, support and query together.
  package static func images(of file: TensorFile, way: Int) -> Int? {
    let counts = ["support", "query"].compactMap { part -> Int? in
      guard let shape = file.shape(named: "\(part).inputs"), shape.count > 2 else { return nil }
      return shape[2]
    }
    return counts.count == 2 ? (counts[0] + counts[1]) / way : nil
  }

  package func draws(step: Int, episode: Int) -> RecordedDraws.Episode? {
    recordedDraws.episode(step: step, episode)
  }

  package func load(step: Int, episode: Int, into buffer: AlignedBuffer) {
    let index = step * metaBatchSize + episode
    nodes?.load(index, into: buffer)
    for part in parts {
      buffer.write(
        part.values,
        range: index * part.count..<(index + 1) * part.count,
        at: part.offset
      )
    }
  }

  /// A file has no names, so pictures are called by their places; nil where they are none that can be
  /// drawn, or do not lie class by class.
  package func images(step: Int, episode: Int) -> EpisodeImages? {
    guard kind == .pictures, [1, 3].contains(layout.inputShape[2]),
      let support = named("support", parts[1], layout.supportCount, step, episode),
      let query = named("query", parts[3], layout.queryCount, step, episode)
    else { return nil }
    return EpisodeImages(
      classNames: (0..<layout.targetCount).map { "class \($0)" },
      support: support,
      query: query
    )
  }

  private func named(
    _ set: String,
    _ targets: Part,
    _ count: Int,
    _ step: Int,
    _ episode: Int
  ) -> [EpisodeImages.Image]? {
    let (way, start) = (layout.targetCount, (step * metaBatchSize + episode) * targets.count)
    guard count % way == 0 else { return nil }
    var images: [EpisodeImages.Image] = []
    for position in 0..<count {
      let label = position / (count / way)
      guard targets.values[start + position * way + label] == 1 else { return nil }
      images.append(EpisodeImages.Image(label: label, name: "\(set) \(position + 1)"))
    }
    return images
  }

  // MARK: Reading

  private struct Examples {
    let steps: Int
    let episodes: Int
    let examples: Int
    let inputs: [Float]
    let targets: [Float]

    /// An example's numbers.
    func picture(_ episode: Int, _ index: Int, _ size: Int) -> ArraySlice<Float> {
      let start = (episode * examples + index) * size
      return inputs[start..<start + size]
    }
  }

  private struct Reader {
    let file: TensorFile
    /// The layout of one example, for the shape of its input and target.
    let example: EpisodeLayout
    let isClassification: Bool

    func set(_ name: String, like other: Examples?) throws(SafetensorsError) -> Examples {
      let inputs = "\(name).inputs"
      let shape = try shape(of: inputs)
      let tail = storedInputShape
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
      return Examples(
        steps: shape[0],
        episodes: shape[1],
        examples: shape[2],
        inputs: channelsLast(try file.floats(named: inputs)),
        targets: try targets("\(name).targets", Array(shape[..<3]), inputs)
      )
    }

    /// One example's input in the file: images are channels first there.
    private var storedInputShape: [Int] {
      let own = example.inputShape
      return own.count == 3 ? [own[2], own[0], own[1]] : own
    }

    private func channelsLast(_ values: [Float]) -> [Float] {
      guard example.inputShape.count == 3 else { return values }
      let shape = example.inputShape
      return values.channelsLast(shape[2], pixels: shape[0] * shape[1])
    }

    func targets(
      _ name: String,
      _ examples: [Int],
      _ inputs: String
    ) throws(SafetensorsError) -> [Float] {
      let shape = try shape(of: name)
      let count = examples.reduce(1, *)
      let numbers = isClassification ? 1 : example.targetCount
      guard Array(shape.prefix(3)) == examples, shape.reduce(1, *) == count * numbers else {
        throw problem("\(name) has shape \(shape); it must be \(examples), as \(inputs) has")
      }
      guard isClassification else { return try file.floats(named: name) }
      let labels = try file.integers(named: name)
      var oneHot = [Float](repeating: 0, count: count * example.targetCount)
      for (index, label) in labels.enumerated() {
        guard label >= 0, label < example.targetCount else {
          throw problem(
            "\(name) holds class \(label); with \(example.targetCount)-way episodes it must be "
              + "from 0 to \(example.targetCount - 1)"
          )
        }
        oneHot[index * example.targetCount + label] = 1
      }
      try checkShots(labels, of: examples[2], name)
      return oneHot
    }

    /// K has a meaning only where each class of an episode has as many examples as the others.
    private func checkShots(
      _ labels: [Int],
      of size: Int,
      _ name: String
    ) throws(SafetensorsError) {
      for start in stride(from: 0, to: labels.count, by: size) {
        var counts = [Int](repeating: 0, count: example.targetCount)
        for label in labels[start..<start + size] { counts[label] += 1 }
        guard Set(counts).count == 1 else {
          throw problem(
            "\(name) has \(counts.min() ?? 0) examples of one class and \(counts.max() ?? 0) of "
              + "another in one episode; \(counts.count)-way episodes need as many of each"
          )
        }
      }
    }

    /// A query picture that the support set has answered says nothing of adaptation.
    func checkLeaks(_ support: Examples, _ query: Examples) throws(SafetensorsError) {
      let size = example.inputShape.reduce(1, *)
      for episode in 0..<support.steps * support.episodes {
        var known: [Int: Int] = [:]
        for index in 0..<support.examples {
          known[support.picture(episode, index, size).bitHash] = index
        }
        for index in 0..<query.examples {
          let picture = query.picture(episode, index, size)
          guard let place = known[picture.bitHash],
            support.picture(episode, place, size).elementsEqual(picture)
          else { continue }
          throw problem(
            "in step \(episode / support.episodes + 1), episode "
              + "\(episode % support.episodes + 1), picture \(index + 1) of the query set is also "
              + "picture \(place + 1) of the support set; the sets must have no picture in common"
          )
        }
      }
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
