import Foundation
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
    #expect(try output("csv").contains("MAML,1,100,90.00 %,1.00,episodes,10.0\n"))
    #expect(try output("json").contains("\"method\":\"CML\""))
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
