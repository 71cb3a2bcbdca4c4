import Files
import Foundation
import TestSupport
import Testing

@testable import Recording

/// A run that begins where another was, with other values.
@Suite struct BranchTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  /// The only run directory in a folder.
  private func only(_ name: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / name)
    #expect(names.count == 1)
    return "\(name)/" + (try #require(names.first))
  }

  private static let short =
    "train --methods cml --steps 20 --meta-batch 3 --evaluate-every 5 --evaluation-episodes 4 "
    + "--threads 1 "

  @Test func aBranchWithoutChangesIsTheRunItself() throws {
    _ = try run(Self.short + "--out parents")
    let parent = try only("parents")
    _ = try run("train --branch \(parent) --steps 30 --out branches")
    _ = try run(Self.short.replacingOccurrences(of: "20", with: "30") + "--out whole")
    let branch = try RecordedRun(folder / (try only("branches")))
    let whole = try RecordedRun(folder / (try only("whole")))
    #expect(branch.tensors == whole.tensors)
    #expect(branch.losses == whole.losses)
    for key in ["steps", "query_loss", "validation_loss", "test_loss"] {
      #expect(branch.summary[key] == whole.summary[key], "\(key)")
    }
    // The parent is as it was.
    #expect(try RecordedRun(folder / parent).metrics.count == 20)
  }

  @Test func valuesChangeAtTheFork() throws {
    _ = try run(Self.short + "--out parents")
    let parent = try only("parents")
    let line =
      "train --branch \(parent) --checkpoint last --set inner-lr=0.3 --set gamma=0.9 --steps 25"
    let program = try run(line + " --out branches --json")
    let branch = try RecordedRun(folder / (try only("branches")))
    let original = try RecordedRun(folder / parent)
    #expect(Array(branch.losses.prefix(20)) == original.losses)
    #expect(branch.metrics.compactMap { $0["step"]?.integer } == Array(1...25))
    let values = branch.configuration["hyperparameters"]
    #expect(values?["inner-lr"]?.double == 0.3 && values?["gamma"]?.double == 0.9)
    let fork = branch.configuration["branched_from"]?.array?.first
    #expect(fork?["run"]?.string == original.path.split(separator: "/").last.map(String.init))
    #expect(fork?["after_step"]?.integer == 20)
    #expect(program.errors.contains("branched from "))
    // The family: a branch of the branch names both.
    let child =
      "train --branch \(try only("branches")) --steps 30 --set gamma=0.1 --out grandchildren"
    _ = try run(child)
    let grandchild = try RecordedRun(folder / (try only("grandchildren")))
    let steps = grandchild.configuration["branched_from"]?.array?.compactMap {
      $0["after_step"]?.integer
    }
    #expect(steps == [20, 25])
    #expect(grandchild.configuration["hyperparameters"]?["inner-lr"]?.double == 0.3)
  }

  @Test func theBestCheckpointCanBeBranchedFrom() throws {
    _ = try run(Self.short + "--out parents")
    let parent = try only("parents")
    let best = try TensorFile(reading: folder / parent + "/checkpoints/best.safetensors")
    let step = try #require(best.metadata["step"].flatMap { Int($0) })
    _ = try run("train --branch \(parent) --checkpoint best --steps 30 --out branches")
    let branch = try RecordedRun(folder / (try only("branches")))
    let fork = branch.configuration["branched_from"]?.array?.first
    #expect(fork?["after_step"]?.integer == step && branch.metrics.count == 30)
  }

  /// A checkpoint that was kept is the run as it was there, in every way.
  @Test func aKeptCheckpointCanBeBranchedFrom() throws {
    _ = try run(Self.short + "--keep-every 6 --out parents")
    let parent = try only("parents")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder / parent + "/checkpoints"
    )
    #expect(
      names.sorted() == [
        "best.safetensors", "last.safetensors", "step-000006.safetensors",
        "step-000012.safetensors",
        "step-000018.safetensors",
      ]
    )
    let kept = try RecordedRun(folder / parent).events.filter { $0["event"] == "checkpoint" }
    #expect(kept.compactMap { $0["step"]?.integer } == [6, 12, 18])
    // Without changes it makes the same steps again, up to the same bits.
    _ = try run("train --branch \(parent) --checkpoint 12 --steps 20 --out again")
    let (again, whole) = (
      try RecordedRun(folder / (try only("again"))), try RecordedRun(folder / parent)
    )
    #expect(again.tensors == whole.tensors && again.losses == whole.losses)
    #expect(
      again.configuration["branched_from"]?.array?.first?["after_step"]?.integer == 12
    )
    // With changes it is the parent up to there, and another from there on.
    _ = try run(
      "train --branch \(parent) --checkpoint step-000012 --set inner-lr=0.3 --out others"
    )
    let other = try RecordedRun(folder / (try only("others")))
    #expect(
      other.losses.prefix(12) == whole.losses.prefix(12) && other.losses[12] != whole.losses[12]
    )
    let scored = try run("evaluate \(parent) --checkpoint 12 --episodes 4")
    #expect(scored.output.contains("kept checkpoint, outer step 12"))
  }

  @Test func aTenthOfTheStepsIsTheUsualDistanceOfKeptCheckpoints() throws {
    _ = try run(Self.short + "--out tenths")
    let steps = try FileManager.default.contentsOfDirectory(
      atPath: folder / (try only("tenths")) + "/checkpoints"
    )
    #expect(steps.count { $0.hasPrefix("step-") } == 10)
    _ = try run(Self.short + "--keep-every 0 --out none")
    let none = try FileManager.default.contentsOfDirectory(
      atPath: folder / (try only("none")) + "/checkpoints"
    )
    #expect(none.sorted() == ["best.safetensors", "last.safetensors"])
    // Each of them is written while training goes on, and none gets lost.
    _ = try run("train --methods maml --steps 300 --keep-every 1 --evaluate-every 0 --out all")
    let all = try FileManager.default.contentsOfDirectory(
      atPath: folder / (try only("all")) + "/checkpoints"
    )
    #expect(all.count { $0.hasPrefix("step-") } == 300)
  }

  /// Stopped, a branch goes on like any run.
  @Test func aBranchCanBeResumed() throws {
    _ = try run(Self.short + "--out parents")
    _ = try run("train --branch \(try only("parents")) --set gamma=0.9 --steps 30 --out branches")
    let branch = try only("branches")
    _ = try run("train --resume \(branch) --steps 40")
    let resumed = try RecordedRun(folder / branch)
    #expect(resumed.metrics.compactMap { $0["step"]?.integer } == Array(1...40))
    #expect(resumed.configuration["branched_from"]?.array?.count == 1)
    // Where and on what: once for the beginning, once for going on.
    let surroundings = try JSONValue(parsing: SystemFile.read(folder / branch + "/env.json"))
    let starts = try #require(surroundings["starts"]?.array)
    #expect(starts.map { $0["after_step"]?.integer } == [20, 30])
    #expect(starts.allSatisfy { ($0["cores"]?.integer ?? 0) > 0 && $0["data"] == .null })
    let arguments = starts[1]["arguments"]?.array?.compactMap(\.string)
    #expect(arguments?.dropFirst().prefix(2) == ["train", "--resume"])
  }

  /// On another base a method may have the very same tensors.
  @Test func aCheckpointOfAnotherBaseIsRefused() throws {
    _ = try run(Self.short + "--out parents")
    let other = Self.short.replacingOccurrences(of: "cml", with: "cml:boil")
    _ = try run(other + "--out others")
    let (parent, stranger) = (try only("parents"), try only("others"))
    #expect(stranger.contains("-cml-boil-"))
    let (from, to) = (
      RunDirectory(given: folder / stranger).checkpoint(.last),
      RunDirectory(given: folder / parent).checkpoint(.last)
    )
    try FileManager.default.removeItem(atPath: to)
    try FileManager.default.copyItem(atPath: from, toPath: to)
    for line in [
      "--branch \(parent) --steps 30 --checkpoint last", "--resume \(parent) --steps 30",
    ] {
      let program = try run("train " + line, status: 65)
      #expect(program.complaints.count == 1, "\(program.errors)")
      #expect(
        program.errors.contains("is a checkpoint of cml:boil, and the run is one of cml"),
        "\(program.errors)"
      )
    }
  }

  /// The parent and what was trained beside it go on, and the branch with them, from the same step.
  @Test func aBranchGoesOnBesideItsParent() throws {
    _ = try run(
      "train --methods maml,cml --steps 20 --meta-batch 3 --evaluate-every 5 --evaluation-episodes 4 "
        + "--threads 1 --out runs"
    )
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "runs").sorted()
    let both = names.filter { $0.hasPrefix("sinusoid") }.map { "runs/\($0)" }
    let (cml, maml) = (both[0], both[1])
    let program = try run(
      "train --resume \(maml) \(cml) --branch \(cml) --checkpoint 14 --set gamma=0.9 --steps 30"
    )
    #expect(program.errors.contains("branched from ") && program.errors.contains("CML γ 0.9"))
    let made = try FileManager.default.contentsOfDirectory(atPath: folder / "runs").sorted()
      .filter { $0.hasPrefix("sinusoid") && !names.contains($0) }
    let branch = try RecordedRun(folder / "runs/" + (try #require(made.first)))
    #expect(made.count == 1 && branch.configuration["hyperparameters"]?["gamma"]?.double == 0.9)
    let parent = try RecordedRun(folder / cml)
    for run in [branch, parent, try RecordedRun(folder / maml)] {
      #expect(run.state["status"] == "finished" && run.losses.count == 30)
    }
    #expect(Array(branch.losses.prefix(14)) == Array(parent.losses.prefix(14)))
    #expect(branch.losses.last != parent.losses.last)
    // All three are one comparison afterwards.
    let again = try run("train --resume \(maml) \(cml) \(branch.path) --steps 32")
    #expect(again.errors.contains("CML γ 0.9"))
  }

  @Test func whatIsNoBranchIsRefused() throws {
    _ = try run(Self.short + "--out parents")
    let parent = try only("parents")
    func refusal(_ line: String, _ status: Int32, _ words: String) throws {
      let program = try run("train " + line, status: status)
      #expect(program.complaints.count == 1 && program.errors.contains(words), "\(program.errors)")
    }
    try refusal("--branch nothing", 65, "--branch: nothing/config.json cannot be read")
    try refusal("--branch \(parent)", 65, "has made all 20 outer steps; give a larger --steps")
    try refusal("--branch \(parent) --seed 3", 64, "leave --seed out (--set, --steps")
    try refusal("--branch \(parent) --resume \(parent) --seed 3", 64, "leave --seed out")
    try refusal("--branch \(parent) --checkpoint first", 64, "use last, best, or an outer step")
    try refusal("--branch \(parent) --checkpoint +2", 64, "use last, best, or an outer step")
    try refusal(
      "--branch \(parent) --checkpoint 5",
      64,
      "has none of outer step 5; use last, best, 2, 4, 6, 8, 10, 12, 14"
    )
    try refusal("--checkpoint best", 64, "--checkpoint: is for a branch")
    try refusal(
      "--branch \(parent) --steps 30 --set foo=1",
      64,
      "foo: there is no such hyperparameter"
    )
    try refusal(
      "--branch \(parent) --steps 30 --set inner-lr=99",
      64,
      "inner-lr: 99 is not allowed"
    )
    #expect(!FileManager.default.fileExists(atPath: folder / "runs"))
  }
}
