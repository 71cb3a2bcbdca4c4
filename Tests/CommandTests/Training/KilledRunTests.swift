import Experiments
import Files
import Foundation
import Glibc
import TestSupport
import Testing
import VirtualTerminal

/// A run that is killed without warning goes on as if nothing had happened.
///
/// `METATOP_KILLS=200 swift test --filter KilledRunTests` kills each method so often; some do it in
/// every run. Every step writes a checkpoint, so that many are killed while they do.
@Suite struct KilledRunTests {
  private static let kills = getenv("METATOP_KILLS").flatMap { Int(String(cString: $0)) } ?? 4

  private static func line(_ method: String, steps: Int, settings: String = "") -> [String] {
    ("train --methods \(method) --steps \(steps) --meta-batch 5 --evaluate-every 10 "
      + "--evaluation-episodes 4 --threads 1 " + settings)
      .split(separator: " ").map(String.init)
  }

  private static func directory(_ folder: TemporaryFolder) throws -> String? {
    let path = folder / "runs"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let runs = try FileManager.default.contentsOfDirectory(atPath: path)
    #expect(runs.count <= 1, "a resumed run stays in its directory")
    return runs.first.map { path + "/" + $0 }
  }

  private static func isResumable(_ directory: String) -> Bool {
    FileManager.default.fileExists(atPath: directory + "/checkpoints/last.safetensors")
  }

  /// What became of a run that was killed again and again, and how often it was.
  private struct Disturbed {
    var ending: Ending
    var kills = 0
    /// Kills after which a file lay there half written, beside the whole one.
    var torn = 0
  }

  /// Kills it after a random while, again and again; the last time it may come to its end.
  private static func disturbed(
    _ line: [String],
    kills: Int,
    _ random: inout SeededGenerator
  ) throws -> Disturbed {
    let folder = try TemporaryFolder()
    var (made, torn) = (0, 0)
    while made < kills {
      let run = try directory(folder)
      let arguments = run.flatMap { isResumable($0) ? ["train", "--resume", $0] : nil }
      // Killed before its first checkpoint there is nothing to go on from, and nothing is lost.
      if let run, arguments == nil { try FileManager.default.removeItem(atPath: run) }
      let program = try Program.Started(arguments ?? line, in: folder)
      let ended = try program.end(killedAfter: .random(in: 0.02...0.7, using: &random))
      // It was done before it was to be killed.
      if ended.status == 0 || ended.errors.contains("outer steps are made") { break }
      made += 1
      #expect(ended.status == 137, "kill \(made): \(ended.errors)")
      if let run = try directory(folder), try expectWhole(run) { torn += 1 }
    }
    // On a busy machine all of them may have been killed before they had begun.
    let begun = try directory(folder).flatMap { isResumable($0) ? $0 : nil }
    if begun == nil, let half = try directory(folder) {
      try FileManager.default.removeItem(atPath: half)
    }
    let isOver = begun.map { FileManager.default.fileExists(atPath: $0 + "/summary.json") } ?? false
    if !isOver {
      let rest = try Program.run(begun.map { ["train", "--resume", $0] } ?? line, in: folder)
      #expect(rest.status == 0, "\(rest.errors)")
    }
    let run = try #require(try directory(folder))
    try checkMetrics(run, steps: try #require(line.firstIndex(of: "--steps").map { line[$0 + 1] }))
    return Disturbed(ending: try Ending(run), kills: made, torn: torn)
  }

  /// Whatever a reader finds after a kill is whole; says whether something half lies beside it.
  private static func expectWhole(_ run: String) throws -> Bool {
    let checkpoints = try FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints")
    for name in checkpoints where name.hasSuffix(".safetensors") {
      _ = try TensorFile(reading: run + "/checkpoints/" + name)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: run)
    for name in files where name.hasSuffix(".json") {
      _ = try JSONView(SystemFile.read(run + "/" + name))
    }
    for name in files where name.hasSuffix(".jsonl") {
      // Half a line may stand at the end: readers stop before it.
      let lines = try SystemFile.read(run + "/" + name)
        .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      for line in lines.dropLast() { _ = try JSONView(line) }
    }
    return (checkpoints + files).contains { $0.hasSuffix(".tmp") }
  }

  /// What a run leaves: its last checkpoint, and the numbers of its summary.
  private struct Ending {
    let checkpoint: TensorFile
    let kept: [TensorFile]
    let summary: [String: JSONValue]

    init(_ run: String) throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints")
      kept = try names.filter { $0.hasPrefix("step-") && $0.hasSuffix(".safetensors") }.sorted()
        .map { try TensorFile(reading: run + "/checkpoints/" + $0) }
      checkpoint = try TensorFile(reading: run + "/checkpoints/last.safetensors")
      let document = try JSONValue(parsing: SystemFile.read(run + "/summary.json"))
      let keys = ["status", "steps", "query_loss", "validation_loss", "test_loss", "test_ci95"]
      summary = keys.reduce(into: [:]) { $0[$1] = document[$1] }
    }
  }

  /// Every step stands there once, in order, whatever was lost on the way.
  private static func checkMetrics(_ run: String, steps: String) throws {
    let text = try String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8)
    let found = text.split(separator: "\n").compactMap { line in
      (try? JSONValue(parsing: Array(line.utf8)))?["step"]?.integer
    }
    #expect(found == Array(1...(Int(steps) ?? 0)))
  }

  @Test(arguments: [("maml", ""), ("cml", ""), ("metaperturb", "--set kappa-anneal=1")])
  func aKilledRunEndsWithTheBitsOfAnUndisturbedOne(_ method: String, _ settings: String) throws {
    var random = SeededGenerator(seed: 17)
    var (kills, torn, runs) = (0, 0, 0)
    while kills < Self.kills, runs < Self.kills {
      runs += 1
      let line = Self.line(
        method,
        steps: 150,
        settings: settings + " --seed \(runs) --keep-every 1"
      )
      let folder = try TemporaryFolder()
      #expect(try Program.run(line, in: folder).status == 0)
      let whole = try Ending(try #require(try Self.directory(folder)))
      let resumed = try Self.disturbed(line, kills: Self.kills - kills, &random)
      kills += resumed.kills
      torn += resumed.torn
      try expectEqual(resumed.ending, whole)
    }
    print("\(method): \(kills) kills of \(runs) runs, \(torn) while a file was being written")
  }

  private func expectEqual(_ resumed: Ending, _ whole: Ending) throws {
    #expect(resumed.checkpoint.tensors == whole.checkpoint.tensors)
    for key in ["step", "updates", "best", "hyperparameters"] {
      #expect(resumed.checkpoint.metadata[key] == whole.checkpoint.metadata[key], "\(key)")
    }
    #expect(resumed.summary == whole.summary)
    // Also those that were kept on the way: all of them, with the same bits.
    #expect(resumed.kept.map(\.names) == whole.kept.map(\.names))
    #expect(resumed.kept.map(\.tensors) == whole.kept.map(\.tensors))
  }

  /// Killed between its last checkpoint and its summary, it has only its test to make.
  @Test func aRunKilledAfterItsLastStepIsTested() throws {
    let folder = try TemporaryFolder()
    #expect(try Program.run(Self.line("cml", steps: 20), in: folder).status == 0)
    let run = try #require(try Self.directory(folder))
    let whole = try Ending(run)
    #expect(whole.summary["test_loss"]?.double != nil)
    try FileManager.default.removeItem(atPath: run + "/summary.json")
    let rest = try Program.run(["train", "--resume", run], in: folder)
    #expect(rest.status == 0 && rest.errors.contains("meta-test"), "\(rest.errors)")
    let ended = try Ending(run)
    #expect(ended.checkpoint.tensors == whole.checkpoint.tensors)
    #expect(ended.summary == whole.summary)
    try Self.checkMetrics(run, steps: "20")
    // The second of the two event files has the test, though it has no step.
    let files = try FileManager.default.contentsOfDirectory(atPath: run)
      .filter { $0.hasPrefix("events.out.tfevents.") }
    #expect(files.count == 2)
    let tested = try files.filter { name in
      String(decoding: try SystemFile.read(run + "/" + name), as: UTF8.self).contains("test_loss")
    }
    #expect(tested.count == 2)
  }

  @Test func aJointRunGoesOnToo() throws {
    let line =
      ("train --methods metaperturb --task glyphs --set protocol=joint --set tasks=2 "
      + "--set group-classes=3 --set batch=6 --width 8 --steps 12 --evaluate-every 3 --threads 1")
      .split(separator: " ").map(String.init)
    let folder = try TemporaryFolder()
    #expect(try Program.run(line, in: folder).status == 0)
    let path = try #require(try Self.directory(folder)) + "/checkpoints/last.safetensors"
    var random = SeededGenerator(seed: 5)
    let resumed = try Self.disturbed(line, kills: min(Self.kills, 3), &random)
    #expect(try TensorFile(reading: path).tensors == resumed.ending.checkpoint.tensors)
  }

  // MARK: Bad input

  @Test func whatCannotGoOnIsRefused() throws {
    let folder = try TemporaryFolder()
    func refusal(_ arguments: [String], _ status: Int32, _ words: String) throws {
      let program = try Program.run(["train"] + arguments, in: folder)
      #expect(program.status == status && program.complaints.count == 1, "\(program.errors)")
      #expect(program.errors.contains(words), "\(program.errors)")
    }
    try refusal(["--resume", "nothing"], 65, "nothing/config.json cannot be read")
    try refusal(["--resume", "x", "--seed", "3"], 64, "leave --seed out (--steps and --threads")
    try refusal(["--resume", "x", "--set", "inner-lr=1"], 64, "leave --set out")
    #expect(try Program.run(Self.line("maml", steps: 20), in: folder).status == 0)
    let run = try #require(try Self.directory(folder))
    try refusal(["--resume", run], 65, "all its 20 outer steps are made; give a larger --steps")
    let more = try Program.run(["train", "--resume", run, "--steps", "30"], in: folder)
    #expect(more.status == 0, "\(more.errors)")
    try Self.checkMetrics(run, steps: "30")
    let checkpoint = run + "/checkpoints/last.safetensors"
    try "nothing".write(toFile: checkpoint, atomically: true, encoding: .utf8)
    try refusal(["--resume", run, "--steps", "40"], 65, "last.safetensors")
    try "{}".write(toFile: run + "/config.json", atomically: true, encoding: .utf8)
    try refusal(["--resume", run, "--steps", "40"], 65, "last.safetensors")
  }
}
