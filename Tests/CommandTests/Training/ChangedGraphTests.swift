import Files
import Foundation
import TestSupport
import Testing

@testable import metatop

/// A run on a graph is compared with the graph that it is given again.
@Suite struct ChangedGraphTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let nodes = (0..<24).map { "n\($0)" }
    let features = nodes.enumerated().map { "\($1),\($0 % 6),\($0 % 5),1" }
    let labels = nodes.enumerated().map { "\($1),c\($0 / 4)" }
    try write("features.csv", features)
    try write("labels.csv", labels)
    try write("edges.csv", Self.edges)
    try split("[c0, c1], validation: [c2, c3], test: [c4, c5]")
  }

  private static let edges = (0..<23).map { "n\($0),n\($0 + 1)" }

  private func write(_ name: String, _ lines: [String]) throws {
    try FileManager.default.createDirectory(
      atPath: folder / "g",
      withIntermediateDirectories: true
    )
    try folder.write(lines.joined(separator: "\n") + "\n", to: "g/\(name)")
  }

  private func split(_ classes: String) throws {
    try write(
      "dataset.yaml",
      [
        "name: own", "kind: graph", "split: {train: \(classes)}",
        "episode: {way: 2, test-query: 2}",
      ]
    )
  }

  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  private func trained() throws -> String {
    _ = try run(
      "train --task graph:g --way 2 --shot 1 --query 1 --width 4 --threads 1 --methods maml --steps 2 "
        + "--set inner-steps=2 --evaluate-every 0 --test-episodes 0 --keep-every 0 --tensorboard off --out r"
    )
    return "r/"
      + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder / "r").first))
  }

  @Test func anotherGraphIsRefusedUnlessItIsAccepted() throws {
    let path = try trained()
    _ = try run("train --resume \(path) --steps 3")
    try write("edges.csv", Self.edges.dropLast() + ["n0,n23"])
    for line in ["evaluate \(path) --episodes 4", "train --branch \(path) --steps 4"] {
      let refused = try run(line, status: 65)
      #expect(refused.errors.contains("another graph, of 24 nodes, 23 edges and 3 features"))
      #expect(refused.errors.contains("--data-changed accept"))
    }
    let resumed = try run("train --resume \(path) --steps 4 --data-changed accept")
    #expect(resumed.errors.contains("accepted that the data have changed"))
    try split("[c0, c2], validation: [c1, c3], test: [c4, c5]")
    let parted = try run("evaluate \(path) --episodes 4 --data-changed accept", status: 65)
    #expect(parted.errors.contains("moved: c1 from meta-train to meta-validation"))
  }

  /// Runs of an earlier version have no record of their graph.
  @Test func earlierRunsGoOnWithOneNote() throws {
    let path = try trained()
    try FileManager.default.removeItem(atPath: folder / path + "/data.json")
    let resumed = try run("train --resume \(path) --steps 3")
    #expect(resumed.errors.split(separator: "\n").count { $0.contains("was recorded before") } == 1)
    // Where a file was given there was a record without the graph.
    try folder.write(#"{"format":1,"sets":[],"files":{}}"#, to: path + "/data.json")
    let again = try run("train --resume \(path) --steps 4")
    #expect(again.errors.split(separator: "\n").count { $0.contains("was recorded before") } == 1)
  }

  /// What cannot be drawn from is not called ready.
  @Test func aSmallClassIsNotReady() throws {
    let refused = try run("data check graph:g --shot 3 --query 3", status: 65)
    #expect(!refused.output.contains("ready") && refused.output.contains("24, 24 with a label"))
    #expect(
      refused.errors.contains("c0 has 4 labelled nodes, and an episode of meta-train draws 3 and 3")
    )
    let sound = try run("data check graph:g --shot 1 --query 1")
    #expect(sound.output.contains("ready"))
  }

  /// What each node sees, in marks and lines; only ASCII where that is asked for.
  @Test func anEpisodeIsDrawn() throws {
    let shown = try run("data show graph:g --shot 1 --query 1 --no-color")
    #expect(shown.output.contains("◉ the node") && shown.output.contains("●"))
    #expect(shown.output.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
    let plain = try run("data show graph:g --shot 1 --query 1 --ascii")
    let words = plain.output.split(separator: "\n").dropFirst()
    #expect(words.joined().utf8.allSatisfy { $0 < 0x80 } && plain.output.contains("@"))
  }
}
