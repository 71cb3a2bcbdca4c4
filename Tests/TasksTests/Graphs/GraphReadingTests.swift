import Files
import Foundation
import TestSupport
import Testing

@testable import Tasks

@Suite struct GraphReadingTests {
  private func task(_ path: String) throws(DatasetError) -> NodeTask {
    let made = try TaskCatalog.make(name: "graph:\(path)", way: 5, roots: [])
    guard let task = made as? NodeTask else { preconditionFailure("\(made.name) is no graph") }
    return task
  }

  /// Edges count in both directions, each once, loops not at all; whole numbers of 64 bits are read.
  @Test func archiveIsReadAsAnUndirectedGraph() throws {
    let folder = try TemporaryFolder()
    let graph = try GraphArchive(try GraphFiles().write(folder)).graph()
    #expect(graph.graph.nodeCount == 6 && graph.graph.featureCount == 4)
    // 0–1 in both directions, 0–2, 1… 3, 3–2, 4–5 in one.
    #expect(graph.graph.edgeCount == 4)
    #expect(graph.notes.contains { $0.contains("in one direction alone; they count in both") })
    #expect(graph.graph.labels == [0, 0, 1, 1, 2, 2])
    for node in 0..<6 {
      for place in graph.graph.range(node) {
        let other = Int(graph.graph.neighbours[place])
        #expect(other != node)
        #expect(graph.graph.neighbours[graph.graph.range(other)].contains(Int32(node)))
      }
    }
  }

  @Test func oddEdgesAreToldAndCounted() throws {
    let folder = try TemporaryFolder()
    var files = GraphFiles()
    files.arrays["adj_indices"] = GraphFiles.whole([6], [0, 1, 0, 3, 3, 5])
    files.arrays["adj_data"] = GraphFiles.numbers([6], [1, 2, 1, 1, 1, 1])
    files.arrays["labels"] = GraphFiles.whole([6], [0, 0, 1, 1, 2, -1])
    let graph = try GraphArchive(try files.write(folder)).graph()
    #expect(graph.notes.contains { $0.hasPrefix("2 edges lead from a node to itself") })
    #expect(graph.notes.contains { $0.hasPrefix("1 edge has a weight other than 1") })
    #expect(graph.notes.contains { $0.hasPrefix("1 node has no label; it is in the graph") })
  }

  @Test func denseFeaturesAreThoseOfSparseOnes() throws {
    let folder = try TemporaryFolder()
    let sparse = try GraphArchive(try GraphFiles().write(folder, "a.npz")).graph().graph
    var files = GraphFiles()
    for name in ["attr_indptr", "attr_indices", "attr_data", "attr_shape"] {
      files.arrays[name] = nil
    }
    var dense = [Double](repeating: 0, count: 24)
    for (node, feature) in [0, 1, 2, 3, 0, 1].enumerated() { dense[node * 4 + feature] = 1 }
    files.arrays["attr_matrix"] = GraphFiles.numbers([6, 4], dense)
    let other = try GraphArchive(try files.write(folder, "b.npz")).graph().graph
    for reading in [GraphReading(), GraphReading(isSymmetric: true, hasRowFeatures: true)] {
      for node in 0..<6 {
        var sums = [[Float](repeating: 0, count: 4), [Float](repeating: 0, count: 4)]
        sparse.propagated(reading).add(node, width: 4, times: 1, to: &sums[0])
        other.propagated(reading).add(node, width: 4, times: 1, to: &sums[1])
        #expect(sums[0] == sums[1])
      }
    }
  }

  /// What is wrong with an array, and the sentence that says so.
  @Test(
    arguments: [
      ("labels", nil, "has no array labels"),
      (
        "adj_indices", GraphFiles.whole([6], [1, 2, 0, 3, 2, 6]),
        "is node 6, and there are 6; use 0 to 5"
      ),
      (
        "adj_indptr", GraphFiles.whole([7], [0, 2, 3, 4, 5, 6, 5]),
        "must be 7 numbers that rise from 0 to 6"
      ),
      ("adj_shape", GraphFiles.whole([2], [6, 5]), "a graph has as many rows as columns"),
      (
        "attr_indices", GraphFiles.whole([6], [0, 1, 2, 4, 0, 1]),
        "attr_indices[3] is no feature; there are 4"
      ),
      ("attr_shape", GraphFiles.whole([2], [5, 4]), "attr_shape is [5, 4], and there are 6 nodes"),
      ("attr_data", GraphFiles.numbers([6], [1, 1, .nan, 1, 1, 1]), "no finite number"),
      (
        "attr_shape", GraphFiles.whole([2], [6, 20_000_000]),
        "has 20,000,000 features a node, more than the 16,777,215"
      ),
      ("adj_shape", GraphFiles.whole([2], [2_000_000_000, 2_000_000_000]), "must be 2000000001"),
      ("adj_shape", GraphFiles.whole([1], [6]), "it must be two numbers above 0"),
      (
        "adj_indices", GraphFiles.whole([6], [1, 2, 0, 3, 2, -1]),
        "is node -1, and there are 6; use 0 to 5"
      ),
      (
        "adj_indices",
        GraphFiles.numbers([6], [1, 2, 0, 3, 2, 0.5]), "is no node; there are 6, 0 to 5"
      ),
      ("adj_data", GraphFiles.numbers([5], [1, 1, 1, 1, 1]), "for 6 edges; one each"),
      ("labels", GraphFiles.whole([6], [-1, -1, -1, -1, -1, -1]), "has no labelled node"),
      ("labels", GraphFiles.whole([6], [0, 0, 1, 1, 2, -2]), "labels[5] is no class; use 0 to"),
      (
        "labels", GraphFiles.whole([5], [0, 0, 1, 1, 2]), "for 6 nodes it must be [6], a class each"
      ),
    ] as [(String, [UInt8]?, String)]
  )
  func damagedArrayIsToldInASentence(_ name: String, _ bytes: [UInt8]?, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    var files = GraphFiles()
    files.arrays[name] = bytes
    let path = try files.write(folder)
    let error = #expect(throws: DatasetError.self) { _ = try GraphArchive(path).graph() }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func labelsAsAMatrixAndEmptyGraphsAreRefused() throws {
    let folder = try TemporaryFolder()
    var files = GraphFiles()
    files.arrays["labels_data"] = files.arrays["labels"]
    files.arrays["labels"] = nil
    let path = try files.write(folder, "a.npz")
    let error = #expect(throws: DatasetError.self) { _ = try GraphArchive(path).graph() }
    #expect(error?.description.contains("save one class a node as labels") == true)
    var empty = GraphFiles()
    empty.arrays["adj_indptr"] = GraphFiles.whole([7], [0, 0, 0, 0, 0, 0, 0])
    empty.arrays["adj_indices"] = GraphFiles.whole([0], [])
    empty.arrays["adj_data"] = nil
    let other = try empty.write(folder, "b.npz")
    let second = #expect(throws: DatasetError.self) { _ = try GraphArchive(other).graph() }
    #expect(second?.description.contains("has no edges") == true, "\(second?.description ?? "")")
  }

  /// The archive's directory alone says that it is too large: nothing is unpacked.
  @Test func whatNoMemoryHoldsIsRefusedUnread() throws {
    let folder = try TemporaryFolder()
    var files = GraphFiles()
    files.arrays["attr_matrix"] = GraphFiles.numbers([6, 4], [Double](repeating: 1, count: 24))
    let path = try files.write(folder)
    func sentence(memory: Int, dense: Int) -> String {
      do throws(DatasetError) {
        _ = try GraphArchive(path, memory: memory, largestDense: dense).graph()
        return ""
      } catch {
        return error.description
      }
    }
    let small = sentence(memory: 1 << 10, dense: 1 << 20)
    #expect(small.contains("MiB to be read, and three quarters of this machine's"), "\(small)")
    let own = #expect(throws: DatasetError.self) {
      try GraphMemory.check(7 << 20, of: 8 << 20, path)
    }
    #expect(own?.description.contains("needs 7 MiB") == true)
    #expect(own?.description.contains("this machine's 8 MiB are 6;") == true)
    let dense = sentence(memory: 1 << 30, dense: 100)
    #expect(dense.contains("a dense matrix may have; save it in sparse form"), "\(dense)")
    #expect(sentence(memory: 1 << 30, dense: 1 << 20).isEmpty)
  }

  /// A packed file beyond the memory is not even opened; one of single bytes takes four times as much as
  /// numbers.
  @Test func sizesAreKnownBeforeAnythingIsRead() throws {
    let folder = try TemporaryFolder()
    let path = folder / "huge.npz"
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    // All of it a hole.
    try handle.truncate(atOffset: 1 << 42)
    try handle.close()
    let error = #expect(throws: DatasetError.self) { _ = try GraphArchive(path).graph() }
    #expect(error?.description.contains("use a part of the graph") == true)
    var files = GraphFiles()
    files.arrays["attr_matrix"] = TestArray.npy(
      "|u1",
      [6, 40],
      [UInt8](repeating: 1, count: 240)
    )
    let bytes = try files.write(folder)
    let second = #expect(throws: DatasetError.self) {
      _ = try GraphArchive(bytes, memory: 1 << 30, largestDense: 500).graph()
    }
    #expect(second?.description.contains("attr_matrix takes as numbers") == true)
    try folder.write(String(repeating: "1", count: 100), to: "features.csv")
    let text = #expect(throws: DatasetError.self) {
      _ = try GraphTables(folder.path, memory: 1_000).graph()
    }
    #expect(text?.description.contains("use a .npz, a part of the graph") == true)
  }

  /// Nodes that nobody reaches, and edges of every odd kind, one of each.
  @Test func oneOfEachIsToldInTheSingular() throws {
    let folder = try TemporaryFolder()
    try tables(
      folder,
      [
        "edges.csv": "source,target\na,b\nb,a\na,b\nb,c\nc,b\nc,c\nd,e,2\n",
        "labels.csv": "node,class\na,red\nb,red\nc,blue\nd,blue\ne,green\n",
      ]
    )
    let graph = try GraphTables(folder.path).graph()
    #expect(
      graph.notes == [
        "1 edge stands in one direction alone; it counts in both",
        "1 edge leads from a node to itself; it is left out, Â has one for every node",
        "1 edge is there more than once; it counts once",
        "1 edge has a weight other than 1; weights are not used",
        "1 node has no label; it is in the graph and in no episode",
        "1 node has no neighbour; it sees itself alone",
      ]
    )
    #expect(graph.graph.degree(5) == 1 && graph.graph.edgeCount == 3)
  }

  // MARK: Tables

  private func tables(_ folder: TemporaryFolder, _ changes: [String: String] = [:]) throws {
    let files = [
      "edges.csv": "source,target\na,b\nb,c\nc,d\nd,e\ne,f\n",
      "features.csv": "node,x,y\na,1,0\nb,0,1\nc,1,1\nd,0.5,0\ne,0,0\nf,2,1\n",
      "labels.csv": "node,class\na,red\nb,red\nc,blue\nd,blue\ne,green\nf,green\n",
    ].merging(changes) { $1 }
    for (name, text) in files { try folder.write(text, to: name) }
  }

  @Test func tablesAreRead() throws {
    let folder = try TemporaryFolder()
    try tables(folder)
    let task = try GraphTables(folder.path).graph()
    #expect(task.graph.nodeCount == 6 && task.graph.edgeCount == 5)
    #expect(task.classNames == ["blue", "green", "red"])
    #expect(task.graph.labels == [2, 2, 0, 0, 1, 1])
  }

  @Test(
    arguments: [
      (
        "edges.csv", "source,target\na,z\nb,c\n",
        "edges.csv, line 2: node \"z\" is not in features.csv"
      ),
      ("features.csv", "node,x\na,1\nb,1,2\n", "features.csv, line 3: has 2 features"),
      ("features.csv", "node,x\na,1\na,2\n", "features.csv, line 3: node a is there twice"),
      ("features.csv", "node,x\na,1\nb,nan\n", "use a finite number"),
      ("labels.csv", "node,class\na,red\nq,red\n", "labels.csv, line 3: node \"q\" is not in"),
      ("labels.csv", "node,class\na,red,1\n", "has 3 fields; use two, node and class"),
    ]
  )
  func damagedTableIsToldByItsLine(_ name: String, _ text: String, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    try tables(folder, [name: text])
    let error = #expect(throws: DatasetError.self) { _ = try GraphTables(folder.path).graph() }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func missingTableIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write("a,b\n", to: "edges.csv")
    let error = #expect(throws: DatasetError.self) { _ = try task(folder.path) }
    #expect(error?.description.contains("has no features.csv") == true)
    let gone = #expect(throws: DatasetError.self) { _ = try task(folder / "gone.npz") }
    #expect(gone?.description.contains("is not there; give a .npz") == true)
  }

  // MARK: Splits

  private func split(_ text: String) throws -> Result<NodeTask, DatasetError> {
    let folder = try TemporaryFolder()
    try tables(folder)
    try folder.write("name: own\nkind: graph\n\(text)", to: "dataset.yaml")
    do throws(DatasetError) {
      return .success(try task(folder.path))
    } catch {
      return .failure(error)
    }
  }

  @Test func listedClassesAreTheSplit() throws {
    let task = try split("split: {train: [red], validation: [blue], test: [green]}").get()
    #expect(task.classes == [.metaTrain: [2], .metaValidation: [0], .metaTest: [1]])
    #expect(!task.isByLot)
    let problem = task.obstacle(shot: 1, queryShot: 1)?.description ?? ""
    #expect(problem.contains("meta-train has 1 class, and an episode draws 2; use another split"))
  }

  @Test(
    arguments: [
      ("split: {train: [red], test: [red]}", "class red is listed for meta-test and meta-train"),
      ("split: {train: [pink]}", "there is no class \"pink\", listed for meta-train"),
      ("split: {train: 3, validation: 2, test: 2}", "has 3 classes, too few for 2 more of"),
      ("split: {folds: 3}", "\"folds\" is unknown; use train, validation, test, seed"),
    ]
  )
  func impossibleSplitIsToldInASentence(_ text: String, _ sentence: String) throws {
    guard case .failure(let error) = try split(text) else {
      Issue.record("\(text) is accepted")
      return
    }
    #expect(error.description.contains(sentence), "\(error.description)")
  }

  @Test func lotsFollowFromTheirSeed() throws {
    let all = try (1...6).map { seed in
      try split("split: {train: 1, validation: 1, test: 1, seed: \(seed)}").get().classes
    }
    #expect(Set(all.map { $0[.metaTest] ?? [] }).count > 1)
    #expect(all.allSatisfy { Set($0.values.joined()).count == 3 })
  }

  @Test func smallClassesAreTold() throws {
    let task = try split("split: {train: 1, validation: 1, test: 1}\nepisode: {way: 2}").get()
    #expect(task.obstacle(shot: 1, queryShot: 1) != nil)
  }
}
