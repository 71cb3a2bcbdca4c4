import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

/// `metatop runs`.
@Suite struct RunsCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String) throws -> Program {
    try Program.run(arguments.split(separator: " ").map(String.init), in: folder)
  }

  private func train(_ more: String) throws {
    let program = try run("train --meta-batch 2 --threads 1 --evaluate-every 0 " + more)
    #expect(program.status == 0, "\(program.errors)")
  }

  @Test("It lists what is there, newest first, with commands that work")
  func list() throws {
    try train("--methods maml,cml --steps 5")
    try train("--methods cml --steps 6 --seed 3")
    try train("--methods maml --steps 3 --shot 5")
    let text = try run("runs")
    #expect(text.status == 0 && text.errors == "")
    let lines = text.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("run ") && lines[0].hasSuffix("age"))
    #expect(lines.filter { $0.hasPrefix("sinusoid-") }.count == 4, "\(text.output)")
    #expect(lines.contains { $0.contains("   CML      sinusoid 10-shot   6 / 6   ") })
    let replay = try #require(lines.first { $0.hasPrefix("replay  metatop replay runs/sinusoid-") })
    #expect(!replay.contains("cml"), "the newest comparison alone: \(replay)")
    let filtered = try run("runs --filter CML")
    #expect(
      filtered.output.split(separator: "\n").filter { $0.hasPrefix("sinusoid-cml") }.count == 2
    )
    #expect(!filtered.output.contains("sinusoid-maml"))
    #expect(try run("runs --filter nothing").output == "no runs\n")
    let json = try JSONValue(parsing: Array(try run("runs --json").output.utf8))
    let rows = json.elements
    #expect(rows.count == 4)
    let pair = rows.filter { $0["methods"]?.elements.count == 2 }
    #expect(pair.map { $0["method"]?.string } == ["MAML", "CML"])
    #expect(Set(pair.compactMap { $0["comparison"]?.string }).count == 1)
    #expect(pair[0]["state"] == "finished" && pair[0]["step"] == 5 && pair[0]["split"] == "test")
    #expect((pair[0]["age_seconds"]?.double ?? -1) >= 0)
    let command = try #require(pair[0]["commands"]?["compare"]?.string)
    #expect(try run(String(command.dropFirst("metatop ".count))).status == 0)
  }

  @Test("A stopped comparison is offered to go on; damaged folders are passed over with a word")
  func states() throws {
    try train("--methods maml,cml --steps 5")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs").sorted()
    for name in names {
      let path = folder / "runs/\(name)/summary.json"
      let summary = try String(contentsOfFile: path, encoding: .utf8)
      try summary.replacing("\"finished\"", with: "\"stopped\"")
        .write(toFile: path, atomically: true, encoding: .utf8)
    }
    for (name, text) in [("broken", "{\"method\":"), ("other", "")] {
      let path = folder / "runs/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      if name == "broken" {
        try text.write(toFile: path + "/config.json", atomically: true, encoding: .utf8)
      }
    }
    let text = try run("runs")
    #expect(text.status == 0)
    #expect(text.complaints.count == 1)
    #expect(text.errors.hasPrefix("metatop: runs: runs/broken/config.json is damaged: "))
    #expect(text.errors.hasSuffix("; passed over\n"))
    let resume = try #require(text.output.split(separator: "\n").first { $0.hasPrefix("resume  ") })
    #expect(names.allSatisfy { resume.contains("runs/\($0)") })
    #expect(text.output.split(separator: "\n").filter { $0.contains(" stopped ") }.count == 2)
    let missing = try run("runs nowhere")
    #expect(missing.status == 65)
    #expect(
      missing.errors
        == "metatop: runs: there is no folder nowhere; give the folder that --out named\n"
    )
  }

  @Test("Names with escape sequences reach the terminal without them")
  func hostile() throws {
    let evil = "\u{1B}]0;gotcha\u{7}"
    let path = folder / "runs/a\(evil)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let configuration = """
      {"method": "m", "method_name": "M\\u001b[2J", "model": "\\u001b]2;x", "steps": 1, "seed": 0,
       "comparison": "c\\u001b[2J", "task": {"name": "t\\u009b2J", "kind": "regression", "shot": 1}}
      """
    try configuration.write(toFile: path + "/config.json", atomically: true, encoding: .utf8)
    for command in ["runs", "runs --json"] {
      let program = try run(command)
      #expect(program.status == 0)
      #expect(!program.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
      #expect(!program.output.unicodeScalars.contains { (0x7F..<0xA0).contains($0.value) })
      #expect(program.output.contains("gotcha"))
    }
  }
}

extension JSONValue {
  fileprivate var elements: [JSONValue] { if case .array(let all) = self { all } else { [] } }
}
