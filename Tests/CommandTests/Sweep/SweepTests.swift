import Experiments
import Files
import Foundation
import Glibc
import TestSupport
import Testing
import VirtualTerminal

@Suite("A sweep makes every run once and tabulates them")
struct SweepTests {
  @Test func combinationsAreTrainedWithEverySeed() throws {
    let sweep = try SweepFolder()
    let program = try sweep.run(SweepFolder.line)
    #expect(program.errors.contains("12 runs: 6 combinations × 2 seeds; 240 outer steps in all"))
    #expect(program.errors.contains("12 of 12  "))
    #expect(program.errors.contains("  CML, inner-lr 0.05, gamma 0.5, seed 1: test loss"))
    let all = program.output.split(separator: "\n")
    #expect(all[0].hasPrefix("first: sinusoid, 20 outer steps, 6 combinations × 2 seeds"))
    #expect(all.contains { $0.hasPrefix("ordered by the last meta-validation") })
    let table = try #require(all.firstIndex { $0.hasPrefix("method") })
    #expect((all[..<table] + all[(table + 7)...]).allSatisfy { $0.count <= 80 })
    let lines = all[table...].prefix(7)
    #expect(
      all[table].split(separator: " ").prefix(4) == ["method", "inner-lr", "gamma", "validation"]
    )
    #expect(lines.count { $0.hasPrefix("CML ") } == 4)
    #expect(lines.count { $0.hasPrefix("MAML ") && $0.contains("–") } == 2)
    #expect(lines.count { $0.hasSuffix("baseline") && $0.hasPrefix("MAML     0.01") } == 1)
    #expect(program.output.contains("5 others were compared with it"))
    #expect(program.output.contains("variance of the validation loss explained by each alone"))
    let names = try sweep.directories()
    #expect(names.count == SweepFolder.runs)
    #expect(names.first?.hasPrefix("001-") == true && names.last?.hasPrefix("012-") == true)
    #expect(Set(names.map { $0.suffix(8) }).count == SweepFolder.runs)
    try sweep.checkMetrics(steps: 20)
    // The table again, from the directories alone.
    #expect(try sweep.run("sweep --resume runs/first").output == program.output)
  }

  @Test func aRunOfASweepHasTheBitsOfTheSameRunAlone() throws {
    let sweep = try SweepFolder()
    _ = try sweep.run(SweepFolder.line)
    let alone = try sweep.run(
      "train --methods cml --set inner-lr=0.05 --set gamma=0.2 --seed 1 --steps 20 --meta-batch 3 "
        + "--evaluate-every 10 --evaluation-episodes 4 --json --threads 1"
    )
    let summary = try JSONValue(parsing: Array(alone.output.utf8))
    let losses = try sweep.testLosses()
    let twin = try #require(losses.first { $0.key.hasPrefix("011-") })
    #expect(twin.value == summary["test_loss"]?.double)
  }

  @Test func tablesForProgramsHoldTheNumbers() throws {
    let sweep = try SweepFolder()
    _ = try sweep.run(SweepFolder.line)
    let losses = try sweep.testLosses()
    let csv = try sweep.run("sweep --resume runs/first --format csv").output
    let rows = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows[0].prefix(5) == ["method", "inner-lr", "gamma", "seeds", "validation_loss"])
    let row = try #require(rows.first { $0.prefix(3) == ["cml", "0.05", "0.5"] })
    let own = losses.filter { $0.key.hasPrefix("006-") || $0.key.hasPrefix("012-") }.map(\.value)
    let mean = try #require(Double(row[6]))
    #expect(own.count == 2 && abs(mean - own.reduce(0, +) / 2) < 1e-12)
    let json = try JSONValue(
      parsing: Array(try sweep.run("sweep --resume runs/first --format json").output.utf8)
    )
    #expect(json["comparisons"]?.integer == 5 && json["rows"]?.array?.count == 6)
    #expect(json["ordered_by"]?.string == "validation")
    let markdown = try sweep.run(
      "sweep --resume runs/first --format markdown --baseline maml,inner-lr=0.05"
    )
    #expect(markdown.output.contains("| MAML | 0.05 | – |"))
    #expect(
      markdown.output.split(separator: "\n").first { $0.hasSuffix("| baseline |") }?.contains(
        "0.05"
      ) == true
    )
  }

  @Test func randomSearchesDrawTheSameOnesAgain() throws {
    let sweep = try SweepFolder()
    let line =
      "sweep --methods maml,cml --grid inner-lr=0.001..0.1 --grid gamma=0..1 --random 3 --seeds 1 "
      + "--steps 2 --meta-batch 2 --evaluate-every 0 --format csv"
    let first = try sweep.run(line + " --name first")
    let second = try sweep.run(line + " --name second")
    #expect(first.output == second.output)
    let rows = first.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.count == 6)
    for row in rows {
      #expect((0.001...0.1).contains(Double(row[1]) ?? -1))
      #expect(row[0] == "maml" ? row[2].isEmpty : (0...1).contains(Double(row[2]) ?? -1))
    }
    // Methods are compared at the same values.
    #expect(Set(rows.map { $0[1] }).count == 3)
  }

  @Test func aFileSaysTheSame() throws {
    let sweep = try SweepFolder()
    let text = """
      methods: [maml, cml]
      steps: 20
      meta-batch: 3
      evaluate-every: 10
      evaluation-episodes: 4
      grid:
        inner-lr: [0.01, 0.05]
        gamma: 0.2,0.5
      seeds: 2
      name: first
      """
    let file = try sweep.folder.write(text, to: "sweep.yaml")
    _ = try sweep.run("sweep --config sweep.yaml")
    let fromFile = try sweep.directories()
    let other = try SweepFolder()
    _ = try other.run(SweepFolder.line)
    #expect(try other.directories() == fromFile)
    #expect(try other.testLosses() == sweep.testLosses())
    // It may be given again; changed, it is another sweep.
    _ = try sweep.run("sweep --resume runs/first --config sweep.yaml")
    try text.replacingOccurrences(of: "0.05", with: "0.06")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let changed = try sweep.run("sweep --resume runs/first --config sweep.yaml", status: 65)
    #expect(changed.complaints.count == 1 && changed.errors.contains("asks for other runs than"))
    #expect(try sweep.directories() == fromFile)
  }

  @Test func divergedRunsAreSaidAndRankedLast() throws {
    let sweep = try SweepFolder()
    let program = try sweep.run(
      "sweep --methods maml --grid inner-lr=0.01,10 --set inner-steps=5 --seeds 2 --steps 20 "
        + "--meta-batch 2 --evaluate-every 0 --name first"
    )
    let rows = program.output.split(separator: "\n").filter { $0.hasPrefix("MAML") }
    #expect(rows.count == 2 && rows[1].hasSuffix("2 of 2 diverged"))
  }

  // MARK: Successive halving

  private static let ladder =
    "sweep --methods maml --grid inner-lr=0.001,0.01,0.02,0.05 --seeds 2 --steps 80 --meta-batch 3 "
    + "--evaluate-every 20 --evaluation-episodes 8 --name first"

  @Test("At each rung the losing half is stopped, and the rest ends as it would have anyway")
  func halving() throws {
    let whole = try SweepFolder()
    _ = try whole.run(Self.ladder)
    let halved = try SweepFolder()
    let program = try halved.run(Self.ladder + " --halving")
    #expect(program.errors.contains("at most 640 outer steps"))
    #expect(
      program.errors.contains("MAML, rung 1 of 2 after 20 outer steps: 2 of 4 combinations go on")
        && program.errors.contains("rung 2 of 2 after 40 outer steps: 1 of 2 combinations go on")
    )
    let ends = program.output.split(separator: "\n").filter { $0.hasPrefix("MAML") }
    #expect(ends.map { $0.contains("stopped at rung") } == [false, true, true, true])
    #expect(ends[1].hasSuffix("stopped at rung 2/2") && ends[3].hasSuffix("stopped at rung 1/2"))
    // Where each run came to, by directory: 80, 40 and twice 20 steps, with both seeds.
    let steps = try halved.directories().map { name in
      try JSONValue(parsing: SystemFile.read(halved.path + "/\(name)/state.json"))["step"]?.integer
    }
    #expect(steps.compactMap(\.self).sorted() == [20, 20, 20, 20, 40, 40, 80, 80])
    let (own, others) = (try halved.testLosses(), try whole.testLosses())
    #expect(own.count == 2 && own.allSatisfy { others[$0.key] == $0.value })
    // The better half is the one with the lower meta-validation at the rung.
    let first = try halved.validations(after: 20)
    let kept = Set(zip(try halved.directories(), steps).filter { $1 ?? 0 > 20 }.map(\.0))
    let means = try halved.means(of: first)
    let best = means.sorted { $0.value < $1.value }.prefix(2).map(\.key)
    #expect(Set(try halved.combinations(kept)) == Set(best))
    // Going on changes nothing: it was decided.
    let again = try halved.run("sweep --resume runs/first")
    #expect(again.output == program.output && again.errors.contains("all 8 runs are there"))
    #expect(
      try halved.run("sweep --resume runs/first --halving --slurm", status: 64).complaints.count
        == 1
    )
  }

  @Test("Halving that is killed again and again decides what it would have decided")
  func killedHalving() throws {
    let whole = try SweepFolder()
    let table = try whole.run(Self.ladder + " --halving").output
    let sweep = try SweepFolder()
    var random = SeededGenerator(seed: 5)
    for _ in 0..<4 {
      let isThere = FileManager.default.fileExists(atPath: sweep.path + "/sweep.json")
      let line = isThere ? "sweep --resume runs/first --halving" : Self.ladder + " --halving"
      let ended = try sweep.start(line).end(killedAfter: .random(in: 0.1...0.6, using: &random))
      #expect([0, 137].contains(ended.status), "\(ended.errors)")
    }
    let isThere = FileManager.default.fileExists(atPath: sweep.path + "/sweep.json")
    let line = isThere ? "sweep --resume runs/first --halving" : Self.ladder + " --halving"
    #expect(try sweep.run(line).output == table)
  }

  // MARK: Interrupted

  /// Killed again and again, it makes every run once, with the numbers of an undisturbed sweep.
  @Test func aKilledSweepLosesNoRunAndMakesNoneTwice() throws {
    let whole = try SweepFolder()
    let table = try whole.run(SweepFolder.line).output
    let sweep = try SweepFolder()
    var random = SeededGenerator(seed: 3)
    for kill in 0..<4 {
      let isThere = FileManager.default.fileExists(atPath: sweep.path + "/sweep.json")
      let started = try sweep.start(isThere ? "sweep --resume runs/first" : SweepFolder.line)
      let ended = try started.end(killedAfter: .random(in: 0.1...0.5, using: &random))
      #expect([0, 137].contains(ended.status), "kill \(kill): \(ended.errors)")
    }
    // Killed before it had written its list of runs, it has not begun.
    if !FileManager.default.fileExists(atPath: sweep.path + "/sweep.json") {
      _ = try sweep.run(SweepFolder.line)
    }
    let rest = try sweep.run("sweep --resume runs/first")
    #expect(rest.output == table)
    #expect(try sweep.testLosses() == whole.testLosses())
    try sweep.checkMetrics(steps: 20)
  }

  @Test("What a kill leaves of files that were being written is in nobody's way")
  func remains() throws {
    let sweep = try SweepFolder()
    // No process has this number: it is beyond the kernel's largest.
    try sweep.folder.write("{", to: "runs/first/sweep.json.4194305.tmp")
    let whole = try sweep.run(SweepFolder.line)
    let first = try #require(try sweep.directories().first)
    for name in ["summary.json", "checkpoints/last.safetensors", "checkpoints/best.safetensors"] {
      try FileManager.default.removeItem(atPath: sweep.path + "/\(first)/\(name)")
    }
    try sweep.folder.write("{", to: "runs/first/\(first)/state.json.4194305.tmp")
    try sweep.folder.write("{", to: "runs/first/\(first)/checkpoints/last.safetensors.4194305.tmp")
    #expect(try sweep.run("sweep --resume runs/first").output == whole.output)
    let names = try FileManager.default.subpathsOfDirectory(atPath: sweep.path)
    #expect(names.filter { $0.hasSuffix(".tmp") } == [])
  }

  @Test func anInterruptedSweepSaysHowItGoesOn() throws {
    let sweep = try SweepFolder()
    let long = SweepFolder.line.replacingOccurrences(of: "--steps 20", with: "--steps 100000")
    let started = try sweep.start(long)
    #expect(started.says("12 runs: 6 combinations"))
    let second = try sweep.run("sweep --resume runs/first", status: 65)
    #expect(second.errors.contains("another process is making its runs"))
    started.signal(SIGINT)
    let ended = try started.end(killedAfter: 60)
    #expect(ended.status == 130, "\(ended.errors)")
    #expect(ended.errors.contains("go on with: metatop sweep --resume runs/first"))
    #expect(ended.output.contains("not ended"))
  }

  /// One run that cannot be made does not keep the others from being made.
  @Test func aRunThatFailsIsSaidAtTheEnd() throws {
    let sweep = try SweepFolder()
    let started = try sweep.run(SweepFolder.line + " --print-commands")
    #expect(started.output.split(separator: "\n").count == SweepFolder.runs)
    let manifest = try JSONValue(parsing: SystemFile.read(sweep.path + "/sweep.json"))
    let name = try #require(manifest["runs"]?.array?[4]["folder"]?.string)
    try FileManager.default.createDirectory(
      atPath: sweep.path + "/\(name)/mine",
      withIntermediateDirectories: true
    )
    let program = try sweep.run("sweep --resume runs/first", status: 65)
    #expect(program.errors.contains("1 of 12 runs failed, the first:"))
    #expect(try sweep.directories().count == 11)
    #expect(FileManager.default.fileExists(atPath: sweep.path + "/\(name)/mine"))
  }

  // MARK: Elsewhere

  @Test func printedCommandsMakeTheSameRuns() throws {
    let whole = try SweepFolder()
    _ = try whole.run(SweepFolder.line)
    let sweep = try SweepFolder()
    let commands = try sweep.run(SweepFolder.line + " --print-commands").output
    let script = try sweep.folder.write(commands, to: "all.sh")
    let shell = "shift $#; sh \(script)"
    #expect(try Program.run([], in: sweep.folder, shell: shell).status == 0)
    #expect(try sweep.testLosses() == whole.testLosses())
    #expect(try sweep.run("sweep --resume runs/first --print-commands").output.isEmpty)
    let again = try sweep.run("sweep --resume runs/first --run 3")
    #expect(again.errors.contains("is there already"))
  }

  /// A batch system in place of Slurm: it keeps the script, and the test runs its tasks.
  @Test func oneJobArrayIsSubmitted() throws {
    let whole = try SweepFolder()
    _ = try whole.run(SweepFolder.line)
    let sweep = try SweepFolder()
    let sbatch = try sweep.folder.write(
      "#!/bin/sh\necho \"$@\" >> submitted\necho '4711;cluster'\n",
      to: "sbatch"
    )
    chmod(sbatch, 0o755)
    let environment = ["LC_ALL": "C.UTF-8", "PATH": sweep.folder.path + ":/usr/bin:/bin"]
    let line = SweepFolder.line + " --slurm --sbatch=--time=10 --sbatch=--partition=main"
    let program = try Program.run(
      SweepFolder.words(line),
      in: sweep.folder,
      environment: environment
    )
    #expect(program.status == 0, "\(program.errors)")
    #expect(program.errors.contains("12 runs submitted as job array 4711"))
    let submitted = try String(contentsOfFile: sweep.folder / "submitted", encoding: .utf8)
    #expect(submitted == "--parsable runs/first/slurm.sh\n")
    let script = try String(contentsOfFile: sweep.path + "/slurm.sh", encoding: .utf8)
    for words in [
      "#SBATCH --array=1-12\n", "#SBATCH --requeue\n", "#SBATCH --signal=B:USR1@60\n",
      "#SBATCH --time=10\n", "#SBATCH --partition=main\n",
    ] {
      #expect(script.contains(words), "\(words)")
    }
    let tasks =
      "shift $#; for i in $(seq 12); do SLURM_ARRAY_TASK_ID=$i bash runs/first/slurm.sh || exit; done"
    #expect(try Program.run([], in: sweep.folder, shell: tasks).status == 0)
    #expect(try sweep.testLosses() == whole.testLosses())
    let done = try Program.run(
      SweepFolder.words("sweep --resume runs/first --slurm"),
      in: sweep.folder,
      environment: environment
    )
    #expect(done.errors.contains("all 12 runs are there; nothing was submitted"))
  }

  @Test func withoutABatchSystemTheScriptIsLeftThere() throws {
    let sweep = try SweepFolder()
    let program = try Program.run(
      SweepFolder.words(SweepFolder.line + " --slurm"),
      in: sweep.folder,
      environment: ["LC_ALL": "C.UTF-8", "PATH": "/nowhere"]
    )
    #expect(program.status == 64 && program.complaints.count == 1)
    #expect(program.errors.contains("there is no sbatch on this machine"))
    #expect(FileManager.default.fileExists(atPath: sweep.path + "/slurm.sh"))
  }
}
