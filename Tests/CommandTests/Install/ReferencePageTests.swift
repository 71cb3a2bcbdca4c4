import Experiments
import Files
import Foundation
import TestSupport
import Testing

@testable import metatop

/// The documentation's tables of options and keys are the program's own.
@Suite("Reference pages")
struct ReferencePageTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../Documentation").standardizedFileURL.path

  @Test("Documentation/Options.md and Keys.md have today's tables", arguments: [0, 1, 2])
  func current(index: Int) throws {
    let table = ManualCommand.tables[index]
    let page = try String(contentsOfFile: "\(Self.folder)/\(table.file)", encoding: .utf8)
    let updated = table.part.updated(page, with: table.text)
    #expect(updated != nil, "\(table.file) has no place for its tables")
    let isCurrent = updated == page
    #expect(isCurrent, "\(table.file): run metatop manual --pages Documentation")
  }

  @Test("Every command has a section, and every option stands in it, in a table or in a list")
  func complete() throws {
    let root = try #require(CommandHelp(dump: Metatop._dumpHelp()))
    let text = ManualCommand.tables[0].text
    let sections = text.split(separator: "### ", omittingEmptySubsequences: true)
    for command in root.all where command.path.count > 1 && command.subcommands.isEmpty {
      let title = "`\(command.path.joined(separator: " "))`\n"
      let section = try #require(sections.first { $0.hasPrefix(title) }, "\(title)")
      for name in command.entries.filter({ !$0.isPositional }).compactMap(\.names.last)
      where name != "--help" && name != "--version" {
        #expect(section.contains("\(name)`") || section.contains("\(name) "), "\(title) \(name)")
      }
    }
  }

  @Test("They are written between their comments, and a page without them is refused")
  func written() throws {
    let folder = try TemporaryFolder()
    let pages = ManualCommand.tables
    for file in Set(pages.map(\.file)) {
      let parts = pages.filter { $0.file == file }.map(\.part)
      let places = parts.map { "\($0.begin)\nold\n\($0.end)\nmore\n" }.joined()
      try folder.write("# A\n\n\(places)", to: file)
    }
    let program = try Program.run(["manual", "--pages", "."], in: folder)
    #expect(program.status == 0 && program.errors.isEmpty && program.output.isEmpty)
    for page in pages {
      let text = String(decoding: try SystemFile.read(folder / page.file), as: UTF8.self)
      #expect(text.contains("\(page.part.begin)\n\n\(page.text)\n\(page.part.end)\nmore\n"))
      #expect(text.hasPrefix("# A\n\n") && !text.contains("\nold\n"))
    }
    try folder.write("nothing", to: "Keys.md")
    let refused = try Program.run(["manual", "--pages", "."], in: folder)
    #expect(refused.status == 65 && refused.complaints.count == 1, "\(refused.errors)")
  }
}
