/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  package let reason: String
  /// Bytes before the place.
  package let offset: Int

  package init(reason: String, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  package var description: String { "\(reason) at byte \(offset)".printable }
}

/// Goes over a JSON text once and refuses what is not JSON, without building anything from it.
///
/// Strict: UTF-8, no duplicate keys, no comments, no trailing commas, bounded nesting, numbers that
/// a `Double` holds.
struct JSONChecker {
  /// Deeper nesting than any of our files has would only exhaust the stack.
  private static let maximumDepth = 64
  /// Keys of all objects that are open at one place: what is kept to find a key that comes twice.
  private static let maximumKeys = 16_384

  private let text: JSONText
  private var position = 0
  private var depth = 0
  /// Objects of more keys than this are sorted to find one that comes twice.
  private static let fewKeys = 24

  /// Where the keys of the open objects begin.
  private var keys: [Int32] = []

  private init(_ text: JSONText) { self.text = text }

  /// The place of the one value in a text.
  static func check(_ text: JSONText) throws(JSONError) -> Range<Int> {
    var checker = JSONChecker(text)
    checker.skipSpace()
    let start = checker.position
    try checker.value()
    let end = checker.position
    checker.skipSpace()
    guard checker.position == text.count else {
      throw checker.failure("unexpected text after the end")
    }
    return start..<end
  }

  private func failure(_ reason: String) -> JSONError {
    JSONError(reason: reason, offset: position)
  }

  private mutating func value() throws(JSONError) {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try number()
    }
  }

  private mutating func object() throws(JSONError) {
    let first = keys.count
    try enter("{")
    guard !consume("}") else {
      depth -= 1
      return
    }
    repeat {
      skipSpace()
      guard keys.count < Self.maximumKeys, let start = Int32(exactly: position) else {
        throw failure("too many keys")
      }
      keys.append(start)
      try string()
      try expect(":")
      try value()
    } while consume(",")
    try expect("}")
    try checkKeys(from: first)
    keys.removeSubrange(first...)
    depth -= 1
  }

  private mutating func array() throws(JSONError) {
    try enter("[")
    guard !consume("]") else {
      depth -= 1
      return
    }
    repeat { try value() } while consume(",")
    try expect("]")
    depth -= 1
  }

  private mutating func checkKeys(from first: Int) throws(JSONError) {
    guard keys.count - first > 1 else { return }
    var own = keys[first...].map { text.content(at: Int($0)) }
    if own.count > Self.fewKeys {
      // Those that are equal stand side by side then.
      own.sort { text.precedes($0, $1) }
      for (key, next) in zip(own, own.dropFirst()) where text.isEqual(key, next) {
        throw twice(key, next)
      }
    } else {
      for (index, key) in own.enumerated() {
        for other in own[..<index] where text.isEqual(key, other) { throw twice(key, other) }
      }
    }
  }

  private func twice(_ key: JSONText.Content, _ other: JSONText.Content) -> JSONError {
    JSONError(
      reason: "\"\(text.string(key))\" appears twice",
      offset: max(key.start, other.start) - 1
    )
  }

  private mutating func string() throws(JSONError) {
    try expect("\"")
    let start = position
    var isPlain = true
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard isPlain || text.isUTF8(start..<position - 1) else {
          throw failure("a string is not UTF-8")
        }
        return
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw failure("a control character in a string")
      case 0x80...: isPlain = false
      default: break
      }
    }
    throw failure("a string without an end")
  }

  private mutating func escape() throws(JSONError) {
    switch next() {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      break
    case UInt8(ascii: "u"):
      let code = try hexadecimal()
      guard (0xD800..<0xE000).contains(code) else { return }
      guard code < 0xDC00, next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u") else {
        throw failure("half of a surrogate pair")
      }
      guard (0xDC00..<0xE000).contains(try hexadecimal()) else {
        throw failure("half of a surrogate pair")
      }
    default: throw failure("an escape that JSON does not have")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> Int {
    var code = 0
    for _ in 0..<4 {
      guard let digit = next().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw failure("an escape without four hexadecimal digits")
      }
      code = code << 4 | digit
    }
    return code
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    let end = position + word.utf8CodeUnitCount
    guard end <= text.count, text.elementsEqual(word, at: position) else {
      throw failure("not a JSON value")
    }
    position = end
  }

  private mutating func number() throws(JSONError) {
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    let whole = digits()
    guard whole > 0, whole == 1 || text[position - whole] != UInt8(ascii: "0") else {
      throw failure("not a JSON value")
    }
    if peek == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw failure("a number without digits after its point") }
    }
    var isLarge = whole > 300
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      isLarge = true
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw failure("a number without digits in its exponent") }
    }
    guard !isLarge || text.double(start..<position)?.isFinite == true else {
      throw failure("a number too large")
    }
  }

  /// Skips digits and returns how many there were.
  private mutating func digits() -> Int {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  // MARK: Pieces

  private var peek: UInt8? { position < text.count ? text[position] : nil }

  private mutating func next() -> UInt8? {
    guard let byte = peek else { return nil }
    position += 1
    return byte
  }

  private mutating func skipSpace() { position = text.endOfSpace(from: position) }

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
}
