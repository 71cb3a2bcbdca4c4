import Files

/// One's own measurements: for each task rows of numbers, the inputs and then the output.
struct SeriesTable: Sendable {
  struct Series: Sendable, Equatable {
    let name: String
    /// The split that a column puts it in.
    var part: MetaSplit?
    /// Row after row, inputs first.
    var numbers: [Double] = []
  }

  let inputs: [String]
  /// By name.
  private(set) var series: [Series]
  let sha256: String

  /// Numbers in a row.
  var width: Int { inputs.count + 1 }

  private static let largestFile = 1 << 30

  /// Reads a `.npz` file, or else a table of text.
  init(reading path: String) throws(DatasetError) {
    let bytes = try SystemFile.content(path, limit: Self.largestFile)
    var digest = SHA256()
    digest.add(bytes)
    sha256 = digest.digits
    if path.hasSuffix(".npz") {
      (inputs, series) = try Self.arrays(bytes, path)
    } else {
      (inputs, series) = try Self.text(bytes, path)
    }
    series.sort { $0.name < $1.name }
    for series in series {
      guard let bad = series.numbers.firstIndex(where: { !Float($0).isFinite }) else { continue }
      throw DatasetError(
        path: path,
        reason:
          "task \(series.name) has \(series.numbers[bad]), which is too large; divide by a power "
          + "of ten"
      )
    }
  }

  // MARK: Text

  /// Where a line has what.
  private struct Columns {
    let task: Int
    let inputs: [Int]
    let output: Int
    var part: Int?
    let names: [String]
    let count: Int
  }

  private static let need =
    "give a column task, one or more of inputs and a column y, in this order or with these names in the "
    + "first line"

  private static func text(
    _ bytes: [UInt8],
    _ path: String
  ) throws(DatasetError) -> ([String], [Series]) {
    let table = try DelimitedText(bytes, path: path)
    guard let first = table.rows.first else {
      throw DatasetError(path: path, reason: "has no rows; " + need)
    }
    let header = try header(first, path)
    let columns: Columns
    if let header { columns = header } else { columns = try unnamed(first, path) }
    var places: [String: Int] = [:]
    var all: [Series] = []
    for row in table.rows.dropFirst(header == nil ? 0 : 1) {
      guard row.fields.count == columns.count else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason: "has \(row.fields.count) fields, and the first line has \(columns.count)"
        )
      }
      let name = row.fields[columns.task]
      guard !name.isEmpty else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason: "names no task; give its first column one"
        )
      }
      let part = try part(row, columns, path)
      let place = places[name] ?? all.count
      if place == all.count {
        places[name] = place
        all.append(Series(name: name, part: part))
      }
      guard all[place].part == part else {
        throw DatasetError(
          path: path,
          line: row.line,
          reason:
            "puts task \(name) into another split than its rows before; a task is in one alone"
        )
      }
      for column in columns.inputs + [columns.output] {
        guard let number = Double(row.fields[column]), number.isFinite else {
          throw DatasetError(
            path: path,
            line: row.line,
            reason: "\"\(row.fields[column])\" is no number; every input and y must be one, with a "
              + "point for its fraction"
          )
        }
        all[place].numbers.append(number)
      }
    }
    guard !all.isEmpty else {
      throw DatasetError(path: path, reason: "has a first line of names and no rows below it")
    }
    return (columns.names, all)
  }

  /// What the first line says where it has names; nil where it has numbers.
  private static func header(
    _ row: DelimitedText.Row,
    _ path: String
  ) throws(DatasetError) -> Columns? {
    let names = row.fields.map { $0.lowercased() }
    guard names.contains("task") || names.contains("y") else { return nil }
    func bad(_ reason: String) -> DatasetError {
      DatasetError(path: path, line: row.line, reason: reason)
    }
    for name in ["task", "y"] where !names.contains(name) {
      throw bad("has no column \(name); " + need)
    }
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw bad("has two columns \"\(row.fields[twice])\"; name each once")
    }
    let known: Set = ["task", "y", "split"]
    let inputs = names.indices.filter { !known.contains(names[$0]) }
    guard !inputs.isEmpty else { throw bad("has no inputs; " + need) }
    return Columns(
      task: names.firstIndex(of: "task") ?? 0,
      inputs: inputs,
      output: names.firstIndex(of: "y") ?? 0,
      part: names.firstIndex(of: "split"),
      names: inputs.map { row.fields[$0] },
      count: names.count
    )
  }

  private static func unnamed(
    _ row: DelimitedText.Row,
    _ path: String
  ) throws(DatasetError) -> Columns {
    let count = row.fields.count
    guard count >= 3, row.fields.dropFirst().allSatisfy({ Double($0) != nil }) else {
      throw DatasetError(
        path: path,
        line: row.line,
        reason: "is neither a task with its numbers nor a line of names; " + need
      )
    }
    let inputs = Array(1..<count - 1)
    return Columns(
      task: 0,
      inputs: inputs,
      output: count - 1,
      names: inputs.count == 1 ? ["x"] : inputs.map { "x\($0)" },
      count: count
    )
  }

  private static func part(
    _ row: DelimitedText.Row,
    _ columns: Columns,
    _ path: String
  ) throws(DatasetError) -> MetaSplit? {
    guard let column = columns.part else { return nil }
    switch row.fields[column].lowercased() {
    case "train": return .metaTrain
    case "val": return .metaValidation
    case "test": return .metaTest
    default:
      throw DatasetError(
        path: path,
        line: row.line,
        reason: "\"\(row.fields[column])\" is no split; use train, val or test"
      )
    }
  }

  // MARK: Arrays

  /// `task` `[n]`, `x` `[n]` or `[n, inputs]` and `y` `[n]`; or, without `task`, `x` `[tasks, points]` or
  /// `[tasks, points, inputs]` and `y` `[tasks, points]`.
  private static func arrays(
    _ bytes: [UInt8],
    _ path: String
  ) throws(DatasetError) -> ([String], [Series]) {
    let archive = try ZipArchive(bytes: bytes, path: path)
    func array(_ name: String) throws(DatasetError) -> NumpyArray? {
      guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
        return nil
      }
      let content = try archive.content(of: entry, limit: largestFile)
      return try NumpyArray(bytes: content, path: "\(path)/\(entry.name)")
    }
    guard let x = try array("x"), let y = try array("y") else {
      throw DatasetError(
        path: path,
        reason: "has no array x or no array y; save it with numpy.savez(file, task=…, x=…, y=…)"
      )
    }
    let task = try array("task")
    let rows = y.count
    let isSquare = task == nil
    let shape = isSquare ? y.shape : [rows]
    guard shape.count == (isSquare ? 2 : 1), rows > 0,
      y.shape == shape || (!isSquare && y.shape == [rows, 1]),
      x.shape == shape || (x.shape.count == shape.count + 1 && Array(x.shape.dropLast()) == shape),
      task.map({ $0.shape == [rows] }) ?? true, x.count > 0
    else {
      throw DatasetError(
        path: path,
        reason: "has x of shape \(x.shape), y of \(y.shape)"
          + (task.map { " and task of \($0.shape)" } ?? "")
          + "; use task [n], x [n, inputs] and y [n], or x [tasks, points, inputs] and y [tasks, points]"
      )
    }
    let width = x.count / rows
    for (name, array) in [("x", x), ("y", y)] {
      if let place = array.numbers(0..<array.count).firstIndex(where: { !$0.isFinite }) {
        throw DatasetError(
          path: path,
          reason: "\(name)\(array.place(of: place)) is no finite number; give numbers only"
        )
      }
    }
    let labels = try names(task, rows: rows, perTask: shape.last ?? 1, path)
    var places: [String: Int] = [:]
    var all: [Series] = []
    let (inputs, outputs) = (x.numbers(0..<x.count), y.numbers(0..<rows))
    for row in 0..<rows {
      let place = places[labels[row]] ?? all.count
      if place == all.count {
        places[labels[row]] = place
        all.append(Series(name: labels[row]))
      }
      all[place].numbers += inputs[row * width..<(row + 1) * width] + [outputs[row]]
    }
    return (width == 1 ? ["x"] : (1...width).map { "x\($0)" }, all)
  }

  /// Each row's task; numbers are padded, so that they are in the order of their sizes.
  private static func names(
    _ task: NumpyArray?,
    rows: Int,
    perTask: Int,
    _ path: String
  ) throws(DatasetError) -> [String] {
    var numbers: [Int] = []
    if let task {
      for (place, number) in task.integers(0..<rows).enumerated() {
        guard let number, number >= 0 else {
          throw DatasetError(
            path: path,
            reason:
              "task[\(place)] is \(task.numbers(place..<place + 1)[0]); tasks are whole numbers from 0"
          )
        }
        numbers.append(number)
      }
    } else {
      numbers = (0..<rows).map { $0 / perTask }
    }
    let digits = String(numbers.max() ?? 0).count
    return numbers.map { number in
      let text = String(number)
      return String(repeating: "0", count: digits - text.count) + text
    }
  }
}
