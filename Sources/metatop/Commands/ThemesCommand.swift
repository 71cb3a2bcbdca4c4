import ArgumentParser
import Dashboard
import Experiments
import Files
import Recording

/// `metatop themes`: looks, and whether they can be read.
struct ThemesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "themes",
    abstract: "List looks, or measure one's contrasts and its distances for colour-blind eyes.",
    subcommands: [List.self, Check.self],
    defaultSubcommand: List.self
  )

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The looks that were found.")

    mutating func run() throws {
      let folder = ThemeFolder.found()
      let rows = zip(folder.themes, folder.origins).map { theme, origin in
        [
          theme.name.printable, ThemeCheck(theme).isEnough ? "easy to read" : "hard to read",
          origin?.printable ?? "built in",
        ]
      }
      try ThemesCommand.write(
        TextTable(head: ["theme", "", "from"], rows: rows, words: [0, 1, 2]).text(.text)
      )
      for error in folder.errors { complain("metatop: \("\(error)".printable)") }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Contrasts with the background, distances of the curves from each other."
    )

    @Argument(
      help: ArgumentHelp("A look's name, or the path of its file.", valueName: "theme"),
      completion: .themes
    )
    var theme: String

    mutating func run() throws {
      let found: Theme
      do throws(ThemeError) {
        found = try ThemeFolder.found().theme(named: theme, colors: 1 << 24, environment: variable)
      } catch {
        throw Failure(status: Failure.badData, sentence: "themes: \(error)".printable)
      }
      let check = ThemeCheck(found)
      func rows(_ measures: [ThemeCheck.Measure]) -> [[String]] {
        measures.map { measure in
          let value = measure.value.map { fixed($0, 1) } ?? "the terminal's"
          return [
            measure.name, value, fixed(measure.least, 1), measure.isEnough ? "ok" : "too low",
          ]
        }
      }
      let contrasts = TextTable(
        head: ["contrast", "found", "least", ""],
        rows: rows(check.contrasts),
        words: [0, 3]
      )
      let distances = TextTable(
        head: ["distance for eyes with", "found", "least", ""],
        rows: rows(check.distances),
        words: [0, 3]
      )
      try ThemesCommand.write(
        "\(found.name)\n\n" + contrasts.text(.text) + "\n" + distances.text(.text)
      )
    }
  }

  static func write(_ text: String) throws {
    guard say(Array(text.utf8)) else {
      throw Failure(
        status: Failure.inputOutput,
        sentence: "standard output cannot be written; give it a reader"
      )
    }
  }
}
