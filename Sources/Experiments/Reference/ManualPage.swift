import Files

/// A manual page of a command, made from its option table.
package struct ManualPage {
  package let command: CommandHelp
  /// The pages of all commands, for "see also".
  let all: [String]
  /// As in 2026-11-28.
  let date: String

  package init(command: CommandHelp, all: [String], date: String) {
    self.command = command
    self.all = all
    self.date = date
  }

  package var name: String { command.page }

  /// The page in roff, for `man`.
  package var text: String {
    let title = "\"\(Roff.escaped(name.uppercased()))\" 1 \"\(date)\""
    let head = ".TH \(title) \"metatop \(version)\" \"User Commands\""
    let sections = [
      section("NAME", [nameLine]), section("SYNOPSIS", synopsis),
      section("DESCRIPTION", description), section("ARGUMENTS", list(arguments)),
      section("OPTIONS", list(options)), section("COMMANDS", commands),
      section("HYPERPARAMETERS", hyperparameters), section("FILES", files),
      section("ENVIRONMENT", environment), section("EXIT STATUS", exitStatus),
      section("SEE ALSO", seeAlso),
    ]
    return ([head] + sections.flatMap { $0 }).joined(separator: "\n") + "\n"
  }

  private func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : [".SH \(title)"] + lines
  }

  private var isRoot: Bool { command.path.count == 1 }

  // MARK: What the command is

  private var nameLine: String {
    let abstract =
      command.abstract.hasSuffix(".")
      ? String(command.abstract.dropLast()) : command.abstract
    return "\(Roff.escaped(name)) \\- \(Roff.escaped(abstract))"
  }

  private var synopsis: [String] {
    let words = Roff.bold(command.path.joined(separator: " "))
    let given = arguments.map { entry in
      let name = Roff.italic(entry.value ?? "") + (entry.isRepeating ? " ..." : "")
      return entry.isOptional ? "[\(name)]" : name
    }
    guard command.subcommands.isEmpty else {
      let rest =
        command.defaultSubcommand == nil ? "" : "\n.br\n\(words) [\(Roff.italic("options"))]"
      return ["\(words) \(Roff.italic("command")) [\(Roff.italic("options"))]\(rest)"]
    }
    return [([words, "[\(Roff.italic("options"))]"] + given).joined(separator: " ")]
  }

  private var description: [String] {
    var paragraphs = [command.abstract, command.discussion].filter { !$0.isEmpty }
    if let usual = command.defaultSubcommand, command.discussion.isEmpty {
      let name = command.path.joined(separator: " ")
      paragraphs.append("`\(name)` alone is `\(name) \(usual)`.")
    }
    return Array(paragraphs.map { [Roff.prose($0)] }.joined(separator: [".PP"]))
  }

  // MARK: What it takes

  private var arguments: [CommandHelp.Entry] { command.entries.filter(\.isPositional) }
  private var options: [CommandHelp.Entry] { command.entries.filter { !$0.isPositional } }

  private func list(_ entries: [CommandHelp.Entry]) -> [String] {
    entries.flatMap { entry in
      let names = entry.names.map { Roff.bold($0) }.joined(separator: ", ")
      let value = entry.value.map { Roff.italic($0) }
      let usual = entry.defaultValue.map { " The default is \(Roff.escaped($0))." } ?? ""
      let again = entry.isRepeating && !entry.isPositional ? " May be given more than once." : ""
      let text = Roff.prose(entry.text) + usual + again
      return [
        ".TP", [names, value ?? ""].filter { !$0.isEmpty }.joined(separator: " "),
        text.isEmpty ? "\\&" : text,
      ]
    }
  }

  private var commands: [String] {
    command.subcommands.flatMap { below in
      let isOwn = all.contains(below.page)
      return [
        ".TP", Roff.bold(below.path.last ?? ""),
        Roff.prose(below.abstract) + (isOwn ? " See \(reference(below.page))." : ""),
      ]
    }
  }

  func reference(_ page: String) -> String { "\(Roff.bold(page))(1)" }

  private var seeAlso: [String] {
    let others =
      isRoot
      ? all.filter { $0 != name }
      : all.filter { other in
        other != name && (name.hasPrefix(other + "-") || other.hasPrefix(name + "-"))
      }
    return others.isEmpty ? [] : [others.map(reference).joined(separator: ",\n")]
  }
}
