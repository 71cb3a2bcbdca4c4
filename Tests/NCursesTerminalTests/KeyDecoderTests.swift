import CellGrid
import TestSupport
import Testing
import VirtualTerminal

@testable import NCursesTerminal

@Suite struct KeyDecoderTests {
  @Test(arguments: [
    ("a", [Key.character("a")]), ("é漢", [.character("é"), .character("漢")]), ("\r", [.enter]),
    ("\t", [.tab]), ("\u{7F}", [.backspace]), ("\u{8}", [.backspace]), ("\u{3}", [.control("c")]),
    ("\u{1B}", [.escape]), ("\u{1B}\u{1B}", [.escape, .escape]),
    ("\u{1B}[A\u{1B}OA", [.up, .up]), ("\u{1B}[B\u{1B}OB", [.down, .down]),
    ("\u{1B}[C\u{1B}OC", [.right, .right]), ("\u{1B}[D\u{1B}OD", [.left, .left]),
    ("\u{1B}[1;5C\u{1B}[1;3D", [.wordRight, .wordLeft]), ("\u{1B}[1;2C", [.right]),
    ("\u{1B}b\u{1B}\u{7F}", [.alt("b"), .alt("\u{7F}")]), ("\u{1B}[Z", [.backTab]),
    ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]),
    ("\u{1B}[H\u{1B}[1~\u{1B}OH", [.home, .home, .home]), ("\u{1B}[F\u{1B}[4~", [.end, .end]),
    ("\u{1B}[3~", [.delete]),
    ("\u{1B}OP\u{1B}[11~\u{1B}[[A", [.function(1), .function(1), .function(1)]),
    ("\u{1B}[15~\u{1B}[17~\u{1B}[24~", [.function(5), .function(6), .function(12)]),
  ])
  func knownKeys(_ text: String, _ keys: [Key]) {
    #expect(decode(text) == keys.map(InputEvent.key))
  }

  @Test(arguments: [
    "\u{1B}[I", "\u{1B}[?1;2c", "\u{1B}]11;rgb:0000/0000/0000\u{7}", "\u{1B}]11;rgb:0/0/0\u{1B}\\",
    "\u{1B}1", "\u{1B}[99~", "\u{1B}[38;5;1;2;3m", "\u{1B}P1$r0m\u{1B}\\", "\u{0}",
    "\u{1B}[<35;5;5M", "\u{1B}[200", "\u{1B}[1;",
  ])
  func unknownSequencesAreSwallowedWhole(_ sequence: String) {
    #expect(decode(sequence) == [])
    if !sequence.hasSuffix("200"), !sequence.hasSuffix(";") {
      #expect(decode(sequence + "z") == [.key(.character("z"))])
    }
  }

  @Test func mouseReports() {
    #expect(
      decode("\u{1B}[<64;10;5M\u{1B}[<65;300;5M\u{1B}[<0;1;1M\u{1B}[<0;1;1m") == [
        .mouse(.wheelUp, row: 4, column: 9), .mouse(.wheelDown, row: 4, column: 299),
        .mouse(.press, row: 0, column: 0), .mouse(.release, row: 0, column: 0),
      ]
    )
    #expect(
      decode("\u{1B}[M !!\u{1B}[M#!!\u{1B}[M`\"#") == [
        .mouse(.press, row: 0, column: 0), .mouse(.release, row: 0, column: 0),
        .mouse(.wheelUp, row: 2, column: 1),
      ]
    )
  }

  @Test func pasteIsNeverKeys() {
    #expect(
      decode("\u{1B}[200~q\r\u{1B}[A\u{3}\u{1B}[201~x") == [
        .paste("q\r\u{1B}[A\u{3}"), .key(.character("x")),
      ]
    )
  }

  @Test func aPasteThatNeverEndsIsGivenUpOnRequest() {
    var decoder = KeyDecoder()
    decoder.feed("\u{1B}[200~abcdefgh".utf8)
    #expect(decoder.decode(isFinal: true) == [])
    #expect(decoder.isPasting)
    #expect(decoder.waitsFor == nil)
    #expect(decoder.endPaste() == .paste("abcdefgh"))
    decoder.feed("q".utf8)
    #expect(decoder.decode() == [.key(.character("q"))])
  }

  @Test func anEscapeWaitsForWhatItMayBegin() {
    var decoder = KeyDecoder()
    decoder.feed([0x1B])
    #expect(decoder.decode() == [])
    #expect(decoder.waitsFor == .afterEscape)
    decoder.feed("[".utf8)
    #expect(decoder.decode() == [])
    #expect(decoder.waitsFor == .insideSequence)
    decoder.feed("A".utf8)
    #expect(decoder.decode() == [.key(.up)])
    #expect(decoder.waitsFor == nil)
  }

  @Test func namedSequencesOfTheTerminalWin() {
    var decoder = KeyDecoder(named: [Array("\u{1B}[25~".utf8): .home])
    decoder.feed("\u{1B}[25~".utf8)
    #expect(decoder.decode() == [.key(.home)])
  }

  /// However the bytes are cut into reads, the same events come out.
  @Test func cutsDoNotMatter() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let parts = [
      "q", "漢", "🙂", "\u{1B}[A", "\u{1B}OB", "\u{1B}[<64;10;5M", "\u{1B}[200~p\u{1B}[B\u{1B}[201~",
      "\r", "\u{1B}[15~", "\u{1B}[I", "\u{1B}]0;x\u{7}",
    ]
    for _ in 0..<200 {
      let text = (0..<8).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
      var decoder = KeyDecoder()
      var events: [InputEvent] = []
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let count = Int.random(in: 1...bytes.count, using: &generator)
        decoder.feed(bytes.prefix(count))
        bytes = bytes.dropFirst(count)
        events += decoder.decode()
      }
      #expect(events == decode(text), "\(text.debugDescription)")
    }
  }

  @Test func randomBytesNeverTrapOrGetStuck() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let common = Array("\u{1B}[O<;~M0129".utf8)
    for _ in 0..<500 {
      var decoder = KeyDecoder()
      let isRandom = Bool.random(using: &generator)
      decoder.feed(
        (0..<40).map { _ in
          isRandom
            ? UInt8.random(in: 0...255, using: &generator)
            : common.randomElement(using: &generator) ?? 0
        }
      )
      _ = decoder.decode(isFinal: true)
      #expect(decoder.waitsFor == nil)
    }
  }

  private func decode(_ text: String) -> [InputEvent] {
    var decoder = KeyDecoder()
    decoder.feed(text.utf8)
    return decoder.decode() + decoder.decode(isFinal: true)
  }
}
