import Files
import Kernels

/// Episodes that a file has, and nothing else: no more can be drawn, and shapes and kind are the file's.
///
/// A file of batches, whose names begin with `train` instead of `support`, has its tasks in the place
/// of episodes. Inputs are `[steps, episodes, examples, numbers]` or `[…, channels, height, width]`; targets are
/// whole numbers, the classes, or numbers.
package struct RecordedTask: TaskDistribution {
  /// What the command line calls it.
  package static let taskName = "episodes"

  package var name: String { Self.taskName }
  package let kind: TaskKind
  package let isClassification: Bool
  package let defaults: TaskDefaults
  package var isSampled: Bool { false }
  private let inputShape: [Int]
  private let targetCount: Int
  package let graph: FeatureGraph?
  private var view = GraphReading()

  package init(_ file: TensorFile) throws(SafetensorsError) {
    if file.shape(named: "support.nodes") != nil {
      self = try Self(nodes: file)
      return
    }
    graph = nil
    let set = file.shape(named: "train.inputs") == nil ? "support" : "train"
    let (inputs, labels) = (set + ".inputs", set + ".targets")
    guard let shape = file.shape(named: inputs), let targets = file.shape(named: labels) else {
      throw SafetensorsError(
        path: file.path,
        reason: "has no support.inputs or no support.targets; episodes need support.inputs, "
          + "support.targets, query.inputs and query.targets"
      )
    }
    guard [4, 6].contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      throw SafetensorsError(
        path: file.path,
        reason: "\(inputs) has shape \(shape); it must be [steps, episodes, examples, numbers] or "
          + "[steps, episodes, examples, channels, height, width], none 0"
      )
    }
    kind = shape.count == 6 ? .pictures : .numbers
    inputShape = shape.count == 6 ? [shape[4], shape[5], shape[3]] : [shape[3]]
    if file.isWhole(labels) {
      let largest = try file.integers(named: labels).max() ?? 0
      guard (1..<10_000).contains(largest) else {
        throw SafetensorsError(
          path: file.path,
          reason: "\(labels) has \(largest) as its largest class; use 0 to N − 1 for N "
            + "classes, from 2 to 10000 of them"
        )
      }
      (isClassification, targetCount) = (true, largest + 1)
    } else {
      isClassification = false
      targetCount = max(targets.dropFirst(3).reduce(1, *), 1)
    }
    defaults =
      kind == .pictures
      ? .images(steps: shape[0], width: 64)
      : TaskDefaults(
        way: nil,
        shot: 1,
        queryShot: nil,
        steps: shape[0],
        metaBatchSize: shape[1],
        evaluateEvery: 250,
        evaluationEpisodes: 200,
        testEpisodes: 0,
        validationCurve: 1,
        testCurve: 1,
        probeEvery: 20,
        width: 40
      )
  }

  /// Nodes of the graph that stands in the file.
  private init(nodes file: TensorFile) throws(SafetensorsError) {
    guard let shape = file.shape(named: "support.nodes"), shape.count == 3,
      shape.allSatisfy({ $0 > 0 })
    else {
      throw SafetensorsError(
        path: file.path,
        reason: "support.nodes has shape \(file.shape(named: "support.nodes") ?? []); it must be "
          + "[steps, episodes, nodes], none 0"
      )
    }
    let own = try FeatureGraph(in: file)
    graph = own
    (kind, isClassification, inputShape) = (.nodes, true, [own.featureCount])
    targetCount = (try file.integers(named: "support.targets").max() ?? 0) + 1
    var options = NodeOptions()
    options.way = targetCount
    defaults = .nodes(options, steps: shape[0], metaBatchSize: shape[1])
  }

  package func reading(_ reading: GraphReading) -> any TaskDistribution {
    var copy = self
    copy.view = reading
    return copy
  }

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    if let graph {
      return NodeView(graph, view).layout(way: targetCount, shot: shot, queryShot: queryShot)
    }
    let classes = isClassification ? targetCount : 1
    return EpisodeLayout(
      supportCount: classes * shot,
      queryCount: classes * queryShot,
      inputShape: inputShape,
      targetCount: targetCount
    )
  }

  /// Nothing can be drawn: whoever asks `isSampled` first does not come here.
  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) { preconditionFailure("recorded episodes come from their file") }
}

extension TensorFile {
  /// Whether a tensor's elements are whole numbers.
  fileprivate func isWhole(_ name: String) -> Bool {
    tensors.first { $0.name == name }.map { !$0.dtype.isFloat } ?? false
  }
}
