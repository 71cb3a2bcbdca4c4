import ArgumentParser
import Experiments
import Files
import Glibc

/// `metatop manual FOLDER`: the manual pages, for `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Write the manual pages, made from the option tables.",
    shouldDisplay: false
  )

  @Argument(help: "Where the pages go; pages of these names are replaced.", completion: .directory)
  var folder: String

  mutating func run() throws {
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
