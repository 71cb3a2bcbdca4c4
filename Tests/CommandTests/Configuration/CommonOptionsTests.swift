import Experiments
import Foundation
import Recording
import Testing
import metatop

@Suite("Options and configuration files")
struct CommonOptionsTests {
  @Test("Nothing said leaves everything to the task and the methods")
  func empty() throws {
    #expect(try options([]) == TrainingOptions())
  }

  @Test("Every option is taken from the command line")
  func commandLine() throws {
    let options = try options([
      "--methods", "MAML, cml", "--task", "folder:a b", "--model", "mlp", "--width", "40",
      "--way", "5", "--shot", "1", "--query", "15", "--steps", "100", "--meta-batch", "4",
      "--seed", "18446744073709551615", "--threads", "2", "--out", "o", "--initial", "i",
      "--episodes", "e", "--evaluate-every", "0", "--evaluation-episodes", "600",
      "--set", "inner-lr=0.01", "--set", "CML.gamma=-1=x",
    ])
    #expect(options.methods == ["maml", "cml"] && options.task == "folder:a b")
    #expect(options.model == "mlp" && options.width == 40 && options.way == 5)
    #expect(options.shot == 1 && options.query == 15 && options.steps == 100)
    #expect(options.metaBatch == 4 && options.seed == .max && options.threads == 2)
    #expect(options.out == "o" && options.initial == "i" && options.episodes == "e")
    #expect(options.evaluateEvery == 0 && options.evaluationEpisodes == 600)
    #expect(options.set.map(\.method) == [nil, "cml"])
    #expect(options.set.map(\.id) == ["inner-lr", "gamma"])
    #expect(options.set.map(\.text) == ["0.01", "-1=x"])
  }

  @Test("A file holds the same options, and the command line wins")
  func file() throws {
    let file = try ConfigurationText(
      """
      # a sweep
      methods: [maml, CML]
      steps: 1000
      seed: 7
      set:
        inner-lr: 0.01
        CML.gamma: 0.5
      """
    )
    let options = try options(["--config", file.path, "--steps", "5", "--set", "inner-lr=0.1"])
    #expect(options.methods == ["maml", "cml"] && options.steps == 5 && options.seed == 7)
    #expect(options.set.map(\.text) == ["0.01", "0.5", "0.1"])
    #expect(options.set.map(\.origin) == ["\(file.path):6", "\(file.path):7", "--set"])
    #expect(options.origin(of: .steps) == "--steps")
    #expect(options.origin(of: .seed) == "\(file.path):4: seed")
    let blank = try ConfigurationText("")
    #expect(try self.options(["--config", blank.path]) == TrainingOptions())
    withExtendedLifetime(blank) {}
  }

  @Test(
    "What is wrong on the command line is one sentence and status 64",
    arguments: [
      (
        ["--steps", "0"],
        #"--steps: "0" is not allowed; use a whole number from 1 to 1000000000000"#
      ),
      (["--way", "-5"], #"--way: "-5" is not allowed; use a whole number from 2 to 10000"#),
      (["--width", "99999999999999999999"], #"--width: "99999999999999999999" is not allowed"#),
      (["--seed", "-1"], #"--seed: "-1" is not allowed; use a whole number from 0 to"#),
      (
        ["--methods", "maml,,cml"], #"--methods: "maml,,cml" is not allowed; use different methods"#
      ),
      (["--methods", "maml,maml"], "use different methods separated by commas"),
      (["--out", ""], "--out: is empty; give the path of a folder"),
      (
        ["--set", "inner-lr"],
        "--set: \"inner-lr=\" is not allowed; use ID=VALUE or METHOD.ID=VALUE"
      ),
      (["--set", "a.b.c=1"], "--set: \"a.b.c=1\" is not allowed"),
      (["--set", "\u{1B}[2J"], "--set: \"\u{FFFD}[2J=\" is not allowed"),
    ]
  )
  func usage(arguments: [String], sentence: String) {
    let error = #expect(throws: ConfigurationError.self) { try options(arguments) }
    #expect(error?.status == .usage)
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test(
    "What is wrong in a file names file and line, with status 65",
    arguments: [
      ("steps: 10\nway: x", #":2: way: "x" is not allowed; use a whole number from 2 to 10000"#),
      ("# a\n\nstepz: 1", ":3: stepz: is not an option; use one of methods, task,"),
      ("steps: 1\nsteps: 2", "steps: is given twice; keep one"),
      ("steps: [1, 2]", ":1: steps: is not a single value; write one"),
      ("steps:", #":1: steps: "" is not allowed; use a whole number"#),
      ("- steps", ":1: is not a list of options; write lines such as steps: 1000"),
      ("set: 3", ":1: set: is not a list of hyperparameters; write lines such as inner-lr: 0.01"),
      ("set:\n  a.b.c: 1", #":2: set: "a.b.c=1" is not allowed; use ID=VALUE"#),
      ("set:\n  inner-lr: {a: 1}", ":2: set: is not a single value; write one"),
      ("steps: 1\n\tway: 2", ":2: is not YAML ("),
      ("a: *b", ":1: is not YAML ("),
      (String(repeating: "[", count: 4_000), "is not YAML ("),
      (String(repeating: "- ", count: 4_000), "is not"),
      (String(repeating: "#", count: 65_537), ": is too large for a list of options; 64 KiB"),
      (
        "methods: [" + String(repeating: "a,", count: 5_000) + "a]",
        ": is too large for a list of options"
      ),
    ]
  )
  func badFile(text: String, sentence: String) throws {
    let file = try ConfigurationText(text)
    let error = #expect(throws: ConfigurationError.self) { try options(["--config", file.path]) }
    #expect(error?.status == .badData)
    #expect(error?.description.hasPrefix(file.path) == true)
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test("A file that is not there or not text is said so")
  func unreadable() throws {
    let missing = #expect(throws: ConfigurationError.self) {
      try options(["--config", "/no/x.yaml"])
    }
    #expect(missing?.description == "/no/x.yaml: cannot be read (No such file or directory)")
    let file = try ConfigurationText(Data([0xFF, 0xFE, 0x00]))
    let binary = #expect(throws: ConfigurationError.self) { try options(["--config", file.path]) }
    #expect(binary?.description == "\(file.path): is not text in UTF-8")
  }

  private func options(_ arguments: [String]) throws -> TrainingOptions {
    try CommonOptions.parse(arguments).merged()
  }
}

/// A YAML file for one test, removed with it.
private final class ConfigurationText {
  let path = NSTemporaryDirectory() + "metatop-test-" + UUID().uuidString + ".yaml"

  convenience init(_ text: String) throws { try self.init(Data(text.utf8)) }

  init(_ data: Data) throws { try data.write(to: URL(fileURLWithPath: path)) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
