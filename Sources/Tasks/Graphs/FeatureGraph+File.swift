import Files
import Kernels

extension FeatureGraph {
  /// A graph that stands in a file of episodes: `graph.indptr`, `graph.indices` (CSR), `graph.features`
  /// `[nodes, features]` or `graph.features.indptr`, `.indices` and `.values`, `graph.labels`.
  convenience init(in file: TensorFile) throws(SafetensorsError) {
    guard file.shape(named: "graph.indptr") != nil else {
      throw SafetensorsError(
        path: file.path,
        reason: "names nodes and holds no graph (graph.indptr, graph.indices, graph.features, "
          + "graph.labels); give it with --task nodes:NAME or graph:PATH"
      )
    }
    let labels = try file.integers(named: "graph.labels").map { Int32(clamping: $0) }
    let edges = try Self.rows("graph.indptr", "graph.indices", file, below: labels.count)
    guard edges.starts.count == labels.count + 1, !labels.isEmpty else {
      throw SafetensorsError(
        path: file.path,
        reason: "graph.indptr has \(edges.starts.count) numbers and graph.labels \(labels.count); "
          + "there must be one more than nodes"
      )
    }
    // Both directions stand in the file; one of each makes the edge.
    var ends: (from: [Int32], to: [Int32]) = ([], [])
    for node in labels.indices {
      for place in edges.starts[node]..<edges.starts[node + 1] {
        ends.from.append(Int32(node))
        ends.to.append(Int32(edges.columns[place]))
      }
    }
    let (features, width) = try Self.features(file, nodes: labels.count)
    self.init(edges: ends, features: features, featureCount: width, labels: labels)
  }

  private static func rows(
    _ starts: String,
    _ columns: String,
    _ file: TensorFile,
    below limit: Int
  ) throws(SafetensorsError) -> (starts: [Int], columns: [Int]) {
    let (begins, places) = (try file.integers(named: starts), try file.integers(named: columns))
    let isRising = zip(begins, begins.dropFirst()).allSatisfy { $0 <= $1 }
    guard begins.first == 0, begins.last == places.count, isRising else {
      throw SafetensorsError(
        path: file.path,
        reason: "\(starts) must rise from 0 to \(places.count), the numbers of \(columns)"
      )
    }
    if let wrong = places.first(where: { !(0..<limit).contains($0) }) {
      throw SafetensorsError(
        path: file.path,
        reason: "\(columns) holds \(wrong); use 0 to \(limit - 1)"
      )
    }
    return (begins, places)
  }

  private static func features(
    _ file: TensorFile,
    nodes: Int
  ) throws(SafetensorsError) -> (NodeFeatures, Int) {
    if let shape = file.shape(named: "graph.features") {
      guard shape.count == 2, shape[0] == nodes, shape[1] > 0 else {
        throw SafetensorsError(
          path: file.path,
          reason:
            "graph.features has shape \(shape); for \(nodes) nodes it must be [\(nodes), features]"
        )
      }
      return (.dense(try file.floats(named: "graph.features")), shape[1])
    }
    let own = try rows(
      "graph.features.indptr",
      "graph.features.indices",
      file,
      below: SparseForm.limit - 1
    )
    let values = try file.floats(named: "graph.features.values")
    guard own.starts.count == nodes + 1, values.count == own.columns.count else {
      throw SafetensorsError(
        path: file.path,
        reason:
          "graph.features has \(own.starts.count - 1) rows of \(values.count) values; there must be "
          + "\(nodes) rows of \(own.columns.count)"
      )
    }
    let matrix = SparseRows(
      starts: own.starts.map { Int32($0) },
      columns: own.columns.map { Int32($0) },
      values: values
    )
    return (.sparse(matrix), (own.columns.max() ?? 0) + 1)
  }
}
