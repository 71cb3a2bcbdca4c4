import Files
import Foundation
import TestSupport
import Testing

/// Joint training on the batches and noise of a file.
@Suite struct JointFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  private func only(_ name: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / name)
    #expect(names.count == 1)
    return "\(name)/" + (try #require(names.first))
  }

  /// Batches of four pictures for tasks of 2, 3, 2, … classes, and the noise of Conv4's sites.
  private func write(_ name: String, tasks: Int = 2, steps: Int = 4, offset: Int = 0) throws {
    var file = TensorFile()
    let count = steps * tasks * 4
    for (number, half) in ["train", "valid"].enumerated() {
      file.append(
        "\(half).inputs",
        shape: [steps, tasks, 4, 1, 16, 16],
        floats: (0..<count).flatMap { picture -> [Float] in
          let ground = Float(picture * 2 + number) / 50 + Float(offset) / 1000
          return (0..<256).map { place -> Float in ground + Float(place * 7 % 31) / 40 }
        }
      )
      let labels = (0..<count).map { $0 % 4 % ($0 / 4 % tasks % 2 + 2) }
      file.append("\(half).targets", shape: [steps, tasks, 4], integers: labels)
      for site in 0..<4 {
        let side = 16 >> site
        file.append(
          "draws.noise.\(half).block\(site + 1)",
          shape: [steps, tasks, 4, 4, side, side],
          floats: (0..<count * 4 * side * side).map {
            Float(($0 * 7 + number + site) % 23) / 10 - 1
          }
        )
      }
    }
    try file.write(to: folder / name)
  }

  private static let joint =
    "train --methods metaperturb --set protocol=joint --width 4 --threads 1 --episodes"

  @Test func aFileIsAllThatItTrainsOn() throws {
    try write("b")
    _ = try run("\(Self.joint) b --out whole")
    let whole = try RecordedRun(folder / (try only("whole")))
    let task = whole.configuration["task"]
    #expect(task?["name"] == "episodes" && task?["setting"]?.string?.hasPrefix("2 tasks") == true)
    #expect(whole.losses.count == 4 && whole.losses.allSatisfy(\.isFinite))
    #expect(whole.metrics[0]["task_loss/2"]?.double?.isFinite == true)
    #expect(whole.summary["status"] == "finished" && whole.summary["test_loss"] == nil)
    let values = whole.configuration["hyperparameters"]
    #expect(
      values?["tasks"]?.double == 2 && values?["batch"]?.double == 4
        && values?["group-classes"] == nil
    )
    // A file beside it says the same whatever the seed.
    _ = try run(
      "\(Self.joint) b --task episodes --initial \(whole.path)/checkpoints/last.safetensors "
        + "--seed 1 --out one"
    )
    _ = try run(
      "\(Self.joint) b --task episodes --initial \(whole.path)/checkpoints/last.safetensors "
        + "--seed 2 --set tasks=2 --set batch=4 --out two"
    )
    let (one, two) = (
      try RecordedRun(folder / (try only("one"))), try RecordedRun(folder / (try only("two")))
    )
    #expect(one.tensors == two.tensors && one.losses != whole.losses)
    let files = try JSONValue(parsing: SystemFile.read(one.path + "/data.json"))["files"]
    for name in ["episodes", "initial"] {
      #expect(files?[name]?["sha256"]?.string?.count == 64, "\(name)")
    }
  }

  /// Stopped, gone on with and on another number of threads it has the same bits; its own held-out
  /// pictures score it.
  @Test func itGoesOnBitForBit() throws {
    try write("b", tasks: 3)
    let line = "\(Self.joint) b --evaluate-every 2 --set mc-samples=2"
    _ = try run("\(line) --steps 2 --out half")
    let half = try only("half")
    _ = try run("train --resume \(half) --steps 4")
    _ = try run("\(line.replacing("--threads 1", with: "--threads 3")) --out whole")
    let (resumed, whole) = (
      try RecordedRun(folder / half), try RecordedRun(folder / (try only("whole")))
    )
    #expect(resumed.tensors == whole.tensors)
    #expect(resumed.losses == whole.losses)
    #expect(whole.summary["validation_accuracy"]?.double?.isFinite == true)
    #expect(whole.summary["validation_loss"] == resumed.summary["validation_loss"])
    let more = try run("train --resume \(half) --steps 5", status: 65)
    #expect(more.errors.contains("has batches for 4 steps; use 4 or fewer"))
    try write("c", tasks: 3, offset: 1)
    let changed = try run("train --resume \(half) --episodes c", status: 65)
    #expect(changed.errors.contains("another file of --episodes"))
    let scored = try run("evaluate \(half)", status: 65)
    #expect(scored.errors.contains("does not train on episodes"))
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    try write("b")
    try write("many", tasks: 17, steps: 1)
    var episodes = TensorFile()
    for (number, set) in ["support", "query"].enumerated() {
      let pictures = (0..<4 * 256).map { Float($0 + number * 2000) }
      episodes.append("\(set).inputs", shape: [1, 1, 4, 1, 16, 16], floats: pictures)
      episodes.append("\(set).targets", shape: [1, 1, 4], integers: [0, 0, 1, 1])
    }
    try episodes.write(to: folder / "e")
    var initial = TensorFile()
    for (task, width) in [(1, 4), (2, 6)] {
      initial.append(
        "task\(task).body.block1.conv.weight",
        shape: [width, 1, 3, 3],
        floats: [Float](repeating: 0, count: 9 * width)
      )
    }
    try initial.write(to: folder / "i")
    let joint = "--methods metaperturb --set protocol=joint --episodes"
    for (line, status, words) in [
      (
        "\(joint) e", 65,
        "--episodes: e: holds episodes (support.inputs), and protocol=joint learns"
      ),
      (
        "--methods maml --task episodes --episodes b", 65,
        "--episodes: b: holds batches of joint training (train.inputs), and MAML learns from episodes; "
          + "give a file with support.inputs"
      ),
      ("--methods maml,metaperturb --set protocol=joint --episodes b", 65, "and MAML learns from"),
      (
        "--methods metaperturb --episodes b", 65,
        "and MetaPerturb learns from episodes; give a file"
      ),
      ("\(joint) b --task glyphs", 64, "--task: protocol=joint has all its images from the file"),
      ("\(joint) b --way 2", 64, "--way: the file of --episodes decides it; leave it out"),
      ("\(joint) b --steps 9", 64, "--steps: b has batches for 4 steps; use 4 or fewer"),
      ("\(joint) b --set tasks=3", 64, "--set: tasks: b has 2, not 3; use 2, or leave it out"),
      ("\(joint) b --set batch=8", 64, "--set: batch: b has 4, not 8; use 4, or leave it out"),
      ("\(joint) b --set group-classes=2", 64, "group-classes: the file of --episodes decides it"),
      ("\(joint) b --set swapped-halves=on", 64, "swapped-halves: the file of --episodes decides"),
      ("\(joint) many", 65, "--episodes: many: has too many tasks: 17"),
      (
        "\(joint) b --width 8", 65,
        "draws.noise.train.block1 has shape [4, 2, 4, 4, 16, 16]; for Conv4-8"
      ),
      (
        "\(joint) b --model resnet20 --width 4", 65,
        "draws.noise.train.block2 has shape [4, 2, 4, 4, 8, 8]; for ResNet20-4"
      ),
      ("\(joint) b --validation-episodes b", 64, "scored on the file's own held-out pictures"),
      (
        "\(joint) b --width 4 --initial i --initial-missing draw", 65,
        "--initial: i (task 2): body.block1.conv.weight has shape [6, 1, 3, 3]; this network needs [4"
      ),
      (
        "--methods metaperturb --set protocol=joint --task glyphs --validation-episodes b", 64,
        "protocol=joint has held-out halves of its own"
      ),
    ] {
      let program = try run("train \(line)", status: Int32(status))
      #expect(program.errors.contains(words), "\(line): \(program.errors)")
      #expect(program.complaints.count == 1)
    }
  }

  /// The file of parameters gives the width, and the classes that no batch has.
  @Test func parametersSayWhatTheFileDoesNot() throws {
    try write("b")
    var initial = TensorFile()
    initial.append(
      "task1.body.block1.conv.weight",
      shape: [4, 1, 3, 3],
      floats: (0..<36).map(Float.init)
    )
    initial.append("task1.head.weight", shape: [5, 4], floats: (0..<20).map(Float.init))
    initial.append("task2.head.bias", shape: [3], floats: [0, 0, 0])
    try initial.write(to: folder / "i")
    let line = Self.joint.replacing("--width 4", with: "--initial i --initial-missing draw")
    _ = try run("\(line) b --set outer-lr=0 --out runs")
    let made = try RecordedRun(folder / (try only("runs")))
    #expect(made.last.shape(named: "task1.head.weight") == [5, 4])
    #expect(made.last.shape(named: "task2.head.weight")?.first == 3)
    #expect(try made.last.floats(named: "task1.body.block1.conv.weight")[35] == 35)
    let notes = made.events.compactMap { $0["text"]?.string }
    #expect(
      notes.contains { $0.contains("task2.body") }
    )
  }
}
