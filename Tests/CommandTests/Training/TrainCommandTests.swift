import Experiments
import Files
import Foundation
import TestSupport
import Testing
import VirtualTerminal

@Suite("metatop train")
struct TrainCommandTests {
  private static let lineKeys = [
    "run", "method", "task", "steps", "seconds", "steps_per_second", "query_loss", "test_loss",
    "test_accuracy", "test_ci95", "test_episodes", "seed", "parameters", "peak_rss_mib", "diverged",
    "batch_norm", "convolution", "interval", "split",
  ]

  @Test("--json prints one line a run, with exactly the keys that scripts rely on")
  func summaryLines() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(
      ["train", "--json", "--methods", "maml,cml", "--steps", "4", "--seed", "7"],
      in: folder
    )
    #expect(program.status == 0)
    let lines = try program.output.split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    #expect(lines.map(\.keys) == [Self.lineKeys, Self.lineKeys])
    #expect(lines.map { $0["method"]?.string } == ["maml", "cml"])
    for line in lines {
      #expect(line["steps"] == 4 && line["seed"] == 7 && line["diverged"] == false)
      #expect(line["task"] == "sinusoid" && line["test_accuracy"] == .null)
      #expect(line["test_episodes"] == 2000 && line["batch_norm"] == .null)
      let run = try RecordedRun(folder / (line["run"]?.string ?? ""))
      #expect(run.summary["test_loss"] == line["test_loss"])
      #expect(run.losses.count == 4)
      let mean = run.losses.reduce(0, +) / 4
      #expect(abs((line["query_loss"]?.double ?? .nan) - mean) < 1e-5)
    }
  }

  @Test("The meta-test has as many episodes as are asked for; with none a run is whole without it")
  func testEpisodes() throws {
    let folder = try TemporaryFolder()
    func line(_ arguments: String) throws -> JSONValue {
      let program = try Program.run(
        arguments.split(separator: " ").map(String.init) + ["--json"],
        in: folder
      )
      try #require(program.status == 0, "\(program.errors)")
      return try JSONValue(parsing: Array(program.output.utf8))
    }
    let few = try line("train --methods maml --steps 2 --test-episodes 7 --out few")
    #expect(few["test_episodes"] == 7 && few["test_loss"]?.double != nil)
    let none = try line("train --methods maml --steps 2 --test-episodes 0 --out none")
    #expect(none["test_episodes"] == .null && none["test_loss"] == .null)
    let run = try #require(try RecordedRun.all(under: folder / "none").first)
    #expect(run.state["status"] == "finished" && run.configuration["task"]?["meta_test"] == false)
    // All its steps are made, and what was asked for stands: there is nothing to go on with.
    let again = try Program.run(["train", "--resume", run.path], in: folder)
    #expect(again.status != 0 && again.errors.contains("all its 2 outer steps are made"))
    let longer = try line("train --resume \(run.path) --steps 3")
    #expect(longer["steps"] == 3 && longer["test_loss"] == .null)
  }

  @Test("A run directory is complete and agrees with itself")
  func runDirectory() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "train", "--methods", "cml", "--steps", "6", "--evaluate-every", "3", "--shot", "5",
      "--query", "7", "--meta-batch", "3", "--set", "inner-lr=0.02", "--evaluation-episodes", "10",
    ]
    #expect(try Program.run(arguments, in: folder).status == 0)
    let run = try #require(try RecordedRun.all(under: folder / "runs").first)
    let configuration = run.configuration
    #expect(configuration["run"]?.string == URL(fileURLWithPath: run.path).lastPathComponent)
    #expect(configuration["method"] == "cml" && configuration["steps"] == 6)
    #expect(configuration["task"]?["shot"] == 5 && configuration["task"]?["query"] == 7)
    #expect(configuration["meta_batch"] == 3)
    #expect(configuration["hyperparameters"]?["inner-lr"]?.double == 0.02)
    #expect(
      run.state.keys == [
        "status", "step", "total", "heartbeat", "heartbeat_every", "pid", "host", "machine", "eta",
        "restarts",
      ]
    )
    #expect(run.state["status"] == "finished" && run.state["step"] == 6)
    #expect(run.state["total"] == 6)
    #expect(run.metrics.map { $0["step"] } == [1, 2, 3, 4, 5, 6])
    let always = [
      "step", "t", "method", "query_loss", "support_loss", "meta_gradient_norm",
      "episodes_per_second", "flops",
    ]
    #expect(run.metrics.allSatisfy { Array($0.keys.prefix(always.count)) == always })
    let probed = [
      "query_loss_before", "colearner_loss", "colearner_cosine", "colearner_norm_ratio",
      "colearner_cosine/layer1",
    ]
    #expect(Set(probed).isSubset(of: Set(run.metrics[0].keys)))
    #expect(
      run.metrics.map { $0["validation_loss"] != nil } == [false, false, true, false, false, true]
    )
    #expect(run.metrics[2]["validation_ci95"]?.double != nil)
    #expect(run.summary["validation_episodes"] == 10)
    #expect(run.last.metadata["step"] == "6" && run.last.metadata["method"] == "cml")
    let names = Set(run.last.names)
    #expect(names.contains("colearner.head.weight"))
    #expect(names.contains("optimizer.first_moment.body.layer1.weight"))
    _ = try TensorFile(reading: run.path + "/checkpoints/best.safetensors")
  }

  @Test("An interrupt ends it after a checkpoint", arguments: [SIGINT, SIGTERM, SIGHUP])
  func interrupt(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let started = try Program.Started(
      ["train", "--json", "--methods", "maml", "--steps", "100000000", "--evaluate-every", "0"],
      in: folder
    )
    try waitForSteps(started)
    started.signal(signal)
    let program = try started.end()
    #expect(program.status == 128 + signal)
    let run = try #require(try RecordedRun.all(under: folder / "runs").first)
    #expect(run.state["status"] == "stopped")
    #expect(run.last.metadata["step"].flatMap { Int($0) } == run.state["step"]?.integer)
    let line = try JSONValue(parsing: Array(program.output.utf8.dropLast()))
    #expect(line.keys == Self.lineKeys && line["test_loss"] == .null)
  }

  @Test("A file's options count, and the command line wins over them")
  func configurationFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "methods: [maml]\nsteps: 9\nseed: 5\nset:\n  inner-lr: 0.5\n  outer-lr: 0.25\n",
      to: "options.yaml"
    )
    let program = try Program.run(
      ["train", "--config", file, "--steps", "2", "--set", "outer-lr=0.125"],
      in: folder
    )
    #expect(program.status == 0, "\(program.errors)")
    let run = try #require(try RecordedRun.all(under: folder / "runs").first)
    #expect(run.configuration["steps"] == 2 && run.configuration["seed"] == 5)
    let values = run.configuration["hyperparameters"]
    #expect(values?["inner-lr"]?.double == 0.5 && values?["outer-lr"]?.double == 0.125)
  }

  @Test("A summary that nobody can take is said, with status 74", arguments: [">&-", ">/dev/full"])
  func noReader(redirection: String) throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(
      ["train", "--json", "--methods", "maml", "--steps", "2"],
      in: folder,
      shell: "exec \"$@\" \(redirection)"
    )
    #expect(program.status == 74 && program.output.isEmpty)
    #expect(
      program.complaints.last
        == "metatop: standard output: the summary could not be written; give it room or a reader"
    )
    #expect(try RecordedRun.all(under: folder / "runs").count == 1, "the run itself is whole")
  }

  @Test("Closed standard descriptors never lead words into a run's files")
  func closedDescriptors() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(
      ["train", "--json", "--methods", "maml", "--steps", "50"],
      in: folder,
      shell: "exec \"$@\" <&- >&- 2>&-"
    )
    #expect(program.status == 74)
    let run = try #require(try RecordedRun.all(under: folder / "runs").first)
    #expect(run.metrics.count == 50 && run.losses.count == 50)
  }

  @Test("Doctor says what it found, also without a terminal")
  func doctor() throws {
    let folder = try TemporaryFolder()
    let program = try Program.run(["doctor"], in: folder)
    #expect(program.status == 0 && program.errors.isEmpty)
    for name in ["terminal", "locale", "cores", "kernels", "themes", "tasks", "runs/"] {
      #expect(program.output.contains("  \(name) "), "\(name)")
    }
  }

  /// Waits until the program has said how far it is.
  private func waitForSteps(_ started: Program.Started) throws {
    let deadline = Date.now.addingTimeInterval(120)
    while !started.errors.contains("steps/s"), Date.now < deadline { sched_yield() }
    try #require(started.errors.contains("steps/s"))
  }
}
