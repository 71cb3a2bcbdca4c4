import Files
import Kernels

/// Generated graphs: communities within classes, a fresh graph for every episode.
///
/// A contextual stochastic block model with degrees and two levels: a class is three sub-communities; an
/// edge's end stays in its class with `stay`, and of those in its sub-community with `stayClose`.
/// Degrees are weighted by 1 + Pareto(2), cut at 8. Features are noise of unit length around
/// `signal` · (class mean + 1.3 · sub-community mean). One level alone would be too easy.
package struct Communities: TaskDistribution {
  package let name = "communities"
  package let kind = TaskKind.nodes
  package let isClassification = true
  package let options: NodeOptions
  private var view = GraphReading()

  static let nodeCount = 420
  static let classCount = 7
  private static let groups = 3
  static let featureCount = 64
  private static let degree = 3.9
  private static let stay = 0.78
  private static let stayClose = 0.92
  private static let signal: Float = 0.3
  private static let closeSignal: Float = 1.3

  package init(way: Int = NodeOptions().way) {
    var options = NodeOptions()
    options.way = way
    self.options = options
  }

  /// All classes of a graph are new to it.
  static let mostWays = classCount

  package var defaults: TaskDefaults { .nodes(options) }
  package func evaluationQuery(_ queryShot: Int) -> Int { max(options.testQuery, queryShot) }

  package func reading(_ reading: GraphReading) -> any TaskDistribution {
    var copy = self
    copy.view = reading
    return copy
  }

  // MARK: Graphs

  /// The graph of a stream.
  package static func graph(_ stream: RandomStream) -> FeatureGraph {
    var draws = RandomDraws(stream)
    let (groups, size) = (classCount * groups, nodeCount / (classCount * groups))
    var weights = (0..<nodeCount).map { _ in
      Float(min(1 / (1 - Double(draws.uniform())).squareRoot(), 8))
    }
    let mean = weights.reduce(0, +) / Float(nodeCount)
    for node in weights.indices { weights[node] /= mean }
    let ends = Double(nodeCount)
    let own = Float(degree * stay * stayClose * Double(groups) / ends)
    let near = Float(
      degree * stay * (1 - stayClose) * Double(groups) / (ends * Double(Self.groups - 1))
    )
    let other = Float(degree * (1 - stay) * Double(classCount) / (ends * Double(classCount - 1)))
    var edges: (from: [Int32], to: [Int32]) = ([], [])
    for first in 0..<nodeCount {
      let group = first / size
      for second in (first + 1)..<max(nodeCount, first + 1) {
        let shared = second / size
        let rate =
          group == shared ? own : group / Self.groups == shared / Self.groups ? near : other
        if draws.uniform() < rate * weights[first] * weights[second] {
          edges.from.append(Int32(first))
          edges.to.append(Int32(second))
        }
      }
    }
    return FeatureGraph(
      edges: edges,
      features: .dense(features(stream.split(1), size)),
      featureCount: featureCount,
      labels: (0..<nodeCount).map { Int32($0 / size / Self.groups) }
    )
  }

  private static func features(_ stream: RandomStream, _ size: Int) -> [Float] {
    let (count, groupCount) = (nodeCount * featureCount, classCount * groups)
    let means = AlignedBuffer(count: (classCount + groupCount) * featureCount)
    var meanStream = stream.split(1)
    meanStream.fillNormal(means, at: 0, count: means.count)
    let noise = AlignedBuffer(count: count)
    var noiseStream = stream.split(2)
    noiseStream.fillNormal(noise, at: 0, count: count)
    let unit = 1 / Float(featureCount).squareRoot()
    let scale = signal * unit / (1 + closeSignal * closeSignal).squareRoot()
    let (means_, noise_) = (means.values(0..<means.count), noise.values(0..<count))
    return (0..<count).map { place in
      let (node, feature) = place.quotientAndRemainder(dividingBy: featureCount)
      let group = node / size
      let mean =
        means_[group / groups * featureCount + feature]
        + closeSignal * means_[(classCount + group) * featureCount + feature]
      return scale * mean + unit * noise_[place]
    }
  }

  // MARK: Episodes

  private var emptyView: NodeView { NodeView(Self.empty, view, isUsedOnce: true) }

  /// Stands for the shapes of all of them.
  private static let empty = FeatureGraph(
    edges: ([], []),
    features: .dense([Float](repeating: 0, count: nodeCount * featureCount)),
    featureCount: featureCount,
    labels: [Int32](repeating: 0, count: nodeCount)
  )

  private func room(_ count: Int) -> NodeForm.Room {
    var room = NodeForm.Room()
    let graphs = view.isCut ? count : 1
    (room.seen, room.near) = (graphs * Self.nodeCount, graphs * Self.nodeCount)
    room.nearEntries = count * Self.nodeCount
    room.farEntries = view.keepsNeighbours ? graphs * Self.nodeCount * Self.nodeCount : 1
    room.featureEntries = graphs * Self.nodeCount * Self.featureCount
    room.chosenEntries = view.isCut ? room.near : count
    room.ownEntries = count * Self.featureCount
    return room
  }

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    layout(shot: shot, queryShot: queryShot, factor: Self.nodeCount)
  }

  private func layout(shot: Int, queryShot: Int, factor: Int) -> EpisodeLayout {
    let counts = (options.way * shot, options.way * queryShot)
    func rows(_ count: Int) -> Int {
      min(paddedCount(count * factor), view.isCut ? count * Self.nodeCount : Self.nodeCount)
    }
    let far = view.keepsNeighbours && !view.isCut ? 4 : 1
    return emptyView.layout(
      way: options.way,
      counts: counts,
      rooms: (room(counts.0), room(counts.1)),
      seen: (rows(far * counts.0), rows(far * counts.1)),
      near: (rows(counts.0), rows(counts.1))
    )
  }

  package func layouts(shot: Int, queryShot: Int) -> [EpisodeLayout] {
    (view.isCut ? [36, 54, Self.nodeCount] : [6, 9, Self.nodeCount]).map {
      layout(shot: shot, queryShot: queryShot, factor: $0)
    }
    .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  package func obstacle(shot: Int, queryShot: Int) -> DatasetError? {
    let size = Self.nodeCount / Self.classCount
    guard options.way <= Self.mostWays else {
      return DatasetError(
        path: name,
        reason: "has \(Self.classCount) classes a graph; use --way \(Self.mostWays) or fewer"
      )
    }
    let query = evaluationQuery(queryShot)
    guard shot + query <= size else {
      return DatasetError(
        path: name,
        reason:
          "has \(size) nodes a class, and an episode draws \(shot) and \(query); use a smaller "
          + "--shot or --query"
      )
    }
    let counts = [shot, queryShot, query].map { options.way * $0 }
    return counts.lazy.compactMap { room($0).obstacle($0) }.first
      .map { DatasetError(path: name, reason: $0) }
  }

  package func shown(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream
  ) -> EpisodeImages? {
    let own = stream.split(split.rawValue)
    return Self.episode(own, layout, way: options.way)
      .shown(Self.graph(own.split(1))) { "community \($0)" }
  }

  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    let own = stream.split(split.rawValue)
    let graph = Self.graph(own.split(1))
    let episode = Self.episode(own, layout, way: options.way)
    NodeView(graph, view, isUsedOnce: true).write(episode, layout, into: buffer, at: offset)
  }

  /// The nodes that a stream's episode draws of its graph.
  private static func episode(
    _ own: RandomStream,
    _ layout: EpisodeLayout,
    way: Int
  ) -> NodeEpisode {
    var draws = RandomDraws(own.split(2))
    let size = nodeCount / classCount
    let (shot, query) = (layout.supportCount / way, layout.queryCount / way)
    var episode = NodeEpisode(classes: Array(draws.sample(way, below: classCount)))
    for label in episode.classes {
      let nodes = draws.sample(shot + query, below: size).map { label * size + $0 }
      episode.support += nodes.prefix(shot)
      episode.query += nodes.dropFirst(shot)
    }
    return episode
  }
}
