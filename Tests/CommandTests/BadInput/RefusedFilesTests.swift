import Experiments
import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Files that cannot be used are refused in one sentence")
struct RefusedFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("A folder for runs that cannot be made or written", arguments: ["a-file/below", "a-file"])
  func out(path: String) throws {
    _ = try folder.write("", to: "a-file")
    try expectRefusal(
      ["--out", path],
      74,
      "cannot be created (Not a directory); give --out a folder that you may write to",
      in: folder
    )
  }

  @Test("Parameters that are missing, damaged or another network's")
  func initial() throws {
    let good = try #require(try fittingParameters())
    let cases: [(name: String, bytes: [UInt8]?, words: String)] = [
      ("missing", nil, "missing: cannot be read (No such file or directory)"),
      ("empty", [], "empty: is 0 bytes long, too short for a safetensors file"),
      ("cut", Array(good.dropLast(10)), "cut short or damaged"),
      ("head", Array(good.prefix(40)), "the file is cut short"),
      ("noise", [UInt8](repeating: 0xA5, count: 999), "it is not a safetensors file"),
      ("text", Array("{\"body\": 1}".utf8), "it is not a safetensors file"),
    ]
    for (name, bytes, words) in cases {
      if let bytes { try Data(bytes).write(to: URL(fileURLWithPath: folder / name)) }
      try expectRefusal(["--initial", name], 65, "--initial: \(name): ", in: folder)
      try expectRefusal(["--initial", name], 65, words, in: folder)
    }
    try expectRefusal(["--initial", folder.path], 65, "(Is a directory)", in: folder)
    try Data(good).write(to: URL(fileURLWithPath: folder / "good"))
    try expectRefusal(
      ["--initial", "good", "--width", "20"],
      65,
      "body.layer1.weight has shape [40, 1]; this network needs [20, 1]",
      in: folder
    )
    var strange = TensorFile()
    strange.append("weights", shape: [1], floats: [0])
    try strange.write(to: folder / "strange")
    try expectRefusal(
      ["--initial", "strange", "--methods", "maml"],
      65,
      "strange: has none of this run's parameters; their names begin with body., head.",
      in: folder
    )
  }

  @Test("Episodes that are missing, damaged, misshapen or too few")
  func episodes() throws {
    try expectRefusal(["--episodes", "none"], 65, "--episodes: none: cannot be read", in: folder)
    try expectRefusal(["--episodes", folder.path], 65, "(Is a directory)", in: folder)
    _ = try folder.write("", to: "empty")
    try expectRefusal(["--episodes", "empty"], 65, "too short", in: folder)
    let good = EpisodeFile(steps: 2, episodes: 3, shot: 4, seed: 1).tensors
    try good.write(to: folder / "good")
    try Data(good.encoded().dropLast(1)).write(to: URL(fileURLWithPath: folder / "cut"))
    try expectRefusal(["--episodes", "cut"], 65, "cut short or damaged", in: folder)
    try expectRefusal(
      ["--episodes", "good", "--steps", "3"],
      64,
      "--steps: good has episodes for 2 steps; use 2 or fewer",
      in: folder
    )
    for option in ["--shot", "--query", "--meta-batch"] {
      try expectRefusal(
        ["--episodes", "good", option, "4"],
        64,
        "\(option): the file of --episodes decides it; leave it out",
        in: folder
      )
    }
    try refuse(["support.inputs": [2, 3, 4]], "support.inputs has shape [2, 3, 4]; it must be")
    try refuse(["support.inputs": [2, 3, 4, 2]], "support.inputs has shape [2, 3, 4, 2]")
    try refuse(["support.inputs": [0, 3, 4, 1]], "none 0")
    try refuse(["support.targets": [2, 3, 5, 1]], "support.targets has shape [2, 3, 5, 1]")
    try refuse(["query.inputs": [2, 2, 4, 1]], "they must agree")
    try refuse(["query.targets": nil], "there is no tensor query.targets")
  }

  /// Expects the refusal of episodes with these shapes instead of the right ones.
  private func refuse(
    _ changes: [String: [Int]?],
    _ words: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    var file = TensorFile()
    for name in ["support.inputs", "support.targets", "query.inputs", "query.targets"] {
      guard let shape = changes[name] ?? [2, 3, 4, 1] else { continue }
      file.append(name, shape: shape, floats: [Float](repeating: 0, count: shape.reduce(1, *)))
    }
    try file.write(to: folder / "episodes")
    try expectRefusal(["--episodes", "episodes"], 65, words, in: folder, location)
  }

  /// A checkpoint of the default network.
  private func fittingParameters() throws -> [UInt8]? {
    let program = try Program.run(
      ["train", "--methods", "maml", "--steps", "1", "--out", "made"],
      in: folder
    )
    #expect(program.status == 0)
    return try RecordedRun.all(under: folder / "made").first?.last.encoded()
  }

  @Test("A theme that there is not is 64, a file that is no theme 65")
  func themes() throws {
    let broken = try folder.write("colours: [", to: "broken.yaml")
    let list = try folder.write("- 1", to: "list.yaml")
    for (theme, status, words) in [
      ("neon", 64, "--theme: neon: there is no such theme; use auto, a theme's file, or one of"),
      ("none.yaml", 65, "--theme: none.yaml: cannot be read (No such file or directory)"),
      (broken, 65, "broken.yaml:2: "), (list, 65, "list.yaml:1: "),
      ("\u{1B}]0;gotcha\u{7}", 64, "\u{FFFD}]0;gotcha\u{FFFD}"),
    ] {
      let program = try Program.run(["--theme", theme], in: folder)
      #expect(program.status == status, "\(theme): \(program.errors)")
      #expect(program.complaints.count == 1 && program.errors.contains(words), "\(program.errors)")
      #expect(!program.errors.contains("\u{1B}"))
    }
  }
}
