import Files
import Kernels

/// What keeps a graph's classes apart, and what an episode of its nodes is.
package struct NodeOptions: Sendable, Equatable {
  /// Classes of a split: by name, or so many by lot.
  package enum Part: Sendable, Equatable {
    case count(Int)
    case listed([String])
  }

  package var train: Part?
  package var validation: Part?
  package var test: Part?
  /// Of the lots.
  package var seed: UInt64 = 1234
  package var way = 2
  package var shot = 5
  package var query = 5
  /// Query nodes of a class at meta-validation and meta-test.
  package var testQuery = 10
  /// Labelled nodes of each class of meta-training and meta-validation; nil: all of them.
  package var labelled: Int?

  package init() {}
}

extension TaskDefaults {
  /// Few-shot nodes as TLP-FSNC trains Meta-GNN, the weight decay among them.
  static func nodes(_ options: NodeOptions, steps: Int = 500, metaBatchSize: Int = 1) -> Self {
    var defaults = Self(
      way: options.way,
      shot: options.shot,
      queryShot: options.query,
      steps: steps,
      metaBatchSize: metaBatchSize,
      evaluateEvery: 100,
      evaluationEpisodes: 50,
      testEpisodes: 200,
      validationCurve: 1,
      testCurve: 1,
      probeEvery: 20,
      width: 16
    )
    defaults.settings = nodeSettings
    return defaults
  }

  /// What hyperparameters are on nodes where nobody says it.
  package static let nodeSettings: [String: Double] = [
    "inner-steps": 20, "inner-lr": 0.1, "outer-lr": 0.005, "first-order": 1, "gamma": 0.2,
    "weight-decay": 5e-4,
  ]
}

/// Few-shot classification of a graph's nodes: the whole graph is visible in every episode, and the
/// classes of the splits are others.
package struct NodeTask: TaskDistribution {
  package let name: String
  package let kind = TaskKind.nodes
  package let isClassification = true
  package let stored: StoredGraph
  package let options: NodeOptions
  /// Classes of each split, in rising order.
  package let classes: [MetaSplit: [Int]]
  /// Whether some were drawn by lot.
  package let isByLot: Bool
  package var way: Int { options.way }
  private var view: GraphReading
  /// The labelled nodes of each class, those alone that episodes may draw.
  let members: [[Int]]

  /// Parts the classes.
  package init(
    _ stored: StoredGraph,
    name: String,
    options: NodeOptions
  ) throws(DatasetError) {
    (self.name, self.stored, self.options) = (name, stored, options)
    let split = NodeSplit(stored, options)
    classes = try split.classes()
    isByLot = split.isByLot
    view = GraphReading()
    let all = stored.graph.nodesByClass()
    guard let limit = options.labelled else {
      members = all
      return
    }
    var members = all
    for part in [MetaSplit.metaTrain, .metaValidation] {
      for label in classes[part] ?? [] where all[label].count > limit {
        let stream = RandomStream(seed: options.seed).split(UInt64(label))
        var draws = RandomDraws(stream)
        members[label] = draws.sample(limit, below: all[label].count).map { all[label][$0] }
          .sorted()
      }
    }
    self.members = members
  }

  package var defaults: TaskDefaults { .nodes(options) }
  package var graph: FeatureGraph? { stored.graph }
  package var byteCount: Int { stored.graph.byteCount }

  package func reading(_ reading: GraphReading) -> any TaskDistribution {
    var copy = self
    copy.view = reading
    return copy
  }

  package func evaluationQuery(_ queryShot: Int) -> Int { max(options.testQuery, queryShot) }

  package var digest: DataDigest? {
    let graph = stored.graph
    return DataDigest(
      classes: graph.classCount,
      images: graph.nodeCount,
      sha256: graph.sha256
    )
  }

  package func record(named name: String) -> ImageSetRecord? { ImageSetRecord(self, named: name) }

  package var notes: [String] {
    let parts = MetaSplit.allCases.map { split in
      let names = (classes[split] ?? []).map { stored.classNames[$0] }
      return "\(split.title) \(names.joined(separator: ", "))"
    }
    let split =
      "\(name): classes of " + parts.joined(separator: "; ")
      + (isByLot ? " (by lot, seed \(options.seed))" : "")
    return [split] + stored.notes.map { "\(name): \($0)" }
  }

  package func obstacle(shot: Int, queryShot: Int) -> DatasetError? {
    for split in MetaSplit.allCases {
      let own = classes[split] ?? []
      guard own.count >= way else {
        let rule = own.count > 1 ? "--way \(own.count) or fewer, or another split" : "another split"
        return problem(
          "\(split.title) has \(plural(own.count, "class")), and an episode draws \(way); use \(rule)"
        )
      }
      let query = split == .metaTrain ? queryShot : evaluationQuery(queryShot)
      if let small = own.first(where: { members[$0].count < shot + query }) {
        return problem(
          "\(stored.classNames[small]) has \(plural(members[small].count, "labelled node")), and an episode of "
            + "\(split.title) draws \(shot) and \(query); use a smaller --shot or --query"
        )
      }
    }
    let counts = [shot, queryShot, evaluationQuery(queryShot)].map { way * $0 }
    return NodeView(stored.graph, view).obstacle(counts).map(problem)
  }

  private func problem(_ reason: String) -> DatasetError {
    DatasetError(path: stored.path, reason: reason)
  }

  // MARK: Episodes

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    NodeView(stored.graph, view).layout(way: way, shot: shot, queryShot: queryShot)
  }

  package func layouts(shot: Int, queryShot: Int) -> [EpisodeLayout] {
    let graphView = NodeView(stored.graph, view)
    let drawn = { (count: Int, draws: inout RandomDraws) in
      (0..<count).map { _ in
        let label = draws.index(below: members.count)
        let own = members[label]
        return own.isEmpty ? 0 : own[draws.index(below: own.count)]
      }
    }
    return graphView.layouts(way: way, shot: shot, queryShot: queryShot, drawn)
  }

  /// An episode's classes and nodes, class by class.
  package func episode(
    _ split: MetaSplit,
    shot: Int,
    queryShot: Int,
    stream: RandomStream
  ) -> NodeEpisode {
    var draws = RandomDraws(stream.split(split.rawValue))
    let own = classes[split] ?? []
    let chosen = draws.few(way, below: own.count).map { own[$0] }
    var episode = NodeEpisode(classes: chosen)
    for label in chosen {
      let nodes = draws.few(shot + queryShot, below: members[label].count).map {
        members[label][$0]
      }
      episode.support += nodes[..<shot]
      episode.query += nodes[shot...]
    }
    return episode
  }

  package func shown(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream
  ) -> EpisodeImages? {
    episode(
      split,
      shot: layout.supportCount / way,
      queryShot: layout.queryCount / way,
      stream: stream
    ).shown(stored.graph) { stored.classNames[$0] }
  }

  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    let episode = episode(
      split,
      shot: layout.supportCount / way,
      queryShot: layout.queryCount / way,
      stream: stream
    )
    NodeView(stored.graph, view).write(episode, layout, into: buffer, at: offset)
  }
}

/// An episode's nodes, class by class.
package struct NodeEpisode: Sendable, Equatable {
  /// Of the graph, by the labels of the episode.
  package var classes: [Int]
  package var support: [Int] = []
  package var query: [Int] = []
}

extension NodeView {
  /// Writes nodes and targets of an episode whose classes have as many nodes each.
  func write(
    _ episode: NodeEpisode,
    _ layout: EpisodeLayout,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    guard let forms = layout.nodes else { preconditionFailure("a layout without nodes") }
    write(episode.support, as: forms.support, into: buffer, at: offset + layout.supportInputs)
    write(episode.query, as: forms.query, into: buffer, at: offset + layout.queryInputs)
    for (targets, count) in [
      (layout.supportTargets, layout.supportCount), (layout.queryTargets, layout.queryCount),
    ] {
      let each = count / layout.targetCount
      for position in 0..<count {
        for label in 0..<layout.targetCount {
          buffer[offset + targets + position * layout.targetCount + label] =
            position / each == label ? 1 : 0
        }
      }
    }
  }

  /// The memory that holds every episode of such nodes.
  package func layout(way: Int, shot: Int, queryShot: Int) -> EpisodeLayout {
    let rooms = [shot, queryShot].map { largestRoom(way * $0) }
    return layout(
      way: way,
      counts: (way * shot, way * queryShot),
      rooms: (rooms[0], rooms[1]),
      seen: (rooms[0].seen, rooms[1].seen),
      near: (rooms[0].near, rooms[1].near)
    )
  }

  package func layout(
    way: Int,
    counts: (support: Int, query: Int),
    rooms: (support: NodeForm.Room, query: NodeForm.Room),
    seen: (support: Int, query: Int),
    near: (support: Int, query: Int)
  ) -> EpisodeLayout {
    func form(_ count: Int, _ room: NodeForm.Room, _ seen: Int, _ near: Int) -> NodeForm {
      NodeForm(
        examples: count,
        room: room,
        seen: seen,
        near: reading.keepsNeighbours ? near : nil,
        hasOwn: reading.parts.contains(.attributes),
        featureCount: graph.featureCount,
        isDense: graph.features.isDense
      )
    }
    let support = form(counts.support, rooms.support, seen.support, near.support)
    var queryRoom = rooms.query
    var query = form(counts.query, queryRoom, seen.query, near.query)
    // Whoever reads a set knows it by the size of its memory.
    while query.count == support.count, query != support {
      queryRoom.featureEntries += cacheLineFloats
      query = form(counts.query, queryRoom, seen.query, near.query)
    }
    return EpisodeLayout(
      supportCount: counts.support,
      queryCount: counts.query,
      inputShape: [graph.featureCount],
      targetCount: way,
      nodes: NodeLayout(support: support, query: query)
    )
  }

  /// The same memory in the shapes of some sizes of episodes, so that a small one computes little.
  func layouts(
    way: Int,
    shot: Int,
    queryShot: Int,
    _ drawn: (_ count: Int, inout RandomDraws) -> [Int]
  ) -> [EpisodeLayout] {
    let whole = layout(way: way, shot: shot, queryShot: queryShot)
    let rooms = (largestRoom(way * shot), largestRoom(way * queryShot))
    let support = sizes(usualRooms(way * shot, drawn), upTo: rooms.0)
    let query = sizes(usualRooms(way * queryShot, drawn), upTo: rooms.1)
    var layouts: [EpisodeLayout] = []
    for place in 0..<max(support.count, query.count) {
      let own = support[min(place, support.count - 1)]
      let other = query[min(place, query.count - 1)]
      let next = layout(
        way: way,
        counts: (way * shot, way * queryShot),
        rooms: rooms,
        seen: (own.seen, other.seen),
        near: (own.near, other.near)
      )
      if next.count == whole.count, layouts.last != next { layouts.append(next) }
    }
    return layouts.last == whole ? layouts : layouts + [whole]
  }

  /// How many times as many rows a size has as the one before, where few nodes see very many.
  private static let growth = 3

  /// The sizes that are usual, and larger ones until every set has one: rows that nobody sees are computed, too.
  private func sizes(_ usual: [NodeForm.Room], upTo most: NodeForm.Room) -> [NodeForm.Room] {
    var sizes: [NodeForm.Room] = []
    func add(_ room: NodeForm.Room, _ factor: Int) {
      var next = NodeForm.Room()
      next.seen = min(paddedCount(room.seen * factor), most.seen)
      next.near = min(paddedCount(room.near * factor), most.near)
      sizes.append(next)
    }
    for room in usual { add(room, 1) }
    while let last = sizes.last, last.seen < most.seen || last.near < most.near {
      add(last, Self.growth)
    }
    return sizes
  }

  /// The rooms that four fifths and nearly all of such sets need.
  private func usualRooms(
    _ count: Int,
    _ drawn: (_ count: Int, inout RandomDraws) -> [Int]
  ) -> [NodeForm.Room] {
    var draws = RandomDraws(RandomStream(seed: 0))
    let rooms = (0..<Self.sampleCount).map { _ in room(drawn(count, &draws)) }
    return [4 * Self.sampleCount / 5, Self.sampleCount - 2].map { place in
      var room = NodeForm.Room()
      room.seen = rooms.map(\.seen).sorted()[place]
      room.near = rooms.map(\.near).sorted()[place]
      return room
    }
  }

  private static let sampleCount = 128
}

extension RandomDraws {
  /// A few different whole numbers below `limit`, in random order, without a list of all.
  mutating func few(_ count: Int, below limit: Int) -> [Int] {
    guard count * 4 < limit else { return Array(sample(count, below: limit)) }
    var chosen: [Int] = []
    while chosen.count < count {
      let next = index(below: limit)
      if !chosen.contains(next) { chosen.append(next) }
    }
    return chosen
  }
}
