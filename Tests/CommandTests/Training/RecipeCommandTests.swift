import Files
import Foundation
import TestSupport
import Testing

/// `metatop recipe`: what it lists, makes, goes on with and refuses.
@Suite struct RecipeCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      name: tiny
      title: "Two rows on sinusoids"
      paper: "Nobody: Nothing. 2024"
      train:
        task: sinusoid
        width: 5
        shot: 5
        steps: 30
        meta-batch: 2
        evaluate-every: 0
      seeds: 2
      test:
        episodes: 20
        inner-steps: 1
        checkpoint: last
      rows:
        - method: maml
          published: {value: 3.0, interval: 9.0, kind: "over tasks", from: "nowhere"}
        - name: boil-mix
          method: "metamix:boil"
          set: {mix-weight: 0.5}
      """,
      to: "own/Recipes/tiny.yaml"
    )
  }

  private func run(_ line: String, status: Int32 = 0) throws -> Program {
    let program = try Program.run(
      line.split(separator: " ").map(String.init),
      in: folder,
      environment: ["LC_ALL": "C.UTF-8", "METATOP_HOME": folder / "own"]
    )
    #expect(program.status == status, "\(line): \(program.errors)")
    return program
  }

  @Test func listAndShow() throws {
    let list = try run("recipe list").output
    #expect(list.contains("tiny") && list.contains("Two rows on sinusoids (1 published)"))
    #expect(list.contains("comparison-omniglot") && list.contains("(ours)"))
    let sheet = try run("recipe show tiny").output
    #expect(sheet.contains("--set") == false && sheet.contains("mix-weight=0.5"))
    #expect(sheet.contains("published: 3.00 ± 9.00 (over tasks), nowhere"))
    #expect(sheet.contains("nothing is published"))
    let finn = try run("recipe show maml-omniglot-5w1s").output
    #expect(
      finn.contains("inner-lr=2.0") && finn.contains("0.4, of a loss summed over the 5 classes")
    )
    let unknown = try run("recipe show nothing", status: 64)
    #expect(
      unknown.complaints.count == 1 && unknown.errors.contains("`metatop recipe list` lists all")
    )
  }

  @Test func isPlannedMadeAndNotMadeAgain() throws {
    let plan = try run("recipe run tiny --plan")
    #expect(plan.errors.contains("4 runs, 0 of them made") && plan.errors.contains("about "))
    #expect(!FileManager.default.fileExists(atPath: folder / "runs"))
    let made = try run("recipe run tiny")
    #expect(
      made.output.contains("| row | ours | paper | intervals | minus maml |"),
      "\(made.output)"
    )
    #expect(
      made.output.contains("| 3.000 ± 9.000 | ") && made.output.contains("over 2 seeds (Student)")
    )
    #expect(made.output.contains("| boil-mix | ") && made.output.contains("| none printed | – |"))
    let again = try run("recipe run tiny")
    #expect(again.output == made.output && again.errors.contains("4 of them made"))
    // One that was begun goes on, one that is gone is made again.
    let home = folder / "runs/recipes/tiny"
    #expect(try FileManager.default.contentsOfDirectory(atPath: home).count == 4)
    try FileManager.default.removeItem(atPath: home + "/maml-s1")
    let rest = try run("recipe run tiny")
    #expect(rest.errors.contains("3 of them made") && rest.errors.contains("1 left"))
    #expect(rest.output.contains("minus maml"))
    let other = try run("recipe run tiny --steps 10 --seeds 1 --out elsewhere")
    #expect(other.output.contains("10 outer steps (the recipe has 30)"))
    #expect(FileManager.default.fileExists(atPath: folder / "elsewhere/tiny-10/boil-mix-s0"))
  }

  @Test func missingAndOtherDataAreRefused() throws {
    let missing = try run("recipe run maml-mini-imagenet-5w1s --plan", status: 65)
    #expect(missing.complaints.count == 1, "\(missing.errors)")
    #expect(missing.errors.contains("`metatop data check mini-imagenet` says what is there"))
    for name in ["images_background.zip", "images_evaluation.zip"] {
      let entry = TestZip.Entry("images_background/A/character01/1.png", [1, 2, 3])
      try folder.write("", to: "own/Datasets/omniglot/x")
      try Data(TestZip(entries: [entry]).bytes)
        .write(to: URL(fileURLWithPath: folder / "own/Datasets/omniglot/\(name)"))
    }
    let other = try run("recipe run maml-omniglot-5w1s --plan", status: 65)
    #expect(other.errors.contains("is not the published file"), "\(other.errors)")
    #expect(other.errors.contains("`metatop data check omniglot`"))
    #expect(other.errors.contains("--accept-data goes on with them"))
  }

  @Test func aBadRecipeIsToldByItsLine() throws {
    try folder.write("name: bad\ntitle: b\nrows:\n  - {}\n", to: "own/Recipes/bad.yaml")
    let list = try run("recipe list", status: 65)
    #expect(list.output.contains("tiny") && list.errors.contains("bad.yaml"), "\(list.errors)")
    let run = try run("recipe run bad", status: 65)
    #expect(run.errors.contains("method is missing"), "\(run.errors)")
  }
}
