import CellGrid
import Testing
import VirtualTerminal

/// The emulator that the other tests believe.
@Suite struct VirtualScreenTests {
  @Test(arguments: [
    ("abc", "abc"), ("abcdefgh\r\nX", "abcdefgh\nX"), ("abcdefghij", "abcdefgh\nij"),
    ("abc\u{1B}[2GX", "aXc"), ("abcdef\u{1B}[3G\u{1B}[K", "ab"),
    ("abcdef\u{1B}[3G\u{1B}[1K", "   def"),
    ("abcdef\u{1B}[3G\u{1B}[2X", "ab  ef"), ("abcdef\u{1B}[3G\u{1B}[2P", "abef"),
    ("abcdef\u{1B}[3G\u{1B}[2@", "ab  cdef"), ("a\u{1B}[3b", "aaaa"),
    ("a\u{1B}[3;3HX\u{1B}[AY", "a\n   Y\n  X"),
    ("1\r\n2\r\n3\r\n4", "2\n3\n4"), ("1\r\n2\r\n3\u{1B}[H\u{1B}M0", "0\n1\n2"),
    ("1\r\n2\r\n3\u{1B}[2;3r\u{1B}[2;1H\u{1B}[M", "1\n3"),
    ("1\r\n2\r\n3\u{1B}[2;1H\u{1B}[L", "1\n\n2"),
    ("abcdefgh\u{1B}[K", "abcdefg"), ("漢字", "漢字"), ("漢\u{1B}[2Gx", " x"),
    ("1\r\n2\r\n3\u{1B}[2;1H\u{1B}[J", "1"), ("abc\u{1B}[?1049hxyz\u{1B}[?1049l", "abc"),
  ])
  func screensLookAsOnARealTerminal(_ bytes: String, _ text: String) {
    var screen = VirtualScreen(size: GridSize(columns: 8, rows: 3))
    screen.feed(bytes.utf8)
    var shown = Substring(screen.text)
    while shown.last == "\n" { shown.removeLast() }
    #expect(String(shown) == text)
    #expect(screen.unknown == [])
  }

  @Test func stylesAreRead() {
    var screen = VirtualScreen(size: GridSize(columns: 8, rows: 1))
    screen.feed("\u{1B}[1;31;48;5;200mA\u{1B}[22;38;2;1;2;3;49mB\u{1B}[97mC\u{1B}[mD".utf8)
    let styles = (0..<4).map { screen.grid[row: 0, column: $0].style }
    #expect(
      styles == [
        Style(.ansi(1), on: .indexed(200), .bold), Style(.rgb(1, 2, 3)), Style(.ansi(15)), .plain,
      ]
    )
  }

  @Test(arguments: [
    "\u{1B}[5m", "\u{1B}[?9999h", "\u{1B}[=3z", "\u{1B}#8", "\u{1}", "\u{1B}[1\u{1B}",
    "\u{1B}[38;5m",
  ])
  func whatIsNotUnderstoodIsReported(_ bytes: String) {
    var screen = VirtualScreen(size: GridSize(columns: 8, rows: 1))
    screen.feed(bytes.utf8)
    #expect(screen.unknown.count == 1)
  }

  @Test func brokenTextIsReported() {
    var screen = VirtualScreen(size: GridSize(columns: 8, rows: 1))
    screen.feed([0xE6, 0xBC, 0x1B, 0x5B, 0x6D, 0x41])
    #expect(screen.unknown.count == 1)
    #expect(screen.line(0) == "A")
  }

  /// Two frames that arrive together are two, and neither is looked at before it is whole.
  @Test func everyMarkedFrameIsSeen() throws {
    let frames = ["one", "\\rtwo"].map { "\\033[?2026h\($0)\\033[?2026l" }.joined()
    let child = try PseudoTerminalProcess("/usr/bin/printf", [frames])
    var seen: [String] = []
    let isLast = child.waitForScreen { screen in
      if seen.last != screen.line(0) { seen.append(screen.line(0)) }
      return screen.line(0) == "two"
    }
    #expect(isLast && seen.suffix(2) == ["one", "two"], "\(seen)")
    #expect(child.waitForExit() == 0)
  }
}
