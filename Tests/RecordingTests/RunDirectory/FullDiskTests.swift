import Events
import Files
import Glibc
import Synchronization
import Testing

@testable import Recording

@Suite("A disk that is full while a run is recorded")
struct FullDiskTests {
  private let disk = MemoryDisk()
  private let notes = Notes()

  private final class Notes: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ event: RunEvent) {
      if case .note(_, let text) = event { texts.withLock { $0.append(text) } }
    }
    var all: [String] { texts.withLock { $0 } }
  }

  private func recorder(steps: Int) throws -> (Recorder, RunDirectory) {
    let recorder = try Recorder(
      [recordedDescription(0, steps: steps)],
      under: "runs",
      environment: disk.environment,
      report: { [notes] in notes.add($0) }
    )
    return (recorder, recorder.directories[0])
  }

  @Test("For a moment: every line follows when there is room again", arguments: [ENOSPC, EIO])
  func moment(code: Int32) async throws {
    let (recorder, directory) = try recorder(steps: 10)
    await recorder.record([.step(recordedReport(0, 1))])
    for name in ["metrics.jsonl", "events.jsonl", "state.json"] { disk.refuse(name, code) }
    for step in 2...6 {
      disk.advance(2)
      await recorder.record([
        .step(recordedReport(0, step)), .validation(recordedValidation(0, step: step)),
      ])
    }
    #expect(try disk.document(directory.state)["step"] == 1, "it says what was true before")
    for name in ["metrics.jsonl", "events.jsonl", "state.json"] { disk.accept(name) }
    disk.advance(2)
    await recorder.record([.step(recordedReport(0, 7))])
    _ = await recorder.finish()
    #expect(try disk.lines(directory.metrics).map { $0["step"]?.integer } == Array(1...7))
    #expect(try disk.lines(directory.events).map { $0["step"]?.integer } == Array(2...6))
    let reason = String(cString: strerror(code))
    #expect(
      notes.all == [
        "events.jsonl: cannot be written (\(reason)); training goes on, and its lines wait for room",
        "metrics.jsonl: cannot be written (\(reason)); training goes on, and its lines wait for room",
        "state.json: cannot be written (\(reason)); it says what was true before",
        "events.jsonl: can be written again; nothing is missing",
        "metrics.jsonl: can be written again; nothing is missing",
      ]
    )
    #expect(await recorder.failures.isEmpty, "nothing is lost, so nothing has failed")
    #expect(try disk.document(directory.state)["status"] == "stopped")
  }

  @Test("For longer: what memory does not hold is given up, and which steps those are is said")
  func gap() async throws {
    let total = 9_000
    let (recorder, directory) = try recorder(steps: total)
    for step in 1...2 {
      await recorder.record([.step(recordedReport(0, step, probes: [1, 2]))])
    }
    await recorder.tick()
    disk.refuse("metrics.jsonl", ENOSPC)
    // Lines of steps with probes are long: some 300 bytes.
    for step in 3...total {
      await recorder.record([.step(recordedReport(0, step, probes: [1 / 3, 2 / 3]))])
      if step == total - 100 { disk.accept("metrics.jsonl") }
      if step % 50 == 0 { disk.advance(1) }
    }
    _ = await recorder.finish()
    let events = (disk.text(directory.events) ?? "").split(separator: "\n")
    let line = try #require(events.first { $0.contains("\"event\":\"gap\"") })
    let gap = try JSONValue(parsing: line.utf8)
    #expect(gap["file"] == "metrics.jsonl")
    let (from, to) = (gap["from"]?.integer ?? 0, gap["to"]?.integer ?? 0)
    #expect(from <= 3 && to > 1_000 && to < total - 100)
    // Thousands of lines: each begins with its step.
    let steps = (disk.text(directory.metrics) ?? "").split(separator: "\n").compactMap {
      Int($0.dropFirst(#"{"step":"#.count).prefix { $0 != "," })
    }
    #expect(steps == Array(1..<from) + Array(to + 1...total), "all others stand there, once")
    #expect(
      notes.all.contains(
        "metrics.jsonl: can be written again; outer steps \(from) to \(to) are missing"
      )
    )
    let failures = await recorder.failures
    #expect(
      failures.map(\.reason) == ["has gaps, because the disk was full; events.jsonl says which"]
    )
  }

  @Test("To the end: the sentence says which steps are not there")
  func toTheEnd() async throws {
    let (recorder, directory) = try recorder(steps: 9)
    await recorder.record([.step(recordedReport(0, 1)), .step(recordedReport(0, 2))])
    await recorder.tick()
    disk.refuse("metrics.jsonl", ENOSPC)
    disk.advance(1)
    await recorder.record([.step(recordedReport(0, 3)), .step(recordedReport(0, 4))])
    _ = await recorder.finish()
    #expect(
      await recorder.failures.map(\.description) == [
        "\(directory.metrics): cannot be written (No space left on device); it lacks outer steps 2 to 4"
      ]
    )
    #expect(try disk.document(directory.state)["step"] == 4)
  }

  @Test(
    "There is never a summary beside a state that says the run goes on",
    arguments: [ENOSPC, EIO]
  )
  func stateAndSummary(code: Int32) async throws {
    let (recorder, directory) = try recorder(steps: 9)
    await recorder.record([.step(recordedReport(0, 9))])
    disk.refuse("state.json", code)
    disk.advance(2)
    await recorder.record([.statusChanged(RunID(0), .finished, step: 9)])
    _ = await recorder.finish()
    let status = try disk.document(directory.state)["status"]
    if code == ENOSPC {
      // What stands there is written over, which needs no room.
      #expect(status == "finished" && disk.text(directory.summary) != nil)
    } else {
      #expect(status == "running" && disk.text(directory.summary) == nil)
      #expect(await recorder.failures.map(\.path) == [directory.state])
    }
  }

  @Test("A run whose process ends before it does is stopped")
  func endsEarly() async throws {
    let (recorder, directory) = try recorder(steps: 9)
    await recorder.record([.step(recordedReport(0, 3))])
    let summaries = await recorder.finish()
    #expect(summaries.map(\.status) == [.stopped])
    #expect(try disk.document(directory.state)["status"] == "stopped")
    #expect(try disk.document(directory.state)["machine"] == "kernel 1")
    #expect(try disk.document(directory.state)["heartbeat_every"]?.double == 1)
  }
}
