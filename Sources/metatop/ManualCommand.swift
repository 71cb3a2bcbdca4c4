import ArgumentParser
import Dashboard
import Experiments
import Files
import Glibc

/// `metatop manual FOLDER`: the manual pages, for `make install`; with `--pages` the tables of options
/// and keys in the documentation instead.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Write the manual pages, made from the option tables.",
    shouldDisplay: false
  )

  @Argument(help: "Where the pages go; pages of these names are replaced.", completion: .directory)
  var folder: String

  @Flag(help: "Write the tables of options and keys into Options.md and Keys.md of the folder.")
  var pages = false

  /// The documentation's pages that are tables of the program's: file, place, and what stands there.
  static var tables: [(file: String, part: GeneratedPart, text: String)] {
    let options = CommandHelp(dump: Metatop._dumpHelp()).map { OptionsPage(root: $0).text } ?? ""
    return [
      ("Options.md", OptionsPage.part, options),
      ("Options.md", OptionsPage.hyperparameterPart, OptionsPage.hyperparameters),
      ("Keys.md", GeneratedPart(begin: KeysPage.begin, end: KeysPage.end), KeysPage.text),
    ]
  }

  mutating func run() throws {
    guard !pages else {
      for table in Self.tables {
        try table.part.write(table.text, into: "\(folder)/\(table.file)", option: "manual")
      }
      return
    }
    do throws(SystemError) {
      try SystemFile.createFolders(folder)
      for page in Self.pages(date: Self.date) {
        try SystemFile.replace(
          "\(folder)/\(page.name).1",
          with: [Array(page.text.utf8)[...]],
          isDurable: false
        )
      }
    } catch {
      throw Failure(status: Failure.inputOutput, sentence: "manual: \(error)")
    }
  }

  static func pages(date: String) -> [ManualPage] {
    guard let root = CommandHelp(dump: Metatop._dumpHelp()) else { return [] }
    let names = root.all.map(\.page)
    return root.all.map { ManualPage(command: $0, all: names, date: date) }
  }

  /// Today, or the day of `SOURCE_DATE_EPOCH`, so that a package can be made again with the same bytes.
  private static var date: String {
    var seconds = variable("SOURCE_DATE_EPOCH").flatMap { time_t($0) } ?? time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%d", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
