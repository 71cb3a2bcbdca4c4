import Experiments
import Files
import Foundation
import TestSupport
import Testing

/// `changes:` in a file for `--config`.
@Suite struct ChangesFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, to name: String = "runs.yaml") throws {
    try text.write(toFile: folder / name, atomically: true, encoding: .utf8)
  }

  private func run(_ arguments: String) throws -> Program {
    try Program.run(arguments.split(separator: " ").map(String.init), in: folder)
  }

  private static let base = """
    methods: [maml, cml]
    steps: 30
    meta-batch: 2
    threads: 1
    evaluate-every: 0
    changes:
      - {step: 10, set: {maml.first-order: on}}
      - step: 20
        set: {inner-lr: 0.02, cml.gamma: 0.5}

    """

  private static func changes(_ run: RecordedRun) -> [String] {
    run.events.filter { $0["event"] == "hyperparameter" }.map { event in
      "\(event["step"]?.integer ?? -1) \(event["id"]?.string ?? "") \(event["value"]?.double ?? .nan)"
    }
  }

  @Test("They are made before the next outer step, recorded, printed, and kept when a run goes on")
  func made() throws {
    try write(Self.base)
    let whole = try run("train --config runs.yaml --out whole")
    #expect(whole.status == 0, "\(whole.errors)")
    let runs = try RecordedRun.all(under: folder / "whole")
    let expected = [
      "cml": ["20 inner-lr 0.02", "20 gamma 0.5"],
      "maml": ["10 first-order 1.0", "20 inner-lr 0.02"],
    ]
    for run in runs {
      #expect(Self.changes(run) == expected[run.configuration["method"]?.string ?? ""])
    }
    let maml = try #require(runs.last)
    #expect(maml.configuration["options"]?["changes"] == "10:first-order=on 20:inner-lr=0.02")
    // The printed file makes the same runs.
    let printed = try run("train --config runs.yaml --print-config --out again")
    #expect(printed.output.contains("  - {step: 10, set: {maml.first-order: on}}\n"))
    try write(printed.output, to: "again.yaml")
    #expect(try run("train --config again.yaml").status == 0)
    let again = try RecordedRun.all(under: folder / "again")
    #expect(again.map(\.tensors) == runs.map(\.tensors))
    // Stopped before and gone on with, the rest of them is made.
    #expect(try run("train --config runs.yaml --steps 15 --out cut").status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder / "cut").sorted()
    let rest = try Program.run(
      ["train", "--steps", "30", "--resume"] + names.map { folder / "cut/\($0)" },
      in: folder
    )
    #expect(rest.status == 0, "\(rest.errors)")
    let resumed = try RecordedRun.all(under: folder / "cut")
    #expect(resumed.map(Self.changes) == runs.map(Self.changes))
    #expect(resumed.map(\.losses) == runs.map(\.losses))
    // The outer rate's schedule may know the length; without one the parameters are the same too.
    #expect(resumed.map { $0.tensors["head.weight"] } == runs.map { $0.tensors["head.weight"] })
  }

  @Test(
    "What cannot change is refused with file and line",
    arguments: [
      (
        "changes: 5",
        "runs.yaml:1: changes: is no list of changes; write lines such as - {step: 170,"
      ),
      ("changes: [{step: -1, set: {inner-lr: 1}}]", "is no list of changes"),
      ("changes: [{step: 1}]", "is no list of changes"),
      ("changes: [{step: 1, let: {a: 1}}]", "let: is no part of a change; use step and set"),
      ("changes: [{step: 1, set: {nothing: 1}}]", "nothing: there is no such hyperparameter"),
      ("changes: [{step: 1, set: {inner-lr: much}}]", "inner-lr: \"much\" is not allowed"),
      ("changes: [{step: 1, set: {cml.gamma: 1}}]", "cml is not among the methods being trained"),
    ]
  )
  func refused(_ text: String, _ sentence: String) throws {
    try write(text + "\n")
    let program = try run("train --methods maml --steps 2 --config runs.yaml")
    #expect(program.status == 65 && program.complaints.count == 1)
    #expect(program.errors.contains(sentence), "\(program.errors)")
  }
}
