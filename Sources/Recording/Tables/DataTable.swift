import Files

/// A table for programs: numbers are numbers, and what is missing is missing.
package struct DataTable {
  var head: [String]
  var rows: [[JSONValue]]

  /// Comma-separated values: an empty cell is missing, `nan` is what is not a number.
  var csv: String {
    let rows = rows.map { $0.map(Self.cell) }
    return ([head] + rows).map { $0.map(TextTable.quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// A list of objects; JSON has no word for what is not a number, and null stands for it, too.
  var json: String {
    let objects = rows.map { JSONValue.object(zip(head, $0).map { JSONField($0, $1) }) }
    return String(decoding: JSONValue.array(objects).encoded(), as: UTF8.self)
  }

  private static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .number(let number): number.isFinite ? number.description : "nan"
    case .array(let values): values.map(cell).joined(separator: " ")
    default: String(decoding: value.encoded().dropLast(), as: UTF8.self)
    }
  }
}
