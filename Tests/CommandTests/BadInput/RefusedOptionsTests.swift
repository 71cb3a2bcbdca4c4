import Experiments
import Foundation
import TestSupport
import Testing
import VirtualTerminal

/// Expects a refusal: one line that holds `words`, that status, and nothing left behind.
func expectRefusal(
  _ arguments: [String],
  _ status: Int32,
  _ words: String,
  in folder: TemporaryFolder,
  _ location: SourceLocation = #_sourceLocation
) throws {
  let isCommand = ["transfer", "sweep"].contains(arguments.first)
  let command = isCommand ? arguments : ["train"] + arguments + ["--json"]
  let program = try Program.run(command, in: folder)
  #expect(program.status == status, "\(program.errors)", sourceLocation: location)
  #expect(program.complaints.count == 1, "\(program.errors)", sourceLocation: location)
  #expect(program.errors.hasPrefix("metatop: "), sourceLocation: location)
  #expect(program.errors.contains(words), "\(program.errors)", sourceLocation: location)
  #expect(
    !program.errors.dropLast().unicodeScalars.contains { scalar in
      scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
    },
    "\(program.errors.debugDescription)",
    sourceLocation: location
  )
  #expect(program.output.isEmpty, sourceLocation: location)
  let runs = FileManager.default.fileExists(atPath: folder / "runs")
  #expect(!runs, "no run directory is made", sourceLocation: location)
}

@Suite("What cannot be is refused in one sentence")
struct RefusedOptionsTests {
  @Test(
    "On the command line with status 64",
    arguments: [
      (
        "--methods mamll",
        "--methods: no such method: mamll; did you mean maml? `metatop methods` lists all"
      ),
      (
        "--methods maml,qwxyzqwxyz",
        "--methods: no such method: qwxyzqwxyz; `metatop methods` lists all"
      ),
      ("--methods maml,", "--methods: \"maml,\" is not allowed"),
      ("--task birds", "--task: there is no task \"birds\"; use sinusoid"),
      ("--model conv9", "--model: there is no model \"conv9\" for this task; use mlp"),
      ("--way 5", "--way: sinusoid has no classes; leave it out"),
      ("--model conv4", "--model: conv4 reads images, and sinusoid has numbers; use mlp"),
      (
        "--task glyphs --model mlp",
        "--model: mlp reads numbers, and glyphs has images; use conv4, conv6 or"
      ),
      (
        "--task glyphs --model vgg9",
        "there is no model \"vgg9\" for this task; use conv4, conv6 or"
      ),
      ("--model resnet20", "--model: resnet20 reads images, and sinusoid has numbers; use mlp"),
      (
        "--task glyphs --model resnet20 --width 72",
        "--width: 72 is not allowed for resnet20; use a multiple of 4 from 4 to 64"
      ),
      ("--task glyphs --model conv6 --width 3", "--width: 3 is not allowed for conv6; use a"),
      ("--task glyphs --width 3", "--width: 3 is not allowed for conv4; use a whole number from 4"),
      ("--task glyphs --width 136", "--width: 136 is not allowed for conv4"),
      ("--set batch-norm=support", "--set: batch-norm: there is no such hyperparameter"),
      ("--task glyphs --set batch-norm=own", "\"own\" is not allowed; use one of transductive"),
      ("--task glyphs --width 128 --query 19 --way 100", "GiB of memory, more than one run can"),
      ("--task glyphs --threads 1024", "GiB of memory, more than the"),
      ("--task ../here", "--task: there is no task \"../here\"; use sinusoid, cosmixture, alpine"),
      ("--set inner-rate=1", "--set: inner-rate: there is no such hyperparameter; use inner-lr"),
      ("--set mamll.inner-lr=1", "--set: mamll.inner-lr: mamll is not among the methods"),
      ("--methods maml --set cml.gamma=1", "--set: cml.gamma: cml is not among the methods"),
      (
        "--set inner-lr=fast", "--set: inner-lr: \"fast\" is not allowed; use a number from 0 to 10"
      ),
      ("--set inner-lr=11", "--set: inner-lr: 11 is not allowed; use a number from 0 to 10"),
      ("--set inner-lr=nan", "--set: inner-lr: \"nan\" is not allowed"),
      ("--set inner-lr=inf", "--set: inner-lr: \"inf\" is not allowed"),
      ("--set inner-steps=1.5", "--set: inner-steps: 1.5 is not allowed"),
      ("--set inner-steps=0", "--set: inner-steps: 0 is not allowed"),
      ("--set first-order=maybe", "--set: first-order: \"maybe\" is not allowed"),
      ("--set inner-lr", "use ID=VALUE"), ("--set =1", "use ID=VALUE"),
      ("--steps 0", "--steps: \"0\" is not allowed; use a whole number from 1"),
      ("--steps ten", "--steps: \"ten\" is not allowed"),
      ("--shot -1", "--shot: \"-1\" is not allowed"), ("--query 0", "--query: \"0\""),
      ("--meta-batch 0", "--meta-batch: \"0\""), ("--width 0", "--width: \"0\""),
      ("--threads 0", "--threads: \"0\""), ("--seed -1", "--seed: \"-1\""),
      ("--evaluate-every -1", "--evaluate-every: \"-1\""),
      ("--evaluation-episodes 0", "--evaluation-episodes: \"0\""),
      ("--test-episodes -1", "--test-episodes: \"-1\""),
      ("--width 65536 --shot 100000", "GiB of memory, more than the"),
      ("--meta-batch 1000000", "GiB of memory, more than one run can address"),
      ("--methods metaperturb --shot 1", "use --shot 2 and --query 2 or more"),
      ("--on-divergence perhaps", "--on-divergence: \"perhaps\" is not allowed; use stop, go-on"),
      ("--on-divergence pause", "--on-divergence: nobody could go on after a pause"),
      ("--seeds \u{1B}", "--seeds: \"\u{FFFD}\" is not allowed; use a whole number from 1 to 64"),
      ("--frobnicate", "unknown option '--frobnicate'"), ("--step 3", "did you mean '--steps'?"),
      ("--steps", "--steps"), ("please", "'please'"), ("--theme x", "unknown option '--theme'"),
    ]
  )
  func commandLine(arguments: String, words: String) throws {
    let arguments = arguments.split(separator: " ").map(String.init)
    try expectRefusal(arguments, 64, words, in: try TemporaryFolder())
  }

  @Test(
    "A word in a command's place is answered with the command that it is like",
    arguments: [
      ("trian", "there is no command 'trian' (did you mean 'train'?)"),
      ("trian --json --out elsewhere", "there is no command 'trian' (did you mean 'train'?)"),
      ("themes chek", "there is no command 'chek' (did you mean 'check'?)"),
      ("please", "unexpected argument 'please'"), ("train data", "unexpected argument 'data'"),
    ]
  )
  func command(arguments: String, words: String) throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(arguments.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 64 && program.output.isEmpty)
    #expect(program.complaints == ["metatop: \(words); see `metatop --help`"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test(
    "In a file with status 65, file and line",
    arguments: [
      ("methods: mamll", ":1: methods: no such method: mamll; did you mean maml?"),
      ("steps: 3\ntask: birds", ":2: task: there is no task \"birds\""),
      ("model: conv9", ":1: model: there is no model \"conv9\""),
      ("way: 5", ":1: way: sinusoid has no classes"),
      ("steps: 0", ":1: steps: \"0\" is not allowed"),
      ("shot: -1", ":1: shot: \"-1\""), ("width: wide", ":1: width: \"wide\""),
      ("set:\n  inner-lr: 11", ":2: inner-lr: 11 is not allowed"),
      ("set:\n  inner-lr: fast", ":2: inner-lr: \"fast\" is not allowed"),
      ("set:\n  inner-rate: 1", ":2: inner-rate: there is no such hyperparameter"),
      ("set:\n  mamll.inner-lr: 1", ":2: mamll.inner-lr: mamll is not among the methods"),
      ("stepz: 3", ":1: stepz: is not an option"), ("steps: 1\nsteps: 2", "is given twice"),
      ("steps: 1\n  shot: [", ":2: is not YAML ("), ("a: *b", ":1: is not YAML ("),
      ("initial: none.safetensors", ":1: initial: none.safetensors: cannot be read"),
      ("episodes: none.safetensors", ":1: episodes: none.safetensors: cannot be read"),
    ]
  )
  func configurationFile(text: String, words: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "options.yaml")
    try expectRefusal(["--config", file], 65, "options.yaml", in: folder)
    try expectRefusal(["--config", file], 65, words, in: folder)
  }

  @Test(
    "Data that cannot serve, with status 65",
    arguments: [
      ("--task folder:none", "none: cannot be read as a folder (No such file or directory)"),
      ("--task glyphs --way 5000", "--task: glyphs: 5000-way episodes need as many classes"),
      (
        "--task glyphs --shot 10", "has 20 usable images, and 10-shot episodes with 15 queries need"
      ),
    ]
  )
  func data(arguments: String, words: String) throws {
    let arguments = arguments.split(separator: " ").map(String.init)
    try expectRefusal(arguments, 65, words, in: try TemporaryFolder())
  }

  @Test("A file of options that is not there, a folder or not text")
  func unreadableConfiguration() throws {
    let folder = try TemporaryFolder()
    try expectRefusal(["--config", "none.yaml"], 65, "none.yaml: cannot be read", in: folder)
    try expectRefusal(["--config", folder.path], 65, "(Is a directory)", in: folder)
    let file = folder / "binary.yaml"
    try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: file))
    try expectRefusal(["--config", file], 65, "is not text in UTF-8", in: folder)
  }

  private static let evil = "\u{1B}]0;gotcha\u{7}\u{9B}2J\u{8}\r"

  @Test(
    "Escape sequences in what it names never reach the terminal",
    arguments: ["--methods", "--task", "--model", "--steps", "--seed", "--set"]
  )
  func hostileValues(option: String) throws {
    try expectRefusal([option, Self.evil], 64, "gotcha", in: try TemporaryFolder())
  }

  @Test("Nor in names of options, hyperparameters, methods and files, or in a file's own text")
  func hostileNames() throws {
    let folder = try TemporaryFolder()
    let evil = Self.evil
    try expectRefusal(["--\(evil)"], 64, "gotcha", in: folder)
    try expectRefusal([evil], 64, "gotcha", in: folder)
    try expectRefusal(["--set", "inner-lr=\(evil)"], 64, "gotcha", in: folder)
    try expectRefusal(["--set", "\(evil)=1"], 64, "gotcha", in: folder)
    try expectRefusal(["--set", "\(evil).inner-lr=1"], 64, "gotcha", in: folder)
    for option in ["--initial", "--episodes", "--config"] {
      try expectRefusal([option, evil], 65, "gotcha", in: folder)
    }
    _ = try folder.write("", to: evil)
    try expectRefusal(["--out", "\(evil)/below"], 74, "gotcha", in: folder)
    for text in ["\"\\e]0;gotcha\\a\": 1", "task: \"\\e]0;gotcha\\a\"", "? [gotcha\u{85}]\n: 1"] {
      let file = try folder.write(text, to: "evil.yaml")
      try expectRefusal(["--config", file], 65, "evil.yaml:1: ", in: folder)
    }
  }
}
