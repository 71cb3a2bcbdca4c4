import ArgumentParser
import Experiments
import Files

/// The options that a command takes, read from its own definition, so that no list is kept beside it.
struct OptionTable {
  struct Option: Equatable {
    /// As on the command line, without its dashes.
    let name: String
    let isFlag: Bool
    let isRepeating: Bool
  }

  let options: [Option]

  init(_ command: any ParsableCommand.Type) {
    let document = try? JSONView(Array(command._dumpHelp().utf8))
    options =
      (document?["command"]?.elements("arguments")).map(Array.init)?
      .compactMap(Option.init) ?? []
  }

  func option(_ name: some StringProtocol) -> Option? { options.first { $0.name == name } }

  /// What a command's words give, in their order: options with values, and flags.
  func given(_ words: [String]) -> [(option: Option, value: String?)] {
    var given: [(Option, String?)] = []
    var rest = words.prefix { $0 != "--" }[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else { continue }
      let parts = word.dropFirst(2).split(
        separator: "=",
        maxSplits: 1,
        omittingEmptySubsequences: false
      )
      guard let name = parts.first, let option = option(name) else { continue }
      if option.isFlag {
        given.append((option, nil))
      } else {
        given.append((option, parts.count == 2 ? String(parts[1]) : rest.popFirst()))
      }
    }
    return given
  }
}

extension OptionTable.Option {
  /// One argument of the definition; nil for what is no option, is hidden, or is every program's.
  fileprivate init?(_ definition: JSONView) {
    guard let kind = definition["kind"]?.string, ["option", "flag"].contains(kind),
      definition["shouldDisplay"]?.bool != false,
      let name = definition["preferredName"]?["name"]?.string,
      !["help", "version"].contains(name)
    else { return nil }
    self.init(
      name: name,
      isFlag: kind == "flag",
      isRepeating: definition["isRepeating"]?.bool == true
    )
  }
}
