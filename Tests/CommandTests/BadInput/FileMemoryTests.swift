import CellGrid
import Experiments
import Files
import Foundation
import Recording
import TestSupport
import Testing
import VirtualTerminal

/// Files that were made to fill the memory: whatever is in them, at most twice their size is taken.
///
/// Each is compared with the same command on a small file; memory is counted in pages, and a page
/// more or less comes by chance, so 2 MiB are allowed besides.
@Suite struct FileMemoryTests {
  private let folder: TemporaryFolder
  private let run: RunDirectory

  init() throws {
    folder = try TemporaryFolder()
    let line = "train --methods cml --steps 6 --meta-batch 2 --evaluate-every 0"
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs")
    run = RunDirectory(path: folder / "runs/" + (try #require(names.first)))
  }

  private static let allowance = 2 << 20

  /// The most memory a command had, in bytes.
  private func peak(_ arguments: [String], status: Int32) throws -> Int {
    let path = folder / "peak"
    let program = try Program.run(
      arguments,
      in: folder,
      shell: "exec '\(builtExecutable("TerminalFixture"))' peak '\(path)' \"$@\""
    )
    #expect(program.status == status, "\(arguments): \(program.errors)")
    return try kibibytes(path) * 1_024
  }

  private func kibibytes(_ path: String) throws -> Int {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try #require(Int(text.split(separator: "\n").first ?? ""))
  }

  /// The most memory of a dashboard that has come to show something.
  private func peakOnScreen(_ arguments: [String], showing text: String) throws -> Int {
    let path = folder / "peak"
    let terminal = try PseudoTerminalProcess(
      builtExecutable("TerminalFixture"),
      ["peak", path, builtExecutable("metatop")] + arguments,
      environment: ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"],
      size: GridSize(columns: 120, rows: 40)
    )
    let shows = terminal.waitForScreen(timeout: DashboardSession.patience) {
      $0.text.contains(text)
    }
    #expect(shows, "\(terminal.screen.text)")
    terminal.send("q")
    #expect(terminal.waitForExit(timeout: DashboardSession.patience) == 0)
    return try kibibytes(path) * 1_024
  }

  /// Puts a file in the place of another and expects what a command takes more with it.
  private func expectBound(
    _ name: String,
    _ path: String,
    _ bytes: [UInt8],
    least: Int,
    _ measure: () throws -> Int
  ) throws {
    let original = try? SystemFile.read(path)
    try SystemFile.replace(path, with: [bytes[...]], isDurable: false)
    let peak = try measure()
    if let original { try SystemFile.replace(path, with: [original[...]], isDurable: false) }
    let more = peak - least
    #expect(more <= 2 * bytes.count + Self.allowance, "\(name): \(more) for \(bytes.count) bytes")
  }

  // MARK: Documents

  @Test func documents() throws {
    let original = String(decoding: try SystemFile.read(run.configuration), as: UTF8.self)
    func configuration(_ extra: String) -> [UInt8] {
      Array(
        (original.trimmingCharacters(in: .whitespacesAndNewlines).dropLast() + extra + "}").utf8
      )
    }
    func list(_ element: String, _ count: Int) -> String {
      ",\"x\":[" + String(repeating: element + ",", count: count) + element + "]"
    }
    let least = try peak(["compare", run.path], status: 0)
    for (name, extra) in [
      ("numbers", list("0", 1_900_000)), ("lists", list("[]", 1_200_000)),
      ("objects", list("{}", 1_200_000)), ("strings", list("\"a\"", 900_000)),
      ("one string", ",\"x\":\"" + String(repeating: "é", count: 1_900_000) + "\""),
      (
        "keys",
        ",\"x\":{" + (0..<15_000).map { "\"\(String($0, radix: 36))\":0" }.joined(separator: ",")
          + "}"
      ),
    ] {
      try expectBound(name, run.configuration, configuration(extra), least: least) {
        try peak(["compare", run.path], status: 0)
      }
    }
  }

  @Test func listsOfOptions() throws {
    let path = try folder.write("x: 1", to: "options.yaml")
    let command = ["train", "--config", path]
    let least = try peak(command, status: 65)
    for (name, text) in [
      ("values", "x: [" + String(repeating: "a,", count: 32_000) + "a]"),
      ("admitted values", "x: [" + String(repeating: "a,", count: 4_000) + "a]"),
      ("one value", "x: " + String(repeating: "y", count: 65_000)),
      ("too large", "x: " + String(repeating: "y", count: 1_000_000)),
    ] {
      try expectBound(name, path, Array(text.utf8), least: least) {
        try peak(command, status: 65)
      }
    }
  }

  @Test func checkpoints() throws {
    let command = ["evaluate", run.path, "--episodes", "2", "--checkpoint", "last"]
    func file(_ header: String, _ count: Int) -> [UInt8] {
      withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
        + [UInt8](repeating: 0, count: count)
    }
    let tensors = (0..<15_000).map {
      "\"\(String($0, radix: 36))\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"
    }
    let sizes = String(repeating: "1,", count: 2_000_000) + "1"
    let large = 16_000_000
    var least = 0
    try expectBound("nothing", run.lastCheckpoint, file("{}", 0), least: .max / 2) {
      least = try peak(command, status: 65)
      return least
    }
    for (name, bytes) in [
      ("tensors", file("{\(tensors.joined(separator: ","))}", 0)),
      ("sizes", file("{\"x\":{\"dtype\":\"F32\",\"shape\":[\(sizes)],\"data_offsets\":[0,4]}}", 4)),
      (
        "metadata",
        file("{\"__metadata__\":{\"x\":\"\(String(repeating: "y", count: 4_000_000))\"}}", 0)
      ),
      (
        "data",
        file("{\"x\":{\"dtype\":\"U8\",\"shape\":[\(large)],\"data_offsets\":[0,\(large)]}}", large)
      ),
    ] {
      try expectBound(name, run.lastCheckpoint, bytes, least: least) {
        try peak(command, status: 65)
      }
    }
  }

  // MARK: Logs

  /// Lines as short as they can be, each with something that is told.
  private func log(_ rest: String, _ count: Int) -> [UInt8] {
    Array((1...count).map { "{\"step\":\($0),\"t\":\($0),\(rest)}\n" }.joined().utf8)
  }

  @Test func exports() throws {
    func export(_ name: String, _ format: String) throws -> Int {
      try peak(["export", run.path, "--out", name, "--format", format], status: 0)
    }
    let least = try export("small", "tensorboard")
    let lines = log("\"query_loss\":1", 60_000)
    for format in ["csv", "tensorboard"] {
      try expectBound(format, run.metrics, lines, least: least) { try export(format, format) }
    }
  }

  @Test func replays() throws {
    let numbers = String(repeating: "1,", count: 900_000) + "1"
    func attached(_ text: String) throws -> Int {
      try peakOnScreen(["attach", run.path], showing: text)
    }
    let least = try attached("6 / 6")
    try expectBound("steps", run.metrics, log("\"query_loss\":1", 60_000), least: least) {
      try attached("60,000 / 6")
    }
    for (name, bytes) in [
      ("notes", log("\"event\":\"note\",\"text\":\"x\"", 60_000)),
      ("inner loops", log("\"event\":\"probes\"", 60_000)),
      ("validations", log("\"event\":\"validation\",\"loss\":1", 60_000)),
      (
        "one line",
        Array("{\"step\":1,\"t\":1,\"event\":\"probes\",\"query_losses\":[\(numbers)]}\n".utf8)
      ),
    ] {
      try expectBound(name, run.events, bytes, least: least) { try attached("6 / 6") }
    }
  }
}
