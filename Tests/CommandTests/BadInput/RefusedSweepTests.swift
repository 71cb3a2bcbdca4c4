import Experiments
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@Suite("A sweep refuses what cannot be in one sentence, and writes nothing")
struct RefusedSweepTests {
  @Test(
    arguments: [
      ("", "--grid: there is nothing to sweep over"),
      ("--grid inner-lr=", "inner-lr: \"\" has no value in a place"),
      ("--grid inner-lr=0.1,", "inner-lr: \"0.1,\" has no value in a place"),
      ("--grid inner-lr", "write values with commas, as in inner-lr=0.1,0.4"),
      ("--grid a.b.c=1", "use ID=VALUE,VALUE or METHOD.ID=VALUE,VALUE"),
      ("--grid inner-lr=0.1,0.10", "inner-lr: 0.1 is given twice"),
      ("--grid foo=1,2", "foo: there is no such hyperparameter; use inner-lr"),
      ("--grid inner-lr=99", "inner-lr: 99 is not allowed; use a number from 0 to 10"),
      ("--grid inner-lr=x", "inner-lr: \"x\" is not allowed; use a number"),
      ("--grid inner-lr=1 --grid inner-lr=2", "inner-lr: is given twice; write all its values"),
      ("--grid gamma=1 --grid cml.gamma=0", "cml.gamma: overlaps with gamma; give one of them"),
      ("--grid inner-lr=1 --set inner-lr=2", "inner-lr: is set as well (--set)"),
      ("--grid inner-lr=1 --set maml.inner-lr=2", "inner-lr: is set as well (--set)"),
      ("--grid inner-lr=0.1..1", "a range is for --random, which draws from it"),
      ("--grid inner-lr=0..1 --random 3", "a range on a logarithmic scale begins above 0"),
      ("--grid inner-lr=1..0.1 --random 3", "1..0.1 is no range; write the smaller bound first"),
      ("--grid first-order=off..on --random 2", "first-order: has no range; write its values"),
      ("--grid inner-lr=1,2 --random 3", "3 different combinations cannot be drawn"),
      ("--grid inner-lr=1 --random 0", "--random: \"0\" is not allowed; use a whole number from 1"),
      ("--grid inner-lr=1 --seeds x", "--seeds: \"x\" is not allowed"),
      ("--grid inner-lr=1 --test-episodes 0", "--test-episodes: a sweep ranks by meta-tests"),
      ("--grid foo.gamma=1", "foo.gamma: foo is not among the methods being trained (maml, cml"),
      ("--grid maml.gamma=1", "maml.gamma: there is no such hyperparameter"),
      ("--grid inner-lr=1 --name ../x", "--name: \"../x\" is not allowed; use a folder's name"),
      ("--grid inner-lr=1,2 --baseline cml", "--baseline: \"cml\" names 2 combinations"),
      ("--grid inner-lr=1,2 --baseline inner-lr=3", "names no combinations of this sweep"),
      ("--grid inner-lr=1 --run 1", "--run: makes a run of a sweep that is there"),
      (
        "--grid inner-lr=1 --slurm --live",
        "--live: cannot be used together with --slurm; give one of"
      ),
      ("--grid inner-lr=1 --sbatch=--time=9", "--sbatch: is for --slurm; give that as well"),
      ("--grid inner-lr=1 --format xml", "--format: there is no format \"xml\"; use text, csv"),
      ("--grid inner-steps=1,20 --width 9000 --shot 5000", "of memory, more than"),
    ]
  )
  func onTheCommandLine(_ line: String, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    let arguments = ["sweep"] + line.split(separator: " ").map(String.init)
    try expectRefusal(arguments, 64, sentence, in: folder)
    #expect(try folder.names().isEmpty)
  }

  @Test func aFolderThatCannotBeMade() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("", to: "file")
    try expectRefusal(
      ["sweep", "--grid", "inner-lr=0.1", "--out", "file/sweeps"],
      74,
      "cannot be created (Not a directory); give --out a folder that you may write to",
      in: folder
    )
  }

  @Test func tooManyRunsAreCounted() throws {
    let folder = try TemporaryFolder()
    let values = (1...1_000).map { "\(Double($0) / 1_000)" }.joined(separator: ",")
    let grids = ["inner-lr", "outer-lr", "gamma"].flatMap { ["--grid", "\($0)=\(values)"] }
    try expectRefusal(
      ["sweep", "--methods", "cml"] + grids + ["--seeds", "1"],
      64,
      "--grid: 1,000,000,000 runs are too many",
      in: folder
    )
    #expect(try folder.names().isEmpty)
  }

  @Test(
    arguments: [
      ("grid: 3", "sweep.yaml:1: grid: is not a list of hyperparameters"),
      ("grid:\n  inner-lr: {a: 1}", "sweep.yaml:1: grid: inner-lr: is no list of values"),
      ("grid:\n  inner-lr: [1, 99]", "sweep.yaml:1: grid: inner-lr: 99 is not allowed"),
      ("seeds: many", "sweep.yaml:1: seeds: \"many\" is not allowed"),
      ("steps: 10\nname: a/b", "sweep.yaml:2: name: \"a/b\" is not allowed"),
      ("colour: red", "colour: is not an option; use one of methods"),
    ]
  )
  func inAFile(_ text: String, _ sentence: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(text, to: "sweep.yaml")
    try expectRefusal(["sweep", "--config", "sweep.yaml"], 65, sentence, in: folder)
  }

  /// What is there is never overwritten, and of another version or changed not gone on with.
  @Test func aSweepThatIsThere() throws {
    let sweep = try SweepFolder()
    _ = try sweep.run(SweepFolder.line + " --print-commands")
    let folder = sweep.folder
    // Out of the way of what is expected of every refusal: that it makes no folder.
    try FileManager.default.moveItem(atPath: folder / "runs", toPath: folder / "sweeps")
    try expectRefusal(
      SweepFolder.words(SweepFolder.line + " --out sweeps"),
      64,
      "there is a sweep or a folder of that name",
      in: folder
    )
    for (line, status, sentence) in [
      ("--grid gamma=1", 64, "leave --grid out"), ("--steps 30", 64, "leave --steps out"),
      ("--seeds 5", 64, "leave --seeds out"), ("--run 13", 64, "use a whole number from 1 to 12"),
      ("--run x", 64, "--run: \"x\" is not allowed"),
      ("--baseline foo", 64, "names no combinations"),
    ] as [(String, Int32, String)] {
      let arguments = SweepFolder.words("sweep --resume sweeps/first " + line)
      try expectRefusal(arguments, status, sentence, in: folder)
    }
    try expectRefusal(["sweep", "--resume", "no"], 65, "no/sweep.json cannot be read", in: folder)
    let manifest = folder / "sweeps/first/sweep.json"
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    for (old, new, sentence) in [
      ("\"0.05\"", "\"0.06\"", "was changed since the sweep began"),
      ("\"folder\":\"0", "\"folder\":\"../0", "was changed since the sweep began"),
      ("\"version\":\"", "\"version\":\"9", "was made by metatop 9"),
      ("{", "", "is damaged"),
    ] {
      let changed = try #require(text.range(of: old)).lowerBound
      let other = text[..<changed] + new + text[changed...].dropFirst(old.count)
      try String(other).write(toFile: manifest, atomically: true, encoding: .utf8)
      try expectRefusal(["sweep", "--resume", "sweeps/first"], 65, sentence, in: folder)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder / "sweeps/first").count == 1)
  }
}
