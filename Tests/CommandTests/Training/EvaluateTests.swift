import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@Suite("metatop evaluate")
struct EvaluateTests {
  private func run(_ line: String, in folder: TemporaryFolder) throws -> Program {
    try Program.run(line.split(separator: " ").map(String.init), in: folder)
  }

  private func runs(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder / "runs").sorted()
      .map { "runs/" + $0 }
  }

  private func objects(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test("The last checkpoint scores what the run's own meta-test did")
  func repeatsTheMetaTest() throws {
    let folder = try TemporaryFolder()
    let trained = try run(
      "train --methods maml,cml --task glyphs --width 8 --way 2 --query 2 --steps 3 --seed 4 "
        + "--evaluate-every 2 --evaluation-episodes 4 --json",
      in: folder
    )
    #expect(trained.status == 0, "\(trained.errors)")
    let summaries = try objects(trained.output)
    let paths = try runs(folder)
    let command = "evaluate \(paths.joined(separator: " ")) --checkpoint last --seed 4 --json"
    let evaluated = try run(command, in: folder)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let lines = try objects(evaluated.output)
    #expect(lines.count == 3, "two runs and a pair")
    for line in lines.prefix(2) {
      let own = try #require(summaries.first { $0["method"] == line["method"] })
      let (accuracy, expected) = (line["test_accuracy"]?.double, own["test_accuracy"]?.double)
      #expect(abs((accuracy ?? 0) - (expected ?? 1)) < 1e-6)
      #expect(line["test_episodes"] == .integer(600) && line["batch_norm"] == "transductive")
    }
    let pair = lines[2]
    let sum = (pair["larger"]?.integer ?? 0) + (pair["smaller"]?.integer ?? 0)
    #expect(sum <= 600 && (pair["sign_test_p"]?.double ?? 2) <= 1)
    let text = try run(command.replacingOccurrences(of: "--json", with: "--episodes 5"), in: folder)
    #expect(
      text.output.contains("5 meta-test 2-way 1-shot episodes of glyphs with 2 query, seed 4")
    )
    #expect(text.output.contains("on the same episodes") && text.output.contains("sign test p\n"))
    // Names of folders are long; pairs have the runs' short ones, which stand below the folders'.
    #expect(text.output.contains("\n  MAML, last checkpoint, outer step 3, "))
    #expect(text.output.contains("\nCML − MAML  ") || text.output.contains("\nMAML − CML  "))
    let wide = text.output.split(separator: "\n").filter { $0.count > 80 }
    #expect(wide.isEmpty, "\(wide)")
  }

  @Test("What cannot be compared is refused")
  func refuses() throws {
    let folder = try TemporaryFolder()
    for shot in [5, 10] {
      let line = "train --methods maml --steps 2 --shot \(shot) --evaluate-every 1"
      #expect(try run(line, in: folder).status == 0)
    }
    let paths = try runs(folder).joined(separator: " ")
    for (line, status, words) in [
      ("evaluate \(paths)", 65, "give runs on the same episodes"),
      ("evaluate nowhere", 65, "nowhere/config.json cannot be read"),
      (
        "evaluate x --episodes 1", 64, "--episodes: \"1\" is not allowed; use a whole number from 2"
      ),
      (
        "evaluate x --checkpoint first", 64,
        "--checkpoint: \"first\" is not allowed; use best, last"
      ),
    ] as [(String, Int32, String)] {
      let program = try run(line, in: folder)
      #expect(program.status == status && program.complaints.count == 1, "\(program.errors)")
      #expect(program.errors.contains(words), "\(program.errors)")
    }
  }
}
