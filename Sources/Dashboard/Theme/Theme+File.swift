import CellGrid
import Glibc
import Yams

extension Theme {
  /// Reads a theme; its name is the file's without `.yaml`.
  package static func load(file path: String) throws(ThemeError) -> Theme {
    guard let text = contents(of: path) else {
      let reason = String(cString: strerror(errno))
      throw ThemeError(file: path, line: nil, problem: "cannot be read (\(reason))")
    }
    return try parse(text, name: path)
  }

  /// Parses a theme; errors call the file by `name`.
  package static func parse(_ text: String, name: String) throws(ThemeError) -> Theme {
    try ThemeReader(file: name).read(text)
  }

  /// The whole file as text, or nil with `errno` set.
  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer[..<count]
    }
    return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
  }
}

/// Turns YAML nodes into a theme and every surprise into a sentence with its line.
private struct ThemeReader {
  static let sections = ["roles", "series", "gradient"]
  static let stops = ["start", "mid", "end"]

  let file: String

  func read(_ text: String) throws(ThemeError) -> Theme {
    guard let node = try compose(text) else {
      throw error(nil, "the file is empty; a theme has \(list(Self.sections))")
    }
    let root = try section(node, nil, "the file")
    try checkKeys(root, allowed: Self.sections, "the file", line: 1, what: "section")
    return Theme(
      name: themeName,
      colors: try roles(try section(root["roles"], root, "roles")),
      series: try series(root["series"]),
      gradient: try gradient(try section(root["gradient"], root, "gradient"))
    )
  }

  private var themeName: String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    return last.hasSuffix(".yaml") ? String(last.dropLast(5)) : last
  }

  private func compose(_ text: String) throws(ThemeError) -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw failure(error)
    } catch {
      throw ThemeError(file: file, line: nil, problem: "is not YAML (\(error))")
    }
  }

  private func failure(_ error: YamlError) -> ThemeError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      ThemeError(file: file, line: mark.line, problem: "is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      ThemeError(
        file: file,
        line: context.mark.line,
        problem: "\(list(duplicates.map { "\"\($0)\"" })) is given twice; keep one"
      )
    default: ThemeError(file: file, line: nil, problem: "is not YAML (\(error))")
    }
  }

  private func section(
    _ node: Node?,
    _ parent: Node.Mapping?,
    _ name: String
  ) throws(ThemeError) -> Node.Mapping {
    guard let node else {
      throw error(nil, "\(name) is missing; a theme has \(list(Self.sections))")
    }
    guard let mapping = node.mapping else {
      throw error(node, "\(name) must be a list of names with their values")
    }
    return mapping
  }

  private func checkKeys(
    _ mapping: Node.Mapping,
    allowed: [String],
    _ place: String,
    line: Int?,
    what: String
  ) throws(ThemeError) {
    for (key, _) in mapping where !allowed.contains(key.string ?? "") {
      throw error(key, "unknown \(what) \"\(key.string ?? "?")\"; use \(list(allowed))")
    }
    for name in allowed where mapping[name] == nil {
      let line = mapping.mark?.line ?? line
      throw ThemeError(file: file, line: line, problem: "\(what) \(name) is missing in \(place)")
    }
  }

  private func roles(_ mapping: Node.Mapping) throws(ThemeError) -> [Theme.Role: Color] {
    let names = Theme.Role.allCases.map(\.rawValue)
    try checkKeys(mapping, allowed: names, "roles", line: nil, what: "role")
    var colors: [Theme.Role: Color] = [:]
    for role in Theme.Role.allCases {
      colors[role] = try color(mapping[role.rawValue], role.rawValue)
    }
    return colors
  }

  private func gradient(_ mapping: Node.Mapping) throws(ThemeError) -> Theme.Gradient {
    try checkKeys(mapping, allowed: Self.stops, "gradient", line: nil, what: "stop")
    return Theme.Gradient(
      start: try color(mapping["start"], "start"),
      mid: try color(mapping["mid"], "mid"),
      end: try color(mapping["end"], "end")
    )
  }

  private func series(_ node: Node?) throws(ThemeError) -> [Theme.Series] {
    guard let sequence = node?.sequence, sequence.count >= 3 else {
      throw error(node, "series must be a list of at least three colours with markers")
    }
    var result: [Theme.Series] = []
    for entry in sequence {
      let mapping = try section(entry, nil, "a series")
      try checkKeys(mapping, allowed: ["color", "marker"], "this series", line: nil, what: "key")
      let marker = try marker(mapping["marker"])
      guard !result.contains(where: { $0.marker == marker }) else {
        throw error(
          mapping["marker"],
          "marker \(marker) is used twice; series differ by marker too"
        )
      }
      result.append(Theme.Series(color: try color(mapping["color"], "color"), marker: marker))
    }
    return result
  }

  private func marker(_ node: Node?) throws(ThemeError) -> Unicode.Scalar {
    let scalars = (node?.string ?? "").unicodeScalars
    guard let scalar = scalars.first, scalars.count == 1, scalar.columns == 1, scalar != " " else {
      throw error(node, "a marker must be one character of one column, for example \"●\"")
    }
    return scalar
  }

  private func color(_ node: Node?, _ name: String) throws(ThemeError) -> Color {
    guard let text = node?.scalar?.string, let color = Color(text: text) else {
      let given = node?.scalar.map { "\"\($0.string)\"" } ?? "this"
      throw error(node, "\(name): \(given) is not a colour; use \(Color.notation)")
    }
    return color
  }

  private func error(_ node: Node?, _ problem: String) -> ThemeError {
    ThemeError(file: file, line: node?.mark?.line, problem: problem)
  }

  private func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
