import ArgumentParser
import Experiments
import Files
import MetaLearning
import Recording
import Tasks

/// `metatop methods`: which there are, and what one is.
struct MethodsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "methods",
    abstract: "List the methods, or tell of one: its equation, hyperparameters and citation.",
    discussion: """
      The table has id, name, year, what adapts, the order of the derivatives in the meta-gradient, \
      the tasks a method can learn and its page. It leaves out as many columns as it must to fit \
      \(MethodTable.width) columns, name first, then page, and says which.
      """
  )

  @Argument(
    help: ArgumentHelp("The method to tell of.", valueName: "id"),
    completion: .methodNames
  )
  var id: String?

  @Flag(help: "Print JSON, with everything that is known of each method.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write the tables of hyperparameters into the methods' pages of a folder.",
      visibility: .hidden
    ),
    completion: .directory
  )
  var pages: String?

  mutating func run() throws {
    let chosen = try id.map { [try method($0)] }
    if let pages { return try write(chosen ?? MethodCatalog.all, into: pages) }
    let sheets = (chosen ?? MethodCatalog.all).map(MethodSheet.init)
    switch (json, chosen == nil) {
    case (true, true): try say(text(.array(sheets.map(\.json))), "methods")
    case (true, false): try say(text(sheets[0].json), "method")
    case (false, true): try say(MethodTable(MethodCatalog.all).text, "methods")
    case (false, false): try say(sheets[0].text, "method")
    }
  }

  private func text(_ value: JSONValue) -> String {
    String(decoding: value.encoded(), as: UTF8.self)
  }

  private func method(_ name: String) throws(Failure) -> any Method {
    guard let method = MethodCatalog.method(name.lowercased()) else {
      throw Failure(
        status: Failure.usage,
        sentence: "methods: \(MethodCatalog.refusal(of: name))".printable
      )
    }
    return method
  }

  private func write(_ methods: [any Method], into folder: String) throws {
    for page in methods.map(MethodPage.init) {
      try MethodPage.part.write(page.table, into: "\(folder)/\(page.file)", option: "--pages")
    }
  }
}
