import Files
import Foundation
import MetaLearning
import Tasks
import Testing

@testable import Experiments

/// Recipes as they ship, as they are read, and what stands in their tables.
@Suite struct RecipeTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../../Recipes").standardized.path

  private static let shipped = ShippedRecipes.all.map(\.name)

  private func recipe(_ name: String) throws -> Recipe {
    let text = try String(contentsOfFile: "\(Self.folder)/\(name).yaml", encoding: .utf8)
    return try Recipe(text: text, path: "\(name).yaml")
  }

  @Test("The program has the recipes of the folder, and no others")
  func embedded() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(files.sorted() == Self.shipped.map { $0 + ".yaml" }.sorted())
    for (name, bytes) in ShippedRecipes.all {
      let file = try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).yaml"))
      #expect(Array(file) == bytes, "\(name)")
    }
  }

  /// Every option and setting is one, and every published number says where it is from.
  @Test(arguments: shipped)
  func isSound(_ name: String) throws {
    let recipe = try recipe(name)
    #expect(recipe.name == name && !recipe.title.isEmpty)
    let maker = RecipeMaker(recipe, out: "nowhere", steps: nil, seeds: nil)
    for job in recipe.jobs {
      let row = recipe.rows[job.row]
      let method = try #require(MethodCatalog.method(row.method), "\(row.method)")
      let options = try maker.options(job)
      #expect(options.methods == [row.method] && options.steps != nil)
      let isNumbers = recipe.option("model") == "mlp"
      let model = isNumbers ? ModelSamples.numbers : ModelSamples.pictures
      let own = method.hyperparameters(for: model)
      for pair in row.settings {
        let descriptor = try #require(own.first { $0.id == pair.name }, "\(row.name): \(pair.name)")
        #expect(throws: Never.self) { try descriptor.parse(pair.value) }
      }
      for pair in recipe.settings {
        guard let descriptor = own.first(where: { $0.id == pair.name }) else { continue }
        #expect(throws: Never.self) { try descriptor.parse(pair.value) }
      }
      #expect(row.published.map { !$0.from.isEmpty && $0.value > 0 } ?? true)
    }
    for pair in recipe.settings {
      let known = recipe.rows.contains { row in
        [ModelSamples.numbers, ModelSamples.pictures].contains { model in
          MethodCatalog.method(row.method)?.hyperparameters(for: model).contains {
            $0.id == pair.name
          }
            == true
        }
      }
      #expect(known, "\(name): nobody has \(pair.name)")
    }
    let sheet = recipe.sheet
    #expect(sheet.contains(recipe.title) && sheet.contains("--steps"))
    if recipe.rows.contains(where: { $0.published == nil }), recipe.paper != nil {
      #expect(sheet.contains("nothing is published"))
    }
  }

  @Test("Recipes of generated tasks can be trained as they stand", arguments: shipped)
  func resolves(_ name: String) throws {
    let recipe = try recipe(name)
    guard recipe.option("task") == "sinusoid" else { return }
    var maker = RecipeMaker(recipe, out: "nowhere", steps: nil, seeds: 1)
    for job in maker.recipe.jobs {
      let run = try maker.configuration(job)
      #expect(run.totalSteps == recipe.option("steps").flatMap { Int($0) } && run.seed == 0)
    }
  }

  @Test(
    "What is no recipe is refused",
    arguments: [
      ("name: A b\ntitle: t\nrows:\n  - method: maml\n", "use small letters"),
      ("name: a\ntitle: t\n", "has no rows"),
      (
        "name: a\ntitle: t\ntrain:\n  colour: red\nrows:\n  - method: maml\n", "colour is no option"
      ),
      ("name: a\ntitle: t\nrows:\n  - method: maml\n  - method: maml\n", "has two rows maml"),
      ("name: a\ntitle: t\nrows: maml\n", "rows must be a list"),
      ("name: a\ntitle: t\nseeds: 0\nrows:\n  - method: maml\n", "seeds is 0"),
      ("name: a\ntitle: t\nsteps: 3\nrows:\n  - method: maml\n", "\"steps\" is unknown"),
      (
        "name: a\ntitle: t\nrows:\n  - method: maml\n    published:\n      value: 3\n",
        "from is missing"
      ),
    ]
  )
  func refusals(text: String, words: String) {
    do throws(DatasetError) {
      _ = try Recipe(text: text, path: "own.yaml")
      Issue.record("\(words): it is taken")
    } catch {
      #expect(
        error.description.contains("own.yaml") && error.description.contains(words),
        "\(error)"
      )
    }
  }

  @Test func namesNeedNoReading() {
    let home = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    for places in [
      Places(program: nil) { _ in nil },
      Places(program: nil) { $0 == "METATOP_HOME" ? "/\(home)" : nil },
    ] {
      let names = RecipeCatalog.names(places)
      #expect(names.contains("cml-omniglot-5w1s"))
      #expect(names == RecipeCatalog.found(places).recipes.map(\.name))
    }
  }

  @Test func rowsBecomeAComparison() {
    let arguments = RecipeCatalog.found(Places(program: nil) { _ in nil }).arguments(
      of: "cml-omniglot-5w1s"
    )
    #expect(arguments.first == "--methods=maml,cml" && arguments.contains("--set=gamma=1.0"))
    #expect(arguments.contains("--steps=30000") && !arguments.contains { $0.contains("frozen") })
    #expect(RecipeCatalog().arguments(of: "none").isEmpty)
  }

  // MARK: Tables

  private func score(_ values: [Double], seconds: Double = 2) -> RecipeScore {
    RecipeScore(
      values: values,
      isAccuracy: true,
      trainSteps: 1,
      testSteps: 3,
      isTransductive: true,
      seconds: seconds
    )
  }

  /// Four episodes of 0 and 100: mean 50, half an interval 56.6.
  @Test(
    "Whether intervals meet",
    arguments: [
      (90.0, 1.0 as Double?, "meet"), (108, 1, "do not meet"), (106, nil, "theirs lies in ours"),
      (107, nil, "theirs lies outside ours"),
    ]
  )
  func verdicts(value: Double, interval: Double?, words: String) {
    var recipe = Recipe()
    (recipe.name, recipe.title) = ("a", "A row")
    recipe.rows = [
      .init(
        name: "maml",
        method: "maml",
        published: .init(value: value, interval: interval, kind: "over tasks", from: "a paper")
      )
    ]
    let text = RecipeReport(recipe, [.init(scores: [score([0, 100, 0, 100])])]).text
    #expect(text.contains("| 50.00 ± 56.58 |") && text.contains("| \(words) |"), "\(text)")
    #expect(text.contains("1, 3 at test") && text.contains("| yes | 2.0 | published |"))
    #expect(text.contains("a paper; its interval is over tasks"))
  }

  /// Over seeds: Student's interval, and differences in pairs.
  @Test func pairsAndSeeds() {
    var recipe = Recipe()
    recipe.rows = [.init(name: "maml", method: "maml"), .init(name: "mix", method: "metamix")]
    recipe.seeds = 2
    let first = RecipeReport.Line(scores: [score([10, 20]), score([30, 40])])
    let second = RecipeReport.Line(scores: [score([12, 22]), score([32, 42])])
    let text = RecipeReport(recipe, [first, second]).text
    // 25 with a spread of 20 between two seeds: 12.706 · 10.
    #expect(
      text.contains("| maml | 25.00 ± 127.06 |  |") && text.contains("| +2.00 ± 0.00 |"),
      "\(text)"
    )
    #expect(text.contains("| reconstructed |"))
    let lost = RecipeReport(recipe, [first, .init(scores: [nil, nil], diverged: 1)]).text
    #expect(lost.contains("| mix | – (1 of 2 diverged) (1 not made yet) | – |"), "\(lost)")
  }
}
