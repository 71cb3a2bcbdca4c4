import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

/// `--seeds N`, and what a comparison says at its end.
@Suite struct SeedSeriesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let line =
    "train --steps 40 --meta-batch 3 --evaluate-every 20 --evaluation-episodes 30 --threads 1"

  private func run(_ arguments: String) throws -> Program {
    try Program.run(arguments.split(separator: " ").map(String.init), in: folder)
  }

  @Test("Each seed is the run that it is alone; compare folds them, and the end says who is ahead")
  func seeds() throws {
    let all = try run(Self.line + " --methods cml,maml --seeds 3 --seed 4 --out all")
    #expect(all.status == 0, "\(all.errors)")
    let runs = try RecordedRun.all(under: folder / "all")
    #expect(Set(runs.compactMap { $0.configuration["color"]?.integer }).count == 6)
    let seeds = runs.map { $0.configuration["seed"]?.integer ?? -1 }
    #expect(seeds.sorted() == [4, 4, 5, 5, 6, 6])
    #expect(try run(Self.line + " --methods maml --seed 5 --out one").status == 0)
    let alone = try #require(try RecordedRun.all(under: folder / "one").first)
    let same = try #require(
      runs.first { $0.configuration["seed"] == 5 && $0.configuration["method"] == "maml" }
    )
    #expect(same.tensors == alone.tensors && same.losses == alone.losses)
    // By what differs, in the lines under way and at the end.
    for name in ["CML s4", "CML s6", "MAML s5"] { #expect(all.errors.contains("\(name)  step 20")) }
    let verdict = try #require(all.complaints.first { $0.contains("paired over 3 seeds") })
    #expect(verdict.hasPrefix("metatop: ") && verdict.contains("meta-test loss"))
    let table = try run(
      "compare all/"
        + runs.map { URL(fileURLWithPath: $0.path).lastPathComponent }
        .joined(separator: " all/")
    )
    #expect(table.output.split(separator: "\n").count == 4, "\(table.output)")
    #expect(table.output.contains(verdict.dropFirst("metatop: ".count)))
  }

  @Test(
    "Wrong numbers are refused",
    arguments: [
      ("--seeds 0", "--seeds: \"0\" is not allowed"), ("--seeds 2 --resume x", "is for new runs"),
    ]
  )
  func refused(_ options: String, _ sentence: String) throws {
    let program = try run("train --steps 1 \(options)")
    #expect(program.status == 64 && program.errors.contains(sentence), "\(program.errors)")
  }

  @Test("An interrupted comparison ends with each score and the one command that goes on with all")
  func interrupted() throws {
    let words = Self.line.replacing("--steps 40", with: "--steps 1000000") + " --methods cml,maml"
    let program = try Program.Started(words.split(separator: " ").map(String.init), in: folder)
    #expect(program.says("maml  step 40  meta-validation"))
    program.signal(SIGINT)
    let end = try program.end()
    let lines = end.complaints.suffix(4)
    #expect(lines.count == 4 && end.status == 130)
    #expect(lines.first?.hasPrefix("metatop: CML   stopped at step ") == true, "\(end.errors)")
    #expect(lines.first?.contains("of 1,000,000, meta-validation loss ") == true)
    #expect(
      lines.dropFirst(2).first?.contains(", paired over 30 episodes, 95 % over all looks)") == true
    )
    let command = try #require(lines.last?.split(separator: "go on with: ").last.map(String.init))
    #expect(command.hasPrefix("metatop train --resume runs/"))
    // What it says works as it stands.
    let rest = try run(
      command.replacing("metatop train", with: "train --threads 1") + " --steps 100"
    )
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(rest.errors.contains("look again with: metatop replay runs/"))
  }

  @Test("The dashboard leaves the same summary on the terminal")
  func dashboard() throws {
    let session = try DashboardSession(["--methods", "maml,cml"])
    #expect(session.shows(" 1 / 1 "), "\(session.text)")
    session.leave()
    #expect(session.exitStatus() == 0)
    let runs = try session.runs().map(\.path)
    #expect(runs.count == 2)
    #expect(session.shows("metatop: MAML  stopped at step "), "\(session.text)")
    #expect(session.text.replacing("\n", with: "").contains("go on with: metatop --resume "))
  }
}
