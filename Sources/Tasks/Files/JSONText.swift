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
    case UInt8(ascii: "\""): return endOfString(at: place)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var (place, depth) = (place, 0)
      repeat {
        switch bytes[place] {
        case UInt8(ascii: "\""):
          place = endOfString(at: place)
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

  /// Behind the closing quote of the string whose opening quote is at a place.
  private func endOfString(at place: Int) -> Int {
    var place = place + 1
    while bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return place + 1
  }

  func double(_ range: Range<Int>) -> Double? {
    Double(String(decoding: bytes[range], as: UTF8.self))
  }

  /// A whole number that fits; nil for one with a point or an exponent.
  func integer(_ range: Range<Int>) -> Int? {
    Int(String(decoding: bytes[range], as: UTF8.self))
  }

  // MARK: Strings

  /// The string whose opening quote is at a place.
  func string(at place: Int) -> String {
    let content = place + 1..<endOfString(at: place) - 1
    guard hasEscapes(content) else { return String(decoding: bytes[content], as: UTF8.self) }
    return String(decoding: unescaped(content), as: UTF8.self)
  }

  /// Whether the key at a place is this one.
  func isKey(at place: Int, _ key: String) -> Bool {
    let content = place + 1..<endOfString(at: place) - 1
    guard hasEscapes(content) else { return bytes[content].elementsEqual(key.utf8) }
    return unescaped(content).elementsEqual(key.utf8)
  }

  /// Whether one key comes before another in the order of their bytes.
  func isKey(at place: Int, before other: Int) -> Bool {
    let own = place + 1..<endOfString(at: place) - 1
    let others = other + 1..<endOfString(at: other) - 1
    guard hasEscapes(own) || hasEscapes(others) else {
      return bytes[own].lexicographicallyPrecedes(bytes[others])
    }
    return unescaped(own).lexicographicallyPrecedes(unescaped(others))
  }

  private func hasEscapes(_ content: Range<Int>) -> Bool {
    bytes[content].contains(UInt8(ascii: "\\"))
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
