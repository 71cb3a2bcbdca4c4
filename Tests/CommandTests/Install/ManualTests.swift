import Experiments
import Files
import TestSupport
import Testing

@testable import metatop

/// The manual pages, as text and as the option tables say they must be.
@Suite("Manual pages")
struct ManualTests {
  private let pages = ManualCommand.pages(date: "2026-11-28")

  @Test("Every command has a page with every option, argument and subcommand that help shows")
  func complete() throws {
    let root = try #require(CommandHelp(dump: Metatop._dumpHelp()))
    let names = pages.map(\.name)
    #expect(names == root.all.map(\.page) && Set(names).count == names.count)
    for name in ["metatop", "metatop-train", "metatop-data-check", "metatop-themes-list"] {
      #expect(names.contains(name))
    }
    #expect(!names.contains("metatop-manual") && !names.contains("metatop-help"))
    for page in pages {
      let lines = page.text.split(separator: "\n")
      for entry in page.command.entries where !entry.isPositional {
        for option in entry.names {
          let escaped = Roff.bold(option)
          #expect(lines.contains { $0.contains(escaped) }, "\(page.name): \(option)")
        }
      }
      for below in page.command.subcommands {
        #expect(lines.contains(Roff.bold(below.path.last ?? "")[...]), "\(page.name)")
      }
    }
  }

  @Test("The parser's own help shows nothing that the page leaves out")
  func helpAgrees() throws {
    let page = try #require(pages.first { $0.name == "metatop-sweep" })
    let help = try Program.run(["help", "sweep"], in: TemporaryFolder()).output
    let options = help.split(whereSeparator: { " \n,[]".contains($0) }).filter {
      $0.hasPrefix("--")
    }
    let named = options.filter { !$0.contains("=") && $0.count > 2 }
    #expect(named.count > 20)
    for option in Set(named.map { $0.prefix { $0.isLetter || $0 == "-" } }) {
      #expect(page.text.contains(Roff.bold(String(option)).dropLast(3)), "\(option)")
    }
  }

  @Test("A page is ASCII, has its sections, and no line that roff would take for a request")
  func form() {
    let macros = ["TH", "SH", "TP", "PP", "br"]
    for page in pages {
      #expect(page.text.utf8.allSatisfy { $0 == 10 || (0x20..<0x7F).contains($0) }, "\(page.name)")
      #expect(page.text.hasPrefix(".TH \"METATOP"))
      for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"] {
        #expect(page.text.contains("\n.SH \(section)\n"), "\(page.name)")
      }
      for line in page.text.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'")
      {
        let macro = line.dropFirst().prefix { $0 != " " }
        #expect(macros.contains(String(macro)), "\(page.name): \(line)")
      }
      #expect(!page.text.contains("\n\n"), "\(page.name) has an empty line")
    }
  }

  @Test(
    "Text is escaped for roff",
    arguments: [
      ("--out=a\\b", "\\-\\-out=a\\eb"), (".PP", "\\&.PP"), ("'tis", "\\(aqtis"),
      ("α ≤ 1", "\\[u03B1] \\[u2264] 1"), ("𝒯", "\\[u1D4AF]"), ("a\nb\u{1B}[2J", "a b[2J"),
      ("run `metatop -h`.", "run \\fBmetatop \\-h\\fR."), ("a ` b", "a \\(ga b"),
      ("~/x^2 \"q\"", "\\(ti/x\\(ha2 \\(dqq\\(dq"),
    ]
  )
  func escaping(text: String, roff: String) {
    #expect(Roff.prose(text) == roff)
  }

  @Test("Hyperparameters stand with their ranges and defaults where a method is chosen")
  func hyperparameters() throws {
    let page = try #require(pages.first { $0.name == "metatop-train" }).text
    #expect(page.contains("\\fBinner\\-lr\\fR (\\[u03B1])\n"))
    #expect(page.contains("a number from 0 to 10, default 0.01, pictures 0.4."))
    #expect(page.contains("\\fBgamma\\fR (\\[u03B3], CML alone)\n"))
    #expect(page.contains("\\fBbatch\\-norm\\fR (BN)\n"))
    let other = try #require(pages.first { $0.name == "metatop-doctor" }).text
    #expect(!other.contains("HYPERPARAMETERS"))
  }

  @Test("The command writes them, dated by SOURCE_DATE_EPOCH, the same bytes each time")
  func written() throws {
    let folder = try TemporaryFolder()
    let environment = ["LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "86400"]
    for name in ["a", "b"] {
      let program = try Program.run(["manual", name], in: folder, environment: environment)
      #expect(program.status == 0 && program.errors.isEmpty && program.output.isEmpty)
    }
    let names = SystemFile.names(in: folder / "a").filter { !$0.hasPrefix(".") }
    #expect(names.sorted() == pages.map { $0.name + ".1" }.sorted())
    for name in names {
      let bytes = try SystemFile.read("\(folder / "a")/\(name)")
      #expect(try SystemFile.read("\(folder / "b")/\(name)") == bytes)
      #expect(String(decoding: bytes, as: UTF8.self).contains("\" 1 \"1970-01-02\" "))
    }
    try folder.write("", to: "file")
    let program = try Program.run(["manual", "file/below"], in: folder)
    #expect(program.status == 74 && program.complaints.count == 1, "\(program.errors)")
  }
}
