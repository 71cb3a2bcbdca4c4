import Events
import Files
import Foundation
import Glibc
import TestSupport
import Testing
import VirtualTerminal

@testable import Experiments
@testable import Recording
@testable import Sweeps
@testable import metatop

/// Files that were damaged, or were meant to do harm: an error or an object, never a crash.
///
/// `METATOP_FUZZ=100000 swift test --sanitize=address --filter DamagedFilesTests` damages as many of
/// each kind; the seed is printed, and `METATOP_SEED` brings it back.
@Suite struct DamagedFilesTests {
  private static let count =
    getenv("METATOP_FUZZ").flatMap { Int(String(cString: $0)) } ?? 300
  private static let seed =
    getenv("METATOP_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: .min ... .max)

  /// Damages `original` again and again; says how often `read` took it.
  @discardableResult
  func damage(
    _ original: [UInt8],
    _ name: String,
    _ read: ([UInt8]) throws -> Void
  ) -> Int {
    print("\(name): \(Self.count) damaged files, seed \(Self.seed)")
    var random = SeededGenerator(seed: Self.seed)
    var taken = 0
    for _ in 0..<Self.count {
      let damaged = Self.damaged(original, &random)
      do {
        try read(damaged)
        taken += 1
      } catch {
        let text = "\(error)"
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        #expect(isPlain && !text.isEmpty, "seed \(Self.seed): \(text.debugDescription)")
      }
    }
    return taken
  }

  /// One to eight changes: bits, bytes, what files are made of, pieces moved, doubled or cut off.
  private static func damaged(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let length = min(Int.random(in: 1...40, using: &random), bytes.count - place)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = .random(in: 0...255, using: &random)
      case 2: bytes.removeSubrange(place..<place + length)
      case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
      case 4: bytes.removeSubrange(place...)
      case 5:
        let other = Int.random(in: 0...bytes.count, using: &random)
        bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: other)
      case 6:
        let words = [
          "\n", "\"", "{", "]", ":", ",", "- ", "&a", "*a", "\u{1B}[2J", "\\u0000", "1e999",
        ]
        bytes.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
      default:
        let numbers = ["-1", "0", "9223372036854775807", "18446744073709551616", "1e308", "nan"]
        let number = Array((numbers.randomElement(using: &random) ?? "").utf8)
        bytes.replaceSubrange(place..<place + min(length, 3), with: number)
      }
    }
    return bytes
  }

  // MARK: What there is

  @Test func checkpoints() throws {
    var file = TensorFile(metadata: ["step": "12", "hyperparameters": "{\"inner-lr\":0.01}"])
    file.append("body.layer1.weight", shape: [3, 2], floats: [1, 2, 3, 4, 5, 6])
    file.append("support.targets", shape: [2], integers: [1, 2])
    damage(file.encoded(), "safetensors") { bytes in
      let read = try TensorFile(bytes: bytes, path: "damaged")
      let size = read.tensors.reduce(0) { $0 + $1.bytes.count }
      #expect(size <= bytes.count)
    }
  }

  @Test func json() throws {
    let text =
      #"{"a":[1,-2.5e3,null,true,{"b":"ü\u00e9\n"}],"runs":[{"values":{"x":"0.1"}}],"nan":[]}"#
    let taken = damage(Array(text.utf8), "JSON") { bytes in
      let value = try JSONValue(parsing: bytes)
      // What was read can be written and read again.
      #expect((try? JSONValue(parsing: value.encoded())) != nil)
    }
    #expect(taken < Self.count)
  }

  @Test func configurationsInYAML() throws {
    let text = """
      methods: [maml, cml]
      task: sinusoid
      steps: 100
      set:
        inner-lr: 0.01
        cml.gamma: 0.5
      grid:
        inner-lr: [0.1, 0.2]
        gamma: 0..1
      seeds: 2
      """
    let folder = try TemporaryFolder()
    let path = folder / "sweep.yaml"
    damage(Array(text.utf8), "YAML") { bytes in
      try SystemFile.replace(path, with: [bytes[...]], isDurable: false)
      _ = try SweepOptions(ConfigurationFile(of: path))
    }
  }

  @Test func recordedRuns() throws {
    let folder = try TemporaryFolder()
    let line =
      "train --methods cml --steps 6 --meta-batch 2 --evaluate-every 5 --evaluation-episodes 4"
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    let run = RunDirectory(path: folder / "runs/" + (try #require(names.first)))
    for path in [run.configuration, run.metrics, run.events, run.state, run.summary] {
      let original = try SystemFile.read(path)
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      damage(original, name) { bytes in
        try SystemFile.replace(path, with: [bytes[...]], isDurable: false)
        var reader = try RecordedRunReader(run.path, id: RunID(0))
        while let moment = reader.next() {
          if case .step(let report) = moment.event { #expect(report.step > 0) }
        }
        _ = try RecordedSummary(run.path)
        _ = SweepResults.Outcome(run)
        _ = StoredRun(path: run.path, origin: "test", cores: 1).isConcluded
      }
      try SystemFile.replace(path, with: [original[...]], isDurable: false)
    }
    // The checkpoint of a run, as it is gone on from.
    let original = try SystemFile.read(run.lastCheckpoint)
    damage(original, "last.safetensors") { bytes in
      try SystemFile.replace(run.lastCheckpoint, with: [bytes[...]], isDurable: false)
      let point = try ResumePoint(run)
      #expect(point.step >= 0)
    }
  }

  /// Numbers that are none of their kind, which chance seldom makes.
  @Test func numbersOfAnotherKind() throws {
    let folder = try TemporaryFolder()
    let line = "train --methods cml --steps 3 --evaluate-every 0"
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    let run = RunDirectory(path: folder / "runs/" + (try #require(names.first)))
    let original = try String(contentsOfFile: run.configuration, encoding: .utf8)
    let numbers = ["-1", "1e300", "9223372036854775808", "0.5", "\"x\"", "null", "[]"]
    for (key, value) in [("seed", "0"), ("outer-schedule", "0.0"), ("meta_batch", "25")] {
      #expect(original.contains("\"\(key)\":\(value)"))
      for number in numbers {
        let changed = original.replacingOccurrences(
          of: "\"\(key)\":\(value)",
          with: "\"\(key)\":\(number)"
        )
        try changed.write(toFile: run.configuration, atomically: true, encoding: .utf8)
        var reader = try RecordedRunReader(run.path, id: RunID(0))
        while reader.next() != nil {}
        let summary = try RecordedSummary(run.path)
        #expect(summary.steps == 3, "\(key) \(number)")
      }
    }
  }

  @Test func sweeps() throws {
    let sweep = try SweepFolder()
    _ = try sweep.run(SweepFolder.line + " --print-commands")
    let directory = SweepDirectory(path: sweep.path)
    let original = try SystemFile.read(directory.manifest)
    let whole = try directory.plan(origin: "test")
    damage(original, "sweep.json") { bytes in
      try SystemFile.replace(directory.manifest, with: [bytes[...]], isDurable: false)
      // Whatever is taken asks for the same runs: their names hold their configurations' digits.
      let plan = try directory.plan(origin: "test")
      for run in plan.runs { #expect(!run.folder.contains("/")) }
      #expect(plan.runs.count <= whole.runs.count)
    }
  }
}
