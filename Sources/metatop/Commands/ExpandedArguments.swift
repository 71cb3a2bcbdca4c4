import ArgumentParser
import Experiments
import Files
import Recording
import Sweeps

/// A command line with the options of its `--config` file put in front of its own, which win.
///
/// The options of a new run are read elsewhere, with hyperparameters and grids; this is about all others,
/// which are whatever the command defines.
struct ExpandedArguments {
  /// Without the program's name.
  private(set) var arguments: [String]
  /// Where options stand that the command line does not have: `options.yaml:3: theme`.
  private var places: [String: String] = [:]

  /// The commands that take a file.
  static let commands: [(name: String, type: any ParsableCommand.Type)] = [
    ("dashboard", DashboardCommand.self), ("train", TrainCommand.self),
    ("sweep", SweepCommand.self), ("transfer", TransferCommand.self),
  ]

  /// Options that a file cannot have: it describes what is new, and these are about what is there.
  static let onlyOnCommandLine: Set<String> = [
    "config", "print-config", "resume", "resume-damaged", "branch", "checkpoint", "data", "run",
  ]

  init(_ arguments: [String]) throws(ConfigurationError) {
    self.arguments = arguments
    guard let (command, start) = Self.command(of: arguments) else { return }
    let table = OptionTable(command)
    let given = table.given(Array(arguments[start...]))
    guard let path = given.last(where: { $0.option.name == "config" })?.value else { return }
    let onLine = Set(given.map(\.option.name))
    var words: [String] = []
    for entry in try ConfigurationFile(of: SystemFile.expanded(path)).entries()
    where !Self.isReadElsewhere(entry.name, by: command) {
      if entry.name == "set" {
        words += try entry.settings().map { "--set=\($0.name)=\($0.text)" }
        continue
      }
      guard !Self.onlyOnCommandLine.contains(entry.name) else {
        throw ConfigurationError(
          .badData,
          "\(entry.origin): a file says what a new run is, and not which recorded one is gone on with; "
            + "give --\(entry.name) on the command line"
        )
      }
      guard let option = table.option(entry.name) else { throw entry.unknown(table) }
      if !onLine.contains(option.name) { places[option.name] = entry.origin }
      words += try entry.words(option)
    }
    self.arguments.insert(contentsOf: words, at: start)
  }

  /// The command, and where its own words begin; nil for one that takes no file.
  private static func command(
    of arguments: [String]
  ) -> (type: any ParsableCommand.Type, start: Int)? {
    guard let first = arguments.first, !first.hasPrefix("-") else {
      return (DashboardCommand.self, 0)
    }
    return commands.first { $0.name == first }.map { ($0.type, 1) }
  }

  /// Whether the command takes the key from the file itself.
  private static func isReadElsewhere(
    _ name: String,
    by command: any ParsableCommand.Type
  ) -> Bool {
    if command == TransferCommand.self { return false }
    if command == SweepCommand.self, SweepOptions.keys.contains(name) { return true }
    return name == "set" || OptionName(rawValue: name) != nil
  }

  /// A failure that is about an option of the file says where that stands.
  func located(_ failure: Failure) -> Failure {
    guard failure.sentence.hasPrefix("--"), let colon = failure.sentence.firstIndex(of: ":") else {
      return failure
    }
    let name = String(failure.sentence[..<colon].dropFirst(2))
    guard let place = places[name] else { return failure }
    let status = failure.status == Failure.usage ? Failure.badData : failure.status
    return Failure(status: status, sentence: place.printable + failure.sentence[colon...])
  }
}

extension ConfigurationFile.Entry {
  fileprivate func unknown(_ table: OptionTable) -> ConfigurationError {
    let known = table.options.map(\.name).filter {
      $0 != "set" && !ExpandedArguments.onlyOnCommandLine.contains($0)
    }
    return ConfigurationError(
      .badData,
      "\(origin): is not an option; use one of \((known + ["set"]).joined(separator: ", "))"
    )
  }

  /// The option as a command line has it.
  fileprivate func words(_ option: OptionTable.Option) throws(ConfigurationError) -> [String] {
    guard option.isFlag else {
      let texts = try texts()
      return option.isRepeating
        ? texts.map { "--\(option.name)=\($0)" }
        : ["--\(option.name)=\(texts.joined(separator: ","))"]
    }
    let text = try text()
    guard let flag = OnOff(text) else {
      throw ConfigurationError(
        .badData,
        "\(origin): \"\(text)\" is not allowed; use \(OnOff.allowed)"
      )
    }
    return flag.isOn ? ["--\(option.name)"] : []
  }
}

extension ConfigurationFile {
  /// The file with what all commands know of options.
  init(of path: String) {
    self.init(
      path: path,
      isOthers: { name in
        ExpandedArguments.commands.contains { OptionTable($0.type).option(name) != nil }
      }
    )
  }
}
