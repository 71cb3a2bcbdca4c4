import Dashboard
import Foundation
import Testing

@testable import metatop

/// Documentation/Features.md claims nothing that the program's tables do not have.
@Suite("Features page")
struct FeaturesPageTests {
  private static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../..").standardizedFileURL

  private static let table: [[String]] = {
    let path = project.appending(path: "Documentation/Features.md").path
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }()

  private static let rows = table.filter { Int($0[0]) != nil }

  @Test("All 43 rows and 21 things, each with its state, and what is had says how")
  func complete() {
    let numbers = Self.rows.compactMap { Int($0[0]) }
    #expect(numbers == Array(1...43) + Array(1...21))
    for row in Self.rows {
      #expect(row.count == 4, "\(row)")
      #expect(["had", "in part", "not yet"].contains(row[2]), "\(row)")
      #expect(row[2] == "not yet" || !row[3].isEmpty, "\(row)")
    }
    #expect(Self.rows.prefix(43).allSatisfy { $0[2] != "not yet" })
  }

  @Test("Every key, action, option and command that is named exists")
  func named() {
    let keys = KeysPage.text
    let options = ManualCommand.tables[0].text
    for row in Self.rows {
      let parts = row[3].split(separator: "`", omittingEmptySubsequences: false)
      for place in stride(from: 1, to: parts.count, by: 2) {
        let name = String(parts[place])
        let isThere =
          name.hasPrefix("--") || name.hasPrefix("metatop ")
          ? options.contains("`\(name)`") || options.contains("`\(name) ")
          : keys.contains("`\(name)`") || ["keys.yaml", "theme-terminal"].contains(name)
        #expect(isThere, "\(row[0]) \(row[1]): \(name)")
      }
    }
  }

  /// The names of all suites' tests, as `Suite.test`, by the files that hold them.
  private static let tests: Set<String> = {
    let folder = project.appending(path: "Tests").path
    let names = (FileManager.default.enumerator(atPath: folder)?.allObjects ?? [])
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
    var tests: Set<String> = []
    for name in names {
      guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else {
        continue
      }
      var suite = ""
      for line in text.split(separator: "\n") {
        if let found = line.firstMatch(of: /(?:struct|extension) (\w+)/) { suite = String(found.1) }
        if let found = line.firstMatch(of: /func (\w+)\(/) { tests.insert("\(suite).\(found.1)") }
      }
    }
    return tests
  }()

  @Test("Every fault has a test, and every test that is named exists")
  func faults() {
    let faults = Self.table.filter { $0[0].firstMatch(of: /^[HML]\d+$/) != nil }
    let all = (1...8).map { "H\($0)" } + (1...23).map { "M\($0)" } + (1...13).map { "L\($0)" }
    #expect(faults.map { $0[0] } == all)
    for fault in faults {
      let named = fault[2].split(separator: "`").map(String.init).filter { $0.contains(".") }
      #expect(!named.isEmpty, "\(fault[0])")
      let missing = named.filter { !Self.tests.contains($0) }
      #expect(missing.isEmpty, "\(fault[0])")
    }
  }
}
