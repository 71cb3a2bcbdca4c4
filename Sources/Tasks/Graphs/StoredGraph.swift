import Files
import Kernels

/// A graph as it was read: with names, and with what a person should know of the file.
package struct StoredGraph: Sendable {
  package let graph: FeatureGraph
  package let path: String
  /// Of the classes, in order.
  package let classNames: [String]
  package var notes: [String]

  /// A dense matrix of features of more bytes than this is refused: sparse it would fit.
  static let largestDense = 1 << 30
}

/// Edges, features and labels as a file has them; checked and made into a graph.
struct GraphParts {
  let path: String
  var from: [Int32] = []
  var to: [Int32] = []
  var weighted = 0
  var features = NodeFeatures.dense([])
  var featureCount = 0
  var labels: [Int32] = []
  var classNames: [String] = []

  func made() throws(DatasetError) -> StoredGraph {
    guard !labels.isEmpty else { throw problem("has no nodes; give at least two classes of some") }
    guard !from.isEmpty else {
      throw problem("has no edges; a graph network needs some, and other tasks do without")
    }
    guard featureCount > 0 else { throw problem("has no features; give each node some numbers") }
    guard labels.contains(where: { $0 >= 0 }) else {
      throw problem("has no labelled node; give the classes of some, and -1 to the others")
    }
    var facts = FeatureGraph.Facts()
    facts.weighted = weighted
    let graph = FeatureGraph(
      edges: (from, to),
      features: features,
      featureCount: featureCount,
      labels: labels,
      facts: facts
    )
    let missing = max(graph.classCount - classNames.count, 0)
    let names = classNames + (0..<missing).map { "class \(classNames.count + $0)" }
    return StoredGraph(
      graph: graph,
      path: path,
      classNames: Array(names.prefix(graph.classCount)),
      notes: notes(graph)
    )
  }

  /// What is otherwise in the file than in the graph.
  private func notes(_ graph: FeatureGraph) -> [String] {
    let facts = graph.facts
    let unlabelled = graph.labels.count { $0 < 0 }
    let isolated = (0..<graph.nodeCount).count { graph.degree($0) == 1 }
    return [
      (facts.oneWay, "edges stand in one direction alone; they count in both"),
      (
        facts.loops, "edges lead from a node to itself; they are left out, Â has one for every node"
      ),
      (facts.repeated, "edges are there more than once; each counts once"),
      (facts.weighted, "edges have a weight other than 1; weights are not used"),
      (unlabelled, "nodes have no label; they are in the graph and in no episode"),
      (isolated, "nodes have no neighbour; they see themselves alone"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
  }

  func problem(_ reason: String) -> DatasetError { DatasetError(path: path, reason: reason) }

  /// A node's number, where it is one.
  func node(_ number: Int?, of count: Int, _ what: String) throws(DatasetError) -> Int32 {
    guard let number, (0..<count).contains(number) else {
      throw problem(
        "\(what) is node \(number.map(String.init) ?? "beyond any"), and there are \(count); "
          + "use 0 to \(count - 1)"
      )
    }
    return Int32(number)
  }
}
