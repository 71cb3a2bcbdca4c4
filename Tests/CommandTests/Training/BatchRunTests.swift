import Files
import Foundation
import TestSupport
import Testing

/// Methods that learn from labelled batches: under steps, under a clock, and what is refused.
@Suite struct BatchRunTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  private static let small =
    "train --task glyphs --methods metadelta --way 3 --query 2 --evaluate-every 0 --set members=4,8 "
    + "--set batch-classes=4 --set fit-episodes=6 --set held-episodes=3"

  @Test func aStoppedRunGoesOnWithTheSameBits() throws {
    try run("\(Self.small) --steps 4 --out a")
    try run("\(Self.small) --steps 2 --out b")
    let (whole, half) = (
      try #require(try RecordedRun.all(under: folder / "a").first),
      try #require(try RecordedRun.all(under: folder / "b").first)
    )
    try run("train --resume \(half.path) --steps 4")
    let resumed = try #require(try RecordedRun.all(under: folder / "b").first)
    #expect(whole.last.names == resumed.last.names)
    for name in whole.last.names {
      #expect(try whole.last.floats(named: name) == resumed.last.floats(named: name), "\(name)")
    }
    #expect(whole.last.shape(named: "member2.classifier.weight")?.last == 8)
    #expect(whole.last.shape(named: "stacker.weight") == [3, 6])
    let scores = try run("evaluate \(whole.path) --episodes 4 --checkpoint last")
    #expect(scores.output.contains("4 meta-test 3-way 1-shot episodes of glyphs"))
    let refused = try run("export \(whole.path) --format predictions --episodes 2", status: 65)
    #expect(refused.errors.contains("use --format scores"))
  }

  @Test func secondsEndARunAtAStepThatIsTold() throws {
    let program = try run("\(Self.small) --set budget=1 --out a")
    #expect(program.errors.contains("finished at step"), "\(program.errors)")
    let recorded = try #require(try RecordedRun.all(under: folder / "a").first)
    let events = try String(contentsOfFile: recorded.path + "/events.jsonl", encoding: .utf8)
    #expect(events.contains("its 1 second is over after"), "\(events)")
    #expect(events.contains("held-out episodes: member 1"), "\(events)")
  }

  @Test func whatCannotBeIsNamed() throws {
    var file = TensorFile()
    file.append(
      "batch.inputs",
      shape: [1, 2, 1, 16, 16],
      floats: Array(repeating: 0.5, count: 512)
    )
    file.append("batch.targets", shape: [1, 2], integers: [0, 1])
    try file.write(to: folder / "b")
    var episodes = TensorFile()
    for set in ["support", "query"] {
      let numbers = (0..<512).map { Float($0 % 7) + (set == "query" ? 1 : 0) }
      episodes.append("\(set).inputs", shape: [1, 1, 2, 1, 16, 16], floats: numbers)
      episodes.append("\(set).targets", shape: [1, 1, 2], integers: [0, 1])
    }
    try episodes.write(to: folder / "e")
    for (line, status, sentence) in [
      ("train --methods metadelta --task sinusoid", 64, "use pictures and --model conv4"),
      ("train --methods metadelta --episodes e", 65, "has no batch.inputs"),
      ("train --methods metadelta --episodes b", 65, "no validation.support.inputs"),
      ("train --methods maml --task episodes --episodes b", 65, "learns from episodes"),
      ("train --methods metadelta --task glyphs --set members=8,8", 64, "members"),
      (
        "train --methods metadelta --task glyphs --set members=8,64 --set batch-classes=1000 "
          + "--set batch-images=100", 64, "use a smaller members, batch-classes or batch-images"
      ),
    ] as [(String, Int32, String)] {
      let program = try run(line, status: status)
      #expect(program.errors.contains(sentence), "\(line): \(program.errors)")
    }
  }
}
