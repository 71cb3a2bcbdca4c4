import Kernels

/// What the neighbourhoods of single nodes take in memory, each number from the largest on.
struct CutSizes: Sendable {
  var rows: [Int] = []
  var links: [Int] = []
  var features: [Int] = []
}

/// Where each node has a graph of its own: all that it sees in two steps, and of Â what lies between.
extension NodeView {
  /// A node's graph: its nodes in rising order, and Â from each of them to each.
  private struct Cut {
    let nodes: [Int]
    var links = SparseRows()
  }

  private func cut(_ node: Int) -> Cut {
    var cut = Cut(nodes: hood(hood([node])))
    for row in cut.nodes {
      graph.forEachSeen(row) { other in
        let place = place(other, in: cut.nodes)
        guard place < cut.nodes.count, cut.nodes[place] == other else { return }
        cut.links.columns.append(Int32(place))
        cut.links.values.append(graph.weight(row, other, reading))
      }
      cut.links.starts.append(Int32(cut.links.values.count))
    }
    return cut
  }

  /// The room that the graphs of some nodes need, or a little more.
  func cutRoom(_ nodes: [Int]) -> NodeForm.Room {
    var (rows, links, features) = (0, 0, 0)
    for node in nodes {
      let all = hood(hood([node]))
      rows += all.count
      links += all.reduce(0) { $0 + graph.degree($1) }
      features += all.reduce(0) { $0 + entryCount($1) }
    }
    return cutRoom(rows, links, features, own: ownEntries(nodes))
  }

  func largestCutRoom(_ count: Int) -> NodeForm.Room {
    let sizes = graph.sizes(reading, makeCutSizes)
    func most(_ all: [Int]) -> Int { all.prefix(count).reduce(0, +) }
    return cutRoom(
      most(sizes.rows),
      most(sizes.links),
      most(sizes.features),
      own: largestOwn(count)
    )
  }

  private func cutRoom(_ rows: Int, _ links: Int, _ features: Int, own: Int) -> NodeForm.Room {
    var room = NodeForm.Room()
    (room.seen, room.near, room.nearEntries) = (rows, rows, rows)
    room.farEntries = reading.keepsNeighbours ? links : 1
    room.chosenEntries = reading.keepsNeighbours ? rows : 1
    room.featureEntries = max(features, 1)
    room.ownEntries = own
    return room
  }

  private func makeCutSizes() -> CutSizes {
    var sizes = CutSizes()
    var lastSeenBy = [Int32](repeating: -1, count: graph.nodeCount)
    for node in 0..<graph.nodeCount {
      var (rows, links, features) = (0, 0, 0)
      graph.forEachSeen(node) { near in
        graph.forEachSeen(near) { far in
          guard lastSeenBy[far] != Int32(node) else { return }
          lastSeenBy[far] = Int32(node)
          rows += 1
          links += graph.degree(far)
          features += entryCount(far)
        }
      }
      sizes.rows.append(rows)
      sizes.links.append(links)
      sizes.features.append(features)
    }
    sizes.rows.sort(by: >)
    sizes.links.sort(by: >)
    sizes.features.sort(by: >)
    return sizes
  }

  /// Writes the graphs of a set of nodes into an episode, one after the other.
  func writeCut(
    _ nodes: [Int],
    as form: NodeForm,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var (near, chosen, far) = (SparseRows(), SparseRows(), SparseRows())
    var (features, sum) = (SparseRows(), FeatureSum(width: graph.featureCount))
    var start: Int32 = 0
    for cut in nodes.lazy.map({ self.cut($0) }) {
      let (count, share) = (Int32(cut.nodes.count), 1 / Float(cut.nodes.count))
      // The mean over the rows of Â, for what follows it is linear.
      var mean = [Float](repeating: 0, count: cut.nodes.count)
      for (column, value) in zip(cut.links.columns, cut.links.values) {
        mean[Int(column)] += share * value
      }
      near.append(start..<start + count, mean)
      append(cut, to: &features, &sum)
      if form.far != nil {
        chosen.append(start..<start + count, Array(repeating: share, count: cut.nodes.count))
        for row in cut.nodes.indices {
          let range = cut.links.range(row)
          far.columns += cut.links.columns[range].map { start + $0 }
          far.values += cut.links.values[range]
          far.starts.append(Int32(far.values.count))
        }
      }
      start += count
    }
    (buffer[offset], buffer[offset + 1]) = (Float(start), Float(start))
    buffer[offset + 2] = Float(nodes.count)
    buffer.write(near, as: form.near, at: offset + form.nearStart)
    if let own = form.chosen, let others = form.far {
      buffer.write(chosen, as: own, at: offset + form.chosenStart)
      buffer.write(far, as: others, at: offset + form.farStart)
    }
    buffer.write(features, as: form.features, at: offset + form.featureStart)
  }

  /// The features that each of a graph's nodes sees within it: those of Â X where nothing is cut off.
  private func append(_ cut: Cut, to features: inout SparseRows, _ sum: inout FeatureSum) {
    for (row, node) in cut.nodes.enumerated() {
      let range = cut.links.range(row)
      if let propagated, range.count == graph.degree(node) {
        propagated.append(node, width: graph.featureCount, to: &features)
        continue
      }
      for link in range {
        let other = cut.nodes[Int(cut.links.columns[link])]
        sum.add(attributes, other, times: cut.links.values[link])
      }
      sum.append(to: &features)
    }
  }
}

extension SparseRows {
  /// Appends a row with neighbouring columns.
  fileprivate mutating func append(_ columns: Range<Int32>, _ values: [Float]) {
    self.columns += columns
    self.values += values
    starts.append(Int32(self.values.count))
  }
}
