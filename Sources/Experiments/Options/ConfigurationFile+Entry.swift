import Recording
import Yams

extension ConfigurationFile {
  /// A value with where it stands.
  package struct Entry {
    package let path: String
    package let key: Node
    package let value: Node

    package var name: String { key.string ?? "this key" }
    /// File and line, as in `sweep.yaml:3`.
    package var place: String { "\(path):\(key.mark?.line ?? 1)" }
    /// Begins a sentence about it, as in `sweep.yaml:3: seeds`.
    package var origin: String { "\(place): \(name)" }

    /// The value as it was written.
    package func text() throws(ConfigurationError) -> String {
      guard let scalar = value.scalar else { throw unsuited }
      return scalar.string
    }

    /// The value, or the values of a list, as they were written.
    package func texts() throws(ConfigurationError) -> [String] {
      guard let elements = value.sequence else { return [try text()] }
      var texts: [String] = []
      for element in elements {
        guard let scalar = element.scalar else { throw unsuited }
        texts.append(scalar.string)
      }
      return texts
    }

    private var unsuited: ConfigurationError {
      ConfigurationError(.badData, "\(origin): is not a single value; write one")
    }

    /// The entries of a mapping; `example` is a line of one.
    package func fields(of what: String, example: String) throws(ConfigurationError) -> [Entry] {
      guard let mapping = value.mapping else {
        throw ConfigurationError(
          .badData,
          "\(origin): is not a list of \(what); write lines such as \(example)"
        )
      }
      return try YAMLMerge(path: path).entries(mapping)
    }

    /// Hyperparameters with the values that they are set to.
    package func settings()
      throws(ConfigurationError) -> [(name: String, text: String, place: String)]
    {
      var settings: [(String, String, String)] = []
      for field in try fields(of: "hyperparameters", example: "inner-lr: 0.01") {
        guard let scalar = field.value.scalar else {
          throw ConfigurationError(
            .badData,
            "\(field.place): set: is not a single value; write one"
          )
        }
        settings.append((field.key.string ?? "", scalar.string, field.place))
      }
      return settings
    }
  }
}

/// Takes the mappings that a mapping merges (`<<: *other`) for entries of its own.
struct YAMLMerge {
  let path: String

  /// A few lines can ask for more entries than anybody has memory for.
  private static let most = 4_096

  /// The mapping's own entries first, which win over merged ones, as earlier ones do over later ones.
  func entries(_ mapping: Node.Mapping) throws(ConfigurationError) -> [ConfigurationFile.Entry] {
    var (entries, seen, count) = ([ConfigurationFile.Entry](), Set<String>(), 0)
    try add(mapping, to: &entries, &seen, &count)
    return entries
  }

  private func add(
    _ mapping: Node.Mapping,
    to entries: inout [ConfigurationFile.Entry],
    _ seen: inout Set<String>,
    _ count: inout Int
  ) throws(ConfigurationError) {
    var merged: [Node] = []
    for (key, value) in mapping {
      count += 1
      guard count <= Self.most else {
        throw problem(key, "merges more than \(Self.most) entries; write what is needed")
      }
      if key.string == "<<" {
        merged += value.sequence.map(Array.init) ?? [value]
      } else if key.string.map({ seen.insert($0).inserted }) ?? true {
        entries.append(.init(path: path, key: key, value: value))
      }
    }
    for node in merged {
      guard let other = node.mapping else {
        throw problem(
          node,
          "<<: merges what is no mapping; write the alias of one, as in <<: *common"
        )
      }
      try add(other, to: &entries, &seen, &count)
    }
  }

  private func problem(_ node: Node, _ reason: String) -> ConfigurationError {
    ConfigurationError(.badData, "\(path):\(node.mark?.line ?? 1): \(reason)")
  }
}
