import Files
import Recording
import Yams

/// Reads the YAML file of `--config`: the options' names as keys, hyperparameters under `set`.
package struct ConfigurationFile {
  package let path: String
  /// Whether a key is an option of some command, and no training option.
  let isOthers: (String) -> Bool

  package init(path: String, isOthers: @escaping (String) -> Bool) {
    self.path = path
    self.isOthers = isOthers
  }

  /// A key that a command has beside the training options: it takes the value, or says no.
  package typealias Other = (_ key: String, Entry) throws(ConfigurationError) -> Bool

  /// What the file says; `other` takes the keys that are no training options.
  ///
  /// Keys that are other options of some command were taken before, with its own words.
  package func options(
    _ other: Other = { (_, _) throws(ConfigurationError) in false }
  ) throws(ConfigurationError) -> TrainingOptions {
    var options = TrainingOptions()
    for entry in try entries() {
      if entry.name == "set" {
        try applySettings(entry, to: &options)
      } else if entry.name == OptionName.changes.rawValue {
        options.changes = try changes(entry)
      } else if try !other(entry.name, entry) {
        try apply(entry, to: &options)
      }
    }
    return options
  }

  /// The file's own keys with their values, merged ones among them.
  package func entries() throws(ConfigurationError) -> [Entry] {
    guard let root = try rootNode() else { return [] }
    guard let mapping = root.mapping else {
      throw failure(root, "is not a list of options; write lines such as steps: 1000")
    }
    return try YAMLMerge(path: path).entries(mapping)
      // What only holds anchors is for others of its lines, and is no option.
      .filter { !$0.name.hasPrefix("x-") && !$0.name.hasPrefix(".") }
  }

  private func rootNode() throws(ConfigurationError) -> Node? {
    let bytes: [UInt8]
    do {
      bytes = try SystemFile.read(path, limit: 1 << 20)
    } catch {
      throw ConfigurationError(.badData, "\(path): cannot be read (\(error.reason))")
    }
    guard YAMLLimit.admits(bytes) else {
      throw ConfigurationError(
        .badData,
        "\(path): is too large for a list of options; 64 KiB and some thousand values are the most"
      )
    }
    // Some editors begin a text with a mark of its encoding.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ConfigurationError(.badData, "\(path): is not text in UTF-8")
    }
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw ConfigurationError(.badData, sentence(error))
    } catch {
      throw ConfigurationError(.badData, "\(path): is not YAML (\(error))")
    }
  }

  private func apply(
    _ entry: Entry,
    to options: inout TrainingOptions
  ) throws(ConfigurationError) {
    guard let option = OptionName(rawValue: entry.name) else {
      if isOthers(entry.name) { return }
      let known = OptionName.allCases.map(\.rawValue).joined(separator: ", ")
      throw ConfigurationError(
        .badData,
        "\(entry.origin): is not an option; use one of \(known), set"
      )
    }
    let text =
      [.methods, .layers].contains(option)
      ? try entry.texts().joined(separator: ",") : try entry.text()
    do {
      try options.apply(option, text, origin: entry.origin)
    } catch {
      throw ConfigurationError(.badData, "\(entry.origin): \(error.reason)")
    }
  }

  private func applySettings(
    _ entry: Entry,
    to options: inout TrainingOptions
  ) throws(ConfigurationError) {
    for setting in try entry.settings() {
      do {
        try options.apply(setting: setting.name, setting.text, origin: setting.place)
      } catch {
        throw ConfigurationError(.badData, "\(setting.place): set: \(error.reason)")
      }
    }
  }

  private func place(of node: Node) -> String { "\(path):\(node.mark?.line ?? 1)" }

  private func failure(_ node: Node, _ reason: String) -> ConfigurationError {
    ConfigurationError(.badData, "\(place(of: node)): \(reason)")
  }

  private func sentence(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "\(path):\(mark.line): is not YAML (\(problem))"
    case .duplicatedKeysInMapping(let names, let context):
      "\(path):\(context.mark.line): \(names.joined(separator: ", ")): is given twice; keep one"
    case .reader(let problem, _, _, _): "\(path): is not YAML (\(problem))"
    default: "\(path): is not YAML"
    }
  }
}
