/// Writes JSON into bytes, with commas where they belong.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  package mutating func beginObject() { open("{") }
  package mutating func endObject() { close("}") }
  package mutating func beginArray() { open("[") }
  package mutating func endArray() { close("]") }

  package mutating func key(_ key: String) {
    string(key)
    append(":")
    needsComma = false
  }

  package mutating func string(_ string: String) {
    separate()
    append("\"")
    for byte in string.utf8 { appendEscaped(byte) }
    append("\"")
  }

  package mutating func integer(_ integer: Int) { literal(String(integer)) }

  /// Writes the shortest digits that read back as the same number; null when it is not finite.
  package mutating func number(_ number: some BinaryFloatingPoint & LosslessStringConvertible) {
    literal(number.isFinite ? number.description : "null")
  }

  package mutating func bool(_ bool: Bool) { literal(bool ? "true" : "false") }
  package mutating func null() { literal("null") }

  package mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .bool(let bool): self.bool(bool)
    case .integer(let integer): self.integer(integer)
    case .number(let number): self.number(number)
    case .string(let string): self.string(string)
    case .array(let elements):
      beginArray()
      for element in elements { self.value(element) }
      endArray()
    case .object(let fields):
      beginObject()
      for field in fields {
        key(field.key)
        self.value(field.value)
      }
      endObject()
    case .view(let view):
      separate()
      bytes.append(contentsOf: view.text)
    }
  }

  /// Ends a line of a `.jsonl` file.
  package mutating func newline() {
    append("\n")
    needsComma = false
  }

  /// Empties the writer and keeps its memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  private mutating func literal(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func separate() {
    if needsComma { append(",") }
    needsComma = true
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    append(bracket)
    needsComma = true
  }

  private mutating func append(_ scalar: Unicode.Scalar) { bytes.append(UInt8(ascii: scalar)) }

  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      append("\\")
      bytes.append(byte)
    case 0x0A: bytes.append(contentsOf: "\\n".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0..<0x20, 0x7F:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: "\\u00".utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    default: bytes.append(byte)
    }
  }
}

extension JSONValue {
  /// The document on one line, or one line for each of an object's own keys, ended by a newline.
  package func encoded(onLines: Bool = false) -> [UInt8] {
    guard onLines, case .object(let fields) = self else {
      var writer = JSONWriter()
      writer.value(self)
      writer.newline()
      return writer.bytes
    }
    let lines = fields.map { field in
      var writer = JSONWriter()
      writer.key(field.key)
      writer.value(field.value)
      return "  " + String(decoding: writer.bytes, as: UTF8.self)
    }
    return Array("{\n\(lines.joined(separator: ",\n"))\n}\n".utf8)
  }
}
