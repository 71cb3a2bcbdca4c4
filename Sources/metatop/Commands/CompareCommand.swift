import ArgumentParser
import Events
import Experiments
import Files
import Recording

/// `metatop compare`: one table of any runs.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "One table of recorded runs; those that differ in their seed alone become one row."
  )

  @Argument(
    help: ArgumentHelp("Run directories, and sweeps for all their runs.", valueName: "run"),
    completion: .directory
  )
  var runs: [String]

  @Option(help: "The table: text, csv, markdown, latex or json.")
  var format = "text"

  @Flag(help: "A row for every run, also of those that differ in their seed alone.")
  var apart = false

  mutating func run() throws {
    let format = try TextTable.Format(format: format)
    let summaries: [RecordedSummary]
    let verdict: Verdict?
    do throws(ConfigurationError) {
      let selection = try RunSelection(runs, command: "compare")
      summaries = try selection.map { (run) throws(ConfigurationError) in
        try RecordedSummary(run.path)
      }
      verdict = try ComparisonSummary(
        selection.map { (run) throws(ConfigurationError) in RunDirectory(path: run.path) }
      ).verdict
    } catch {
      throw Failure(error)
    }
    let table = ComparisonTable(summaries, areSeedsApart: apart).text(format)
    let lines = format == .text ? verdict?.lines().map { $0.printable + "\n" } ?? [] : []
    try say(table + lines.joined(), "table")
  }
}
