import CellGrid

/// The grammar of what terminals send after an Escape, and the keys that all of them share.
enum EscapeSequence {
  enum Parse: Equatable {
    case incomplete
    /// An Escape that begins nothing.
    case bareEscape
    case complete(length: Int)
  }

  /// Finds the end of the sequence that `bytes` begins with; their first is an Escape.
  static func parse(_ bytes: ArraySlice<UInt8>) -> Parse {
    guard let introducer = bytes.dropFirst().first else { return .incomplete }
    switch introducer {
    case 0x1B: return .bareEscape
    case UInt8(ascii: "["): return parseControlSequence(bytes)
    case UInt8(ascii: "O"): return bytes.count >= 3 ? .complete(length: 3) : .incomplete
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      return parseString(bytes)
    case 0x20...0x7F: return .complete(length: 2)  // Alt with a key
    default: return .bareEscape
    }
  }

  private static func parseControlSequence(_ bytes: ArraySlice<UInt8>) -> Parse {
    let body = bytes.dropFirst(2)
    guard let first = body.first else { return .incomplete }
    if first == UInt8(ascii: "[") {  // the Linux console's F1…F5
      return body.count >= 2 ? .complete(length: 4) : .incomplete
    }
    if first == UInt8(ascii: "M") {  // the old mouse report: three bytes follow
      return body.count >= 4 ? .complete(length: 6) : .incomplete
    }
    guard let end = body.firstIndex(where: { !(0x20..<0x40).contains($0) }) else {
      return .incomplete
    }
    let length = end - bytes.startIndex
    // A byte that cannot stand here begins something else: swallow only what came before it.
    return .complete(length: (0x40..<0x7F).contains(bytes[end]) ? length + 1 : length)
  }

  /// An answer to a question, ended by BEL or ESC \.
  private static func parseString(_ bytes: ArraySlice<UInt8>) -> Parse {
    let longestAnswer = 4096
    for index in bytes.indices.dropFirst(2) {
      if bytes[index] == 0x07 { return .complete(length: index - bytes.startIndex + 1) }
      if bytes[index] == UInt8(ascii: "\\"), bytes[index - 1] == 0x1B {
        return .complete(length: index - bytes.startIndex + 1)
      }
    }
    return bytes.count < longestAnswer ? .incomplete : .complete(length: bytes.count)
  }

  /// What a complete sequence means, or nil for those to be swallowed.
  static func event(_ sequence: [UInt8]) -> InputEvent? {
    if sequence.count == 2 { return altKey(sequence[1]).map(InputEvent.key) }
    guard sequence.count >= 3, let final = sequence.last else { return nil }
    let body = sequence[2..<(sequence.count - 1)]
    if sequence[1] == UInt8(ascii: "O") { return letterKey(final).map(InputEvent.key) }
    guard sequence[1] == UInt8(ascii: "[") else { return nil }
    if body.first == UInt8(ascii: "[") { return consoleFunctionKey(final).map(InputEvent.key) }
    if sequence.count == 6, sequence[2] == UInt8(ascii: "M") {
      return oldMouse(Array(sequence[3...]))
    }
    if body.first == UInt8(ascii: "<") { return mouse(numbers(body.dropFirst()), final) }
    let parameters = numbers(body)
    guard parameters.count <= 2, body.allSatisfy({ $0 < 0x3C }) else { return nil }
    if final == UInt8(ascii: "~") {
      return numberedKey(parameters.first ?? 0).map(InputEvent.key)
    }
    let key = letterKey(final)
    // The modifiers' bits lie above one: shift 1, alt 2, ctrl 4.
    guard let modifiers = parameters.dropFirst().first, (modifiers - 1) & 6 != 0 else {
      return key.map(InputEvent.key)
    }
    return (key == .left ? .wordLeft : key == .right ? .wordRight : key).map(InputEvent.key)
  }

  /// Letters, and backspace, which shells' lines take for words.
  private static func altKey(_ byte: UInt8) -> Key? {
    let character = Character(Unicode.Scalar(byte))
    return byte == 0x7F ? .alt("\u{7F}") : character.isLetter ? .alt(character) : nil
  }

  private static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int] {
    bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
  }

  private static func letterKey(_ letter: UInt8) -> Key? {
    switch letter {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "Z"): .backTab
    case UInt8(ascii: "M"): .enter
    case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(letter) - 0x4F)
    default: nil
    }
  }

  private static func consoleFunctionKey(_ letter: UInt8) -> Key? {
    (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(letter) ? .function(Int(letter) - 0x40) : nil
  }

  private static func numberedKey(_ number: Int) -> Key? {
    switch number {
    case 1, 7: .home
    case 4, 8: .end
    case 3: .delete
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23, 24: .function(number - 12)
    default: nil
    }
  }

  private static func mouse(_ report: [Int], _ final: UInt8) -> InputEvent? {
    guard report.count == 3 else { return nil }
    let isPress = final == UInt8(ascii: "M")
    return mouse(button: report[0], isPress: isPress, column: report[1] - 1, row: report[2] - 1)
  }

  private static func oldMouse(_ report: [UInt8]) -> InputEvent? {
    let values = report.map { Int($0) - 32 }
    let isRelease = values[0] & 3 == 3 && values[0] < 64
    let button = isRelease ? 0 : values[0]
    return mouse(button: button, isPress: !isRelease, column: values[1] - 1, row: values[2] - 1)
  }

  /// Buttons: 0 left, 1 middle, 2 right, 64 and 65 the wheel; 4, 8 and 16 are added for modifiers,
  /// 32 for motion.
  private static func mouse(button: Int, isPress: Bool, column: Int, row: Int) -> InputEvent? {
    guard row >= 0, column >= 0 else { return nil }
    switch (button & ~(4 | 8 | 16), isPress) {
    case (0, true): return .mouse(.press, row: row, column: column)
    case (32, true): return .mouse(.drag, row: row, column: column)
    case (0, false): return .mouse(.release, row: row, column: column)
    case (64, true): return .mouse(.wheelUp, row: row, column: column)
    case (65, true): return .mouse(.wheelDown, row: row, column: column)
    default: return nil
    }
  }
}
