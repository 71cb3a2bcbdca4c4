import Events
import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@testable import Recording
@testable import Training
@testable import metatop

@Suite("metatop replay and attach")
struct ReplayTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The run directories of CML and MAML after 60 steps.
  private func trained(_ arguments: [String] = []) throws -> [String] {
    let program = try Program.run(
      ["train", "--methods", "maml,cml", "--steps", "60", "--evaluate-every", "30"]
        + ["--evaluation-episodes", "4", "--out", "runs"] + arguments,
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs").sorted()
    return names.map { folder / "runs/\($0)" }
  }

  private func readers(_ paths: [String]) throws -> [RecordedRunReader] {
    try paths.enumerated().map { try RecordedRunReader($1, id: RunID($0)) }
  }

  /// All that a run tells from here on.
  private func rest(_ reader: inout RecordedRunReader) -> [RunEvent] {
    reader.refresh()
    var events: [RunEvent] = []
    while let moment = reader.next() { events.append(moment.event) }
    return events
  }

  private func steps(_ events: [RunEvent], of run: Int) -> [StepReport] {
    events.compactMap { event in
      if case .step(let report) = event, report.run == RunID(run) { return report }
      return nil
    }
  }

  @Test("A run comes back with its description, losses, probes, validations and its end")
  func readsBack() throws {
    let paths = try trained()
    var reader = try RecordedRunReader(paths[0], id: RunID(3))
    let recorded = try RecordedRun(paths[0])
    let description = reader.description
    #expect(description.methodID == "cml" && description.id == RunID(3))
    #expect(description.totalSteps == 60 && description.layers == ["layer1", "layer2", "head"])
    #expect(
      description.hyperparameters.first { $0.id == "gamma" }?.kind == .linear(0...10, step: 0.1)
    )
    #expect(description.values["gamma"] == 0.2)
    let events = rest(&reader)
    let steps = steps(events, of: 3)
    #expect(steps.map { Double($0.queryLoss.description) ?? 0 } == recorded.losses)
    let probes = try #require(steps[0].probes)
    #expect(probes.values.count == description.probes.count)
    #expect(probes.supportLosses.count == 2 && probes.innerGradientNorms.count == 3)
    #expect(events.contains { if case .fit = $0 { true } else { false } })
    #expect(events.contains { if case .validation(let r) = $0 { r.step == 30 } else { false } })
    #expect(
      events.last == .statusChanged(RunID(3), .finished, step: 60)
        || events.contains(.statusChanged(RunID(3), .finished, step: 60))
    )
    #expect(rest(&reader).isEmpty, "each line is told once")
  }

  @Test("Half a line waits for its other half, foreign lines are left out")
  func halfLines() throws {
    let paths = try trained()
    var reader = try RecordedRunReader(paths[0], id: RunID(0))
    _ = rest(&reader)
    let file = try #require(FileHandle(forWritingAtPath: paths[0] + "/metrics.jsonl"))
    file.seekToEndOfFile()
    file.write(Data("nonsense\n{\"step\":61,\"t\":9e9,\"query".utf8))
    #expect(rest(&reader).isEmpty)
    file.write(Data("_loss\":0.5}\n".utf8))
    #expect(steps(rest(&reader), of: 0).map(\.step) == [61])
  }

  @Test("The extremes of steps that were left out are shown")
  func extremes() throws {
    let paths = try trained()
    let line =
      "{\"step\":50,\"t\":5,\"query_loss\":1,\"query_loss_min\":0.25,\"query_loss_max\":8}\n"
    try line.write(toFile: paths[0] + "/metrics.jsonl", atomically: true, encoding: .utf8)
    var reader = try RecordedRunReader(paths[0], id: RunID(0))
    let shown = steps(rest(&reader), of: 0)
    #expect(shown.map(\.step) == [48, 49, 50] && shown.map(\.queryLoss) == [0.25, 8, 1])
  }

  @Test("Playing, pausing, seeking and stepping tell every event once, in order")
  func playing() throws {
    let paths = try trained()
    var player = ReplayPlayer(try readers(paths), isLive: false)
    let first = player.pull(now: 100)
    #expect(first.count { if case .started = $0 { true } else { false } } == 2)
    player.carryOut(.replay(.end))
    let all = player.pull(now: 100)
    for run in 0...1 { #expect(steps(first + all, of: run).map(\.step) == Array(1...60)) }
    #expect(player.isAtEnd && !player.isMoving)
    player.carryOut(.replay(.start))
    player.carryOut(.pause)
    let again = player.pull(now: 200)
    #expect(again.contains { if case .started = $0 { true } else { false } })
    let before = steps(again, of: 0).count + steps(again, of: 1).count
    player.carryOut(.singleStep)
    let stepped = player.pull(now: 300)
    #expect(before + steps(stepped, of: 0).count + steps(stepped, of: 1).count > before)
    #expect(player.status.isPaused && player.status.position < player.duration)
    #expect(!player.isMoving)
  }

  @Test("Where a clock was set back, the end still tells everything, each time it is played")
  func clockSetBack() throws {
    let paths = try trained()
    let times = [10, 50, 20, 30]
    let lines = zip(1..., times).map { "{\"step\":\($0),\"t\":\($1),\"query_loss\":1}\n" }
    try lines.joined().write(toFile: paths[0] + "/metrics.jsonl", atomically: true, encoding: .utf8)
    try "".write(toFile: paths[0] + "/events.jsonl", atomically: true, encoding: .utf8)
    var player = ReplayPlayer(try readers([paths[0]]), isLive: false)
    #expect(player.duration == 20)
    #expect(steps(player.pull(now: 0), of: 0).map(\.step) == [1])
    for now in [1.0, 2] {
      player.carryOut(.replay(.end))
      #expect(steps(player.pull(now: now), of: 0).map(\.step).suffix(3) == [2, 3, 4])
      #expect(player.isAtEnd)
      player.carryOut(.replay(.start))
    }
  }

  @Test("Speeds go up and down, a loop begins again, nothing can be changed")
  func commands() throws {
    let paths = try trained()
    var player = ReplayPlayer(try readers(paths), isLive: false)
    player.carryOut(.replay(.faster))
    #expect(player.speed == 2)
    for _ in 0..<20 { player.carryOut(.replay(.faster)) }
    #expect(player.speed == 1024)
    for _ in 0..<20 { player.carryOut(.replay(.slower)) }
    #expect(player.speed == 0.25)
    player.carryOut(.replay(.toggleLoop))
    player.carryOut(.replay(.end))
    _ = player.pull(now: 1)
    #expect(player.isMoving)
    let restarted = player.pull(now: 2)
    #expect(restarted.contains { if case .started = $0 { true } else { false } })
    player.carryOut(.setHyperparameter(RunID(1), id: "gamma", value: 1))
    let refusal = RunEvent.commandRefused(
      RunID(1),
      reason: "a recorded run cannot be changed",
      step: 0
    )
    #expect(player.pull(now: 3).contains(refusal))
  }

  @Test("Attached, all there is comes at once, and what is appended follows")
  func attached() throws {
    let paths = try trained()
    var player = ReplayPlayer(try readers([paths[0]]), isLive: true)
    #expect(steps(player.pull(now: 0), of: 0).count == 60)
    let file = try #require(FileHandle(forWritingAtPath: paths[0] + "/metrics.jsonl"))
    file.seekToEndOfFile()
    file.write(Data("{\"step\":61,\"t\":9e9,\"query_loss\":0.5}\n".utf8))
    #expect(steps(player.pull(now: 0.1), of: 0).isEmpty, "files are looked at twice a second")
    #expect(steps(player.pull(now: 0.6), of: 0).map(\.step) == [61])
    #expect(player.status.isLive)
  }

  /// A changed or damaged folder gives an error or a shorter run, never a crash.
  @Test("Mutated run directories", arguments: [UInt64(1), 2, 3])
  func mutated(seed: UInt64) throws {
    let paths = try trained(["--seed", "\(seed)"])
    var random = SeededGenerator(seed: seed)
    let rounds = ProcessInfo.processInfo.environment["METATOP_FUZZ"].flatMap { Int($0) } ?? 100
    let names = ["config.json", "metrics.jsonl", "events.jsonl"]
    let originals = try names.map { try SystemFile.read(paths[0] + "/" + $0) }
    for round in 0..<rounds {
      let which = Int(random.next() % 3)
      var bytes = originals[which]
      for _ in 0..<(1 + Int(random.next() % 8)) where !bytes.isEmpty {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 400)))
        default: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      try Data(bytes).write(to: URL(fileURLWithPath: paths[0] + "/" + names[which]))
      defer {
        try? Data(originals[which]).write(to: URL(fileURLWithPath: paths[0] + "/" + names[which]))
      }
      do {
        var player = ReplayPlayer(try readers([paths[0]]), isLive: true)
        let events = player.pull(now: 0)
        #expect(events.count < 1000, "seed \(seed), round \(round)")
      } catch {
        #expect("\(error)".contains("config.json"), "seed \(seed), round \(round): \(error)")
      }
    }
  }

  @Test("What is no run is one sentence")
  func refusals() throws {
    let missing = try Program.run(["replay", "nowhere"], in: folder)
    #expect(missing.status == 65 && missing.complaints.count == 1)
    #expect(missing.errors.contains("nowhere/config.json: cannot be read"))
    try FileManager.default.createDirectory(atPath: folder / "r", withIntermediateDirectories: true)
    _ = try folder.write("{\"steps\": \"many\"}", to: "r/config.json")
    let foreign = try Program.run(["attach", "r"], in: folder)
    #expect(foreign.status == 65 && foreign.errors.contains("does not describe a run"))
  }

  @Test("In a terminal: the header says where it is, keys play it, quitting restores")
  func inATerminal() throws {
    let paths = try trained()
    let session = try DashboardSession(["replay"] + paths, isTraining: false)
    #expect(session.shows("REPLAY"))
    session.send("]")
    #expect(session.shows("REPLAY ×2"))
    session.send(" ")
    #expect(session.shows("REPLAY PAUSED"))
    session.send("j\u{1B}[C")
    #expect(session.shows("a recorded run cannot be changed"))
    session.send("](")
    #expect(session.shows("REPLAY PAUSED 0:00"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }
}

extension ReplayPlayer {
  /// The events that are due.
  fileprivate mutating func pull(now: Double) -> [RunEvent] {
    var events: [RunEvent] = []
    pull(now: now) { events.append($0) }
    return events
  }
}
