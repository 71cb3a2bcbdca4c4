import Experiments
import Files
import Foundation
import TestSupport
import Testing

/// `--resume A B C`: a comparison goes on whole.
@Suite struct ResumedComparisonTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let line =
    "train --meta-batch 3 --evaluate-every 20 --evaluation-episodes 4 --threads 1 --seed 5"

  private func run(_ arguments: String, _ more: [String] = []) throws -> Program {
    try Program.run(arguments.split(separator: " ").map(String.init) + more, in: folder)
  }

  private func paths(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder / name).sorted()
      .map { folder / "\(name)/\($0)" }
  }

  /// Runs of two methods that were interrupted on the way; their paths by method.
  private func interrupted() throws -> [String] {
    let line = Self.line + " --methods cml,maml --steps 3000 --out cut"
    let program = try Program.Started(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.says("maml  step 40  meta-validation"))
    program.signal(SIGINT)
    #expect(try program.end().status == 130)
    let paths = try paths("cut")
    for path in paths {
      let state = try JSONValue(parsing: SystemFile.read(path + "/state.json"))
      #expect(state["status"] == "stopped" && (state["step"]?.integer ?? 0) < 3_000)
    }
    return paths
  }

  @Test("An interrupted comparison goes on whole, with the bits of one that nobody interrupted")
  func bits() throws {
    let whole = try run(Self.line + " --methods cml,maml --steps 3000 --out whole")
    #expect(whole.status == 0, "\(whole.errors)")
    let cut = try interrupted()
    let rest = try Program.run(["train", "--json", "--resume"] + cut, in: folder)
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(rest.output.split(separator: "\n").count == 2)
    let uninterrupted = try RecordedRun.all(under: folder / "whole")
    let resumed = try RecordedRun.all(under: folder / "cut")
    #expect(resumed.count == 2)
    for (own, other) in zip(uninterrupted, resumed) {
      #expect(own.configuration["method"] == other.configuration["method"])
      #expect(own.losses == other.losses && own.losses.count == 3_000)
      #expect(own.tensors == other.tensors)
      for key in ["test_loss", "test_ci95", "validation_loss", "query_loss"] {
        #expect(own.summary[key] == other.summary[key] && own.summary[key] != nil)
      }
      for key in ["color", "place"] {
        #expect(own.configuration[key] == other.configuration[key])
      }
    }
    #expect(resumed.map { $0.configuration["color"] } == [.integer(1), .integer(0)])
    #expect(resumed.map { $0.configuration["place"] } == [.integer(0), .integer(1)])
    #expect(Set(resumed.compactMap { $0.configuration["comparison"]?.string }).count == 1)
  }

  @Test("Given one by one, in any order, twice or with a slash, it is the same list")
  func lists() throws {
    #expect(try run(Self.line + " --methods cml,maml --steps 20 --out runs").status == 0)
    let paths = try paths("runs")
    let rest = try Program.run(
      [
        "train", "--resume", paths[1], "--resume", paths[0] + "/", "--resume", paths[1], "--steps",
        "30",
      ],
      in: folder
    )
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(rest.complaints.first?.hasPrefix("2 runs, expected to take ") == true)
    // In the order they were begun in.
    let places = ["cml  resumed after", "maml  resumed after"].map {
      rest.errors.range(of: $0)?.lowerBound
    }
    #expect(places[0] != nil && places[1] != nil && places[0]! < places[1]!, "\(rest.errors)")
    for run in try RecordedRun.all(under: folder / "runs") { #expect(run.state["step"] == 30) }
  }

  @Test("A run of the list that has ended is shown and not trained, unless it gets more steps")
  func ended() throws {
    #expect(try run(Self.line + " --methods cml --steps 20 --out runs").status == 0)
    let done = try #require(try paths("runs").first)
    let before = try SystemFile.read(done + "/summary.json")
    let all = try run(
      "train",
      ["--resume", done, done + "/../" + URL(fileURLWithPath: done).lastPathComponent]
    )
    #expect(all.status == 65 && all.errors.contains("give a larger --steps"), "\(all.errors)")
    #expect(
      try run(Self.line + " --methods maml --steps 3000 --keep-every 0 --out more").status == 0
    )
    let other = try #require(try paths("more").first)
    // One that has not come to its end, for its summary is gone.
    try FileManager.default.removeItem(atPath: other + "/summary.json")
    let rest = try run("train", ["--resume", done, other])
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(rest.errors.contains("cml  ended before, after outer step 20: shown, not trained"))
    #expect(try SystemFile.read(done + "/summary.json") == before)
    let longer = try run("train", ["--resume", done, other, "--steps", "3010"])
    #expect(longer.status == 0, "\(longer.errors)")
    for run in try RecordedRun.all(under: folder / "runs") { #expect(run.state["step"] == 3_010) }
    let over = try run("train", ["--resume", done, other])
    #expect(
      over.complaints == [
        "metatop: --resume: all 2 runs have ended; give a larger --steps, or look at them with "
          + "`metatop replay`"
      ]
    )
    #expect(over.status == 65)
  }

  @Test("A damaged run of the list is named, and left out only when told")
  func damaged() throws {
    let cut = try interrupted()
    let checkpoint = cut[0] + "/checkpoints/last.safetensors"
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: checkpoint))
    let refused = try Program.run(["train", "--resume"] + cut, in: folder)
    #expect(refused.status == 65 && refused.complaints.count == 1)
    #expect(refused.errors.contains(checkpoint), "\(refused.errors)")
    #expect(
      refused.errors.hasSuffix(
        "; leave it out, or give --resume-damaged skip to go on with the others\n"
      )
    )
    let rest = try Program.run(
      ["train", "--resume-damaged", "skip", "--steps", "60", "--resume"] + cut,
      in: folder
    )
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(rest.errors.contains(checkpoint) && rest.errors.contains("; gone on without it"))
    let state = try JSONValue(parsing: SystemFile.read(cut[1] + "/state.json"))
    #expect(state["status"] == "finished")
    let other = try JSONValue(parsing: SystemFile.read(cut[0] + "/state.json"))
    #expect(other["status"] == "stopped")
  }

  @Test("Runs that differ in task, shape or data are no comparison, in one sentence")
  func different() throws {
    #expect(try run(Self.line + " --methods maml --steps 20 --out a").status == 0)
    #expect(try run(Self.line + " --methods maml --steps 20 --shot 3 --out b").status == 0)
    let lists = [try paths("a")[0], try paths("b")[0]]
    let refused = try Program.run(["train", "--steps", "30", "--resume"] + lists, in: folder)
    #expect(refused.status == 65)
    #expect(
      refused.complaints == [
        "metatop: --resume: \(lists[1]) has episodes of 3-shot with 3 query examples and \(lists[0]) "
          + "10-shot with 10 query examples, which is no one comparison; resume each by itself"
      ]
    )
  }

  @Test(
    "Options that are for something else are refused",
    arguments: [
      ("--resume-damaged skip", "--resume-damaged: is for several runs that go on"),
      (
        "--resume-damaged perhaps",
        "--resume-damaged: \"perhaps\" is not allowed; use refuse or skip"
      ),
    ]
  )
  func options(_ given: String, _ sentence: String) throws {
    let program = try run("train " + given)
    #expect(program.status == 64 && program.errors.contains(sentence), "\(program.errors)")
  }

  @Test("The dashboard goes on with all of them, in the layout in which somebody left it")
  func dashboard() throws {
    let first = try DashboardSession(["--methods", "cml,maml"])
    #expect(first.shows("■ CML") && first.shows("● MAML") && first.shows("hyperparameters"))
    first.send("2")
    #expect(first.hides("hyperparameters"))
    first.leave()
    #expect(first.exitStatus() == 0)
    let second = try DashboardSession(
      ["--resume"] + first.runs().map(\.path),
      environment: ["XDG_STATE_HOME": first.folder / "elsewhere"],
      folder: first.folder,
      isTraining: false
    )
    #expect(second.shows("■ CML") && second.shows("● MAML"), "\(second.text)")
    #expect(second.hides("hyperparameters"), "\(second.text)")
    second.leave()
    #expect(second.exitStatus() == 0)
    #expect(try first.runs().count == 2)
    for run in try first.runs() { #expect(run.configuration["resumed"] != nil) }
  }
}
