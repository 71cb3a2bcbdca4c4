import ArgumentParser
import Experiments
import Files

/// `metatop recipe`: published table rows, made here and put beside what their papers print.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe",
    abstract: "Make published table rows here, and print ours beside theirs.",
    subcommands: [RecipeListCommand.self, RecipeShowCommand.self, RecipeRunCommand.self],
    defaultSubcommand: RecipeListCommand.self
  )
}

/// `metatop recipe list`: every recipe.
struct RecipeListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the recipes."
  )

  mutating func run() throws {
    let catalog = RecipeCatalog.found()
    let width = catalog.recipes.map(\.name.count).max() ?? 0
    try printLines(catalog.recipes.map { $0.line(width) })
    for error in catalog.errors { complain("metatop: \(error)") }
    if !catalog.errors.isEmpty { throw ExitCode(Failure.badData) }
  }
}

/// `metatop recipe show`: what a recipe trains, how it tests, what its paper prints.
struct RecipeShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a recipe: options, test, published numbers and where they are from."
  )

  @Argument(help: "A recipe's name.", completion: .recipes)
  var name: String

  mutating func run() throws {
    let recipe = try RecipeCatalog.found().recipe(name)
    try printLines(recipe.sheet.split(separator: "\n").map(String.init))
  }
}

/// `metatop recipe run`: trains, tests as the paper does, and compares; goes on where it was stopped.
struct RecipeRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Train and test a recipe's rows; goes on where an earlier one was stopped."
  )

  @Argument(help: "A recipe's name.", completion: .recipes)
  var name: String

  @Option(help: "Where the recipe's folder goes.", completion: .directory)
  var out = "runs/recipes"

  @Option(parsing: .unconditional, help: "Runs at a time, each on one thread (default 1).")
  var threads: String?

  @Option(
    parsing: .unconditional,
    help: "Outer steps of each run in the place of the recipe's; kept in a folder of their own."
  )
  var steps: String?

  @Option(parsing: .unconditional, help: "Seeds in the place of the recipe's.")
  var seeds: String?

  @Flag(help: "Go on though an archive is not the published one, as one that was packed anew.")
  var acceptData = false

  @Flag(help: "Say what would be made and how long it takes, and train nothing.")
  var plan = false

  mutating func run() throws {
    let recipe = try RecipeCatalog.found().recipe(name)
    var session = RecipeSession(
      recipe,
      out: SystemFile.expanded(out),
      steps: try RecipeSession.whole("steps", steps, 1...1_000_000_000),
      seeds: try RecipeSession.whole("seeds", seeds, 1...64)
    )
    let threads = try RecipeSession.whole("threads", threads, 1...1_024) ?? 1
    try session.begin(planOnly: plan, acceptsData: acceptData)
    guard !plan else { return }
    let flag = StopFlag()
    let interrupts = Interrupts { flag.set() }
    try session.train(threads: threads, isStopped: { flag.isSet })
    if let status = interrupts.status {
      complain("stopped; the same command goes on where it was")
      throw ExitCode(status)
    }
    try write(try session.report(threads: threads))
  }
}
