/// What describes a whole graph; a pass over all edges each.
extension FeatureGraph {
  /// Edges at every node, its loop to itself left out.
  package func edgeCounts() -> [Int] { (0..<nodeCount).map { degree($0) - 1 } }

  /// How many parts have no way to each other, and the nodes of the largest.
  package func components() -> (count: Int, largest: Int) {
    var isSeen = [Bool](repeating: false, count: nodeCount)
    var pending: [Int] = []
    var (count, largest) = (0, 0)
    for start in 0..<nodeCount where !isSeen[start] {
      isSeen[start] = true
      pending.append(start)
      var size = 0
      while let node = pending.popLast() {
        size += 1
        for place in range(node) where !isSeen[Int(neighbours[place])] {
          isSeen[Int(neighbours[place])] = true
          pending.append(Int(neighbours[place]))
        }
      }
      count += 1
      largest = max(largest, size)
    }
    return (count, largest)
  }

  /// The share of edges between labelled nodes that stay in a class; 0 where there are none.
  package func homophily() -> Double {
    var (same, all) = (0, 0)
    for node in 0..<nodeCount where labels[node] >= 0 {
      for place in range(node) {
        let label = labels[Int(neighbours[place])]
        guard label >= 0 else { continue }
        all += 1
        same += label == labels[node] ? 1 : 0
      }
    }
    return Double(same) / Double(max(all, 1))
  }
}
