import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@Suite("metatop compare")
struct CompareTests {
  /// A run directory with what `compare` reads of it.
  private func record(
    _ name: String,
    _ method: String,
    seed: Int,
    accuracy: Double?,
    gamma: Double = 1,
    in folder: TemporaryFolder
  ) throws {
    let path = folder / name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let configuration = """
      {"method_name": "\(method)", "model": "Conv4-8", "steps": 100, "seed": \(seed),
       "task": {"name": "glyphs", "kind": "classification", "way": 5, "shot": 1, "setting": null},
       "hyperparameters": {"gamma": \(gamma), "first-order": 0},
       "hyperparameter_descriptors": [{"id": "first-order", "kind": "flag"},
                                      {"id": "gamma", "kind": "linear"}]}
      """
    try configuration.write(toFile: path + "/config.json", atomically: true, encoding: .utf8)
    guard let accuracy else { return }
    let summary = """
      {"test_accuracy": \(accuracy), "test_ci95": 0.01, "steps_per_second": 10}
      """
    try summary.write(toFile: path + "/summary.json", atomically: true, encoding: .utf8)
  }

  private func compare(_ arguments: [String], in folder: TemporaryFolder) throws -> Program {
    try Program.run(["compare"] + arguments, in: folder)
  }

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try record("a", "MAML", seed: 0, accuracy: 0.90, in: folder)
    try record("b", "MAML", seed: 1, accuracy: 0.92, in: folder)
    try record("c", "CML", seed: 0, accuracy: 0.95, in: folder)
    try record("d", "CML", seed: 0, accuracy: nil, gamma: 0.5, in: folder)
    return folder
  }

  @Test("Seeds become one row with Student's interval, the best comes first")
  func foldsSeeds() throws {
    let folder = try folder()
    let text = try compare(["a", "b", "c", "d"], in: folder)
    let lines = text.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 4, "\(text.output)")
    #expect(lines[0].hasPrefix("method   gamma   seeds   steps"))
    #expect(lines[1].hasPrefix("CML      1 ") && lines[1].hasSuffix("best"))
    // Half of 12.706 · 0.01: two seeds leave one degree of freedom.
    #expect(lines[2].contains("91.00 %   12.71   seeds"))
    #expect(lines[3].hasPrefix("CML      0.5") && lines[3].contains("–"))
    let apart = try compare(["a", "b", "--apart"], in: folder)
    #expect(apart.output.contains("92.00 %") && apart.output.contains("episodes"))
    // A run given twice is no second seed.
    let twice = try compare(["a", "a"], in: folder)
    #expect(!twice.output.contains("over   seeds") && twice.output.contains("episodes"))
  }

  @Test("As Markdown, LaTeX, CSV and JSON")
  func formats() throws {
    let folder = try folder()
    func output(_ format: String) throws -> String {
      try compare(["a", "c", "--format", format], in: folder).output
    }
    #expect(try output("markdown").contains("| **CML** | **1** | **100** | **95.00 %** |"))
    #expect(try output("latex").contains("\\textbf{CML} & \\textbf{1}"))
    #expect(try output("latex").contains("95.00 \\%"))
  }

  @Test("Programs get numbers under names: no per cent, no dashes, nothing for what is missing")
  func numbers() throws {
    let folder = try folder()
    let csv = try compare(["a", "b", "c", "d", "--format", "csv"], in: folder).output
    let lines = csv.split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "method,task,model,gamma,seeds,steps,steps_made,score,ci95,measure,split,over,"
        + "steps_per_second,status,runs"
    )
    #expect(
      lines[1] == "CML,glyphs 5-way 1-shot,Conv4-8,1,1,100,,0.95,0.01,accuracy,test,episodes,10.0,"
        + "finished,c"
    )
    // Two seeds, 0.90 and 0.92: the mean, and half of 12.706 · 0.01.
    #expect(lines[2].hasPrefix("MAML,glyphs 5-way 1-shot,Conv4-8,1,2,100,,0.91,0.127"))
    #expect(lines[2].hasSuffix(",accuracy,test,seeds,10.0,finished,a b"))
    #expect(lines[3] == "CML,glyphs 5-way 1-shot,Conv4-8,0.5,1,100,,,,,,,,interrupted,d")
    let text = try compare(["c", "d", "--format", "json"], in: folder).output
    let rows = try #require(try JSONValue(parsing: Array(text.utf8.dropLast())).array)
    #expect(rows[0]["score"] == .number(0.95) && rows[0]["ci95"] == .number(0.01))
    #expect(rows[0]["gamma"] == .integer(1) && rows[0]["seeds"] == .integer(1))
    #expect(rows[1]["score"] == .null && rows[1]["gamma"] == .number(0.5))
    #expect(rows[1]["runs"] == ["d"])
  }

  @Test("A run that did not come to its end shows the steps it made, of those asked for")
  func stepsMade() throws {
    let folder = try folder()
    for (name, steps, status) in [
      ("a", 100, "finished"), ("b", 40, "stopped"), ("c", 70, "stopped"),
    ] {
      let summary = """
        {"test_accuracy": 0.9, "test_ci95": 0.01, "steps": \(steps), "status": "\(status)"}
        """
      try summary.write(toFile: folder / "\(name)/summary.json", atomically: true, encoding: .utf8)
    }
    let lines = try compare(["a", "b", "c", "--apart"], in: folder).output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("CML") && $0.contains(" 70 of 100 ") }, "\(lines)")
    #expect(lines.contains { $0.contains(" 40 of 100 ") && $0.contains("stopped") })
    #expect(lines.contains { $0.contains(" 100 ") && !$0.contains(" of ") })
    // Of two seeds the least and the most.
    let folded = try compare(["a", "b"], in: folder).output
    #expect(folded.contains("40…100 of 100"), "\(folded)")
    let csv = try compare(["a", "b", "--format", "csv"], in: folder).output
    #expect(csv.contains(",2,100,70.0,") || csv.contains(",2,100,70,"), "\(csv)")
  }

  @Test("A test that is not a number is no validation's score, and a diverged run is never best")
  func notANumber() throws {
    let folder = try folder()
    let bad = """
      {"test_accuracy": null, "test_ci95": null, "validation_accuracy": 0.99,
       "status": "finished"}
      """
    try bad.write(toFile: folder / "c/summary.json", atomically: true, encoding: .utf8)
    let wild = """
      {"validation_accuracy": 0.99, "validation_ci95": 0.01, "status": "diverged"}
      """
    try wild.write(toFile: folder / "d/summary.json", atomically: true, encoding: .utf8)
    let rows = try compare(["a", "c", "d", "--format", "csv"], in: folder).output
      .split(separator: "\n").map(String.init)
    #expect(rows[1].hasPrefix("MAML,") && rows[1].contains(",0.9,"))
    #expect(rows[2].contains(",0.99,0.01,accuracy,validation,episodes,,diverged,d"))
    #expect(rows[3].contains(",nan,nan,accuracy,test,episodes,,finished,c"))
    let text = try compare(["a", "c", "d"], in: folder).output
    #expect(text.contains("diverged") && text.contains("nan"))
  }

  @Test("A run under way shows its last meta-validation and how it stands")
  func underWay() throws {
    let folder = try folder()
    let events = """
      {"step":5,"t":1,"event":"validation","loss":2,"ci95":0.2,"accuracy":0.25,"meta_test":false}
      {"step":9,"t":2,"event":"validation","loss":1,"ci95":0.1,"accuracy":0.5,"meta_test":false}

      """
    try events.write(toFile: folder / "d/events.jsonl", atomically: true, encoding: .utf8)
    let rows = try compare(["a", "d", "--format", "csv"], in: folder).output
      .split(separator: "\n").map(String.init)
    #expect(rows[2].contains(",0.5,0.1,accuracy,validation,episodes,,interrupted,d"))
  }

  @Test("What is no run is refused, and text from files stays text")
  func refusesAndEscapes() throws {
    let folder = try folder()
    let missing = try compare(["a", "nothing"], in: folder)
    #expect(missing.status == 65 && missing.errors.contains("nothing/config.json cannot be read"))
    try "{".write(toFile: folder / "b/config.json", atomically: true, encoding: .utf8)
    #expect(try compare(["b"], in: folder).errors.contains("config.json is damaged"))
    #expect(try compare(["a", "--format", "html"], in: folder).status == 64)
    try record("e", "\\u001b[31mEVIL", seed: 0, accuracy: 0.5, in: folder)
    #expect(!(try compare(["e"], in: folder).output.contains("\u{1b}")))
  }
}
