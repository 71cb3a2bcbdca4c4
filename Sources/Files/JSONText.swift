/// The bytes of a JSON text, borrowed for a moment, with what can be asked of them place by place.
///
/// All but `isUTF8` expects a text that `JSONChecker` has accepted, up to the place concerned.
struct JSONText {
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var count: Int { bytes.count }

  subscript(_ place: Int) -> UInt8 { bytes[place] }

  func elementsEqual(_ word: StaticString, at place: Int) -> Bool {
    word.withUTF8Buffer { bytes[place..<place + $0.count].elementsEqual($0) }
  }

  func isUTF8(_ range: Range<Int>) -> Bool {
    String(validating: bytes[range], as: UTF8.self) != nil
  }

  func endOfSpace(from place: Int) -> Int {
    var place = place
    while place < bytes.count, bytes[place].isSpace { place += 1 }
    return place
  }

  // MARK: Values

  /// Where the value ends that begins at a place.
  func endOfValue(at place: Int) -> Int {
    switch bytes[place] {
    case UInt8(ascii: "\""): return content(at: place).end + 1
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var (place, depth) = (place, 0)
      repeat {
        switch bytes[place] {
        case UInt8(ascii: "\""):
          place = content(at: place).end + 1
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
        place += 1
      } while depth > 0
      return place
    default:
      // A word or a number: up to what cannot be part of one.
      var place = place
      while place < bytes.count, bytes[place].isPartOfWord { place += 1 }
      return place
    }
  }

  /// What stands between the quotes of a string.
  struct Content {
    var start: Int
    /// The place of the closing quote.
    var end: Int
    var hasEscapes: Bool

    var range: Range<Int> { start..<end }
  }

  /// The content of the string whose opening quote is at a place.
  func content(at place: Int) -> Content {
    var content = Content(start: place + 1, end: place + 1, hasEscapes: false)
    while bytes[content.end] != UInt8(ascii: "\"") {
      let isEscape = bytes[content.end] == UInt8(ascii: "\\")
      if isEscape { content.hasEscapes = true }
      content.end += isEscape ? 2 : 1
    }
    return content
  }

  func double(_ range: Range<Int>) -> Double? {
    Double(String(decoding: bytes[range], as: UTF8.self))
  }

  /// A whole number that fits; nil for one with a point or an exponent.
  func integer(_ range: Range<Int>) -> Int? {
    Int(String(decoding: bytes[range], as: UTF8.self))
  }

  // MARK: Strings

  func string(_ content: Content) -> String {
    guard content.hasEscapes else {
      return String(decoding: bytes[content.range], as: UTF8.self)
    }
    return String(decoding: unescaped(content.range), as: UTF8.self)
  }

  func isEqual(_ content: Content, _ key: String) -> Bool {
    guard !content.hasEscapes else { return unescaped(content.range).elementsEqual(key.utf8) }
    return content.end - content.start == key.utf8.count
      && bytes[content.range].elementsEqual(key.utf8)
  }

  func isEqual(_ content: Content, _ other: Content) -> Bool {
    guard !content.hasEscapes, !other.hasEscapes else {
      return string(content).utf8.elementsEqual(string(other).utf8)
    }
    return content.end - content.start == other.end - other.start
      && bytes[content.range].elementsEqual(bytes[other.range])
  }

  /// Whether one comes before another in the order of their bytes.
  func precedes(_ content: Content, _ other: Content) -> Bool {
    guard !content.hasEscapes, !other.hasEscapes else {
      return string(content).utf8.lexicographicallyPrecedes(string(other).utf8)
    }
    return bytes[content.range].lexicographicallyPrecedes(bytes[other.range])
  }

  private func unescaped(_ content: Range<Int>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(content.count)
    var place = content.lowerBound
    while place < content.upperBound {
      guard bytes[place] == UInt8(ascii: "\\") else {
        result.append(bytes[place])
        place += 1
        continue
      }
      switch bytes[place + 1] {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        var code = code(at: place + 2)
        if (0xD800..<0xDC00).contains(code) {
          code = 0x10000 + (code - 0xD800) << 10 + (self.code(at: place + 8) - 0xDC00)
          place += 6
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        result.append(contentsOf: String(Character(scalar)).utf8)
        place += 4
      default: result.append(bytes[place + 1])
      }
      place += 2
    }
    return result
  }

  /// Four hexadecimal digits.
  private func code(at place: Int) -> UInt32 {
    bytes[place..<place + 4].reduce(0) { code, byte in
      code << 4 | UInt32(Character(Unicode.Scalar(byte)).hexDigitValue ?? 0)
    }
  }
}

extension UInt8 {
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

  /// In `true`, `null`, or `-1.5e+3`.
  fileprivate var isPartOfWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
      return true
    default: return false
    }
  }
}
