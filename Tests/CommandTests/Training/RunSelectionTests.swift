import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

/// `runs/*` holds runs, sweeps, and what else lies there.
@Suite struct RunSelectionTests {
  private static let small =
    ["--methods", "maml", "--meta-batch", "2", "--steps", "3"]
    + ["--threads", "1", "--evaluate-every", "0"]

  /// A run, a sweep of two, an exported folder and a stray file.
  private func folder() throws -> (folder: TemporaryFolder, paths: [String]) {
    let folder = try TemporaryFolder()
    #expect(try Program.run(["train"] + Self.small, in: folder).status == 0)
    let sweep =
      ["sweep"] + Self.small + ["--grid", "inner-lr=0.01,0.02", "--seeds", "1", "--name", "grid"]
    #expect(try Program.run(sweep, in: folder).status == 0)
    try folder.write("step,t\n", to: "runs/export/old.csv")
    try folder.write("remember\n", to: "runs/notes.txt")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs").sorted()
    return (folder, names.map { "runs/" + $0 })
  }

  private static let notes = [
    "runs/export is neither a run nor a sweep; passed over",
    "runs/grid is a sweep; its 2 runs are taken",
    "runs/notes.txt is neither a run nor a sweep; passed over",
  ]

  @Test func compareTakesAllAndSaysWhatItPassesOver() throws {
    let (folder, paths) = try folder()
    let program = try Program.run(["compare"] + paths + ["--format", "json"], in: folder)
    #expect(program.status == 0)
    #expect(program.complaints == Self.notes.map { "metatop: compare: " + $0 })
    let rows = try JSONValue(parsing: Array(program.output.utf8.dropLast())).array ?? []
    // The run and one of the sweep have the same settings and seed: not two seeds, two rows.
    #expect(rows.count == 3 && rows.allSatisfy { $0["seeds"] == .integer(1) })
    #expect(Set(rows.compactMap { $0["inner-lr"]?.double }) == [0.01, 0.02])
  }

  @Test func exportPutsASweepsRunsUnderItsName() throws {
    let (folder, paths) = try folder()
    let program = try Program.run(["export"] + paths + ["--out", "tables"], in: folder)
    #expect(program.status == 0, "\(program.errors)")
    let tables = try FileManager.default.subpathsOfDirectory(atPath: folder / "tables").sorted()
    #expect(tables.filter { $0.hasSuffix(".csv") }.count == 3)
    #expect(tables.filter { $0.hasPrefix("grid/") && $0.hasSuffix(".csv") }.count == 2)
    // Given twice, by two names, it is written once.
    let run = try #require(paths.first { $0.contains("sinusoid") })
    let twice = try Program.run(["export", run, "./" + run, "--out", "one"], in: folder)
    #expect(twice.status == 0, "\(twice.errors)")
  }

  @Test func evaluateScoresAllOnTheSameEpisodes() throws {
    let (folder, paths) = try folder()
    let program = try Program.run(
      ["evaluate"] + paths + ["--episodes", "5", "--json"],
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    #expect(program.output.split(separator: "\n").count == 3 + 3, "three runs and their pairs")
    #expect(program.complaints == Self.notes.map { "metatop: evaluate: " + $0 })
  }

  @Test func aDamagedRunIsPassedOverAndNothingLeftIsAnError() throws {
    let (folder, paths) = try folder()
    let run = try #require(paths.first { $0.contains("sinusoid") })
    try folder.write("{", to: run + "/config.json")
    for command in ["compare", "export", "evaluate"] {
      let some = try Program.run(
        [command, run, "runs/grid", "--out", "x"].filter {
          command == "export" || !["--out", "x"].contains($0)
        },
        in: folder
      )
      #expect(some.status == 0, "\(some.errors)")
      #expect(some.errors.contains("config.json is damaged"), "\(some.errors)")
      #expect(some.errors.contains("; passed over"), "\(some.errors)")
      let none = try Program.run([command, "runs/export", "runs/notes.txt"], in: folder)
      #expect(
        none.complaints == [
          "metatop: \(command): runs/export is neither a run nor a sweep; give the folders of runs or "
            + "sweeps"
        ]
      )
      #expect(none.status == 65)
    }
  }
}
