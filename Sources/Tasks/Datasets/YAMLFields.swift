import Files
import Yams

/// The named values of a YAML mapping; every surprise is a sentence with its line.
package struct YAMLFields {
  package let path: String
  private let mapping: Node.Mapping
  private let line: Int?

  package init(path: String, node: Node) throws(DatasetError) {
    guard let mapping = node.mapping else {
      throw DatasetError(
        path: path,
        line: node.mark?.line,
        reason: "names with their values are expected here"
      )
    }
    self.path = path
    self.mapping = mapping
    line = node.mark?.line
  }

  /// Reads YAML text.
  package static func compose(_ text: String, _ path: String) throws(DatasetError) -> Node {
    do {
      if let node = try Yams.compose(yaml: text) { return node }
    } catch let error as YamlError {
      throw failure(error, path)
    } catch {
      throw DatasetError(path: path, reason: "is not YAML (\(error))")
    }
    throw DatasetError(path: path, reason: "is empty; at least name and kind are expected")
  }

  private static func failure(_ error: YamlError, _ path: String) -> DatasetError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      DatasetError(path: path, line: mark.line, reason: "is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      DatasetError(
        path: path,
        line: context.mark.line,
        reason: "\(keys.joined(separator: ", ")) is given twice; keep one"
      )
    default: DatasetError(path: path, reason: "is not YAML (\(error))")
    }
  }

  package func requireKeys(_ known: [String]) throws(DatasetError) {
    for (key, _) in mapping where !known.contains(key.string ?? "") {
      throw problem(key, "\"\(key.string ?? "?")\" is unknown; use \(list(known))")
    }
  }

  // MARK: Values

  package func string(_ key: String) throws(DatasetError) -> String? {
    guard let node = mapping[key] else { return nil }
    guard let text = node.scalar?.string, !text.isEmpty else {
      throw problem(node, "\(key) must be a text")
    }
    return text
  }

  package func required(_ key: String) throws(DatasetError) -> String {
    guard let text = try string(key) else {
      throw DatasetError(path: path, line: line, reason: "\(key) is missing")
    }
    return text
  }

  func isList(_ key: String) -> Bool { mapping[key]?.sequence != nil }

  /// One text or a list of them.
  package func strings(_ key: String) throws(DatasetError) -> [String] {
    guard let node = mapping[key] else { return [] }
    guard let sequence = node.sequence else { return try string(key).map { [$0] } ?? [] }
    var texts: [String] = []
    for element in sequence {
      guard let text = element.scalar?.string else {
        throw problem(element, "\(key) must be a list of texts")
      }
      texts.append(text)
    }
    return texts
  }

  package func choice(_ key: String, of known: [String]) throws(DatasetError) -> String? {
    guard let text = try string(key) else { return nil }
    guard known.contains(text) else {
      throw problem(mapping[key], "\(key) \"\(text)\" is unknown; use \(list(known))")
    }
    return text
  }

  package func bool(_ key: String) throws(DatasetError) -> Bool? {
    try choice(key, of: ["true", "false"]).map { $0 == "true" }
  }

  package func integer(_ key: String, in range: ClosedRange<Int>) throws(DatasetError) -> Int? {
    guard let text = try string(key) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw problem(
        mapping[key],
        "\(key) is \(text); use a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }

  package func number(_ key: String, in range: ClosedRange<Double>) throws(DatasetError) -> Double?
  {
    guard let text = try string(key) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw problem(
        mapping[key],
        "\(key) is \(text); use a number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }

  package func fields(_ key: String) throws(DatasetError) -> YAMLFields? {
    guard let node = mapping[key] else { return nil }
    return try YAMLFields(path: path, node: node)
  }

  /// A list of mappings.
  package func elements(_ key: String) throws(DatasetError) -> [YAMLFields] {
    guard let node = mapping[key] else { return [] }
    guard let sequence = node.sequence else { throw problem(node, "\(key) must be a list") }
    var all: [YAMLFields] = []
    for element in sequence { all.append(try YAMLFields(path: path, node: element)) }
    return all
  }

  /// All names with their texts.
  package func pairs() throws(DatasetError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    for (key, value) in mapping {
      guard let name = key.string, let text = value.scalar?.string else {
        throw problem(key, "a text is expected for \(key.string ?? "this")")
      }
      pairs.append((name, text))
    }
    return pairs
  }

  private func problem(_ node: Node?, _ reason: String) -> DatasetError {
    DatasetError(path: path, line: node?.mark?.line ?? line, reason: reason)
  }

  private func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
