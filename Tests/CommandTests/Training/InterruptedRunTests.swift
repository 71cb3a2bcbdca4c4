import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@testable import metatop

/// What is left of a run that was killed, and who may go on with it.
@Suite struct InterruptedRunTests {
  private static let line =
    ["train", "--methods", "maml", "--threads", "1", "--meta-batch", "2"]
    + ["--evaluate-every", "200", "--evaluation-episodes", "4", "--seed", "3"]

  /// A run of 4,000 steps that is killed after it has told so many of them; its path.
  private func killed(_ folder: TemporaryFolder, after lines: Int) throws -> String {
    let program = try Program.Started(Self.line + ["--steps", "4000"], in: folder)
    func run() -> String? {
      (try? FileManager.default.contentsOfDirectory(atPath: folder / "runs"))?.first
        .map { folder / "runs/" + $0 }
    }
    let end = Date().addingTimeInterval(60)
    while Date() < end {
      if let run = run(), let bytes = try? SystemFile.read(run + "/metrics.jsonl"),
        bytes.count(where: { $0 == 0x0A }) > lines
      {
        break
      }
      sched_yield()
    }
    program.signal(SIGKILL)
    #expect(try program.end().status == 137)
    return try #require(run())
  }

  private func expectAllTold(_ run: String) throws {
    let told = try ToldRun(run).steps["query_loss"] ?? []
    let recorded = try RecordedRun(run).metrics.filter { $0["query_loss"] != nil }
      .compactMap { $0["step"]?.integer }
    #expect(recorded == Array(1...4000))
    #expect(told == recorded, "\(recorded.count - Set(told).count) steps in no event file")
  }

  @Test("After a kill the event files together tell every recorded step once")
  func eventFilesAfterAKill() throws {
    let folder = try TemporaryFolder()
    let run = try killed(folder, after: 1_500)
    let rest = try Program.run(["train", "--resume", run], in: folder)
    #expect(rest.status == 0, "\(rest.errors)")
    try expectAllTold(run)
  }

  @Test("Also when the clock was set back, a file ends within a record, or one is gone")
  func eventFilesAfterTrouble() throws {
    let folder = try TemporaryFolder()
    let run = try killed(folder, after: 1_000)
    let first = Int(Date().timeIntervalSince1970) + 86_400
    for name in try FileManager.default.contentsOfDirectory(atPath: run)
    where name.hasPrefix("events.out") {
      // Its name is of tomorrow, as if the clock had been a day ahead; its last record is torn.
      let bytes = try SystemFile.read(run + "/" + name)
      try Data(bytes.dropLast(7)).write(
        to: URL(fileURLWithPath: run + "/events.out.tfevents.\(first).host.1.metatop")
      )
      try FileManager.default.removeItem(atPath: run + "/" + name)
    }
    let rest = try Program.run(["train", "--resume", run], in: folder)
    #expect(rest.status == 0, "\(rest.errors)")
    try expectAllTold(run)
  }

  @Test("A run that goes on has no summary of its earlier end, which stays under its step")
  func summaries() throws {
    let folder = try TemporaryFolder()
    #expect(try Program.run(Self.line + ["--steps", "20"], in: folder).status == 0)
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "runs").first
    )
    let run = folder / "runs/" + name
    let before = try SystemFile.read(run + "/summary.json")
    #expect(try Program.run(["train", "--resume", run, "--steps", "30"], in: folder).status == 0)
    #expect(try SystemFile.read(run + "/summary-000020.json") == before)
    #expect(try RecordedRun(run).summary["steps"] == .integer(30))
    #expect(try RecordedRun(run).state["status"] == "finished")
    // What it was started with, for TensorBoard's table.
    #expect(try RecordedRun(run).configuration["resumed"]?.array?.first?["steps"] == .integer(20))
  }

  @Test("A run that is being trained is refused in one sentence with host and process")
  func twoWriters() throws {
    let folder = try TemporaryFolder()
    let first = try Program.Started(Self.line + ["--steps", "100000000"], in: folder)
    #expect(first.says("step"))
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "runs").first
    )
    let second = try Program.run(["train", "--resume", "runs/" + name], in: folder)
    #expect(second.status == 65 && second.complaints.count == 1, "\(second.errors)")
    let state = try JSONValue(parsing: SystemFile.read(folder / "runs/\(name)/state.json"))
    let process = state["pid"]?.integer ?? 0
    #expect(
      second.errors.contains(
        "process \(process) on \(state["host"]?.string ?? "") is still training it; stop it first"
      )
    )
    first.signal(SIGKILL)
    // Its parent has not asked for it yet, or has: either way it does not block.
    _ = try first.end()
  }
}
