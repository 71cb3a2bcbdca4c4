import Recording

/// The tables of Documentation/Options.md: every command with its options, made from the tables that
/// the command line itself is read by.
package struct OptionsPage {
  package static let part = GeneratedPart(
    begin: "<!-- options: written by `metatop manual --pages Documentation` -->",
    end: "<!-- end of options -->"
  )

  package static let hyperparameterPart = GeneratedPart(
    begin: "<!-- hyperparameters: written by `metatop manual --pages Documentation` -->",
    end: "<!-- end of hyperparameters -->"
  )

  /// What most methods have; the rest stands on the methods' own pages.
  package static var hyperparameters: String { HyperparameterRow.table(HyperparameterRow.common) }

  let commands: [CommandHelp]

  /// - Parameter root: the program and all below it.
  package init(root: CommandHelp) {
    commands = root.all.filter { $0.path.count > 1 && $0.subcommands.isEmpty }
  }

  /// What stands between the comments.
  ///
  /// What several commands take alike stands once, with the command
  /// that has most options.
  package var text: String {
    let full = commands.max { own($0).count < own($1).count }
    return commands.map { section($0, besides: $0.path == full?.path ? nil : full) }
      .joined(separator: "\n")
  }

  private func own(_ command: CommandHelp) -> [CommandHelp.Entry] {
    command.entries.filter { !["--help", "--version"].contains($0.names.last) }
  }

  private func section(_ command: CommandHelp, besides other: CommandHelp?) -> String {
    let known = other.map(own) ?? []
    let all = own(command)
    let shared = all.filter { !$0.isPositional && known.contains($0) }
    // Two or three rows are said sooner than looked up elsewhere.
    let listed = shared.count > 3 ? all.filter { !shared.contains($0) } : all
    var parts = [
      "### `\(command.path.joined(separator: " "))`\n", command.abstract + "\n",
    ]
    if !command.discussion.isEmpty { parts.append(command.discussion + "\n") }
    if !listed.isEmpty { parts.append(table(listed)) }
    if shared.count > 3, let other {
      let names = shared.map { "`\($0.names.last ?? "")`" }.joined(separator: ", ")
      parts.append("As in `\(other.path.joined(separator: " "))`: \(names).\n")
    }
    return parts.joined(separator: "\n")
  }

  private func table(_ entries: [CommandHelp.Entry]) -> String {
    TextTable(
      head: ["option", "meaning"],
      rows: entries.map { entry in
        let usual = entry.defaultValue.map { " (default \($0))" } ?? ""
        let again = entry.isRepeating ? " May be given more than once." : ""
        return ["`\(Self.written(entry))`", entry.text + usual + again]
      },
      words: [0, 1]
    )
    .text(.markdown)
  }

  /// As it is typed; a value that is called like its option says nothing.
  private static func written(_ entry: CommandHelp.Entry) -> String {
    guard !entry.isPositional else { return entry.value ?? "" }
    let names = entry.names.joined(separator: ", ")
    guard let value = entry.value, "--\(value)" != entry.names.last else { return names }
    return "\(names) \(value)"
  }
}
