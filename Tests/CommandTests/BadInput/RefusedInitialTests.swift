import Experiments
import Files
import Foundation
import TestSupport
import Testing

/// Files of initial parameters, tensor by tensor.
@Suite struct RefusedInitialTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let shapes: [(String, [Int])] = [
    ("body.layer1.weight", [8, 1]), ("body.layer1.bias", [8]), ("body.layer2.weight", [8, 8]),
    ("body.layer2.bias", [8]), ("head.weight", [1, 8]), ("head.bias", [1]),
  ]

  /// A file for the network 1-8-8-1 whose numbers are 0.01, 0.02, …, in each tensor.
  private func write(
    _ name: String,
    without: Set<String> = [],
    _ change: (inout TensorFile) -> Void = { _ in }
  ) throws {
    var file = TensorFile()
    for (name, shape) in Self.shapes where !without.contains(name) {
      file.append(name, shape: shape, floats: Self.numbers(shape))
    }
    change(&file)
    try file.write(to: folder / name)
  }

  private static func numbers(_ shape: [Int]) -> [Float] {
    (0..<shape.reduce(1, *)).map { Float($0 + 1) / 100 }
  }

  private static let common = [
    "--width", "8", "--set", "outer-lr=0", "--steps", "1", "--threads", "1",
  ]

  private func train(_ more: String...) throws -> (run: RecordedRun, note: String) {
    let program = try Program.run(
      ["train", "--evaluate-every", "0", "--tensorboard", "off", "--out", "made"] + Self.common
        + more,
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    let runs = try RecordedRun.all(under: folder / "made")
    let run = try #require(runs.last)
    try FileManager.default.removeItem(atPath: folder / "made")
    let notes = run.events.compactMap { $0["text"]?.string }
    // What is recorded is said as well.
    #expect(notes.allSatisfy { program.errors.contains($0) })
    return (run, notes.first ?? "")
  }

  private func refuse(_ name: String, _ words: String, _ more: [String] = []) throws {
    let arguments = ["--methods", "maml", "--initial", name] + Self.common + more
    try expectRefusal(arguments, more.isEmpty ? 65 : 65, words, in: folder)
  }

  @Test func aNameWithATypoIsNamedOnBothSides() throws {
    try write("typo", without: ["body.layer2.weight"]) {
      $0.append("body.layer2.wieght", shape: [8, 8], floats: Self.numbers([8, 8]))
    }
    try refuse(
      "typo",
      "--initial: typo: has no body.layer2.weight, but others of the same group (it has "
        + "body.layer2.wieght, which nothing uses); put them in, or give --initial-missing draw"
    )
    let (run, note) = try train(
      "--methods",
      "maml",
      "--initial",
      "typo",
      "--initial-missing",
      "draw"
    )
    #expect(
      note == "parameters from typo; drawn anew: body.layer2.weight; not used: body.layer2.wieght"
    )
    #expect(try run.last.floats(named: "body.layer1.weight") == Self.numbers([8, 1]))
    #expect(try run.last.floats(named: "body.layer2.weight") != Self.numbers([8, 8]))
  }

  @Test func threeNamesStandForMany() throws {
    try write("less", without: ["body.layer1.bias", "body.layer2.weight", "body.layer2.bias"]) {
      for number in 1...5 { $0.append("extra\(number)", shape: [1], floats: [0]) }
    }
    try refuse(
      "less",
      "has no body.layer1.bias, body.layer2.weight, body.layer2.bias, but others of the same group "
        + "(it has extra1, extra2, extra3 and 2 more, which nothing uses)"
    )
  }

  @Test func aWholeGroupIsDrawnAndNamed() throws {
    try write("body", without: ["head.weight", "head.bias"])
    let (run, note) = try train("--methods", "cml", "--initial", "body")
    #expect(note == "parameters from body; initialised here: head, colearner")
    #expect(try run.last.floats(named: "body.layer2.bias") == Self.numbers([8]))
  }

  @Test func aHeadForOtherClassesIsDrawnOnPurpose() throws {
    try write("five", without: ["head.weight", "head.bias"]) {
      $0.append("head.weight", shape: [5, 8], floats: Self.numbers([5, 8]))
      $0.append("head.bias", shape: [5], floats: Self.numbers([5]))
    }
    try refuse(
      "five",
      "head.weight has shape [5, 8], a head for 5 outputs; this network has 1, so give --initial-head "
        + "new to have its head drawn anew"
    )
    let (run, note) = try train("--methods", "maml", "--initial", "five", "--initial-head", "new")
    #expect(note == "parameters from five; drawn anew: head.weight, head.bias")
    #expect(run.last.shape(named: "head.weight") == [1, 8])
    // A head that fits is drawn as well where that is asked for.
    try write("one")
    let (other, _) = try train("--methods", "maml", "--initial", "one", "--initial-head", "new")
    #expect(try other.last.floats(named: "head.weight") != Self.numbers([1, 8]))
    #expect(try other.last.floats(named: "body.layer2.weight") == Self.numbers([8, 8]))
    // A body for other numbers is no other head.
    try write("wide", without: ["body.layer2.weight"]) {
      $0.append("body.layer2.weight", shape: [9, 8], floats: Self.numbers([9, 8]))
    }
    try refuse("wide", "body.layer2.weight has shape [9, 8]; this network needs [8, 8]")
  }

  @Test(arguments: [
    (Float.nan, "NaN, which is no number,"), (Float.infinity, "an infinity"),
    (-Float.infinity, "an infinity"),
  ])
  func numbersThatAreNoneAreNamedWithTheirPlace(number: Float, words: String) throws {
    try write("bad", without: ["body.layer2.weight"]) {
      var numbers = Self.numbers([8, 8])
      // Row 4, column 3.
      numbers[4 * 8 + 3] = number
      $0.append("body.layer2.weight", shape: [8, 8], floats: numbers)
    }
    try refuse(
      "bad",
      "--initial: bad: body.layer2.weight has \(words) at [4, 3]; give parameters that are all finite"
    )
    // Whoever draws what is missing takes no such number either.
    try refuse("bad", "at [4, 3]", ["--initial-missing", "draw"])
  }

  @Test(arguments: ["I64", "U16", "F8_E4M3", "C64", "BOOL"])
  func unneededTensorsOfOtherTypesArePassedOver(type: String) throws {
    let dtype = try #require(TensorFile.DataType(rawValue: type))
    try write("counted") { file in
      let bytes = [UInt8](repeating: 1, count: dtype.size)
      let own = TensorFile.Tensor(
        name: "body.norm.num_batches_tracked",
        dtype: dtype,
        shape: [],
        bytes: bytes[...]
      )
      file = TensorFile(tensors: file.tensors + [own])
    }
    let (_, note) = try train("--methods", "maml", "--initial", "counted")
    #expect(note == "parameters from counted")
  }

  @Test func aNeededTensorOfAnotherTypeIsRefused() throws {
    try write("whole", without: ["head.bias"]) {
      $0.append("head.bias", shape: [1], integers: [1])
    }
    try refuse("whole", "head.bias is I64 [1]; use F32, F64, F16 or BF16")
  }

  @Test(arguments: [
    ("--initial-missing", "yes", "\"yes\" is not allowed; use refuse or draw"),
    ("--initial-head", "old", "\"old\" is not allowed; use file or new"),
    ("--initial-head", "new", "is for a file of initial parameters; give --initial as well"),
  ])
  func wordsThatMeanNothing(option: String, value: String, words: String) throws {
    try expectRefusal([option, value], 64, "\(option): \(words)", in: folder)
  }

  /// A checkpoint that lacks a parameter is not scored with one that was drawn.
  @Test func anEvaluatedCheckpointIsWhole() throws {
    let program = try Program.run(
      ["train", "--methods", "cml", "--evaluate-every", "0", "--out", "made"] + Self.common,
      in: folder
    )
    #expect(program.status == 0)
    let run = try #require(try RecordedRun.all(under: folder / "made").first)
    let path = run.path + "/checkpoints/last.safetensors"
    for (missing, words) in [
      ("colearner.", "has no parameters of colearner, which the run has"),
      ("head.bias", "has no head.bias, but others of the same group"),
    ] {
      var file = run.last.renamed { $0.hasPrefix(missing) ? nil : $0 }
      file.metadata = run.last.metadata
      try file.write(to: path)
      let scored = try Program.run(["evaluate", run.path, "--checkpoint", "last"], in: folder)
      #expect(scored.status == 65 && scored.errors.contains(words), "\(scored.errors)")
    }
  }
}
