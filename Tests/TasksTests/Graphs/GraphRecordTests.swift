import Files
import Kernels
import TestSupport
import Testing

@testable import Tasks

/// What a graph was when something was trained on it, and what has become of it.
@Suite struct GraphRecordTests {
  private func task(
    _ files: GraphFiles = GraphFiles(),
    _ parts: [[String]] = [["0"], ["1"], ["2"]]
  ) throws -> NodeTask {
    let folder = try TemporaryFolder()
    var options = NodeOptions()
    options.train = .listed(parts[0])
    options.validation = .listed(parts[1])
    options.test = .listed(parts[2])
    return try NodeTask(
      try GraphArchive(try files.write(folder)).graph(),
      name: "graph:g",
      options: options
    )
  }

  private func changes(_ before: NodeTask, _ now: NodeTask) throws -> DataChanges {
    let record = try #require(before.record(named: "g"))
    return try #require(
      now.record(named: "g")?.changes(since: try JSONView(record.json.encoded()))
    )
  }

  @Test func theSameHasNotChangedWhateverItsForm() throws {
    let before = try task()
    #expect(try changes(before, task()).isEmpty)
    var files = GraphFiles()
    // The other direction stands in the file, too, and entries in another order.
    files.arrays["adj_indptr"] = GraphFiles.whole([7], [0, 2, 3, 5, 6, 7, 8])
    files.arrays["adj_indices"] = GraphFiles.whole([8], [2, 1, 0, 3, 0, 2, 5, 4])
    files.arrays["adj_data"] = nil
    #expect(try changes(before, task(files)).isEmpty)
    for name in ["attr_indptr", "attr_indices", "attr_data", "attr_shape"] {
      files.arrays[name] = nil
    }
    var dense = [Double](repeating: 0, count: 24)
    for (node, feature) in [0, 1, 2, 3, 0, 1].enumerated() { dense[node * 4 + feature] = 1 }
    files.arrays["attr_matrix"] = GraphFiles.numbers([6, 4], dense)
    #expect(try changes(before, task(files)).isEmpty)
    #expect(before.digest?.sha256?.count == 64)
  }

  /// As many nodes, edges and features, and another graph.
  @Test(
    arguments: [
      ("adj_indices", GraphFiles.whole([6], [1, 3, 0, 3, 2, 5])),
      ("attr_indices", GraphFiles.whole([6], [0, 1, 2, 3, 0, 2])),
      ("attr_data", GraphFiles.numbers([6], [1, 1, 1, 1, 1, 2])),
    ] as [(String, [UInt8])]
  )
  func anotherGraphOfTheSameSizesIsTold(_ name: String, _ bytes: [UInt8]) throws {
    var files = GraphFiles()
    files.arrays[name] = bytes
    let (before, now) = (try task(), try task(files))
    #expect(before.digest != now.digest)
    let found = try changes(before, now)
    #expect(found.split.isEmpty && found.content.count == 1, "\(found)")
    #expect(
      found.content[0].hasPrefix("another graph, of 6 nodes, 4 edges and 4 features (SHA-256")
    )
  }

  @Test func otherLabelsAreOtherNodesOfTheirClasses() throws {
    var files = GraphFiles()
    files.arrays["labels"] = GraphFiles.whole([6], [0, 1, 0, 1, 2, 2])
    let found = try changes(task(), task(files))
    #expect(found.content.count == 2 && found.split.isEmpty)
    #expect(found.content[1] == "other nodes, or in another order (class 0, class 1)")
    files.arrays["labels"] = GraphFiles.whole([6], [0, 0, 1, 2, 2, 2])
    let counted = try changes(task(), task(files))
    #expect(
      counted.content[1]
        == "other numbers of nodes (class 1 1 instead of 2, class 2 3 instead of 2)"
    )
  }

  @Test func theListsOfTheSplitAreHeld() throws {
    let moved = try changes(task(), task(GraphFiles(), [["1"], ["0"], ["2"]]))
    #expect(
      moved.split == [
        "moved: class 0 from meta-train to meta-validation, class 1 from meta-validation to meta-train"
      ]
    )
    #expect(moved.content.isEmpty)
  }
}
