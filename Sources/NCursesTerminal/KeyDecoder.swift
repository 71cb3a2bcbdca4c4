import CellGrid

/// Turns the bytes of a terminal into keys, mouse reports and pasted text.
///
/// Pure: bytes go in, events come out, and whatever is not understood is swallowed whole, so that
/// the tail of an unknown sequence never acts as a key.
struct KeyDecoder {
  /// What the bytes not yet decoded could still become.
  enum Wait: Equatable {
    case afterEscape
    case insideSequence
  }

  /// A longer paste loses its tail; one whose end never comes must not grow for ever.
  static let longestPaste = 1 << 20

  /// Sequences that the terminal's description names, besides those that all terminals share.
  private let named: [[UInt8]: Key]
  private var bytes: [UInt8] = []
  private var pasted: [UInt8]?
  /// What the terminal has said of itself, until somebody takes it.
  var answers: [TerminalAnswer] = []

  init(named: [[UInt8]: Key] = [:]) { self.named = named }

  var isPasting: Bool { pasted != nil }

  /// What to wait for a moment before calling the input complete, or nil.
  var waitsFor: Wait? {
    guard !isPasting, let first = bytes.first else { return nil }
    return bytes.count == 1 && first == escape ? .afterEscape : .insideSequence
  }

  mutating func feed(_ block: some Sequence<UInt8>) { bytes.append(contentsOf: block) }

  /// Everything that can be decoded; with `isFinal`, what was waited for did not come.
  mutating func decode(isFinal: Bool = false) -> [InputEvent] {
    var events: [InputEvent] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let before = rest.count
      if isPasting {
        decodePaste(&rest, &events)
      } else {
        decodeOne(&rest, &events, isFinal)
      }
      if rest.count == before { break }
    }
    bytes = Array(rest)
    return events
  }

  /// Ends a paste whose closing sequence got lost.
  mutating func endPaste() -> InputEvent? {
    guard let text = pasted else { return nil }
    pasted = nil
    return .paste(String(decoding: (text + bytes.drain()).prefix(Self.longestPaste), as: UTF8.self))
  }

  private mutating func decodeOne(
    _ rest: inout ArraySlice<UInt8>,
    _ events: inout [InputEvent],
    _ isFinal: Bool
  ) {
    guard let first = rest.first else { return }
    if first == escape {
      decodeEscape(&rest, &events, isFinal)
    } else if first < 0x20 || first == 0x7F {
      rest.removeFirst()
      if let key = controlKey(first) { events.append(.key(key)) }
    } else {
      decodeText(&rest, &events, isFinal)
    }
  }

  private mutating func decodeEscape(
    _ rest: inout ArraySlice<UInt8>,
    _ events: inout [InputEvent],
    _ isFinal: Bool
  ) {
    switch EscapeSequence.parse(rest) {
    case .incomplete:
      guard isFinal else { return }
      if rest.count == 1 { events.append(.key(.escape)) }
      rest.removeAll()
    case .bareEscape:
      rest.removeFirst()
      events.append(.key(.escape))
    case .complete(let length):
      let sequence = Array(rest.prefix(length))
      rest.removeFirst(length)
      if sequence == pasteBegins {
        pasted = []
      } else if let answer = TerminalAnswer(sequence) {
        answers.append(answer)
      } else if let event = named[sequence].map(InputEvent.key) ?? EscapeSequence.event(sequence) {
        events.append(event)
      }
    }
  }

  /// A run of printable text, as characters; an unfinished last one waits for its bytes.
  private func decodeText(
    _ rest: inout ArraySlice<UInt8>,
    _ events: inout [InputEvent],
    _ isFinal: Bool
  ) {
    let run = rest.prefix { $0 >= 0x20 && $0 != 0x7F }
    let endsInput = run.endIndex == rest.endIndex
    let whole = endsInput && !isFinal ? run.droppingUnfinishedCharacter() : run
    for character in String(decoding: whole, as: UTF8.self) where character != "\u{FFFD}" {
      events.append(.key(.character(character)))
    }
    rest = rest[whole.endIndex...]
  }

  private mutating func decodePaste(_ rest: inout ArraySlice<UInt8>, _ events: inout [InputEvent]) {
    if let end = rest.firstRange(of: pasteEnds) {
      let text = (pasted ?? []) + rest[..<end.lowerBound]
      events.append(.paste(String(decoding: text.prefix(Self.longestPaste), as: UTF8.self)))
      pasted = nil
      rest = rest[end.upperBound...]
    } else {
      // The last bytes may be the beginning of the closing sequence.
      let certain = max(rest.count - (pasteEnds.count - 1), 0)
      let room = Self.longestPaste - (pasted?.count ?? 0)
      pasted?.append(contentsOf: rest.prefix(min(certain, room)))
      rest.removeFirst(certain)
    }
  }

  private func controlKey(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x0D, 0x0A: .enter
    case 0x09: .tab
    case 0x08, 0x7F: .backspace
    case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
    default: nil
    }
  }
}

let escape: UInt8 = 0x1B
private let pasteBegins = Array("\u{1B}[200~".utf8)
private let pasteEnds = Array("\u{1B}[201~".utf8)

extension ArraySlice<UInt8> {
  /// Without a last UTF-8 character whose bytes have not all come yet.
  fileprivate func droppingUnfinishedCharacter() -> Self {
    let tail = suffix(4)
    guard let lead = tail.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return self }
    let expected = self[lead] >= 0xF0 ? 4 : self[lead] >= 0xE0 ? 3 : self[lead] >= 0xC0 ? 2 : 1
    return endIndex - lead < expected ? self[..<lead] : self
  }
}

extension [UInt8] {
  fileprivate mutating func drain() -> Self {
    defer { removeAll() }
    return self
  }
}
