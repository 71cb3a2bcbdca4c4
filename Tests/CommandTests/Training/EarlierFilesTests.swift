import Files
import Foundation
import Recording
import TestSupport
import Testing

@testable import Training
@testable import metatop

/// What an earlier version wrote is still read: a run, a sweep half made, and a file of options, stored
/// in `Earlier/` as the version before the data's record left them.
@Suite struct EarlierFilesTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Earlier")
    for name in ["sinusoid-maml", "sweep", "options.yaml"] {
      try FileManager.default.copyItem(
        atPath: root.appendingPathComponent(name).path,
        toPath: folder / name
      )
    }
  }

  private func run(_ line: String) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(line): \(program.errors)")
    return program
  }

  private func number(_ program: Program, _ key: String) throws -> Double {
    let line = try JSONValue(parsing: Array(program.output.utf8.prefix { $0 != 10 }))
    return try #require(line[key]?.double)
  }

  @Test func aRunIsEvaluatedResumedAndBranched() throws {
    for checkpoint in ["last", "best"] {
      let scored = try run("evaluate sinusoid-maml --checkpoint \(checkpoint) --episodes 20 --json")
      #expect(try number(scored, "step") == 4)
      #expect(scored.output.contains("\"data_changed\":false") && scored.errors.isEmpty)
    }
    let branch = try run("train --branch sinusoid-maml --steps 6 --out branches --json")
    let resumed = try run("train --resume sinusoid-maml --steps 6 --json")
    #expect(try number(branch, "test_loss") == number(resumed, "test_loss"))
    let recorded = try RecordedRun(folder / "sinusoid-maml")
    #expect(recorded.metrics.compactMap { $0["step"]?.integer } == Array(1...6))
    // Generated tasks have nothing to record.
    #expect(!FileManager.default.fileExists(atPath: folder / "sinusoid-maml/data.json"))
  }

  @Test func aRunIsReplayedAndCompared() throws {
    var reader = try RecordedRunReader(folder / "sinusoid-maml", id: .init(0))
    reader.refresh()
    var steps: [Int] = []
    while let moment = reader.next() {
      if case .step(let report) = moment.event { steps.append(report.step) }
    }
    #expect(steps == [1, 2, 3, 4])
    #expect(try run("compare sinusoid-maml").output.contains("4.2022"))
  }

  /// Its first run is there, with the loss that it had; the second is made now.
  @Test func aSweepGoesOn() throws {
    let table = try run("sweep --resume sweep --threads 1 --format json")
    #expect(table.errors.contains("1 of them are there"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "sweep")
      .filter { $0.hasPrefix("00") }.sorted()
    let losses = try names.map { name in
      let bytes = try SystemFile.read(folder / "sweep/\(name)/summary.json")
      return try JSONValue(parsing: bytes)["test_loss"]?.double ?? 0
    }
    // As the version before made both.
    try #require(losses.count == 2)
    #expect(abs(losses[0] - 4.2022038) < 1e-5)
    #expect(abs(losses[1] - Self.second) < 1e-3)
  }

  /// The loss of the second run, of which nothing is stored.
  private static let second = 4.0761156

  @Test func optionsAreTheSame() throws {
    let program = try run("train --config options.yaml --json")
    let lines = try program.output.split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    let losses = lines.compactMap { $0["test_loss"]?.double }
    #expect(lines.compactMap { $0["method"]?.string } == ["maml", "cml"])
    for (loss, before) in zip(losses, [4.435899, 4.436013]) { #expect(abs(loss - before) < 1e-3) }
  }
}
