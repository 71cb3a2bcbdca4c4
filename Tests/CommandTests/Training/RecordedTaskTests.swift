import Files
import Foundation
import TestSupport
import Testing

/// Runs that have a file's episodes and no other data.
@Suite struct RecordedTaskTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  /// Two classes of two pictures a set, which differ by their brightness; no two are alike.
  private func writePictures(
    _ name: String,
    steps: Int,
    height: Int,
    width: Int,
    channels: Int = 1,
    offset: Int = 0
  ) throws {
    var file = TensorFile()
    let size = channels * height * width
    for (number, set) in ["support", "query"].enumerated() {
      let pictures = (0..<steps * 2 * 4).flatMap { index -> [Float] in
        let ground: Float = index / 2 % 2 == 0 ? 0 : 0.5
        let start = index * 13 + number * 5 + offset
        return (0..<size).map { place -> Float in ground + Float((place * 7 + start) % 17) / 40 }
      }
      file.append("\(set).inputs", shape: [steps, 2, 4, channels, height, width], floats: pictures)
      let labels = (0..<steps * 2 * 4).map { $0 / 2 % 2 }
      file.append("\(set).targets", shape: [steps, 2, 4], integers: labels)
    }
    try file.write(to: folder / name)
  }

  private func only(_ name: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / name)
    #expect(names.count == 1)
    return "\(name)/" + (try #require(names.first))
  }

  private static let few = "--width 4 --threads 1 --methods maml"

  @Test func picturesOfAnySizeAreTrainedOnAndNothingIsTested() throws {
    try writePictures("e", steps: 3, height: 20, width: 24, channels: 3)
    _ = try run("train --task episodes --episodes e --out runs \(Self.few)")
    let path = try only("runs")
    let recorded = try RecordedRun(folder / path)
    #expect(recorded.losses.count == 3 && recorded.losses.allSatisfy(\.isFinite))
    #expect(recorded.configuration["model"]?.string == "Conv4-4 20×24×3")
    #expect(recorded.configuration["task"]?["way"] == 2 && recorded.summary["test_loss"] == nil)
    #expect(recorded.summary["validation_loss"] == nil)
    let ended = try run("train --resume \(path)", status: 65)
    #expect(ended.errors.contains("all its 3 outer steps are made"))
    let nothing = try run("evaluate \(path)", status: 65)
    #expect(nothing.errors.contains("holds nothing out"))
    let exported = try run("export \(path) --format episode", status: 65)
    #expect(exported.errors.contains("its episodes are already a file's"))
  }

  /// A run that is validated on a second file, stopped before its end and gone on with has the bits of
  /// one that was not.
  @Test func secondFileIsValidatedOn() throws {
    try writePictures("e", steps: 4, height: 16, width: 16)
    try writePictures("v", steps: 2, height: 16, width: 16)
    let line =
      "train --task episodes --episodes e --validation-episodes v --evaluate-every 2 \(Self.few)"
    _ = try run("\(line) --steps 2 --out halves")
    let half = try only("halves")
    _ = try run("train --resume \(half) --steps 4")
    _ = try run("\(line) --out whole")
    let (resumed, whole) = (
      try RecordedRun(folder / half), try RecordedRun(folder / (try only("whole")))
    )
    #expect(resumed.tensors == whole.tensors)
    #expect(whole.summary["validation_episodes"] == 4 && whole.summary["test_loss"] == nil)
    #expect(whole.summary["validation_loss"] == resumed.summary["validation_loss"])
    let scores = try run("evaluate \(half) --json")
    let scored = try JSONValue(parsing: Array(scores.output.utf8))
    #expect(scored["task"] == "episodes")
    let head = try run("evaluate \(half)").output
    #expect(head.hasPrefix("4 held-out 2-way 2-shot episodes of a file with 2 query; "))
    // Another file in its place is noticed.
    try writePictures("w", steps: 2, height: 16, width: 16, offset: 1)
    let changed = try run("train --resume \(half) --validation-episodes w", status: 65)
    #expect(changed.errors.contains("another file of --validation-episodes"))
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    try writePictures("e", steps: 2, height: 16, width: 16)
    try writePictures("v", steps: 1, height: 20, width: 16)
    var flat = TensorFile()
    flat.append("support.inputs", shape: [2, 2, 4], floats: [Float](repeating: 0, count: 16))
    flat.append("support.targets", shape: [2, 2, 4], floats: [Float](repeating: 0, count: 16))
    try flat.write(to: folder / "flat")
    for (line, status, words) in [
      ("--task episodes", 65, "--task: episodes: are read from a file; give --episodes FILE"),
      ("--task episodes --episodes flat", 65, "support.inputs has shape [2, 2, 4]; it must be"),
      ("--task episodes --episodes e --way 2", 64, "--way: the file of --episodes decides it"),
      (
        "--task episodes --episodes e --evaluate-every 5", 64,
        "recorded episodes hold nothing out; give --validation-episodes"
      ),
      ("--task episodes --episodes e --validation-episodes v", 65, "support.inputs has shape"),
      ("--validation-episodes v", 64, "--validation-episodes: sinusoid draws what it is"),
      (
        "--task episodes --episodes e --validation-episodes e --evaluation-episodes 9", 64,
        "has 4 episodes; use 4 or fewer"
      ),
    ] {
      let program = try run("train --methods maml \(line)", status: Int32(status))
      #expect(program.errors.contains(words), "\(line): \(program.errors)")
      #expect(program.complaints.count == 1)
    }
    let sweep = try run(
      "sweep --methods maml --task episodes --episodes e --grid inner-lr=0.1 --out s",
      status: 64
    )
    #expect(sweep.errors.contains("a sweep ranks by meta-tests"))
  }

  /// Numbers are read too, and a landscape's file, and what a network is made of is recorded.
  @Test func numbersSurfacesAndStylesAreRecorded() throws {
    var file = TensorFile()
    for set in ["support", "query"] {
      let numbers = (0..<2 * 3 * 5).map { Float($0 % 7) - 3 }
      file.append("\(set).inputs", shape: [2, 3, 5, 1], floats: numbers)
      file.append("\(set).targets", shape: [2, 3, 5, 1], floats: numbers.map { $0 * $0 })
    }
    try file.write(to: folder / "n")
    _ = try run(
      "train --task episodes --episodes n --methods cml --activation tanh --head-bias off --out n1"
    )
    let run1 = try RecordedRun(folder / (try only("n1")))
    #expect(run1.configuration["model"]?.string == "MLP 1-40-40-1 tanh, head without bias")
    #expect(run1.configuration["options"]?["activation"] == "tanh")
    #expect(run1.configuration["options"]?["head-bias"] == "off")
    #expect(run1.tensors["head.bias"] == nil && run1.tensors["head.weight"] != nil)
    var surfaces = TensorFile()
    surfaces.append("toy.targets", shape: [2, 2], floats: [1, 2, 3, 4])
    surfaces.append("toy.angles", shape: [2], floats: [0, 1])
    surfaces.append("toy.coefficients", shape: [2], floats: [1, 1])
    try surfaces.write(to: folder / "s")
    var initial = TensorFile()
    initial.append("toy.position", shape: [3, 2], floats: [0, 0, 5, 5, 9, 9])
    try initial.write(to: folder / "i")
    let line = "train --task landscape --episodes s --initial i --methods maml --set inner-lr=0.001"
    _ = try run("\(line) --steps 20 --out l")
    let path = try only("l")
    let run2 = try RecordedRun(folder / path)
    #expect(run2.last.shape(named: "toy.position") == [3, 2])
    #expect(run2.configuration["options"]?["meta-batch"] == "2")
    let losses = run2.losses
    #expect(try #require(losses.last) < losses[0])
    _ = try run("train --resume \(path) --steps 25")
    #expect(try RecordedRun(folder / path).losses.count == 25)
  }
}
