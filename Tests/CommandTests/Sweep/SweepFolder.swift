import Files
import Foundation
import TestSupport
import Testing

/// Sweeps in a folder of their own, and what they leave there.
struct SweepFolder {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two combinations of MAML and four of CML, with two seeds.
  static let line =
    "sweep --methods maml,cml --grid inner-lr=0.01,0.05 --grid gamma=0.2,0.5 --seeds 2 --steps 20 "
    + "--meta-batch 3 --evaluate-every 10 --evaluation-episodes 4 --name first"
  static let runs = 12

  func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(Self.words(line), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  func start(_ line: String) throws -> Program.Started {
    try Program.Started(Self.words(line), in: folder)
  }

  static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  var path: String { folder / "runs/first" }

  /// The names of the runs' directories.
  func directories() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      .filter { FileManager.default.fileExists(atPath: path + "/\($0)/config.json") }
  }

  /// The test losses by directory; one that is not there has no end.
  func testLosses() throws -> [String: Double] {
    try directories().reduce(into: [:]) { losses, name in
      let document = try JSONValue(parsing: SystemFile.read(path + "/\(name)/summary.json"))
      losses[name] = document["test_loss"]?.double
    }
  }

  /// The meta-validation losses right after a step, by directory.
  func validations(after step: Int) throws -> [String: Double] {
    try directories().reduce(into: [:]) { losses, name in
      let lines = try SystemFile.read(path + "/\(name)/metrics.jsonl").split(separator: 10)
      for line in lines {
        let value = try JSONValue(parsing: line)
        if value["step"]?.integer == step { losses[name] = value["validation_loss"]?.double }
      }
    }
  }

  /// The values of the swept hyperparameters, for each of some directories.
  func combinations(_ names: some Sequence<String>) throws -> [String] {
    let manifest = try JSONValue(parsing: SystemFile.read(path + "/sweep.json"))
    let runs = manifest["runs"]?.array ?? []
    return names.compactMap { name in
      runs.first { $0["folder"]?.string == name }?["values"].map {
        String(decoding: $0.encoded(), as: UTF8.self)
      }
    }
  }

  /// The means over seeds, by combination.
  func means(of values: [String: Double]) throws -> [String: Double] {
    var sums: [String: Double] = [:]
    for (name, value) in values {
      for combination in try combinations([name]) { sums[combination, default: 0] += value }
    }
    return sums
  }

  /// The steps of every run's metrics stand there once and in order; all of them in short runs.
  func checkMetrics(steps: Int) throws {
    for name in try directories() {
      let text = try String(contentsOfFile: path + "/\(name)/metrics.jsonl", encoding: .utf8)
      let found = text.split(separator: "\n").compactMap { line in
        (try? JSONValue(parsing: Array(line.utf8)))?["step"]?.integer
      }
      #expect(
        zip(found, found.dropFirst()).allSatisfy { $0 < $1 } && found.last == steps,
        "\(name)"
      )
      if steps < 100 { #expect(found.count == steps, "\(name)") }
    }
  }
}
