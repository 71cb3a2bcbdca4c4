import CellGrid
import Testing

@Suite struct TextWidthTests {
  @Test(arguments: [
    ("plain", 5), ("α = 0.01", 8), ("─│╭╮█▏⠿", 7), ("漢字", 4), ("ｶﾅ", 2), ("ａｂ", 4), ("한글", 4),
    ("🚀", 2), ("👩‍🚀", 4), ("e\u{301}", 1), ("a\u{200b}b", 2), ("☂", 1), ("⚡", 2), ("🇩🇪", 2), ("", 0),
  ])
  func columns(text: String, expected: Int) {
    #expect(text.columns == expected)
  }

  @Test func wideCharactersOfTheBasicBlocks() {
    #expect(("一" as Unicode.Scalar).columns == 2)
    #expect(("★" as Unicode.Scalar).columns == 1)
    #expect(("◽" as Unicode.Scalar).columns == 2)
    #expect(("⠿" as Unicode.Scalar).columns == 1)
    #expect(("\u{300}" as Unicode.Scalar).columns == 0)
    #expect(("\0" as Unicode.Scalar).columns == 0)
  }

  /// Everything that could command a terminal becomes a visible replacement.
  @Test(arguments: [
    ("a\u{1b}[31mb", "a�[31mb"),
    ("line\nbreak\ttab", "line�break�tab"),
    ("bell\u{7}del\u{7f}", "bell�del�"),
    ("c1\u{9b}2J", "c1�2J"),
    ("\u{202e}evil\u{202c}", "�evil�"),
    ("\u{2066}x\u{2069}", "�x�"),
    ("ltr\u{200e}", "ltr�"),
    ("para\u{2028}graph\u{2029}", "para�graph�"),
    ("private\u{e000}", "private�"),
  ])
  func sanitising(text: String, expected: String) {
    #expect(text.sanitised == expected)
  }

  @Test func sanitisingDropsWhatHasNoWidth() {
    #expect("e\u{301}\u{200d}\u{feff}x\u{fe0f}".sanitised == "ex")
    #expect("한".sanitised == "한")
    #expect("\u{1100}\u{1161}".sanitised == "\u{1100}")
  }

  @Test func sanitisedTextStaysAsItIs() {
    for value in UInt32(0)...0x2_ffff {
      guard let scalar = Unicode.Scalar(value), let shown = scalar.displayed else { continue }
      #expect(shown.displayed == shown, "U+\(String(value, radix: 16))")
      #expect(shown.columns > 0, "U+\(String(value, radix: 16))")
    }
  }

  @Test func clipping() {
    #expect("MetaPerturb".clipped(to: 20) == "MetaPerturb")
    #expect("MetaPerturb".clipped(to: 11) == "MetaPerturb")
    #expect("MetaPerturb".clipped(to: 6) == "MetaP…")
    #expect("MetaPerturb".clipped(to: 6, ellipsis: "..") == "Meta..")
    #expect("MetaPerturb".clipped(to: 1) == "M")
    #expect("MetaPerturb".clipped(to: 0) == "")
    #expect("漢字漢字".clipped(to: 6) == "漢字…")
    #expect("漢字".clipped(to: 3) == "漢…")
  }

  @Test func filling() {
    #expect("7".right(3) == "  7")
    #expect("7".left(3) == "7  ")
    #expect("漢".right(3) == " 漢")
    #expect("1234".right(3) == "1234")
  }
}
