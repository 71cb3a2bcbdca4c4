import Files
import Kernels

/// Reads a `.npz` in the layout of gnn-benchmark: `adj_indptr`, `adj_indices`, `adj_shape` (and
/// `adj_data`), `attr_*` in the same form or `attr_matrix`, `labels`, and perhaps `class_names`.
struct GraphArchive {
  private let archive: ZipArchive
  private var path: String { archive.path }

  /// Bytes of the machine, and of a dense matrix at most.
  private let memory: Int
  private let largestDense: Int
  private let fileSize: Int

  init(
    _ path: String,
    memory: Int = GraphMemory.machine,
    largestDense: Int = StoredGraph.largestDense
  ) throws(DatasetError) {
    (self.memory, self.largestDense) = (memory, largestDense)
    // The packed file is in memory while it is read.
    fileSize = SystemFile.size(path) ?? 0
    try GraphMemory.check(2 * fileSize, of: memory, path)
    archive = try ZipArchive(reading: path)
  }

  func graph() throws(DatasetError) -> StoredGraph {
    try checkMemory()
    var parts = GraphParts(path: path)
    if !has("labels"), has("labels_data") || has("labels_indices") {
      throw parts.problem(
        "has its labels as a sparse matrix (labels_data); save one class a node as labels, "
          + "numpy.argmax(matrix, 1)"
      )
    }
    try readEdges(&parts)
    try readFeatures(&parts)
    try readLabels(&parts)
    return try parts.made()
  }

  // MARK: Members

  private func has(_ name: String) -> Bool {
    archive.entries.contains { $0.name == name + ".npy" }
  }

  private func array(_ name: String, _ purpose: String) throws(DatasetError) -> NumpyArray {
    guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
      let found = archive.entries.map { String($0.name.prefix { $0 != "." }) }
      throw DatasetError(
        path: path,
        reason: "has no array \(name), \(purpose) (it has "
          + "\(found.isEmpty ? "none" : found.prefix(20).joined(separator: ", "))); save a graph "
          + "with adj_indptr, adj_indices, adj_shape, attr_matrix and labels"
      )
    }
    let content = try archive.content(of: entry)
    return try NumpyArray(bytes: content, path: "\(path)/\(entry.name)")
  }

  /// Sizes stand in the archive's directory, so nothing is unpacked for this.
  private func checkMemory() throws(DatasetError) {
    let dense = archive.entries.first { $0.name == "attr_matrix.npy" }
    try GraphMemory.check(
      GraphMemory.needed(
        packed: fileSize,
        unpacked: archive.entries.reduce(0) { $0 + $1.size },
        dense: dense?.size ?? 0
      ),
      of: memory,
      path
    )
    guard let dense else { return }
    try checkDense(dense.size, "unpacks to")
  }

  /// A dense matrix as the file has it, and as its numbers are kept.
  private func checkDense(_ size: Int, _ verb: String) throws(DatasetError) {
    guard size > largestDense else { return }
    throw DatasetError(
      path: path,
      reason: "attr_matrix \(verb) \(size >> 20) MiB, more than the "
        + "\(largestDense >> 20) a dense matrix may have; save it in sparse form, as "
        + "attr_data, attr_indices, attr_indptr and attr_shape"
    )
  }

  private func integers(_ name: String, _ purpose: String) throws(DatasetError) -> [Int?] {
    let array = try array(name, purpose)
    return array.integers(0..<array.count)
  }

  private func shape(_ name: String) throws(DatasetError) -> [Int] {
    let numbers = try integers(name, "the matrix's shape").compactMap(\.self)
    guard numbers.count == 2, numbers.allSatisfy({ $0 > 0 && $0 < Int(Int32.max) }) else {
      throw DatasetError(
        path: path,
        reason: "\(name) is \(numbers); it must be two numbers above 0"
      )
    }
    return numbers
  }

  private func starts(_ name: String, rows: Int, entries: Int) throws(DatasetError) -> [Int] {
    let numbers = try integers(name, "where rows begin").map { $0 ?? -1 }
    let isRising = zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }
    guard numbers.count == rows + 1, numbers.first == 0, numbers.last == entries, isRising else {
      throw DatasetError(
        path: path,
        reason: "\(name) must be \(rows + 1) numbers that rise from 0 to \(entries), where rows "
          + "begin; it has \(numbers.count) from \(numbers.first ?? 0) to \(numbers.last ?? 0)"
      )
    }
    return numbers
  }

  // MARK: Parts

  private func readEdges(_ parts: inout GraphParts) throws(DatasetError) {
    let shape = try shape("adj_shape")
    guard shape[0] == shape[1] else {
      throw parts.problem("adj_shape is \(shape); a graph has as many rows as columns")
    }
    let ends = try integers("adj_indices", "the edges")
    let starts = try starts("adj_indptr", rows: shape[0], entries: ends.count)
    parts.from.reserveCapacity(ends.count)
    parts.to.reserveCapacity(ends.count)
    for row in 0..<shape[0] {
      for place in starts[row]..<starts[row + 1] {
        parts.to.append(try parts.node(ends[place], of: shape[0], "adj_indices[\(place)]"))
        parts.from.append(Int32(row))
      }
    }
    parts.labels = Array(repeating: -1, count: shape[0])
    guard has("adj_data") else { return }
    let data = try array("adj_data", "the edges' weights")
    guard data.count == ends.count else {
      throw parts.problem("adj_data has \(data.count) numbers for \(ends.count) edges; one each")
    }
    parts.weighted = data.numbers(0..<data.count).count { $0 != 1 }
  }

  private func readFeatures(_ parts: inout GraphParts) throws(DatasetError) {
    let nodes = parts.labels.count
    if has("attr_matrix") {
      let array = try array("attr_matrix", "the features")
      guard array.shape.count == 2, array.shape[0] == nodes, array.shape[1] > 0 else {
        throw parts.problem(
          "attr_matrix has shape \(array.shape); for \(nodes) nodes it must be [\(nodes), features]"
        )
      }
      parts.featureCount = array.shape[1]
      // Single bytes take four as numbers.
      try checkDense(4 * array.count, "takes as numbers")
      let numbers = array.floats(0..<array.count)
      guard numbers.allSatisfy({ $0.isFinite }) else { throw parts.problem(Self.notFinite) }
      parts.features = .dense(numbers)
      return
    }
    let shape = try shape("attr_shape")
    guard shape[0] == nodes else {
      throw parts.problem("attr_shape is \(shape), and there are \(nodes) nodes; a row for each")
    }
    let columns = try integers("attr_indices", "the features' places")
    let values = try array("attr_data", "the features")
    guard values.count == columns.count else {
      throw parts.problem(
        "attr_data has \(values.count) numbers and attr_indices \(columns.count); as many of each"
      )
    }
    let starts = try starts("attr_indptr", rows: nodes, entries: columns.count)
    parts.featureCount = shape[1]
    let numbers = values.floats(0..<values.count)
    guard numbers.allSatisfy({ $0.isFinite }) else { throw parts.problem(Self.notFinite) }
    for (place, column) in columns.enumerated() {
      guard let column, (0..<shape[1]).contains(column) else {
        throw parts.problem(
          "attr_indices[\(place)] is no feature; there are \(shape[1]), 0 to \(shape[1] - 1)"
        )
      }
    }
    parts.features = .sparse(
      SparseRows(
        starts: starts.map { Int32($0) },
        columns: columns.map { Int32($0 ?? 0) },
        values: numbers
      )
    )
  }

  private static let notFinite = "has a feature that is no finite number; use finite numbers"

  private func readLabels(_ parts: inout GraphParts) throws(DatasetError) {
    let nodes = parts.labels.count
    let array = try array("labels", "the classes")
    guard array.count == nodes else {
      throw parts.problem(
        "labels has shape \(array.shape); for \(nodes) nodes it must be [\(nodes)], a class each"
      )
    }
    for (node, label) in array.integers(0..<nodes).enumerated() {
      guard let label, (-1..<StoredGraph.mostClasses).contains(label) else {
        throw parts.problem(
          "labels[\(node)] is no class; use 0 to \(StoredGraph.mostClasses - 1), and -1 for none"
        )
      }
      parts.labels[node] = Int32(label)
    }
  }
}

extension StoredGraph {
  static let mostClasses = 100_000
}
