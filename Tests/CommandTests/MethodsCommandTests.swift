import Files
import Foundation
import MetaLearning
import Tasks
import TestSupport
import Testing

@testable import Experiments

/// `metatop methods`: the table, one method, JSON, and the tables on the methods' pages.
@Suite("metatop methods")
struct MethodsCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ words: String...) throws -> Program {
    try Program.run(["methods"] + words, in: folder)
  }

  @Test("The table has a line for each method, fits 80 columns, and says what it leaves out")
  func table() throws {
    let program = try run()
    #expect(program.status == 0 && program.errors.isEmpty)
    let lines = program.output.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= 80 })
    for method in MethodCatalog.all {
      let line = lines.first { $0.hasPrefix(method.descriptor.id + " ") }
      #expect(line?.contains(String(method.descriptor.year)) == true, "\(method.descriptor.id)")
    }
    let head = try #require(lines.first).split(separator: " ")
    let left = lines.first { $0.hasPrefix("Left out to fit 80 columns: ") } ?? ""
    for column in ["id", "name", "year", "adapts", "order", "tasks", "page"] {
      #expect(head.contains(column[...]) != left.contains(column), "\(column)")
    }
    #expect(lines.contains("Without --methods: maml, cml, metaperturb."))
  }

  @Test("Where names are long, columns go until the line fits")
  func narrow() {
    struct Long: Method {
      let descriptor = MethodDescriptor(
        id: "continual-shifting",
        name: "Continual Trajectory Shifting",
        citation: "2021",
        adapts: "body and some of the head",
        page: "ContinualTrajectoryShifting"
      )
    }
    let lines = MethodTable([Long()]).text.split(separator: "\n")
    #expect(lines[0].split(separator: " ") == ["id", "year", "adapts", "order", "tasks"])
    #expect(lines[1].hasPrefix("continual-shifting   2021   body and some of the head   1, 2"))
    #expect(lines.last == "Left out to fit 80 columns: name, page; --json has all.")
  }

  @Test("One method: citation, equation, every hyperparameter, its page", arguments: ids)
  func sheet(id: String) throws {
    let method = try #require(MethodCatalog.method(id))
    let program = try run(id.uppercased())
    #expect(program.status == 0 && program.errors.isEmpty)
    let lines = program.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "\(method.descriptor.name) (\(id))")
    #expect(lines.allSatisfy { $0.count <= 80 })
    let flowing = lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    #expect(flowing.contains(method.descriptor.citation))
    #expect(flowing.contains(method.descriptor.summary))
    #expect(flowing.contains("page Documentation/Methods/\(method.page).md"))
    for line in method.descriptor.equation.split(separator: "\n") {
      #expect(lines.contains("    " + line))
    }
    for row in HyperparameterRow.rows(of: method) {
      let head = "  \(row.descriptor.id) (\(row.descriptor.symbol)): "
      #expect(lines.contains { $0.hasPrefix(head) }, "\(row.descriptor.id)")
      #expect(flowing.contains(row.help))
    }
    for form in method.forms { #expect(lines.contains("Hyperparameters with \(form.setting)")) }
  }

  private static let ids = MethodCatalog.all.map(\.descriptor.id)

  @Test("Defaults on numbers and on pictures are told where they differ")
  func defaults() throws {
    let text = try run("cml").output
    #expect(text.contains("  gamma (γ): 0 … 10; default 0.2, pictures 1\n"))
    #expect(text.contains("  inner-steps (M): 1 … 20; default 1 · ⟳\n"))
    #expect(text.contains("  adapt-norm (γβ′): on, off; default on, on pictures only · ⟳\n"))
    #expect(text.contains("0.01 on sinusoids (Finn et al. 2017)"))
    #expect(text.contains("2.0 here (5-way)"))
  }

  @Test("JSON has everything, of all methods or of one")
  func json() throws {
    let all = try run("--json")
    let list = try #require(try JSONValue(parsing: all.output.utf8).array)
    #expect(list.map { $0["id"]?.string } == MethodCatalog.all.map(\.descriptor.id))
    #expect(list.filter { $0["usual"] == .bool(true) }.count == MethodCatalog.usual.count)
    let one = try JSONValue(parsing: try run("cml", "--json").output.utf8)
    #expect(one == list.first { $0["id"]?.string == "cml" })
    #expect(one["year"]?.integer == 2024 && one["adapts"]?.string == "body and head")
    #expect(one["order"]?.array == [1, 2] && one["tasks"]?.array?.count == 4)
    #expect(one["page"]?.string == "Documentation/Methods/CML.md")
    #expect(one["status"]?.string == "published" && one["equation"]?.string?.contains("γ") == true)
    let parameters = try #require(one["hyperparameters"]?.array)
    let gamma = try #require(parameters.first { $0["id"]?.string == "gamma" })
    #expect(gamma["default_on_numbers"]?.double == 0.2)
    #expect(gamma["default_on_pictures"]?.double == 1 && gamma["most"]?.double == 10)
    let norm = try #require(parameters.first { $0["id"]?.string == "batch-norm" })
    #expect(norm["default_on_numbers"] == .null && norm["structural"] == .bool(true))
    #expect(norm["default_on_pictures"]?.string == "transductive")
  }

  @Test("A name that no method has gets one sentence with the nearest one")
  func unknown() throws {
    let near = try run("mamll")
    #expect(near.status == 64 && near.output.isEmpty)
    let sentence =
      "metatop: methods: no such method: mamll; did you mean maml? `metatop methods` lists all"
    #expect(near.complaints == [sentence])
    let hostile = try run("\u{1B}[31m\nx", "--json")
    #expect(hostile.status == 64 && hostile.complaints.count == 1)
    #expect(!hostile.errors.contains("\u{1B}"))
  }

  // MARK: Pages

  private static let pages = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Documentation/Methods").path

  @Test("Every method has a page, with today's table of its hyperparameters", arguments: ids)
  func page(id: String) throws {
    let page = MethodPage(try #require(MethodCatalog.method(id)))
    let text = try String(contentsOfFile: "\(Self.pages)/\(page.file)", encoding: .utf8)
    let updated = page.updated(text)
    #expect(updated != nil, "\(page.file) has no place for the hyperparameters")
    #expect(updated == text, "run metatop methods \(id) --pages Documentation/Methods")
  }

  @Test("A page's table is written between the comments, and nothing else changes")
  func written() throws {
    let page = MethodPage(MAML())
    let (begin, end) = (MethodPage.part.begin, MethodPage.part.end)
    try folder.write("# A\n\n\(begin)\nold\n\(end)\n\nmore\n", to: page.file)
    let program = try run("maml", "--pages", ".")
    #expect(program.status == 0 && program.output.isEmpty && program.errors.isEmpty)
    let text = try String(contentsOfFile: folder / page.file, encoding: .utf8)
    #expect(text.hasPrefix("# A\n\n\(begin)\n\n| id | symbol | values |"))
    #expect(text.hasSuffix("|\n\n\(end)\n\nmore\n") && !text.contains("old"))
    #expect(text.contains("| `inner-lr` | α | 0 … 10 | 0.01 | 0.4 | inner-loop learning rate;"))
    #expect(page.updated(text) == text)
    for broken in [
      "nothing", begin + "\n", end + "\n" + begin + "\n", begin + "\n" + begin + "\n" + end,
    ] {
      try folder.write(broken, to: page.file)
      let refused = try run("maml", "--pages", ".")
      #expect(refused.status == 65 && refused.complaints.count == 1, "\(broken)")
      #expect(try String(contentsOfFile: folder / page.file, encoding: .utf8) == broken)
    }
    let absent = try run("cml", "--pages", "nowhere")
    #expect(absent.status == 74 && absent.complaints.count == 1)
  }
}
