import Experiments
import Files
import Foundation
import TestSupport
import Testing

@testable import Recording
@testable import metatop

@Suite("metatop export")
struct ExportTests {
  private func trained() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let program = try Program.run(
      ["train", "--methods", "cml", "--steps", "40", "--evaluate-every", "20", "--out", "runs"]
        + ["--evaluation-episodes", "5"],
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    return folder
  }

  @Test("Checksums are CRC-32C's published ones (RFC 3720, B.4)")
  func checksums() {
    #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xE306_9283)
    #expect(Checksum.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(Checksum.crc32c([UInt8](repeating: 255, count: 32)) == 0x62A8_AB43)
    #expect(Checksum.crc32c((0..<32).map { UInt8($0) }) == 0x46DD_794E)
  }

  @Test("Records follow one another whole: length, its checksum, event, its checksum")
  func framing() {
    var writer = TensorBoardWriter(time: 1)
    writer.scalar("loss", 0.5, step: 300, time: 2)
    writer.histogram("weights", [0, 1, 2, .nan, 4], step: 1, time: 3, count: 4)
    writer.histogram("empty", [.nan], step: 1, time: 3)
    var rest = writer.bytes[...]
    var events: [[UInt8]] = []
    while !rest.isEmpty {
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect(Array(rest.dropFirst(8).prefix(4)) == Checksum.masked(Array(rest.prefix(8))))
      let event = Array(rest.dropFirst(12).prefix(length))
      #expect(Array(rest.dropFirst(12 + length).prefix(4)) == Checksum.masked(event))
      events.append(event)
      rest = rest.dropFirst(16 + length)
    }
    #expect(events.count == 3, "a tensor without a finite number has no histogram")
    // wall_time 2, step 300 (two bytes of varint), summary { value { tag, simple_value } }.
    let value: [UInt8] = [0x0A, 4] + Array("loss".utf8) + [0x15, 0, 0, 0, 0x3F]
    let expected: [UInt8] =
      [0x09, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x10, 0xAC, 0x02, 0x2A, 13, 0x0A, 11] + value
    #expect(events[1] == expected)
  }

  @Test("A table has every number of every line, and nothing is replaced")
  func table() throws {
    let folder = try trained()
    let runs = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    let run = try #require(runs.first)
    #expect(try Program.run(["export", "runs/\(run)", "--out", "a/b"], in: folder).status == 0)
    let text = try String(contentsOfFile: folder / "a/b/\(run).csv", encoding: .utf8)
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let header = lines[0].map(String.init)
    for name in [
      "step", "t", "query_loss", "colearner_cosine/layer1", "validation_loss", "test_loss",
    ] {
      #expect(header.contains(name))
    }
    #expect(lines.allSatisfy { $0.count == header.count })
    let recorded = try RecordedRun(folder / "runs/\(run)")
    let column = try #require(header.firstIndex(of: "query_loss"))
    let losses = lines.dropFirst().compactMap { Double($0[column]) }
    #expect(losses == recorded.losses && losses.count == 40)
    let again = try Program.run(["export", "runs/\(run)", "--out", "a/b"], in: folder)
    #expect(again.status == 64)
    #expect(
      again.complaints == [
        "metatop: --out: a/b/\(run).csv is there already; move it or give another folder"
      ]
    )
  }

  @Test("An outer step has one row, its validation in it, and the test a row of its own")
  func validationsOnce() throws {
    let folder = try trained()
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "runs").first
    )
    #expect(try Program.run(["export", "runs/\(run)"], in: folder).status == 0)
    let text = try String(contentsOfFile: folder / "export/\(run).csv", encoding: .utf8)
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    func cells(_ name: String) throws -> [String] {
      let column = try #require(lines[0].firstIndex(of: name))
      return lines.dropFirst().map { $0[column] }
    }
    #expect(try cells("step") == (1...40).map { "\($0)" } + ["40"])
    let recorded = try RecordedRun(folder / "runs/\(run)")
    for (name, key) in [
      ("validation_loss", "loss"), ("validation_ci95", "ci95"),
      ("validation_loss_ci95", "loss_ci95"),
    ] {
      let values = try cells(name)
      #expect(values.indices.filter { !values[$0].isEmpty } == [19, 39], "\(name)")
      let expected = recorded.events.filter {
        $0["event"] == "validation" && $0["meta_test"] == .bool(false)
      }.compactMap { $0[key]?.double }
      #expect([19, 39].compactMap { Double(values[$0]) } == expected, "\(name)")
    }
    #expect(try cells("test_loss").dropLast().allSatisfy(\.isEmpty))
    #expect(try cells("query_loss").last == "")
    // In the event file too: each tag of a step once.
    #expect(
      try Program.run(["export", "runs/\(run)", "--format", "tensorboard"], in: folder).status == 0
    )
    let told = try ToldRun(folder / "export/\(run)")
    #expect(told.steps["validation_loss"] == [20, 40] && told.steps["test_loss"] == [40])
  }

  @Test("What cannot be exported is one sentence")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let missing = try Program.run(["export", "nowhere"], in: folder)
    #expect(missing.status == 65 && missing.complaints.count == 1)
    #expect(missing.errors.contains("nowhere/config.json cannot be read"))
    let format = try Program.run(["export", "x", "--format", "parquet"], in: folder)
    #expect(format.status == 64 && format.errors.contains("use csv, tensorboard, episode"))
    let blocked = try trained()
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: blocked / "runs").first
    )
    _ = try blocked.write("", to: "file")
    let out = try Program.run(["export", "runs/\(run)", "--out", "file"], in: blocked)
    #expect(out.status == 65 && out.errors.contains("cannot be written"))
  }

  private static let reader = """
    import sys
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2
    a = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
    a.Reload()
    losses = a.Scalars("query_loss")
    print(len(losses), losses[-1].step, [e.step for e in losses] == sorted({e.step for e in losses}))
    h = a.Histograms("parameters/body.layer1.weight")[0].histogram_value
    print(int(h.num), int(sum(h.bucket)))
    data = a.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    start = plugin_data_pb2.HParamsPluginData.FromString(data).session_start_info
    print(start.hparams["gamma"].number_value, start.hparams["method_name"].string_value)
    """

  /// Whether this machine's Python has tensorboard.
  private static let hasTensorBoard: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "python3 -c 'import tensorboard.plugins.hparams.plugin_data_pb2'"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(
    "TensorBoard reads scalars, histograms and hyperparameters back",
    .enabled(if: hasTensorBoard)
  )
  func readByTensorBoard() throws {
    let folder = try trained()
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "runs").first
    )
    let program = try Program.run(["export", "runs/\(run)", "--format", "tensorboard"], in: folder)
    #expect(program.status == 0, "\(program.errors)")
    #expect(try read(folder / "export/\(run)", folder) == "40 40 True\n40 40\n0.2 CML\n")
    // The file that grew beside the logs, and after resuming the two of them.
    #expect(try read(folder / "runs/\(run)", folder) == "40 40 True\n40 40\n0.2 CML\n")
    let more = try Program.run(["train", "--resume", "runs/\(run)", "--steps", "60"], in: folder)
    #expect(more.status == 0, "\(more.errors)")
    #expect(try read(folder / "runs/\(run)", folder) == "60 60 True\n40 40\n0.2 CML\n")
  }

  /// What TensorBoard's own reader finds in a folder.
  private func read(_ path: String, _ folder: TemporaryFolder) throws -> String {
    let script = try folder.write(Self.reader, to: "reader.py")
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "python3 \"$0\" \"$1\"", script, path]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  @Test(
    "The event file in the run's directory says what an export says, and a resumed run gets another"
  )
  func liveEventFile() throws {
    let folder = try trained()
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "runs").first
    )
    func eventFiles(_ path: String) throws -> [[UInt8]] {
      try FileManager.default.contentsOfDirectory(atPath: folder / path)
        .filter { $0.hasPrefix("events.out.tfevents.") }.sorted()
        .map { try SystemFile.read(folder / path + "/" + $0) }
    }
    let export = ["export", "runs/\(run)", "--format", "tensorboard"]
    #expect(try Program.run(export, in: folder).status == 0)
    #expect(try eventFiles("runs/\(run)") == eventFiles("export/\(run)"))
    let more = try Program.run(["train", "--resume", "runs/\(run)", "--steps", "60"], in: folder)
    #expect(more.status == 0, "\(more.errors)")
    let files = try eventFiles("runs/\(run)")
    #expect(files.count == 2)
    // Only the second says from where on it counts: session_log { status: START }.
    let marker: [UInt8] = [0x3A, 2, 0x08, 1]
    let marked = files.map { file in
      file.indices.contains { file[$0...].starts(with: marker) }
    }
    #expect(marked.count { $0 } == 1)
    // Together they tell what a new export tells: the same tags, steps and hyperparameters, once.
    let again = export + ["--out", "again"]
    #expect(try Program.run(again, in: folder).status == 0)
    let (live, exported) = (
      try ToldRun(folder / "runs/\(run)"), try ToldRun(folder / "again/\(run)")
    )
    #expect(live.steps == exported.steps && live.settings == exported.settings)
    #expect(live.steps["query_loss"] == Array(1...60) && live.steps["test_loss"] == [60])
    #expect(live.settings.contains { $0.contains("steps") })
    let off = try Program.run(
      ["train", "--methods", "maml", "--steps", "5", "--tensorboard", "off", "--out", "off"],
      in: folder
    )
    #expect(off.status == 0)
    let without = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder / "off").first
    )
    #expect(try eventFiles("off/\(without)").isEmpty)
  }
}
