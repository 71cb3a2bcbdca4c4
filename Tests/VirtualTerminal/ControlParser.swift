/// Cuts a terminal's byte stream into text, controls and sequences (ECMA-48, as far as curses goes).
struct ControlParser {
  enum Token: Equatable {
    case scalar(Unicode.Scalar)
    case control(UInt8)
    /// ESC, intermediates, final: `ESC ( B` is `("(", "B")`.
    case escape(intermediates: String, final: Character)
    /// CSI: the private prefix and intermediates together, then parameters, then the final byte.
    case sequence(prefix: String, parameters: [Int?], final: Character)
    case operatingSystemCommand(String)
    /// What stands in a device's (DCS) or an application's string (APC), its introducer first.
    case deviceString(String)
    case malformed(String)
  }

  private enum State {
    case ground
    case escape
    case sequence
    case string
    case stringEscape
  }

  private var state = State.ground
  private var collected: [UInt8] = []
  private var text: [UInt8] = []
  private var introducer = UInt8(ascii: "]")

  mutating func feed(_ byte: UInt8) -> Token? {
    switch state {
    case .ground: ground(byte)
    case .escape: escape(byte)
    case .sequence: sequence(byte)
    case .string: string(byte)
    case .stringEscape: stringEscape(byte)
    }
  }

  private mutating func ground(_ byte: UInt8) -> Token? {
    if byte == 0x1B {
      state = .escape
      collected = []
      return malformedText()
    }
    if byte < 0x20 || byte == 0x7F { return malformedText() ?? .control(byte) }
    text.append(byte)
    let expected = text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4
    guard text.count == expected else { return nil }
    defer { text = [] }
    let decoded = String(decoding: text, as: UTF8.self).unicodeScalars
    guard let scalar = decoded.first, decoded.count == 1, scalar != "\u{FFFD}" || expected == 3
    else { return .malformed("text \(text)") }
    return .scalar(scalar)
  }

  private mutating func malformedText() -> Token? {
    guard !text.isEmpty else { return nil }
    defer { text = [] }
    return .malformed("text \(text)")
  }

  private mutating func escape(_ byte: UInt8) -> Token? {
    switch byte {
    case 0x18:
      state = .ground
      return nil
    case UInt8(ascii: "[") where collected.isEmpty:
      state = .sequence
      return nil
    case UInt8(ascii: "]") where collected.isEmpty, UInt8(ascii: "P") where collected.isEmpty,
      UInt8(ascii: "_") where collected.isEmpty:
      (state, introducer) = (.string, byte)
      return nil
    case 0x20..<0x30:
      collected.append(byte)
      return nil
    default:
      state = .ground
      return .escape(
        intermediates: String(decoding: collected, as: UTF8.self),
        final: Character(Unicode.Scalar(byte))
      )
    }
  }

  private mutating func sequence(_ byte: UInt8) -> Token? {
    switch byte {
    case 0x18:
      state = .ground
      return nil
    case 0x20..<0x40:
      collected.append(byte)
      return nil
    case 0x40..<0x7F:
      state = .ground
      return finishSequence(Character(Unicode.Scalar(byte)))
    default:
      state = .ground
      return .malformed("byte \(byte) inside CSI \(String(decoding: collected, as: UTF8.self))")
    }
  }

  private func finishSequence(_ final: Character) -> Token {
    let isParameter = { (byte: UInt8) in (0x30..<0x3C).contains(byte) }
    let prefix = collected.filter { !isParameter($0) }
    let numbers = collected.filter(isParameter)
    let parameters = numbers.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
    return .sequence(
      prefix: String(decoding: prefix, as: UTF8.self),
      parameters: parameters.map { Int(String(decoding: $0, as: UTF8.self)) },
      final: final
    )
  }

  private mutating func string(_ byte: UInt8) -> Token? {
    switch byte {
    case 0x1B:
      state = .stringEscape
      return nil
    case 0x07: return finishString()
    case 0x18:
      state = .ground
      return nil
    default:
      collected.append(byte)
      return nil
    }
  }

  private mutating func stringEscape(_ byte: UInt8) -> Token? {
    guard byte == UInt8(ascii: "\\") else {
      state = .ground
      return .malformed("unfinished string \(String(decoding: collected, as: UTF8.self))")
    }
    return finishString()
  }

  private mutating func finishString() -> Token? {
    state = .ground
    let string = String(decoding: collected, as: UTF8.self)
    guard introducer != UInt8(ascii: "]") else { return .operatingSystemCommand(string) }
    return .deviceString("\(Character(Unicode.Scalar(introducer)))\(string)")
  }
}
