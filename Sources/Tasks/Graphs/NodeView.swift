import Kernels

/// A graph as a network reads it: finds what some nodes see, and writes it into an episode.
package struct NodeView: Sendable {
  package let graph: FeatureGraph
  package let reading: GraphReading
  /// Â X; nil where its rows are made when they are asked for, because the graph is used once.
  let propagated: NodeFeatures?
  /// X.
  let attributes: NodeFeatures

  package init(_ graph: FeatureGraph, _ reading: GraphReading, isUsedOnce: Bool = false) {
    self.graph = graph
    self.reading = reading
    propagated = isUsedOnce ? nil : graph.propagated(reading)
    attributes = graph.attributes(reading)
  }

  /// Some nodes and all that they see in one step, in rising order.
  package func hood(_ nodes: [Int]) -> [Int] {
    var all: [Int] = []
    for node in nodes { graph.forEachSeen(node) { all.append($0) } }
    all.sort()
    var unique: [Int] = []
    unique.reserveCapacity(all.count)
    for node in all where unique.last != node { unique.append(node) }
    return unique
  }

  /// The rows of the first layer that the nodes' outputs depend on.
  package func seen(_ nodes: [Int]) -> [Int] {
    if reading.isCut { return nodes.flatMap { hood(hood([$0])) } }
    return reading.keepsNeighbours ? hood(hood(nodes)) : hood(nodes)
  }

  func entryCount(_ row: Int) -> Int {
    propagated?.entryCount(row, width: graph.featureCount) ?? graph.featureCount
  }

  /// The room that some nodes need.
  package func room(_ nodes: [Int]) -> NodeForm.Room {
    if reading.isCut { return cutRoom(nodes) }
    let near = hood(nodes)
    let seen = reading.keepsNeighbours ? hood(near) : near
    var room = NodeForm.Room()
    room.seen = seen.count
    room.near = near.count
    room.nearEntries = nodes.reduce(0) { $0 + graph.degree($1) }
    room.farEntries = reading.keepsNeighbours ? near.reduce(0) { $0 + graph.degree($1) } : 1
    room.featureEntries = max(seen.reduce(0) { $0 + entryCount($1) }, 1)
    room.chosenEntries = nodes.count
    room.ownEntries = ownEntries(nodes)
    return room
  }

  func ownEntries(_ nodes: [Int]) -> Int {
    max(nodes.reduce(0) { $0 + attributes.entryCount($1, width: graph.featureCount) }, 1)
  }

  /// The most room that so many nodes can need.
  func largestRoom(_ count: Int) -> NodeForm.Room {
    graph.room(count, reading) { makeLargestRoom(count) }
  }

  private func makeLargestRoom(_ count: Int) -> NodeForm.Room {
    if reading.isCut { return largestCutRoom(count) }
    let degrees = (0..<graph.nodeCount).map { graph.degree($0) }.sorted(by: >)
    func most(_ rows: Int) -> Int { degrees.prefix(rows).reduce(0, +) }
    var room = NodeForm.Room()
    room.nearEntries = most(count)
    room.near = min(room.nearEntries, graph.nodeCount)
    room.farEntries = reading.keepsNeighbours ? most(room.near) : 1
    room.seen = reading.keepsNeighbours ? min(room.farEntries, graph.nodeCount) : room.near
    let entries = (0..<graph.nodeCount).map { entryCount($0) }.sorted(by: >)
    room.featureEntries = max(entries.prefix(room.seen).reduce(0, +), 1)
    room.chosenEntries = count
    room.ownEntries = largestOwn(count)
    return room
  }

  func largestOwn(_ count: Int) -> Int {
    guard reading.parts.contains(.attributes) else { return 1 }
    let entries = (0..<graph.nodeCount).map {
      attributes.entryCount($0, width: graph.featureCount)
    }
    return max(entries.sorted(by: >).prefix(count).reduce(0, +), 1)
  }

  /// Why no memory holds every episode of such nodes, or nil.
  func obstacle(_ counts: [Int]) -> String? {
    counts.lazy.compactMap { largestRoom($0).obstacle($0) }.first
  }

  /// Writes a set of nodes into an episode.
  package func write(
    _ nodes: [Int],
    as form: NodeForm,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    if let own = form.own {
      var rows = SparseRows()
      for node in nodes { attributes.append(node, width: graph.featureCount, to: &rows) }
      buffer.write(rows, as: own, at: offset + form.ownStart)
    }
    if reading.isCut { return writeCut(nodes, as: form, into: buffer, at: offset) }
    let near = hood(nodes)
    let seen = form.far == nil ? near : hood(near)
    buffer[offset] = Float(seen.count)
    buffer[offset + 1] = Float(near.count)
    buffer[offset + 2] = Float(nodes.count)
    buffer.write(links(nodes, near), as: form.near, at: offset + form.nearStart)
    if let chosen = form.chosen, let far = form.far {
      let own = nodes.map { Int32(place($0, in: near)) }
      let rows = SparseRows(
        starts: (0...Int32(nodes.count)).map { $0 },
        columns: own,
        values: own.map { _ in 1 }
      )
      buffer.write(rows, as: chosen, at: offset + form.chosenStart)
      buffer.write(links(near, seen), as: far, at: offset + form.farStart)
    }
    if case .dense(let numbers) = propagated {
      buffer.write(seen, of: numbers, as: form.features, at: offset + form.featureStart)
    } else {
      buffer.write(features(seen), as: form.features, at: offset + form.featureStart)
    }
  }

  /// Â from some rows to others, which hold all that the first see.
  private func links(_ rows: [Int], _ columns: [Int]) -> SparseRows {
    var matrix = SparseRows()
    for row in rows {
      graph.forEachSeen(row) { other in
        matrix.columns.append(Int32(place(other, in: columns)))
        matrix.values.append(graph.weight(row, other, reading))
      }
      matrix.starts.append(Int32(matrix.values.count))
    }
    return matrix
  }

  private func features(_ rows: [Int]) -> SparseRows {
    var matrix = SparseRows()
    let width = graph.featureCount
    if let propagated {
      for row in rows { propagated.append(row, width: width, to: &matrix) }
      return matrix
    }
    var sum = FeatureSum(width: width)
    for row in rows {
      graph.forEachSeen(row) { sum.add(attributes, $0, times: graph.weight(row, $0, reading)) }
      sum.append(to: &matrix)
    }
    return matrix
  }

  /// Where a node stands among sorted ones.
  func place(_ node: Int, in sorted: [Int]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < node { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
