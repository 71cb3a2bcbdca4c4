import Files

/// A command as the argument parser describes it: the option tables that help, completions and manual
/// pages are all made from.
package struct CommandHelp {
  /// One option, flag or argument.
  package struct Entry: Equatable {
    package let isPositional: Bool
    /// As they are written: `-h`, `--help`.
    package let names: [String]
    /// What its value is called; nil for a flag.
    package let value: String?
    package let text: String
    package let defaultValue: String?
    package let isOptional: Bool
    package let isRepeating: Bool
  }

  /// The program's name and those of the commands down to this one.
  package let path: [String]
  package let abstract: String
  package let discussion: String
  package let entries: [Entry]
  package let subcommands: [Self]
  package let defaultSubcommand: String?

  /// Reads what the argument parser tells of itself; what is hidden is left out.
  package init?(dump: String) {
    guard let root = try? JSONValue(parsing: dump.utf8), let command = root["command"] else {
      return nil
    }
    self.init(command, below: [])
  }

  private init(_ command: JSONValue, below parents: [String]) {
    let path = parents + [command["commandName"]?.string ?? ""]
    self.path = path
    abstract = command["abstract"]?.string ?? ""
    discussion = command["discussion"]?.string ?? ""
    entries = Self.shown(command["arguments"]).map(Entry.init)
    subcommands = Self.shown(command["subcommands"]).map { Self($0, below: path) }
    defaultSubcommand = command["defaultSubcommand"]?.string
  }

  private static func shown(_ list: JSONValue?) -> [JSONValue] {
    (list?.array ?? []).filter { $0["shouldDisplay"] != .bool(false) }
  }

  /// This command and all below it, the parser's own `help` left out.
  package var all: [Self] { [self] + subcommands.filter { $0.path.last != "help" }.flatMap(\.all) }

  /// The name of its manual page: `metatop-data-check`.
  package var page: String { path.joined(separator: "-") }
}

extension CommandHelp.Entry {
  fileprivate init(_ argument: JSONValue) {
    let kind = argument["kind"]?.string
    isPositional = kind == "positional"
    names = (argument["names"]?.array ?? []).compactMap { name in
      name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
    }
    value = kind == "flag" ? nil : argument["valueName"]?.string
    let parts = [argument["abstract"], argument["discussion"]].compactMap { $0?.string }
    text = parts.joined(separator: " ")
    defaultValue = argument["defaultValue"]?.string
    isOptional = argument["isOptional"] == .bool(true)
    isRepeating = argument["isRepeating"] == .bool(true)
  }
}
