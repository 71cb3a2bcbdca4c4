import Tasks
import Training

/// Every number that a run directory tells by outer step.
struct RecordedScalars {
  struct Row {
    var step: Int
    var time: Double
    var values: [(name: String, value: Double)]
  }

  let name: String
  let configuration: JSONValue
  /// By step, validations after the step's own line.
  private(set) var rows: [Row] = []
  /// Names in the order of their first appearance.
  private(set) var names: [String] = []

  init(_ path: String) throws(ConfigurationError) {
    let directory = StoredRun(path: path, origin: "export", cores: 1).directory
    name = directory.name.printable
    configuration = try Self.document(directory.configuration)
    for line in try Self.lines(directory.metrics) { add(line, prefix: "") }
    for line in try Self.lines(directory.events) where line["event"] == "validation" {
      let prefix = line["meta_test"] == .bool(true) ? "test_" : "validation_"
      add(line, prefix: prefix)
    }
    rows.sort { $0.step < $1.step }
  }

  /// The table with a column for each name; numbers that are none stay as `nan`, others empty.
  var csv: String {
    var text = (["step", "t"] + names).joined(separator: ",") + "\n"
    for row in rows {
      let own = Dictionary(row.values.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      let cells = names.map { own[$0].map { $0.isFinite ? "\($0)" : "nan" } ?? "" }
      text += (["\(row.step)", "\(row.time)"] + cells).joined(separator: ",") + "\n"
    }
    return text
  }

  private mutating func add(_ line: JSONValue, prefix: String) {
    guard case .object(let fields) = line, let step = line["step"]?.integer else { return }
    let missing = Set(line["nan"]?.array?.compactMap(\.string) ?? [])
    var row = Row(step: step, time: line["t"]?.double ?? 0, values: [])
    for field in fields where !["step", "t", "nan"].contains(field.key) {
      let value = missing.contains(field.key) ? Double.nan : field.value.double
      // Validations stand in the metrics too, in shorter form.
      guard let value, field.key.allSatisfy(\.isHarmless) else { continue }
      row.values.append((prefix + field.key, value))
    }
    guard !row.values.isEmpty else { return }
    for (name, _) in row.values where !known.contains(name) {
      known.insert(name)
      names.append(name)
    }
    rows.append(row)
  }

  private var known: Set<String> = []

  private static func document(_ path: String) throws(ConfigurationError) -> JSONValue {
    do {
      return try JSONReader.parse(try SystemFile.read(path, limit: 4 << 20))
    } catch let error as SystemError {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable) cannot be read (\(error.reason)); give the folders of runs"
      )
    } catch {
      throw ConfigurationError(.badData, "export: \(path.printable) is damaged: \(error)")
    }
  }

  /// The whole lines of a log; half a line at its end, or one that is damaged, is left out.
  private static func lines(_ path: String) throws(ConfigurationError) -> [JSONValue] {
    let bytes: [UInt8]
    do {
      bytes = try SystemFile.read(path, limit: 4 << 30)
    } catch {
      throw ConfigurationError(.badData, "export: \(path.printable) cannot be read (\(error))")
    }
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    return bytes[..<end].split(separator: UInt8(ascii: "\n"))
      .compactMap { try? JSONReader.parse($0) }
  }
}

extension Character {
  /// Stands in a name without changing a table's shape or a terminal's state.
  fileprivate var isHarmless: Bool {
    // Our own names are ASCII, and Unicode's tables took a fifth of an export.
    guard let byte = asciiValue else { return isLetter || isNumber }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "/"), UInt8(ascii: "."):
      return true
    default: return false
    }
  }
}
