import Dashboard
import Files
import Recording
import Testing

@testable import Experiments
@testable import metatop

/// The form behind `n`: what its values become.
@Suite struct NewComparisonTests {
  private let comparison = NewComparison(kept: ["--ascii"], file: nil)

  @Test func valuesBecomeArguments() {
    let values = [
      "methods": "maml,cml", "task": "sinusoid", "model": "", "steps": "50",
      "set": "inner-lr=0.1  cml.gamma=0.5",
    ]
    #expect(
      comparison.arguments(values) == [
        "--methods=maml,cml", "--task=sinusoid", "--steps=50", "--set=inner-lr=0.1",
        "--set=cml.gamma=0.5", "--ascii",
      ]
    )
  }

  @Test func aSweepBecomesArguments() throws {
    var options = TrainingOptions()
    try options.apply(
      [(.methods, "maml,cml"), (.steps, "77"), (.seed, "5"), (.width, "24")],
      settings: []
    )
    let runs = try RunResolver(options: options, cores: 2).configurations()
    var values = comparison.sweepForm(runs).values
    values["grid"] = "inner-lr=0.01,0.02"
    values["grid-2"] = "gamma=0.2,0.5"
    values["set"] = "maml.first-order=on"
    let arguments = comparison.arguments(values)
    #expect(
      arguments.prefix(4) == [
        "sweep", "--live", "--grid=inner-lr=0.01,0.02", "--grid=gamma=0.2,0.5",
      ]
    )
    for argument in [
      "--seeds=3", "--methods=maml,cml", "--steps=77", "--seed=5", "--width=24", "--shot=10",
      "--set=maml.first-order=on", "--ascii",
    ] {
      #expect(arguments.contains(argument), "\(argument)")
    }
    let answer = comparison.check(values)
    #expect(answer.text == "18 runs: 6 combinations × 3 seeds, 1,386 outer steps in all")
    values["grid"] = "inner-lr=0.01,99"
    #expect(comparison.check(values).text.hasPrefix("--grid: inner-lr: 99 is not allowed"))
    values["seeds"] = "x"
    #expect(comparison.check(values).isProblem)
  }

  @Test func aBranchBecomesArguments() {
    let form = comparison.branchForm(of: RunDirectory(path: "runs/a b"), steps: 70)
    #expect(
      comparison.arguments(form.values) == [
        "--branch=runs/a b", "--checkpoint=last", "--steps=70", "--ascii",
      ]
    )
    let answer = comparison.check(form.values)
    #expect(answer.isProblem && answer.text.hasPrefix("--branch: runs/a b/config.json cannot be"))
  }

  @Test func theCostIsTold() {
    let answer = comparison.check(["methods": "maml,cml", "task": "sinusoid", "steps": "5000"])
    #expect(!answer.isProblem)
    #expect(answer.text.hasPrefix("2 runs, 10,000 outer steps in all, about "))
    #expect(answer.text.hasSuffix("MiB of memory"))
  }

  @Test(arguments: [
    (["methods": "mamll"], "no such method: mamll; did you mean maml?"),
    (["shot": "x"], "--shot: \"x\" is not allowed"),
    (["steps": "0"], "--steps: \"0\" is not allowed"), (["task": "nowhere"], "--task:"),
    (["set": "inner-lr=9999"], "9999"), (["set": "fly=1"], "fly"), (["set": "x"], "--set:"),
    (["width": "-4"], "--width:"), (["methods": "maml,maml"], "maml"),
  ])
  func whatIsWrongIsOneSentence(values: [String: String], part: String) {
    let answer = comparison.check(values)
    #expect(answer.isProblem && answer.text.contains(part), "\(answer.text)")
    #expect(!answer.text.contains("\n"))
  }

  @Test func theFormBeginsWithWhatRuns() throws {
    var options = TrainingOptions()
    try options.apply(
      [(.methods, "cml"), (.steps, "77"), (.seed, "5"), (.width, "24")],
      settings: []
    )
    let runs = try RunResolver(options: options, cores: 2).configurations()
    let form = comparison.form(runs, settings: ["gamma=0.3"])
    let values = form.values
    #expect(values["methods"] == "cml" && values["steps"] == "77" && values["seed"] == "5")
    #expect(values["shot"] == "10" && values["way"] == "" && values["set"] == "gamma=0.3")
    #expect(values["width"] == "24" && values["model"] == "")
    #expect(!comparison.check(values).isProblem)
  }

  @Test func commandsAreQuotedForAShell() {
    #expect(["/usr/bin/metatop", "--set", "a=1"].shellCommand == "metatop --set a=1")
    #expect(
      ["metatop", "folder:my dir", "it's", ""].shellCommand
        == "metatop 'folder:my dir' 'it'\\''s' ''"
    )
  }
}
