/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  package let reason: String
  /// Bytes before the place.
  package let offset: Int

  package var description: String { "\(reason) at byte \(offset)".printable }
}

/// Reads JSON piece by piece, so that a caller who knows what to expect builds no tree.
///
/// Strict: UTF-8, no duplicate keys, no comments, no trailing commas, bounded nesting.
package struct JSONReader {
  /// Deeper nesting than any of our files has would only exhaust the stack.
  private static let maximumDepth = 64

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private var depth = 0

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Reads a whole document.
  package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
    try parse(Array(bytes)[...])
  }

  /// Reads a whole document where it stands, as a line of a log.
  package static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes)
    let value = try reader.value()
    try reader.end()
    return value
  }

  package func failure(_ reason: String) -> JSONError {
    JSONError(reason: reason, offset: position - bytes.startIndex)
  }

  /// Expects that nothing but white space is left.
  package mutating func end() throws(JSONError) {
    skipSpace()
    guard position == bytes.endIndex else { throw failure("unexpected text after the end") }
  }

  /// Reads an object; `field` is called with each key and must read its value.
  package mutating func object(
    _ field: (String, inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    var keys: Set<String> = []
    try enter("{")
    guard !consume("}") else { return leave() }
    repeat {
      skipSpace()
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("\"\(key)\" stands there twice") }
      try expect(":")
      try field(key, &self)
    } while consume(",")
    try expect("}")
    leave()
  }

  /// Reads an array; `element` is called at each element and must read it.
  package mutating func array(
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try enter("[")
    guard !consume("]") else { return leave() }
    repeat { try element(&self) } while consume(",")
    try expect("]")
    leave()
  }

  package mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"):
      var fields: [JSONField] = []
      try object { (key, reader) throws(JSONError) in
        fields.append(JSONField(key, try reader.value()))
      }
      return .object(fields)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try array { (reader) throws(JSONError) in elements.append(try reader.value()) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  package mutating func string() throws(JSONError) -> String {
    try expect("\"")
    // Most strings hold no escape: they are taken as they stand.
    let start = position
    while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      position += 1
    }
    var content = bytes[start..<position]
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: content, as: UTF8.self) else {
          throw failure("a string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try appendEscape(to: &content)
      case 0..<0x20: throw failure("a control character in a string")
      default: content.append(byte)
      }
    }
    throw failure("a string without an end")
  }

  /// Reads a whole number that fits an `Int`.
  package mutating func integer() throws(JSONError) -> Int {
    guard case .integer(let integer) = try number() else { throw failure("not a whole number") }
    return integer
  }

  // MARK: Pieces

  private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func next() -> UInt8? {
    guard let byte = peek else { return nil }
    position += 1
    return byte
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func consume(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(JSONError) {
    guard consume(scalar) else { throw failure("expected \(scalar)") }
  }

  private mutating func enter(_ scalar: Unicode.Scalar) throws(JSONError) {
    try expect(scalar)
    depth += 1
    guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
  }

  private mutating func leave() { depth -= 1 }

  private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw failure("not a JSON value") }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    skipSpace()
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      throw failure("not a JSON value")
    }
    var isWhole = true
    if peek == UInt8(ascii: ".") {
      position += 1
      isWhole = false
      guard digits() > 0 else { throw failure("a number without digits after its point") }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      isWhole = false
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw failure("a number without digits in its exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw failure("a number too large") }
    return .number(number)
  }

  /// Skips digits and returns how many there were.
  private mutating func digits() -> Int {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func appendEscape(to content: inout ArraySlice<UInt8>) throws(JSONError) {
    switch next() {
    case UInt8(ascii: "\""): content.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): content.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): content.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content.append(contentsOf: String(try escapedScalar()).utf8)
    default: throw failure("an escape that JSON does not have")
    }
  }

  /// Reads what follows `\u`, with the second half of a surrogate pair.
  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u") else {
        throw failure("half of a surrogate pair")
      }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw failure("an escape without four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
    }
    return code
  }
}
