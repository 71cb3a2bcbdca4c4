import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite("metatop train on images")
struct ImageRunTests {
  private let folder: TemporaryFolder
  /// Twenty classes, so that each split has three.
  private let images: String

  init() throws {
    folder = try TemporaryFolder()
    images = try ImageArrayFolder(classes: 20, imagesOfClass: 4, side: 28)
      .write(to: folder, named: "images")
  }

  private func train(_ arguments: String) throws -> (run: RecordedRun, program: Program) {
    let words = arguments.split(separator: " ").map(String.init)
    let program = try Program.run(
      ["train", "--json", "--task", "folder:\(images)"] + words,
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    let line = try JSONValue(parsing: Array(program.output.utf8.dropLast()))
    return (try RecordedRun(folder / (line["run"]?.string ?? "")), program)
  }

  /// The published training loop, step by step (shared fixtures; their README tells how they came
  /// about): losses to 1e-4, gradient norms to 1e-3, parameters to 1e-4.
  @Test(arguments: [("maml", "maml", "off"), ("fomaml", "maml", "on"), ("cml", "cml", "off")])
  func followsThePublishedLoop(name: String, method: String, isFirstOrder: String) throws {
    let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
    let shared = ProcessInfo.processInfo.environment["METATOP_SHARED"] ?? root + "/../shared"
    let fixtures = shared + "/fixtures"
    guard FileManager.default.fileExists(atPath: fixtures + "/conv4-expected.json") else {
      print("skipped: the reference trajectories are not here")
      return
    }
    let gamma = method == "cml" ? " --set gamma=0.5" : ""
    let (run, _) = try train(
      "--methods \(method) --set inner-lr=0.1 --set first-order=\(isFirstOrder)\(gamma) "
        + "--evaluate-every 0 --initial \(fixtures)/conv4-initial.safetensors "
        + "--episodes \(fixtures)/conv4-episodes.safetensors"
    )
    #expect(run.configuration["task"]?["way"] == 3 && run.configuration["task"]?["shot"] == 2)
    let expected = try JSONValue(parsing: SystemFile.read(fixtures + "/conv4-expected.json"))
    let rows = try #require(expected["rows"]?[name]?.array)
    #expect(run.metrics.count == rows.count)
    var measured = 0
    for (row, line) in zip(rows, run.metrics) {
      try expectClose(line["query_loss"], row["query_loss"], 1e-4)
      try expectClose(line["meta_gradient_norm"], row["meta_gradient_norm"], 1e-3)
      try expectClose(line["query_accuracy"], row["query_accuracy"], 1e-6)
      guard row["colearner_loss"] != .null, let loss = line["colearner_loss"] else { continue }
      try expectClose(loss, row["colearner_loss"], 1e-4)
      measured += 1
    }
    #expect(measured == (method == "cml" ? 1 : 0), "probes are measured at the first step")
    let final = try TensorFile(reading: fixtures + "/conv4-final-\(name).safetensors")
    for tensor in final.tensors where !tensor.name.hasSuffix("conv.bias") {
      let wanted = try final.floats(named: tensor.name)
      let actual = try run.last.floats(named: tensor.name)
      #expect(run.last.shape(named: tensor.name) == tensor.shape)
      #expect(zip(wanted, actual).allSatisfy { abs($0 - $1) < 1e-4 }, "\(tensor.name)")
    }
  }

  private func expectClose(_ value: JSONValue?, _ wanted: JSONValue?, _ bound: Double) throws {
    let (value, wanted) = (try #require(value?.double), try #require(wanted?.double))
    #expect(abs(value - wanted) <= bound * wanted, "\(value), \(wanted)")
  }

  @Test("Accuracies with their interval stand everywhere, and how they came about")
  func accuracies() throws {
    let (run, program) = try train(
      "--methods maml --way 3 --query 2 --width 8 --steps 2 --evaluate-every 1 --meta-batch 2 "
        + "--evaluation-episodes 3"
    )
    let line = try JSONValue(parsing: Array(program.output.utf8.dropLast()))
    #expect(line["test_accuracy"]?.double != nil && line["test_ci95"]?.double != nil)
    #expect(line["batch_norm"] == "transductive" && line["convolution"] == "winograd")
    #expect(line["interval"] == "1.96 standard errors of the accuracy over episodes")
    for key in ["query_accuracy", "validation_accuracy", "validation_ci95"] {
      #expect(run.metrics.allSatisfy { $0[key]?.double != nil }, "\(key)")
    }
    #expect(run.summary["test_accuracy"] == line["test_accuracy"])
    #expect(run.configuration["task"]?["way"] == 3)
    #expect(run.configuration["batch_norm"] == "transductive")
    #expect(run.configuration["hyperparameters"]?["inner-lr"]?.double == 0.4)
    let estimate = try #require(run.configuration["estimated_bytes"]?.integer)
    #expect(estimate > 1_000_000 && estimate < 100_000_000)
    let surroundings = try JSONValue(parsing: SystemFile.read(run.path + "/env.json"))
    let data = surroundings["starts"]?.array?.first?["data"]
    #expect(data?["classes"] == 20 && data?["images"] == 80)
    #expect(data?["sha256"]?.string?.count == 64)
    #expect(program.errors.contains("1 run, expected to take "))
    #expect(program.errors.contains("meta-test accuracy "))
  }

  /// Every network for images trains, and its checkpoint is a start whose width need not be told.
  @Test(arguments: [
    ("conv6", "Conv6-8 28×28×1", "body.block6.conv.weight", [8, 8, 3, 3]),
    ("resnet20", "ResNet20-8 28×28×1", "body.block4.shortcut.conv.weight", [16, 8, 1, 1]),
  ])
  func checkpointsAreStarts(model: String, title: String, name: String, shape: [Int]) throws {
    let sizes = "--model \(model) --way 2 --query 1 --shot 2 --meta-batch 1 --evaluate-every 0"
    let (first, _) = try train("--methods maml \(sizes) --width 8 --steps 1")
    #expect(first.configuration["model"]?.string == title)
    #expect(first.last.shape(named: name) == shape)
    let initial = "--initial \(first.path)/checkpoints/last.safetensors"
    let (second, _) = try train("--methods maml \(sizes) --steps 1 \(initial)")
    #expect(second.configuration["model"]?.string == title)
    #expect(second.tensors.keys == first.tensors.keys)
    #expect(second.tensors[name] != first.tensors[name])
  }

  @Test("Data that cannot serve an episode is refused before anything is written")
  func refusals() throws {
    let small = try ImageArrayFolder(classes: 6, imagesOfClass: 3, side: 12)
      .write(to: folder, named: "small")
    try expectRefusal(
      ["--task", "folder:\(small)", "--way", "2", "--query", "1"],
      65,
      "has images of 12×12 pixels, and conv4 halves them four times; use images of at least 16×16",
      in: folder
    )
    let odd = try ImageArrayFolder(classes: 6, imagesOfClass: 3, side: 30)
      .write(to: folder, named: "odd")
    try expectRefusal(
      ["--task", "folder:\(odd)", "--way", "2", "--query", "1", "--model", "resnet20"],
      65,
      "has images of 30×30 pixels, and resnet20 halves them twice; use images whose sides are "
        + "multiples of 4, at least 8",
      in: folder
    )
    try expectRefusal(
      ["--task", "folder:\(images)", "--way", "3", "--query", "4"],
      65,
      "has 4 usable images, and 1-shot episodes with 4 queries need 5",
      in: folder
    )
    try expectRefusal(
      ["--task", "folder:\(images)", "--way", "7"],
      65,
      "7-way episodes need as many classes in each split, and meta-validation has 3; use --way 6 or less",
      in: folder
    )
  }
}
