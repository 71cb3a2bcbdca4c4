import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite("How a data set is read, in training")
struct DataOptionsTests {
  private static let small = [
    "--methods", "maml", "--way", "2", "--query", "1", "--width", "8", "--meta-batch", "1",
    "--steps",
    "2", "--evaluate-every", "1", "--evaluation-episodes", "3", "--threads", "1",
  ]

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String], home: String? = nil) throws -> Program {
    var environment = ["LC_ALL": "C.UTF-8"]
    environment["HOME"] = home
    let program = try Program.run(arguments, in: folder, environment: environment)
    #expect(program.status == 0, "\(program.errors)")
    return program
  }

  private func only(_ name: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / name)
    return folder / "\(name)/" + (try #require(names.first))
  }

  @Test("A split by examples is said in every result, and goes on as it is")
  func examples() throws {
    let path = try PictureFolder().write(["Train/cats", "Train/dogs"], to: folder, named: "d")
    try PictureFolder(images: 5).write(["Test/cats", "Test/dogs"], to: folder, named: "d")
    try expectRefusal(
      ["--task", "folder:\(path)", "--way", "2", "--query", "1"],
      65,
      "its parts hold the same 2 classes (cats, dogs), and a split by class needs other classes in "
        + "each; use --split examples",
      in: folder
    )
    let asked = ["--task", "folder:\(path)", "--split", "examples"] + Self.small
    let train = try run(["train", "--json"] + asked)
    let line = try JSONValue(parsing: Array(train.output.utf8.dropLast()))
    #expect(line["split"] == "examples")
    #expect(train.errors.contains("(95 %, 600 episodes, split by examples)"))
    let directory = try only("runs")
    let recorded = try RecordedRun(directory)
    #expect(recorded.summary["split"] == "examples")
    #expect(recorded.configuration["task"]?["split"] == "examples")
    #expect(recorded.configuration["options"]?["split"] == "examples")
    let surroundings = try JSONValue(parsing: SystemFile.read(directory + "/env.json"))
    #expect(surroundings["starts"]?.array?.first?["data"]?["classes"] == 2)
    let scores = try run(["evaluate", directory, "--episodes", "5"])
    // The line is broken where eighty columns end, which the folder's name decides.
    let words = scores.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("folder:\(path) (split by examples) with 1 query"))
    let lines = try run(["evaluate", directory, "--episodes", "5", "--json"])
    #expect(lines.output.contains("\"split\":\"examples\""))
    #expect(try run(["compare", directory]).output.contains("split by examples"))
    let resumed = try run(["train", "--resume", directory, "--steps", "3"])
    #expect(resumed.errors.contains("split by examples"))
    _ = try run(["train", "--branch", directory, "--steps", "4", "--out", "branches"])
    let branch = try RecordedRun(try only("branches"))
    #expect(branch.configuration["options"]?["split"] == "examples")
  }

  @Test("The size of images is recorded and used again; runs of before had the first image's")
  func imageSize() throws {
    let path = try PictureFolder(images: 3).write((0..<6).map { "c\($0)" }, to: folder, named: "d")
    try PictureFolder(side: 24, images: 4).write(["c5"], to: folder, named: "d")
    try expectRefusal(
      ["--task", "folder:\(path)", "--way", "2", "--query", "1"],
      65,
      "its images are of 2 sizes (height×width): 16×16 in 15 images, 24×24 in 4 images; choose one",
      in: folder
    )
    _ = try run(["train", "--task", "folder:\(path)", "--image-size", "20"] + Self.small)
    let directory = try only("runs")
    let recorded = try RecordedRun(directory)
    #expect(recorded.configuration["model"]?.string == "Conv4-8 20×20×1")
    #expect(recorded.configuration["options"]?["image-size"] == "20")
    let scores = try run(["evaluate", directory, "--episodes", "5"])
    #expect(scores.output.contains("Conv4-8 20×20×1"))
    _ = try run(["train", "--resume", directory, "--steps", "3"])
    // The same run as a version wrote it that took the first image's size and said nothing of splits.
    let file = directory + "/config.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let old = text.replacing("\"image-size\":\"20\",", with: "")
      .replacing("\"split\":\"classes\",", with: "")
    #expect(old.utf8.count < text.utf8.count - 30)
    try old.write(toFile: file, atomically: false, encoding: .utf8)
    // Runs of before have no record of their data either.
    try FileManager.default.removeItem(atPath: directory + "/data.json")
    let again = try run(["evaluate", directory, "--episodes", "5"])
    #expect(again.output.contains("Conv4-8 16×16×1"))
  }

  @Test("~ is the home folder in every path, in YAML too")
  func home() throws {
    try PictureFolder(images: 3).write((0..<6).map { "c\($0)" }, to: folder, named: "home/pictures")
    try folder.write("task: folder:~/pictures\nout: ~/runs\nsplit: classes\n", to: "home/c.yaml")
    let home = folder / "home"
    let check = ["data", "check", "folder:~/pictures", "--way", "2", "--query", "1"]
    #expect(try run(check, home: home).output.contains("18 of 6 classes"))
    _ = try run(["train", "--config", "~/c.yaml"] + Self.small, home: home)
    let directory = try only("home/runs")
    let name = try #require(directory.split(separator: "/").last)
    let recorded = try RecordedRun(directory)
    #expect(recorded.configuration["task"]?["name"]?.string == "folder:\(home)/pictures")
    for command in [
      ["evaluate", "~/runs/\(name)", "--episodes", "3"], ["compare", "~/runs/\(name)"],
      ["export", "~/runs/\(name)", "--out", "~/export"],
      ["train", "--resume=~/runs/\(name)", "--steps", "3"],
      ["train", "--branch=~/runs/\(name)", "--steps", "4", "--out=~/more"],
      ["train", "--task", "folder:~/pictures", "--out=~/last"] + Self.small
        + ["--initial=~/runs/\(name)/checkpoints/last.safetensors"],
    ] { _ = try run(command, home: home) }
    for made in ["export", "more", "last"] {
      #expect(FileManager.default.fileExists(atPath: "\(home)/\(made)"), "\(made)")
    }
  }

  @Test("Joint runs and transfers ask nothing of episodes that they never draw")
  func noEpisodes() throws {
    let names = (0..<24).map { "class\($0 + 10)" }
    let path = try PictureFolder(images: 4).write(names, to: folder, named: "d")
    let joint = try run([
      "train", "--task", "folder:\(path)", "--methods", "metaperturb", "--set", "protocol=joint",
      "--set", "tasks=2", "--set", "group-classes=3", "--set", "batch=4", "--width", "8", "--steps",
      "1",
    ])
    #expect(joint.errors.contains("meta-test accuracy"))
    let phi = try only("runs") + "/checkpoints/last.safetensors"
    let transfer = try run([
      "transfer", "--phi", phi, "--task", "folder:\(path)", "--classes", "4", "--images", "2",
      "--test-images", "2", "--seeds", "1", "--steps", "1", "--width", "8", "--set", "batch=4",
      "--arms",
      "none,frozen", "--out", "transfers",
    ])
    #expect(transfer.output.contains("4 held-out classes"))
    // Episodes of the same data are refused.
    try FileManager.default.removeItem(atPath: folder / "runs")
    try expectRefusal(["--task", "folder:\(path)"], 65, "each of the 24 classes has 4", in: folder)
  }

  @Test("Wrong values are refused by the option's name, in a file by its line")
  func refusals() throws {
    let file = try folder.write("steps: 3\nsmall-classes: drop\n", to: "c.yaml")
    for (arguments, status, words) in [
      (["--split", "random"], 64, "--split: \"random\" is not allowed; use classes or examples"),
      (["--image-size", "3"], 64, "--image-size: \"3\" is not allowed; use a whole number from 4"),
      (
        ["--config", file], 65,
        "c.yaml:2: small-classes: \"drop\" is not allowed; use refuse or leave-out"
      ),
      (["--task", "glyphs", "--image-size", "20"], 65, "leave --image-size out"),
      (["--split", "examples"], 65, "sinusoid: has no images; leave --split out"),
      (["--task", "omniglot", "--split", "examples"], 65, "omniglot"),
    ] as [([String], Int32, String)] {
      try expectRefusal(arguments, status, words, in: folder)
    }
  }
}
