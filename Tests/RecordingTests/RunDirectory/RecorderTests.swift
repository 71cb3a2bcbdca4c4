import Events
import Files
import Glibc
import Recording
import TestSupport
import Testing

@Suite("Recorder")
struct RecorderTests {
  private let disk = MemoryDisk()

  @Test("The directory is named by task, method, time and four digits, and resolved before step 1")
  func creation() async throws {
    let recorder = try recorder([recordedDescription(0, method: "maml", task: "folder:a/b ü")])
    let directory = try #require(recorder.directories.first)
    #expect(directory.path == "runs/folder-a-b---maml-20260921-141320-00ab")
    let config = try disk.document(directory.configuration)
    #expect(config["run"]?.string == directory.name)
    #expect(config["version"]?.string == "1.2")
    #expect(config["hyperparameters"]?["inner-lr"]?.double == 0.01)
    #expect(config["hyperparameter_descriptors"]?.array?.first?["range"]?.array?.count == 2)
    #expect(config["task"]?["name"]?.string == "folder:a/b ü")
    #expect(config["recording"]?["metrics_every"] == 1)
    #expect(try disk.document(directory.state)["step"] == 0)
  }

  @Test("What the first steps decide of the probes is in config.json, beside all that stood there")
  func probePace() async throws {
    let recorder = try recorder([recordedDescription(0), recordedDescription(1)])
    let paths = recorder.directories.map(\.configuration)
    let before = try disk.document(paths[0])
    let pace = ProbePace(
      cost: 1.5,
      every: 60,
      early: .init(every: 40, until: 900),
      watchedEvery: 10
    )
    await recorder.record([.probesPaced(RunID(0), pace)])
    await recorder.tick()
    let after = try disk.document(paths[0])
    #expect(after["probe_pace"]?["cost"]?.double == 1.5 && after["probe_pace"]?["every"] == 60)
    #expect(after["probe_pace"]?["early_every"] == 40 && after["probe_pace"]?["early_until"] == 900)
    #expect(after["probe_pace"]?["watched_every"] == 10)
    #expect(after["run"] == before["run"] && after["version"] == before["version"])
    #expect(try disk.document(paths[1])["probe_pace"] == nil)
  }

  @Test("Two runs within a second, and a name that is taken, get different directories")
  func uniqueNames() throws {
    let first = try recorder([recordedDescription(0), recordedDescription(1)])
    disk.resetRandom()
    let second = try recorder([recordedDescription(0)])
    let names = (first.directories + second.directories).map { $0.name.suffix(4) }
    #expect(names == ["00ab", "00ac", "00ad"])
  }

  @Test("A folder that cannot be made is one sentence before training starts")
  func unwritable() {
    disk.refuse("runs", EACCES)
    let error = #expect(throws: RunDirectoryError.self) { try recorder([recordedDescription(0)]) }
    #expect(
      error?.description == "runs: cannot be created (Permission denied); "
        + "give --out a folder that you may write to"
    )
  }

  @Test("Every outer step of a short run is a line with the keys that scripts rely on")
  func metrics() async throws {
    let recorder = try recorder([recordedDescription(0, steps: 3)])
    await recorder.record([
      .step(recordedReport(0, 1, loss: 4)),
      .step(recordedReport(0, 2, loss: .nan, probes: [0.5, -.infinity])),
      .step(recordedReport(0, 3, loss: 2, operations: 12_345_678_901)),
      .validation(recordedValidation(0, step: 3)),
    ])
    _ = await recorder.finish()
    let lines = try disk.lines(recorder.directories[0].metrics)
    #expect(lines.map { $0["step"] } == [1, 2, 3])
    #expect(
      lines[0].encodedText == """
        {"step":1,"t":1790000000.5,"method":"maml","query_loss":4.0,"support_loss":2.0,\
        "meta_gradient_norm":3.0,"episodes_per_second":8.0}

        """
    )
    #expect(lines[1]["query_loss"] == .null)
    #expect(lines[1]["query_loss_before"]?.double == 9)
    #expect(lines[1]["colearner_cosine"]?.double == 0.5)
    #expect(lines[1]["nan"] == ["query_loss", "colearner_loss"])
    #expect(lines[2]["flops"]?.double == 12_345_678_901)
    #expect(lines[2]["validation_ci95"]?.double == 0.25)
    #expect(lines[2]["query_loss"]?.double == 2)
  }

  @Test("An episode leaves its names and predictions, not its pictures")
  func episodes() async throws {
    let recorder = try recorder([
      recordedDescription(0, steps: 3), recordedDescription(1, steps: 3),
    ])
    let query = EpisodeSnapshot.Query(
      label: 1,
      pixels: Array(repeating: 7, count: 1024),
      before: .init(label: 0, probability: 0.5),
      after: .init(label: 1, probability: 0.75)
    )
    let snapshot = EpisodeSnapshot(
      run: RunID(1),
      step: 2,
      task: 7,
      innerSteps: 1,
      height: 32,
      width: 32,
      channels: 1,
      classNames: ["cat", "d\u{1b}og"],
      support: [],
      query: [query]
    )
    await recorder.record([.step(recordedReport(1, 2)), .episode(snapshot)])
    _ = await recorder.finish()
    let metrics = try disk.lines(recorder.directories[1].metrics)
    #expect(metrics.count == 1)
    let line = try #require(try disk.lines(recorder.directories[1].events).last)
    #expect(line["event"] == "episode" && line["step"] == 2 && line["task"] == 7)
    #expect(line["classes"] == ["cat", "d\u{1b}og"])
    #expect(line["labels"] == [1] && line["before"] == [0] && line["after"] == [1])
    #expect(line["probabilities_after"]?.array?.first?.double == 0.75)
    #expect(line.encodedText.utf8.count < 300)
    #expect(try disk.lines(recorder.directories[0].events).isEmpty)
  }

  @Test("In classification the interval in the metrics is the accuracy's")
  func classificationInterval() async throws {
    let recorder = try recorder([recordedDescription(0, steps: 3)])
    var scored = recordedValidation(0, step: 3)
    scored.accuracy = 0.875
    scored.accuracyConfidence95 = 0.125
    scored.accuracyByInnerStep = [0.25, 0.875]
    await recorder.record([.validation(scored)])
    _ = await recorder.finish()
    let line = try disk.lines(recorder.directories[0].metrics)[0]
    #expect(line["validation_accuracy"]?.double == 0.875)
    #expect(line["validation_ci95"]?.double == 0.125)
    let event = try disk.lines(recorder.directories[0].events)[0]
    #expect(event["ci95"]?.double == 0.125 && event["loss_ci95"]?.double == 0.25)
    #expect(event["accuracy_by_inner_step"]?.array?.count == 2)
  }

  @Test("A long run is decimated with exact extremes, and keeps probes and validations")
  func decimation() async throws {
    let seed = UInt64.random(in: 1 ... .max)
    print("seed \(seed)")
    let total = 23_456
    let recorder = try recorder([recordedDescription(0, steps: total)])
    let losses = (1...total).map { step in
      Float((UInt64(step) &* 0x9E37_79B9_7F4A_7C15 ^ seed) % 1_000_003)
    }
    for step in 1...total {
      let probes: [Float]? = step % 777 == 0 ? [1, 2] : nil
      await recorder.record([.step(recordedReport(0, step, loss: losses[step - 1], probes: probes))]
      )
      if step == 1_001 { await recorder.record([.validation(recordedValidation(0, step: 1_001))]) }
    }
    _ = await recorder.finish()
    let lines = try disk.lines(recorder.directories[0].metrics)
    let steps = lines.compactMap { $0["step"]?.integer }
    let expected = (1...total).filter { $0 % 5 == 0 || $0 % 777 == 0 || $0 == 1_001 || $0 == total }
    #expect(steps == expected)
    var previous = 0
    for line in lines {
      let step = try #require(line["step"]?.integer)
      let range = losses[previous..<step]
      #expect(line["query_loss_min"]?.double == range.min().map(Double.init))
      #expect(line["query_loss_max"]?.double == range.max().map(Double.init))
      previous = step
    }
    let config = try disk.document(recorder.directories[0].configuration)
    #expect(config["recording"]?["metrics_every"] == 5)
    #expect(config["recording"]?["metrics_rule"]?.string?.hasPrefix("one outer step in 5") == true)
  }

  @Test("Lines are written in batches, the state at most once a second")
  func batching() async throws {
    let recorder = try recorder([recordedDescription(0, steps: 1_000)])
    let directory = recorder.directories[0]
    for step in 1...1_000 {
      await recorder.record([.step(recordedReport(0, step))])
      disk.advance(0.01)
    }
    _ = await recorder.finish()
    #expect(try disk.lines(directory.metrics).count == 1_000)
    #expect((30...45).contains(disk.writes(directory.metrics)))
    #expect((10...13).contains(disk.writes(directory.state)))
    #expect(try disk.document(directory.state)["step"] == 1_000)
  }

  @Test("The state tells how long the rest will take, and how often the run was begun before")
  func remainingTime() async throws {
    let recorder = try recorder([recordedDescription(0, steps: 100)])
    let state = recorder.directories[0].state
    #expect(try disk.document(state)["eta"] == .null)
    #expect(try disk.document(state)["restarts"] == 0)
    await recorder.record([
      .statusChanged(RunID(0), .running, step: 0), .step(recordedReport(0, 10)),
    ])
    disk.advance(20)
    await recorder.record([.step(recordedReport(0, 50))])
    await recorder.tick()
    // Forty steps in 20 s, fifty to go.
    #expect(try disk.document(state)["eta"]?.double == 25)
    await recorder.record([.statusChanged(RunID(0), .paused, step: 50)])
    disk.advance(2)
    await recorder.tick()
    #expect(try disk.document(state)["eta"] == .null)
  }

  @Test("The heartbeat goes on while nothing happens")
  func heartbeat() async throws {
    let recorder = try recorder([recordedDescription(0)])
    let state = recorder.directories[0].state
    await recorder.record([.statusChanged(RunID(0), .paused, step: 7)])
    disk.advance(30)
    await recorder.tick()
    #expect(try disk.document(state)["heartbeat"]?.double == 1_790_000_030.5)
    #expect(try disk.document(state)["status"] == "paused")
    #expect(try disk.document(state)["pid"] == 42)
  }

  @Test("Commands, statuses, validations and notes are logged with their steps, in each run's file")
  func events() async throws {
    let recorder = try recorder([recordedDescription(0), recordedDescription(1, method: "cml")])
    await recorder.record([
      .started(recordedDescription(0)), .step(recordedReport(0, 5)),
      .hyperparameterChanged(RunID(0), id: "inner-lr", value: 0.02, step: 5),
      .commandRefused(RunID(1), reason: "no", step: 4),
      .fairnessChanged(.equalCompute), .note(nil, "to all"),
      .validation(recordedValidation(0, step: 5)), .statusChanged(RunID(0), .stopped, step: 5),
    ])
    let first = try disk.lines(recorder.directories[0].events)
    #expect(
      first.map { $0["event"]?.string } == [
        "started", "hyperparameter", "fairness", "note", "validation", "status",
      ]
    )
    #expect(first.map { $0["step"]?.integer } == [0, 5, 5, 5, 5, 5])
    #expect(first[1]["value"]?.double == 0.02)
    #expect(first[4]["loss_by_inner_step"]?.array?.count == 2)
    let second = try disk.lines(recorder.directories[1].events)
    #expect(second.map { $0["event"]?.string } == ["refused", "fairness", "note"])
  }

  @Test("The summary holds the final numbers")
  func summary() async throws {
    let recorder = try recorder([recordedDescription(0, steps: 200)])
    for step in 1...200 {
      await recorder.record([.step(recordedReport(0, step, loss: Float(step)))])
    }
    await recorder.record([
      .validation(recordedValidation(0, step: 200, isMetaTest: true)),
      .statusChanged(RunID(0), .finished, step: 200),
    ])
    let summaries = await recorder.finish()
    let json = try disk.document(recorder.directories[0].summary)
    #expect(json == summaries.first?.json)
    #expect(json["query_loss"]?.double == 150.5)
    #expect(json["steps_per_second"]?.double == 2)
    #expect(json["test_loss"]?.double == 0.5 && json["test_ci95"]?.double == 0.25)
    #expect(json["test_episodes"] == 600 && json["parameters"] == 1_761)
    #expect(json["seed"]?.string == "18446744073709551615")
    #expect(json["diverged"] == false && json["peak_rss_mib"]?.double == 12.3)
  }

  @Test("It follows a bus to its end on the real disk")
  func follow() async throws {
    let folder = try TemporaryFolder()
    let bus = EventBus()
    let subscription = bus.subscribe()
    let recorder = try Recorder(
      [recordedDescription(0, steps: 100)],
      under: folder / "new/runs",
      report: bus.post
    )
    for step in 1...100 { bus.post(.step(recordedReport(0, step))) }
    bus.post(.statusChanged(RunID(0), .finished, step: 100))
    bus.close()
    async let delivery: Void = bus.run()
    let summaries = await recorder.follow(subscription)
    await delivery
    #expect(summaries.map(\.status) == [.finished])
    let directory = recorder.directories[0]
    let metrics = try SystemFile.read(directory.metrics).split(separator: 0x0A)
    #expect(metrics.count == 100)
    #expect(try JSONValue(parsing: SystemFile.read(directory.state))["status"] == "finished")
    #expect(await recorder.failures.isEmpty)
    withExtendedLifetime(folder) {}
  }

  @Test("The system's own refusals reach the sentence")
  func realRefusals() throws {
    let folder = try TemporaryFolder()
    try SystemFile.replace(folder / "file", with: [[1]], isDurable: false)
    let error = #expect(throws: RunDirectoryError.self) {
      try Recorder([recordedDescription(0)], under: folder / "file/runs", report: { _ in })
    }
    #expect(error?.reason.hasPrefix("cannot be created (Not a directory)") == true)
    let full = #expect(throws: SystemError.self) { try SystemFile.append([1], to: "/dev/full") }
    #expect(full?.code == ENOSPC)
  }

  private func recorder(_ runs: [RunDescription]) throws -> Recorder {
    try Recorder(
      runs,
      under: "runs",
      configuration: [JSONField("version", "1.2")],
      environment: disk.environment,
      report: { _ in }
    )
  }
}

func recordedDescription(
  _ run: Int,
  method: String = "maml",
  task: String = "sinusoid",
  steps: Int = 10
) -> RunDescription {
  RunDescription(
    id: RunID(run),
    methodID: method,
    methodName: method.uppercased(),
    citation: "Finn et al. 2017",
    task: TaskDescription(name: task, kind: .regression, way: nil, shot: 10, queryShot: 10),
    model: "MLP 1-40-40-1",
    layers: ["layer1", "layer2", "head"],
    parameterCounts: ["body": 1_720, "head": 41],
    hyperparameters: [
      HyperparameterDescriptor(
        id: "inner-lr",
        symbol: "α",
        kind: .logarithmic(1e-5...10),
        defaultValue: 0.01,
        help: "inner learning rate"
      )
    ],
    values: ["inner-lr": 0.01],
    probes: [
      ProbeDescriptor(key: "colearner_cosine", label: "cos", help: "cosine"),
      ProbeDescriptor(key: "colearner_loss", label: "loss", help: "loss"),
    ],
    totalSteps: steps,
    metaBatchSize: 4,
    seed: .max,
    threads: 1
  )
}

func recordedReport(
  _ run: Int,
  _ step: Int,
  loss: Float = 1,
  operations: Double = 0,
  probes: [Float]? = nil
) -> StepReport {
  StepReport(
    run: RunID(run),
    step: step,
    seconds: Double(step) / 2,
    operations: operations,
    queryLoss: loss,
    supportLoss: 2,
    metaGradientNorm: 3,
    probes: probes.map {
      StepProbes(
        supportLosses: [2, 1],
        queryLosses: [9, loss],
        innerGradientNorms: [1, 1, 1],
        values: $0
      )
    }
  )
}

func recordedValidation(_ run: Int, step: Int, isMetaTest: Bool = false) -> ValidationReport {
  ValidationReport(
    run: RunID(run),
    step: step,
    loss: 0.5,
    lossConfidence95: 0.25,
    lossByInnerStep: [3, 0.5],
    episodes: 600,
    isMetaTest: isMetaTest
  )
}

extension JSONValue {
  fileprivate var encodedText: String { String(decoding: encoded(), as: UTF8.self) }
}
