import Tasks
import Yams

/// Reads the YAML file of `--config`: the options' names as keys, hyperparameters under `set`.
struct ConfigurationFile {
  let path: String

  /// A key that a command has beside the training options: it takes the value, or says no.
  typealias Other = (_ key: String, Entry) throws(ConfigurationError) -> Bool

  /// A value with where it stands.
  struct Entry {
    let value: Node
    /// Begins a sentence about it, as in `sweep.yaml:3: seeds`.
    let origin: String

    /// The value as it was written.
    func text() throws(ConfigurationError) -> String {
      guard let scalar = value.scalar else {
        throw ConfigurationError(.badData, "\(origin): is not a single value; write one")
      }
      return scalar.string
    }
  }

  /// What the file says; `other` takes the keys that are no training options, `others`.
  func options(
    _ other: Other = { (_, _) throws(ConfigurationError) in false },
    others: [String] = []
  ) throws(ConfigurationError) -> TrainingOptions {
    guard let root = try rootNode() else { return TrainingOptions() }
    guard let mapping = root.mapping else {
      throw failure(root, "is not a list of options; write lines such as steps: 1000")
    }
    var options = TrainingOptions()
    for (key, value) in mapping {
      if key.string == "set" {
        try applySettings(value, to: &options)
      } else {
        let entry = Entry(value: value, origin: "\(place(of: key)): \(key.string ?? "")")
        if try other(key.string ?? "", entry) { continue }
        try apply(key, value, to: &options, others: others)
      }
    }
    return options
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
    guard let text = String(validating: bytes, as: UTF8.self) else {
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
    _ key: Node,
    _ value: Node,
    to options: inout TrainingOptions,
    others: [String]
  ) throws(ConfigurationError) {
    let name = key.string ?? "this key"
    guard let option = OptionName(rawValue: name) else {
      let known = (OptionName.allCases.map(\.rawValue) + others).joined(separator: ", ")
      throw failure(key, "\(name): is not an option; use one of \(known), set")
    }
    let origin = "\(place(of: key)): \(name)"
    do {
      try options.apply(option, text(of: value, isList: option == .methods), origin: origin)
    } catch {
      throw ConfigurationError(.badData, "\(origin): \(error.reason)")
    }
  }

  private func applySettings(
    _ node: Node,
    to options: inout TrainingOptions
  ) throws(ConfigurationError) {
    guard let mapping = node.mapping else {
      throw failure(
        node,
        "set: is not a list of hyperparameters; write lines such as inner-lr: 0.01"
      )
    }
    for (key, value) in mapping {
      let name = key.string ?? ""
      let origin = place(of: key)
      do {
        try options.apply(setting: name, text(of: value, isList: false), origin: origin)
      } catch {
        throw ConfigurationError(.badData, "\(origin): set: \(error.reason)")
      }
    }
  }

  /// A value as it was written; a list of methods may be a YAML list.
  private func text(of node: Node, isList: Bool) throws(OptionValueError) -> String {
    if let scalar = node.scalar { return scalar.string }
    let elements = node.sequence?.map { $0.scalar?.string }
    guard isList, let elements, elements.allSatisfy({ $0 != nil }) else {
      throw OptionValueError("is not a single value; write one")
    }
    return elements.compactMap { $0 }.joined(separator: ",")
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
      "\(path):\(context.mark.line): \(names.joined(separator: ", ")): stands there twice; keep one"
    case .reader(let problem, _, _, _): "\(path): is not YAML (\(problem))"
    default: "\(path): is not YAML"
    }
  }
}
