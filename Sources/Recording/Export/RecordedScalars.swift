import Files

/// Every number that a run directory tells by outer step, row by row as the logs have them.
///
/// A log is read from its beginning whenever somebody asks, so that none is in memory as a whole.
package struct RecordedScalars {
  package struct Row {
    package var step: Int
    package var time: Double
    package var values: [(name: String, value: Double)]
  }

  package let name: String
  let configuration: JSONView
  let directory: RunDirectory
  /// What a table has for a column; a log of ours has some dozens of names.
  private static let mostNames = 10_000

  package init(_ path: String) throws(ConfigurationError) {
    directory = RunDirectory(given: path)
    name = directory.name.printable
    do {
      configuration = try RunDirectory.document(directory.configuration)
    } catch {
      throw ConfigurationError(.badData, "export: \(error.sentence)")
    }
  }

  /// The rows from the beginning.
  package func rows() -> Rows { Rows(directory) }

  /// The names of all numbers, in the order of their first appearance.
  package func names() throws(ConfigurationError) -> [String] {
    var (names, known) = ([String](), Set<String>())
    var rows = rows()
    while let row = try rows.next() {
      for (name, _) in row.values where known.insert(name).inserted { names.append(name) }
      guard names.count <= Self.mostNames else {
        throw ConfigurationError(
          .badData,
          "export: \(directory.path.printable) has more than \(Self.mostNames) different numbers; "
            + "they do not fit a table"
        )
      }
    }
    return names
  }
}

extension RecordedScalars {
  /// A row for each outer step, with its meta-validation where it has one; a meta-test has a row of
  /// its own.
  package struct Rows {
    private let directory: RunDirectory
    private var metrics: RecordedLog
    private var events: RecordedLog
    private var step: Row?
    private var validation: Row?
    /// The run is being recorded: what is told of a step waits for the step's own line.
    var isGrowing = false

    fileprivate init(_ directory: RunDirectory) {
      self.directory = directory
      metrics = RecordedLog(directory.metrics)
      events = RecordedLog(directory.events)
    }

    /// The next row; nil at the end, also of what is appended later until `refresh` is called.
    package mutating func next() throws(ConfigurationError) -> Row? {
      try fill()
      guard var row = step, validation.map({ row.step <= $0.step }) ?? true else {
        if step == nil, isGrowing { return nil }
        defer { validation = nil }
        return validation
      }
      step = nil
      // A validation may have a line of its own, after its step's.
      while let next = try following(), next.step == row.step {
        row.take(next)
        step = nil
      }
      if row.hasValidation, validation == nil {
        // It is told before its step's line, but it may have come after the last look.
        events.refresh()
        validation = try nextValidation()
      }
      while let own = validation, own.step == row.step, own.isMetaValidation {
        row.take(own)
        validation = try nextValidation()
      }
      return row
    }

    private mutating func fill() throws(ConfigurationError) {
      _ = try following()
      if validation == nil { validation = try nextValidation() }
    }

    private mutating func following() throws(ConfigurationError) -> Row? {
      if step == nil { step = try nextStep() }
      return step
    }

    /// Looks again whether something has been appended.
    mutating func refresh() {
      metrics.refresh()
      events.refresh()
    }

    private mutating func nextStep() throws(ConfigurationError) -> Row? {
      while let line = try Self.view(&metrics, directory.metrics) {
        if let row = Row(line, prefix: "") { return row }
      }
      return nil
    }

    private mutating func nextValidation() throws(ConfigurationError) -> Row? {
      while let line = try Self.view(&events, directory.events) {
        guard line["event"]?.string == "validation" else { continue }
        let prefix = line["meta_test"]?.bool == true ? "test_" : "validation_"
        if let row = Row(line, prefix: prefix) { return row }
      }
      return nil
    }

    /// The next line that is JSON.
    private static func view(
      _ log: inout RecordedLog,
      _ path: String
    ) throws(ConfigurationError) -> JSONView? {
      do {
        return try log.view()
      } catch {
        throw ConfigurationError(.badData, "export: \(path.printable) cannot be read (\(error))")
      }
    }
  }
}

extension RecordedScalars.Row {
  /// A line's numbers, their names after a prefix; nil when it has none.
  fileprivate init?(_ line: JSONView, prefix: String) {
    guard let step = line["step"]?.integer else { return nil }
    let missing = Set(line.elements("nan").compactMap(\.string))
    self.init(step: step, time: line["t"]?.double ?? 0, values: [])
    for (key, value) in line.fields where !["step", "t", "nan"].contains(key) {
      let number = missing.contains(key) ? Double.nan : value.double
      guard let number, key.allSatisfy(\.isHarmless) else { continue }
      values.append((prefix + key, number))
    }
    if values.isEmpty { return nil }
  }

  fileprivate var hasValidation: Bool { values.contains { $0.name == "validation_loss" } }
  fileprivate var isMetaValidation: Bool { values.contains { $0.name.hasPrefix("validation_") } }

  /// Takes another row's numbers; of a validation, which stands in the metrics in shorter form, those
  /// of the events.
  fileprivate mutating func take(_ other: Self) {
    values.removeAll { own in other.values.contains { $0.name == own.name } }
    values += other.values
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
