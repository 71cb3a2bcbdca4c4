import Files
import Kernels

/// A graph as it was read: with names, and with what a person should know of the file.
package struct StoredGraph: Sendable {
  package let graph: FeatureGraph
  package let path: String
  /// Of the classes, in order.
  package let classNames: [String]
  package var notes: [String]

  package init(graph: FeatureGraph, path: String, classNames: [String], notes: [String] = []) {
    (self.graph, self.path, self.classNames, self.notes) = (graph, path, classNames, notes)
  }

  /// A class in a sentence: those without a name are called "class 3" already.
  func called(_ label: Int) -> String {
    let name = classNames[label]
    return name == Self.unnamed(label) ? name : "class \(name)"
  }

  static func unnamed(_ label: Int) -> String { "class \(label)" }

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
    guard featureCount < SparseForm.limit else {
      throw problem(
        "has \(grouped(featureCount)) features a node, more than the \(grouped(SparseForm.limit - 1)) it "
          + "may have; give fewer"
      )
    }
    guard labels.contains(where: { $0 >= 0 }) else {
      throw problem("has no labelled node; give the classes of some, and -1 to the others")
    }
    var facts = FeatureGraph.Facts()
    facts.weightedEntries = weighted
    let graph = FeatureGraph(
      edges: (from, to),
      features: features,
      featureCount: featureCount,
      labels: labels,
      facts: facts
    )
    let missing = max(graph.classCount - classNames.count, 0)
    let names = classNames + (0..<missing).map { StoredGraph.unnamed(classNames.count + $0) }
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
      Note(facts.oneWay, "edge stands in one direction alone; it counts in both")
        .or("edges stand in one direction alone; they count in both"),
      Note(
        facts.loops,
        "edge leads from a node to itself; it is left out, Â has one for every node"
      )
      .or("edges lead from a node to itself; they are left out, Â has one for every node"),
      Note(facts.repeated, "edge is there more than once; it counts once")
        .or("edges are there more than once; each counts once"),
      Note(facts.weighted, "edge has a weight other than 1; weights are not used")
        .or("edges have a weight other than 1; weights are not used"),
      Note(unlabelled, "node has no label; it is in the graph and in no episode")
        .or("nodes have no label; they are in the graph and in no episode"),
      Note(isolated, "node has no neighbour; it sees itself alone")
        .or("nodes have no neighbour; they see themselves alone"),
    ].compactMap(\.self)
  }

  /// A sentence about one of something, and about several.
  private struct Note {
    let count: Int
    let one: String

    init(_ count: Int, _ one: String) { (self.count, self.one) = (count, one) }

    /// Nil about none.
    func or(_ several: String) -> String? {
      count == 0 ? nil : "\(count) \(count == 1 ? one : several)"
    }
  }

  func problem(_ reason: String) -> DatasetError { DatasetError(path: path, reason: reason) }

  /// A node's number, where it is one.
  func node(
    _ number: Int?,
    of count: Int,
    _ what: @autoclosure () -> String
  ) throws(DatasetError) -> Int32 {
    guard let number else {
      throw problem("\(what()) is no node; there are \(count), 0 to \(count - 1)")
    }
    guard (0..<count).contains(number) else {
      throw problem("\(what()) is node \(number), and there are \(count); use 0 to \(count - 1)")
    }
    return Int32(number)
  }
}
