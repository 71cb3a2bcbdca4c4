import Files
import Kernels

/// Reads a graph from a folder of tables.
///
/// `edges.csv` has source and target, `features.csv` node and numbers, `labels.csv` node and class. Nodes
/// are called by any names, as `features.csv` has them.
struct GraphTables {
  private let folder: String
  /// Bytes of the machine.
  private let memory: Int

  init(_ folder: String, memory: Int = GraphMemory.machine) {
    (self.folder, self.memory) = (folder, memory)
  }

  func graph() throws(DatasetError) -> StoredGraph {
    var parts = GraphParts(path: folder)
    var nodes: [String: Int] = [:]
    try readFeatures(&parts, &nodes)
    try readLabels(&parts, nodes)
    try readEdges(&parts, nodes)
    return try parts.made()
  }

  private func table(
    _ name: String
  ) throws(DatasetError) -> (path: String, rows: [DelimitedText.Row]) {
    let path = "\(folder)/\(name)"
    guard FolderListing.exists(path) else {
      throw DatasetError(
        path: folder,
        reason: "has no \(name); a graph is edges.csv (source,target), features.csv (node,…) and "
          + "labels.csv (node,class), or a .npz"
      )
    }
    try GraphMemory.check(
      GraphMemory.needed(ofText: SystemFile.size(path) ?? 0),
      of: memory,
      path,
      "use a .npz, a part of the graph, or a larger machine"
    )
    return (path, try DelimitedText(try SystemFile.content(path), path: path).rows)
  }

  private func readFeatures(
    _ parts: inout GraphParts,
    _ nodes: inout [String: Int]
  ) throws(DatasetError) {
    let (path, rows) = try table("features.csv")
    var numbers: [Float] = []
    for (index, row) in rows.enumerated() {
      let own = row.fields.dropFirst().map { Float($0) }
      // The first line may have the columns' names.
      if index == 0, own.contains(nil) || own.isEmpty { continue }
      guard let count = own.isEmpty ? nil : own.count,
        parts.featureCount == 0 || count == parts.featureCount
      else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason:
            "has \(plural(own.count, "feature")), and the lines before \(parts.featureCount); as "
            + "many in each"
        )
      }
      parts.featureCount = count
      for (place, number) in own.enumerated() {
        guard let number, number.isFinite else {
          throw DatasetError(
            path: path,
            line: row.line,
            reason: "feature \(place + 1) is \"\(row.fields[place + 1])\"; use a finite number"
          )
        }
        numbers.append(number)
      }
      guard nodes.updateValue(nodes.count, forKey: row.fields[0]) == nil else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason: "node \(row.fields[0]) is there twice; one line a node"
        )
      }
    }
    parts.features = .dense(numbers)
    parts.labels = Array(repeating: -1, count: nodes.count)
  }

  private func readLabels(
    _ parts: inout GraphParts,
    _ nodes: [String: Int]
  ) throws(DatasetError) {
    let (path, rows) = try table("labels.csv")
    var classes: [String: String] = [:]
    var order: [(node: Int, name: String)] = []
    for (index, row) in rows.enumerated() {
      guard row.fields.count == 2 else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason: "has \(row.fields.count) fields; use two, node and class"
        )
      }
      guard let node = nodes[row.fields[0]] else {
        if index == 0 { continue }
        throw unknown(row.fields[0], path, row.line)
      }
      // A node without a class is in the graph and in no episode.
      guard !["", "-1"].contains(row.fields[1]) else { continue }
      classes[row.fields[1]] = row.fields[1]
      order.append((node, row.fields[1]))
    }
    let names = classes.keys.sorted { first, second in
      if let a = Int(first), let b = Int(second) { return a < b }
      return first < second
    }
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    for (node, name) in order { parts.labels[node] = places[name] ?? -1 }
    parts.classNames = names
  }

  private func readEdges(
    _ parts: inout GraphParts,
    _ nodes: [String: Int]
  ) throws(DatasetError) {
    let (path, rows) = try table("edges.csv")
    for (index, row) in rows.enumerated() {
      guard row.fields.count >= 2 else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason: "has \(row.fields.count) field; use two, source and target"
        )
      }
      guard let from = nodes[row.fields[0]], let to = nodes[row.fields[1]] else {
        if index == 0 { continue }
        let name = nodes[row.fields[0]] == nil ? row.fields[0] : row.fields[1]
        throw unknown(name, path, row.line)
      }
      if row.fields.count > 2, let weight = Double(row.fields[2]), weight != 1 {
        parts.weighted += 1
      }
      parts.from.append(Int32(from))
      parts.to.append(Int32(to))
    }
  }

  private func unknown(_ name: String, _ path: String, _ line: Int) -> DatasetError {
    DatasetError(
      path: path,
      line: line,
      reason: "node \"\(name)\" is not in features.csv; give it a line there"
    )
  }
}
