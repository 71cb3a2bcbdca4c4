import ArgumentParser
import Experiments
import Files
import Recording

/// `metatop runs`: what has been recorded, and what may be done with it.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List recorded runs, newest first, with the commands that go on with them."
  )

  @Argument(
    help: ArgumentHelp("Where run directories lie.", valueName: "folder"),
    completion: .directory
  )
  var folder = "runs"

  @Option(help: "Only runs in whose name, method, task, network or state all these words are.")
  var filter = ""

  @Flag(help: "A list for programs.")
  var json = false

  mutating func run() throws {
    let listing: RunListing
    do throws(ConfigurationError) {
      listing = try RunListing(folder, filter: filter, now: RecordingEnvironment.system.now())
    } catch {
      throw Failure(error)
    }
    for note in listing.notes { complain("metatop: \(note)") }
    try say(json ? listing.json : listing.text, "list")
  }
}
