import CellGrid
import Testing
import VirtualTerminal

@testable import NCursesTerminal

/// Pictures in the terminal's own pixels: what is said for them, to the byte, and to whom.
@Suite struct PictureLayerTests {
  private let red = Picture(height: 1, width: 2, channels: 3, pixels: [255, 0, 0, 0, 0, 0])
  private let place = Rect(row: 4, column: 9, rows: 1, columns: 2)

  @Test func nothingIsSaidToATerminalThatHasNotAnswered() {
    var layer = PictureLayer()
    let said = layer.update([PlacedPicture(red, in: place)])
    #expect(said.bytes.isEmpty && !said.repaints && layer.forget().isEmpty)
  }

  @Test func kittysPicturesAreTransmittedShownAndDeleted() {
    var layer = PictureLayer()
    layer.manner = .kitty
    let shown = layer.update([PlacedPicture(red, in: place)])
    #expect(
      shown.bytes
        == "\u{1B}7\u{1B}[5;10H\u{1B}_Ga=T,f=24,s=2,v=1,i=1835270144,p=1,c=2,r=1,C=1,q=2,m=0;"
        + "/wAAAAAA\u{1B}\\\u{1B}8"
    )
    #expect(layer.update([PlacedPicture(red, in: place)]).bytes.isEmpty, "it stands there")
    let gone = "\u{1B}_Ga=d,d=I,i=1835270144,q=2\u{1B}\\"
    var lower = place
    lower.row = 5
    let moved = layer.update([PlacedPicture(red, in: lower)])
    #expect(moved.bytes.hasPrefix(gone) && moved.bytes.contains("\u{1B}[6;10H") && !moved.repaints)
    #expect(layer.update([]).bytes == gone)
    _ = layer.update([PlacedPicture(red, in: place)])
    #expect(layer.forget() == gone && layer.forget().isEmpty)
  }

  @Test func longPicturesAreSentInPieces() {
    var layer = PictureLayer()
    layer.manner = .kitty
    let noise = Picture(
      height: 40,
      width: 40,
      channels: 3,
      pixels: (0..<4800).map { UInt8($0 * 7 % 256) }
    )
    let bytes = layer.update([PlacedPicture(noise, in: place)]).bytes
    let pieces = bytes.split(separator: "\u{1B}_G").dropFirst()
    #expect(pieces.count == 2)
    #expect(pieces.first?.contains("m=1;") == true && pieces.last?.hasPrefix("m=0;") == true)
    let data = pieces.map { $0.split(separator: ";")[1].split(separator: "\u{1B}")[0] }
    #expect(data.map(\.count) == [4096, 6400 - 4096])
  }

  @Test func sixelsOfKnownPixels() {
    // Two columns of seven rows: the left one bright, the right one dark.
    let picture = Picture(
      height: 7,
      width: 2,
      channels: 1,
      pixels: (0..<7).flatMap { _ in [UInt8(255), 0] }
    )
    #expect(
      Sixel.encoded(picture)
        == "\u{1B}P0;1;0q\"1;1;2;7#0;2;0;0;0#31;2;100;100;100#0?~$#31~?-#0?@$#31@?-\u{1B}\\"
    )
    let wide = Picture(height: 6, width: 9, channels: 3, pixels: .init(repeating: 255, count: 162))
    #expect(
      Sixel.encoded(wide) == "\u{1B}P0;1;0q\"1;1;9;6#215;2;100;100;100#215!9~-\u{1B}\\"
    )
  }

  @Test func sixelsAreDrawnAgainWhereTheyMoved() {
    var layer = PictureLayer()
    layer.manner = .sixel(height: 6, width: 3)
    let first = layer.update([PlacedPicture(red, in: place)])
    #expect(!first.repaints && first.bytes.contains("\u{1B}P0;1;0q\"1;1;6;6"))
    #expect(layer.update([PlacedPicture(red, in: place)]).bytes.isEmpty)
    #expect(layer.update([]).repaints, "only drawing the cells takes sixels away")
  }

  @Test(
    arguments: [
      ("\u{1B}[?62;4;22c", TerminalAnswer.attributes([62, 4, 22])),
      ("\u{1B}[6;18;9t", .cell(height: 18, width: 9)), ("\u{1B}[6;0;9t", nil),
      ("\u{1B}_Gi=31;OK\u{1B}\\", .kittyGraphics), ("\u{1B}_Gi=31;ENOTSUP\u{1B}\\", nil),
      ("\u{1B}]11;rgb:ffff/ffff/f0f0\u{1B}\\", .background(isLight: true)),
      ("\u{1B}]11;rgb:1c/1c/20\u{7}", .background(isLight: false)), ("\u{1B}]11;?\u{7}", nil),
      ("\u{1B}]11;rgb:ffffffffffffffffffff/0/0\u{7}", nil), ("\u{1B}[A", nil),
    ] as [(String, TerminalAnswer?)]
  )
  func answers(_ text: String, _ answer: TerminalAnswer?) {
    #expect(TerminalAnswer(Array(text.utf8)) == answer)
    var decoder = KeyDecoder()
    decoder.feed(Array("a\(text)b".utf8))
    let keys = decoder.decode().filter { $0 != .key(.up) }
    #expect(keys == [.key(.character("a")), .key(.character("b"))], "an answer is no key")
  }

  // MARK: In a process of its own

  @Test func aTerminalThatDoesNotAnswerGetsNoPicture() throws {
    let child = try PseudoTerminalProcess(builtExecutable("TerminalFixture"), ["pictures"])
    #expect(child.waitForScreen { $0.commands.contains("drawn 0") })
    child.send("x")
    #expect(child.waitForScreen { $0.commands.contains("drawn 1") })
    child.send("\u{4}")
    #expect(child.waitForExit() == 0)
    #expect(child.screen.strings.allSatisfy { $0.hasPrefix("_Gi=31,") && $0.contains("a=q") })
    #expect(child.screen.unknown == [])
  }

  @Test(arguments: [
    ("_Gi=31;OK\u{1B}\\\u{1B}[?62c", "_Ga=T,"), ("[6;12;6t\u{1B}[?62;4c", "P0;1;0q"),
  ])
  func aTerminalThatAnswersGetsIts(_ answer: String, _ begin: String) throws {
    let child = try PseudoTerminalProcess(builtExecutable("TerminalFixture"), ["pictures"])
    #expect(child.waitForScreen { $0.commands.contains("drawn 0") })
    child.send("\u{1B}\(answer)x")
    #expect(child.waitForScreen { $0.commands.contains("drawn 1") })
    #expect(child.screen.strings.count { $0.hasPrefix(begin) } == 1)
    child.send("x")
    #expect(child.waitForScreen { $0.commands.contains("drawn 2") })
    if begin.hasPrefix("_") { #expect(child.screen.strings.last?.hasPrefix("_Ga=d,") == true) }
    child.send("x")
    #expect(child.waitForScreen { $0.commands.contains("drawn 3") })
    child.send("\u{4}")
    #expect(child.waitForExit() == 0)
    if begin.hasPrefix("_") { #expect(child.screen.strings.last?.hasPrefix("_Ga=d,") == true) }
  }

  /// In tmux kitty's question would become the window's title.
  @Test func aMultiplexerIsNotAskedForKitty() throws {
    let child = try PseudoTerminalProcess(
      builtExecutable("TerminalFixture"),
      ["pictures"],
      environment: ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TMUX": "/tmp/x,1,0"]
    )
    #expect(child.waitForScreen { $0.commands.contains("drawn 0") })
    child.send("\u{4}")
    #expect(child.waitForExit() == 0)
    #expect(child.screen.strings.isEmpty)
  }
}
