import ArgumentParser
import Foundation
import Recording
import TestSupport
import Testing

@testable import Experiments
@testable import Sweeps
@testable import metatop

/// A file of options says whatever a command line can say.
@Suite struct YAMLOptionsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func words(_ command: String?, _ text: String) throws -> [String] {
    let file = try folder.write(text, to: "c.yaml")
    return try ExpandedArguments((command.map { [$0] } ?? []) + ["--config", file]).arguments
  }

  private func refusal(_ command: String?, _ text: String) -> String {
    let error = #expect(throws: ConfigurationError.self) { try words(command, text) }
    #expect(error?.status == .badData)
    return error?.description.replacingOccurrences(of: folder.path + "/", with: "") ?? ""
  }

  // MARK: Every option

  /// The options that a command's help lists: what a person reads, not what a table here says.
  private func listed(_ command: any ParsableCommand.Type) -> [String] {
    let lines = command.helpMessage(columns: 200).split(separator: "\n")
    let names = lines.compactMap { line -> String? in
      guard line.hasPrefix("  --") else { return nil }
      return String(line.dropFirst(4).prefix { $0.isLetter || $0 == "-" })
    }
    return names.filter { !["version", "help"].contains($0) }
  }

  /// A value that the option takes.
  private func value(_ name: String) -> String {
    let known = [
      "methods": "[maml]", "set": "{inner-lr: 0.1}", "grid": "{inner-lr: [0.1, 0.2]}",
      "initial-missing": "draw", "mouse": "off", "initial-head": "new", "tensorboard": "true",
      "task": "sinusoid",
      "model": "mlp", "initial": "x", "episodes": "y", "out": "z", "theme": "auto",
      "data-changed": "accept", "name": "n", "baseline": "maml", "format": "csv",
      "sbatch": "[--time=1, --mem=2]", "phi": "p", "arms": "[none, frozen]", "images": "[5, 20]",
      "image-size": "84", "activation": "tanh", "head-bias": "off", "validation-episodes": "v",
      "split": "classes", "small-classes": "refuse", "norm": "none",
    ]
    return known[name] ?? "3"
  }

  @Test(arguments: ["dashboard", "train", "sweep", "transfer"])
  func everyOptionOfACommandIsTaken(name: String) throws {
    let command = try #require(ExpandedArguments.commands.first { $0.name == name }).type
    let names = listed(command)
    #expect(names.count > 15 && Set(names) == Set(OptionTable(command).options.map(\.name)))
    for option in names {
      let isFlag = OptionTable(command).option(option)?.isFlag == true
      let text = "\(option): \(isFlag ? "on" : value(option))\n"
      if ExpandedArguments.onlyOnCommandLine.contains(option) {
        #expect(
          refusal(name, text)
            == "c.yaml:1: \(option): a file says what a new run is, and not which recorded one is gone "
            + "on with; give --\(option) on the command line"
        )
        continue
      }
      let added = Array(try words(name, text).dropFirst().dropLast(2))
      if name == "transfer" || added != [] {
        // It is there as the command line would have it, and the command understands it.
        #expect(added.allSatisfy { $0.hasPrefix("--\(option)") } && !added.isEmpty, "\(option)")
        #expect(throws: Never.self) { try command.parse(added) }
      } else if SweepOptions.keys.contains(option), name == "sweep" {
        #expect(throws: Never.self) { try SweepOptions(ConfigurationFile(of: folder / "c.yaml")) }
      } else {
        let options = try CommonOptions.parse(["--config", folder / "c.yaml"]).merged()
        #expect(options != TrainingOptions(), "\(option)")
      }
    }
  }

  @Test(arguments: ["on", "true", "yes", "On", "TRUE"])
  func flagsTakeTheWordsOfOtherSwitches(word: String) throws {
    #expect(try words("train", "equal-compute: \(word)").contains("--equal-compute"))
    _ = try folder.write("tensorboard: \(word)", to: "c.yaml")
    #expect(try CommonOptions.parse(["--config", folder / "c.yaml"]).merged().tensorboard == true)
    #expect(try CommonOptions.parse(["--tensorboard", word]).merged().tensorboard == true)
  }

  @Test func whatIsOffIsNotGiven() throws {
    for word in ["off", "false", "no"] {
      #expect(try words("train", "equal-compute: \(word)").count == 3)
    }
    #expect(
      refusal("train", "steps: 1\nequal-compute: maybe")
        == "c.yaml:2: equal-compute: \"maybe\" is not allowed; use on, off, true or false"
    )
  }

  @Test func aCommandRefusesWhatIsAnothersOption() {
    #expect(refusal("train", "grid: {inner-lr: [1]}").hasPrefix("c.yaml:1: grid: is not an option"))
    #expect(
      refusal("transfer", "way: 5").hasPrefix("c.yaml:1: way: is not an option; use one of phi")
    )
    #expect(refusal(nil, "json: on").hasPrefix("c.yaml:1: json: is not an option"))
  }

  /// What a command finds wrong with a file's value says where that stands; of the command line's not.
  @Test func aRefusalNamesFileAndLine() throws {
    let file = try folder.write("seeds: 1\nformat: fancy\narms: [none]\nclasses: 0\n", to: "c.yaml")
    func errors(_ more: [String], _ status: Int32) throws -> String {
      let program = try Program.run(["transfer", "--config", file] + more, in: folder)
      #expect(program.status == status && program.complaints.count == 1)
      return program.errors.replacingOccurrences(of: folder.path + "/", with: "")
    }
    #expect(
      try errors([], 65).hasPrefix(
        "metatop: c.yaml:2: format: there is no format \"fancy\"; use text"
      )
    )
    #expect(
      try errors(["--format", "csv"], 65).hasPrefix("metatop: c.yaml:4: classes: \"0\" is not")
    )
    #expect(
      try errors(["--format", "csv", "--classes", "x"], 64).hasPrefix("metatop: --classes: \"x\"")
    )
  }

  // MARK: Marks, anchors and merges

  @Test func aByteOrderMarkIsNoPartOfTheFirstKey() throws {
    _ = try folder.write("\u{FEFF}steps: 7\nequal-compute: on", to: "c.yaml")
    let options = try CommonOptions.parse(["--config", folder / "c.yaml"]).merged()
    #expect(options.steps == 7 && options.origin(of: .steps) == "\(folder / "c.yaml"):1: steps")
    #expect(
      refusal("train", "\u{FEFF}# a\nstepz: 1").hasPrefix("c.yaml:2: stepz: is not an option")
    )
    #expect(refusal("train", "\u{FEFF}a: *b").hasPrefix("c.yaml:1: is not YAML ("))
  }

  @Test func mergedKeysAreTheFilesOwn() throws {
    let text = """
      x-short: &short
        steps: 5
        equal-compute: on
        threads: 1
      x-rates: &rates
        inner-lr: 0.3
        cml.gamma: 0.7
      <<: *short
      threads: 2
      set:
        <<: *rates
        inner-lr: 0.4
      """
    #expect(try words("train", text).contains("--equal-compute"))
    let options = try CommonOptions.parse(["--config", folder / "c.yaml"]).merged()
    #expect(options.steps == 5 && options.threads == 2)
    // The line is the one on which the value stands.
    #expect(options.origin(of: .steps) == "\(folder / "c.yaml"):2: steps")
    #expect(
      options.set.map(\.id) == ["inner-lr", "gamma"] && options.set.map(\.text) == ["0.4", "0.7"]
    )
    // Of several the first wins.
    _ = try words("train", "x-a: &a {steps: 1}\nx-b: &b {steps: 2, seed: 3}\n<<: [*a, *b]")
    let both = try CommonOptions.parse(["--config", folder / "c.yaml"]).merged()
    #expect(both.steps == 1 && both.seed == 3)
  }

  @Test(arguments: [
    ("steps: 1\n<<: 5", "c.yaml:2: <<: merges what is no mapping"),
    ("steps: 1\n<<: [5]", "c.yaml:2: <<: merges what is no mapping"),
    ("steps: 1\n<<: *none", "c.yaml:2: is not YAML ("),
    ("x-a: &a {stepz: 1}\n\n<<: *a", "c.yaml:1: stepz: is not an option"),
    ("a: &a {steps: 3}\nsteps: *a", "c.yaml:1: a: is not an option"),
    (
      (0..<12).map {
        "x-\($0 + 1): &a\($0 + 1) {<<: ["
          + ($0 == 0 ? "{a: 1}" : String(repeating: "*a\($0), ", count: 9)) + "]}\n"
      }
      .joined() + "<<: *a12", "merges more than 4096 entries"
    ),
  ])
  func whatCannotBeMerged(text: String, words: String) {
    #expect(refusal("train", text).contains(words))
  }

  // MARK: --print-config

  private func printed(_ arguments: [String]) throws -> String {
    let program = try Program.run(arguments + ["--print-config"], in: folder)
    #expect(program.status == 0 && program.errors.isEmpty, "\(program.errors)")
    #expect(try folder.names().filter { $0 == "runs" }.isEmpty)
    return program.output
  }

  /// The file says the same when it is read, and makes the same runs.
  @Test(arguments: [
    ["train"],
    ["train", "--methods", "maml,cml", "--equal-compute", "--json", "--set", "inner-lr=0.02"]
      + ["--set", "cml.gamma=0.3", "--set", "first-order=on", "--threads", "1", "--seed", "7"],
    [
      "train", "--task", "glyphs", "--way", "3", "--model", "conv6", "--width", "16", "--steps",
      "40",
    ],
    [
      "train", "--task", "glyphs", "--methods", "metaperturb", "--set", "protocol=joint", "--width",
      "8",
    ]
      + ["--set", "tasks=2", "--set", "group-classes=3"],
    ["--methods", "maml", "--theme", "dusk", "--ascii", "--no-color", "--steps", "9"],
  ])
  func aPrintedFileMakesTheCommandAgain(arguments: [String]) throws {
    let text = try printed(arguments)
    let file = try folder.write(text, to: "again.yaml")
    let command = arguments[0] == "train" ? ["train"] : []
    #expect(try printed(command + ["--config", file]) == text)
    let (first, second) = try (
      TrainCommand.parse(
        arguments.filter { !["train", "--theme", "dusk", "--ascii", "--no-color"].contains($0) }
      ),
      TrainCommand.parse(
        ExpandedArguments([
          "train", "--config",
          try folder.write(
            text.split(separator: "\n").filter {
              !$0.hasPrefix("theme") && !$0.hasPrefix("ascii") && !$0.hasPrefix("no-color")
            }
            .joined(separator: "\n"),
            to: "train.yaml"
          ),
        ]).arguments.dropFirst().map { $0 }
      )
    )
    let (wanted, made) = (try first.resolved(), try second.resolved())
    #expect(wanted.out == made.out && wanted.runs.count == made.runs.count)
    #expect(first.json == second.json && first.runs.equalCompute == second.runs.equalCompute)
    for (own, other) in zip(wanted.runs, made.runs) {
      #expect(
        own.values.byID == other.values.byID
          && own.method.descriptor.id == other.method.descriptor.id
      )
      #expect(own.model.name == other.model.name && own.way == other.way && own.seed == other.seed)
      // What stands there is what the default was.
      let said = own.options.filter { !["model", "width", "way"].contains($0.key) }
      #expect(said.allSatisfy { other.options[$0.key] == $0.value })
    }
  }

  /// Two runs with a printed file have the bits of those of the command.
  @Test func aPrintedFileTrainsTheSame() throws {
    let line = ["--methods", "maml,cml", "--steps", "5", "--evaluate-every", "2", "--width", "8"]
    let more = ["--evaluation-episodes", "3", "--set", "cml.gamma=0.7", "--set", "outer-lr=0.01"]
    let file = try folder.write(
      try printed(["train"] + line + more + ["--out", "again"]),
      to: "c.yaml"
    )
    for arguments in [["train"] + line + more + ["--out", "first"], ["train", "--config", file]] {
      #expect(try Program.run(arguments, in: folder).status == 0)
    }
    let (first, again) = (
      try RecordedRun.all(under: folder / "first"), try RecordedRun.all(under: folder / "again")
    )
    #expect(first.count == 2 && first.map(\.tensors) == again.map(\.tensors))
  }

  @Test(arguments: [
    "a b: #c", "~", "- x", "yes", "x'\"\\y", "{a}", "[b]", "a\u{1B}]0;gotcha\u{7}\n\tb",
    "é ü – 字 🙂",
    "*a", "&b", "!c", "%d", "@e", "`f", "trailing ", " leading", "a: b", "end:", "0x10", "null",
    "\u{202E}abc\u{FEFF}\u{2028}", "|", ">", "? x", "",
  ])
  func hostileTextsComeBack(text: String) throws {
    let quoted = PrintedConfiguration.quoted(text)
    let controls = quoted.unicodeScalars.filter {
      $0.value < 0x20 || (0x7F..<0xA0).contains($0.value)
    }
    #expect(controls.isEmpty)
    let file = try folder.write("out: \(quoted)\nsteps: 3\n", to: "c.yaml")
    let entries = try ConfigurationFile(of: file).entries()
    #expect(entries.count == 2)
    #expect(try entries[0].text() == text)
  }

  @Test func aRecordedRunHasNoFile() throws {
    for option in ["--resume", "--branch"] {
      let program = try Program.run(["train", option, "x", "--print-config"], in: folder)
      #expect(program.status == 64 && program.errors.contains("leave \(option) out"))
    }
    let wrong = try Program.run(["train", "--print-config", "--shot", "0"], in: folder)
    #expect(wrong.status == 64 && wrong.output.isEmpty)
  }
}
