import Files
import Foundation
import TestSupport
import Testing

/// Scores, predictions and adapted weights, episode by episode.
@Suite struct EpisodeExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  private func trained(_ line: String) throws -> String {
    try run("train \(line) --evaluate-every 0")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    return "runs/" + (try #require(names.first))
  }

  private func rows(_ suffix: String) throws -> [[String]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "export")
    let name = try #require(names.first { $0.hasSuffix(suffix) })
    let text = try String(contentsOfFile: folder / "export/\(name)", encoding: .utf8)
    return text.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func picturesAreScoredPredictedAndConfused() throws {
    let path = try trained(
      "--task glyphs --methods maml --width 4 --way 3 --query 2 --meta-batch 1 --steps 2 "
        + "--set inner-steps=2"
    )
    for format in ["scores", "predictions", "confusion"] {
      try run("export \(path) --format \(format) --episodes 4 --seed 7")
    }
    let scores = try rows("-scores.csv")
    #expect(scores[0] == ["episode", "inner_steps", "loss", "accuracy"])
    #expect(scores.count == 1 + 4 * 3 && scores.last?.first == "4")
    let predictions = try rows("-predictions.csv")
    #expect(predictions.count == 1 + 4 * 6 && predictions[0].count == 6 + 2 * 3)
    // What is told one by one is what is scored together.
    for episode in 1...4 {
      let own = predictions.filter { $0[0] == "\(episode)" }
      let right = Float(own.count { $0[5] == "1" }) / Float(own.count)
      let scored = try #require(scores.first { $0[0] == "\(episode)" && $0[1] == "2" })
      #expect(abs(right - (Float(scored[3]) ?? .nan)) < 1e-6, "episode \(episode)")
      for row in own {
        let sum = [7, 9, 11].reduce(Float(0)) { $0 + (Float(row[$1]) ?? .nan) }
        #expect(abs(sum - 1) < 1e-5 && [row[6], row[8], row[10]].contains(row[3]))
      }
    }
    let confusion = try rows("-confusion.csv")
    #expect(confusion.dropFirst().reduce(0) { $0 + (Int($1[2]) ?? 0) } == 24)
  }

  @Test func adaptedWeightsAreANetwork() throws {
    let path = try trained(
      "--task glyphs --methods anil --width 4 --way 3 --query 2 --meta-batch 1 --steps 2"
    )
    try run("export \(path) --adapted --episode 1 3 --checkpoint last")
    let name = String(path.dropFirst(5))
    let first = try TensorFile(reading: folder / "export/\(name)-episode-1.safetensors")
    let third = try TensorFile(reading: folder / "export/\(name)-episode-3.safetensors")
    let stored = try TensorFile(reading: folder / "\(path)/checkpoints/last.safetensors")
    for tensor in first.names {
      let (own, meta) = (try first.floats(named: tensor), try stored.floats(named: tensor))
      #expect((own != meta) == tensor.hasPrefix("head."), "\(tensor)")
      #expect(first.shape(named: tensor) == stored.shape(named: tensor))
    }
    #expect(try first.floats(named: "head.weight") != third.floats(named: "head.weight"))
    #expect(first.metadata["episode"] == "1" && third.metadata["method"] == "anil")
    try run(
      "train --task glyphs --methods maml --width 4 --way 3 --steps 1 --evaluate-every 0 --out again "
        + "--initial export/\(name)-episode-1.safetensors"
    )
  }

  @Test func aFileOfEpisodesIsScored() throws {
    let path = try trained("--methods reptile --steps 2 --width 5")
    var file = TensorFile()
    for set in ["support", "query"] {
      let numbers = (0..<2 * 3 * 5).map { Float($0 % 7) - 3 }
      file.append("\(set).inputs", shape: [2, 3, 5, 1], floats: numbers)
      file.append("\(set).targets", shape: [2, 3, 5, 1], floats: numbers.map { $0 * 0.5 })
    }
    try file.write(to: folder / "e.safetensors")
    let text = try run("evaluate \(path) --episodes e.safetensors")
    #expect(text.output.contains("6 held-out 5-shot episodes of a file"), "\(text.output)")
    try run("export \(path) --format predictions --episodes e.safetensors")
    #expect(try rows("-predictions.csv").count == 1 + 6 * 5)
    try run("export \(path) --adapted --episode 2 --episodes e.safetensors")
    let refused = try run("export \(path) --format confusion --episodes e.safetensors", status: 65)
    #expect(refused.errors.contains("has no classes to confuse"))
    for (line, status, sentence) in [
      ("export \(path) --adapted", 64, "name some, counted from 1"),
      (
        "export \(path) --adapted --episode 7 --episodes e.safetensors", 64,
        "whole number from 1 to 6"
      ),
      ("export \(path) --episode 1", 64, "give --adapted"),
      ("export \(path) --adapted --episode 1 --format scores", 64, "leave --format out"),
      ("evaluate \(path) --episodes no.safetensors", 65, "no.safetensors"),
      ("evaluate \(path) --episodes 1", 64, "use a whole number from 2"),
    ] as [(String, Int32, String)] {
      let program = try run(line, status: status)
      #expect(program.errors.contains(sentence), "\(line): \(program.errors)")
    }
  }
}
