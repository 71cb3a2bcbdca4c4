import Kernels
import Synchronization

/// An undirected graph whose nodes have features and labels; in memory once, whoever reads it.
package final class FeatureGraph: Sendable {
  /// What of a file's edges is not as a graph's here, by count.
  package struct Facts: Sendable, Equatable {
    package var loops = 0
    package var repeated = 0
    /// Edges that stand in one direction alone.
    package var oneWay = 0
    /// Weights other than 1; an edge that stands in both directions has two.
    package var weightedEntries = 0
    package var weighted: Int { oneWay > 0 ? weightedEntries : (weightedEntries + 1) / 2 }

    package init() {}
  }

  package let nodeCount: Int
  package let featureCount: Int
  /// Neighbours of each node in rising order, without the node itself.
  package let starts: [Int32]
  package let neighbours: [Int32]
  package let features: NodeFeatures
  /// Classes from 0 on; −1 for none.
  package let labels: [Int32]
  package let classCount: Int
  package let facts: Facts
  /// Â X by reading, made when it is asked for first.
  private let propagated = Mutex<[GraphReading: NodeFeatures]>([:])
  /// The features with each node's divided by their sum, made when they are asked for first.
  private let normalised = Mutex<NodeFeatures?>(nil)
  /// What the neighbourhoods of single nodes take, by reading.
  private let cutSizes = Mutex<[GraphReading: CutSizes]>([:])
  /// Of all of it, once somebody has asked.
  let knownDigest = Mutex<String?>(nil)
  /// What so many nodes need at most, by reading.
  private let rooms = Mutex<[GraphReading: [Int: NodeForm.Room]]>([:])

  /// Edges are pairs of nodes in any order, each from 0 to below the count of nodes.
  package init(
    edges: (from: [Int32], to: [Int32]),
    features: NodeFeatures,
    featureCount: Int,
    labels: [Int32],
    facts: Facts = Facts()
  ) {
    nodeCount = labels.count
    self.featureCount = featureCount
    self.features = features
    self.labels = labels
    classCount = Int(labels.max() ?? -1) + 1
    var facts = facts
    (starts, neighbours) = Self.adjacency(edges, nodeCount: labels.count, &facts)
    self.facts = facts
  }

  /// Both directions of every edge, sorted, each once.
  private static func adjacency(
    _ edges: (from: [Int32], to: [Int32]),
    nodeCount: Int,
    _ facts: inout Facts
  ) -> ([Int32], [Int32]) {
    var places = [Int32](repeating: 0, count: nodeCount + 1)
    for (from, to) in zip(edges.from, edges.to) where from != to {
      places[Int(from) + 1] += 1
      places[Int(to) + 1] += 1
    }
    for node in 0..<nodeCount { places[node + 1] += places[node] }
    let begin = places
    // A pair keeps its direction in the lowest bit.
    var ends = [Int64](repeating: 0, count: Int(places[nodeCount]))
    for (from, to) in zip(edges.from, edges.to) {
      guard from != to else {
        facts.loops += 1
        continue
      }
      ends[Int(places[Int(from)])] = Int64(to) << 1
      ends[Int(places[Int(to)])] = Int64(from) << 1 | 1
      places[Int(from)] += 1
      places[Int(to)] += 1
    }
    var (starts, neighbours) = ([Int32(0)], [Int32]())
    starts.reserveCapacity(nodeCount + 1)
    neighbours.reserveCapacity(ends.count)
    ends.withUnsafeMutableBufferPointer { all in
      for node in 0..<nodeCount {
        var own = all.extracting(Int(begin[node])..<Int(begin[node + 1]))
        own.sort()
        var place = 0
        while place < own.count {
          let other = own[place] >> 1
          var (forth, back) = (0, 0)
          while place < own.count, own[place] >> 1 == other {
            if own[place] & 1 == 0 { forth += 1 } else { back += 1 }
            place += 1
          }
          // Counted at one of the two ends.
          if other > node {
            if min(forth, back) == 0 { facts.oneWay += 1 }
            facts.repeated += max(forth, back) - 1
          }
          neighbours.append(Int32(other))
        }
        starts.append(Int32(neighbours.count))
      }
    }
    return (starts, neighbours)
  }

  /// Undirected.
  package var edgeCount: Int { neighbours.count / 2 }

  package func range(_ node: Int) -> Range<Int> { Int(starts[node])..<Int(starts[node + 1]) }

  /// Neighbours and the node itself.
  package func degree(_ node: Int) -> Int { range(node).count + 1 }

  /// The number of Â at a node and one of its neighbours, or itself.
  func weight(_ node: Int, _ other: Int, _ reading: GraphReading) -> Float {
    guard reading.isSymmetric else { return 1 / Float(degree(node)) }
    return 1 / Float(degree(node) * degree(other)).squareRoot()
  }

  /// Every node that `node` sees in one step, itself among them, in rising order.
  func forEachSeen(_ node: Int, _ body: (Int) -> Void) {
    var isDone = false
    for place in range(node) {
      let other = Int(neighbours[place])
      if !isDone, other > node {
        body(node)
        isDone = true
      }
      body(other)
    }
    if !isDone { body(node) }
  }

  package var byteCount: Int {
    let made = propagated.withLock { $0.values.reduce(0) { $0 + $1.byteCount } }
    return 4 * (starts.count + neighbours.count + labels.count) + features.byteCount + made
  }

  /// What `make` gives, made once.
  func room(
    _ count: Int,
    _ reading: GraphReading,
    _ make: () -> NodeForm.Room
  ) -> NodeForm.Room {
    if let known = rooms.withLock({ $0[reading]?[count] }) { return known }
    let made = make()
    rooms.withLock { $0[reading, default: [:]][count] = made }
    return made
  }

  /// The same of single nodes' neighbourhoods.
  func sizes(_ reading: GraphReading, _ make: () -> CutSizes) -> CutSizes {
    if let known = cutSizes.withLock({ $0[reading] }) { return known }
    let made = make()
    cutSizes.withLock { $0[reading] = made }
    return made
  }

  /// X as a network reads it.
  func attributes(_ reading: GraphReading) -> NodeFeatures {
    guard reading.hasRowFeatures else { return features }
    return normalised.withLock { known in
      if let known { return known }
      let made = features.rowNormalised(width: featureCount)
      known = made
      return made
    }
  }

  /// The nodes of each class, in rising order.
  package func nodesByClass() -> [[Int]] {
    var nodes = [[Int]](repeating: [], count: classCount)
    for (node, label) in labels.enumerated() where label >= 0 { nodes[Int(label)].append(node) }
    return nodes
  }
}

// MARK: - Â X

extension FeatureGraph {
  /// Â X, made once for each way to read it.
  func propagated(_ reading: GraphReading) -> NodeFeatures {
    var key = reading
    key.parts = []
    return propagated.withLock { known in
      if let made = known[key] { return made }
      let made = makePropagated(key)
      known[key] = made
      return made
    }
  }

  private func makePropagated(_ reading: GraphReading) -> NodeFeatures {
    let features = attributes(reading)
    switch features {
    case .sparse:
      var (result, sum) = (SparseRows(), FeatureSum(width: featureCount))
      for node in 0..<nodeCount {
        forEachSeen(node) { sum.add(features, $0, times: weight(node, $0, reading)) }
        sum.append(to: &result)
      }
      return .sparse(result)
    case .dense(let numbers):
      return .dense(numbers.withUnsafeBufferPointer { propagated($0, reading) })
    }
  }

  private func propagated(
    _ numbers: UnsafeBufferPointer<Float>,
    _ reading: GraphReading
  ) -> [Float] {
    let width = featureCount
    return [Float](unsafeUninitializedCapacity: nodeCount * width) { sums, count in
      count = nodeCount * width
      sums.initialize(repeating: 0)
      for node in 0..<nodeCount {
        let row = sums.extracting(node * width..<(node + 1) * width)
        forEachSeen(node) { other in
          let (factor, own) = (weight(node, other, reading), other * width)
          for column in 0..<width { row[column] += factor * numbers[own + column] }
        }
      }
    }
  }
}
