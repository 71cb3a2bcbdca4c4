import CellGrid
import Testing

@Suite struct ColorTests {
  @Test func mixingTrueColors() {
    let black = Color.rgb(0, 0, 0)
    #expect(black.mixed(with: .rgb(200, 100, 50), 0.5) == .rgb(100, 50, 25))
    #expect(black.mixed(with: .rgb(200, 100, 50), 0) == black)
    #expect(black.mixed(with: .rgb(200, 100, 50), 7) == .rgb(200, 100, 50))
  }

  @Test func paletteColorsAreNotMixed() {
    #expect(Color.ansi(1).mixed(with: .ansi(2), 0.4) == .ansi(1))
    #expect(Color.ansi(1).mixed(with: .rgb(1, 2, 3), 0.6) == .rgb(1, 2, 3))
  }

  /// Known ratios: white on black is 21, #777777 on white is 4.48.
  @Test func contrast() throws {
    let white = Color.rgb(255, 255, 255)
    let black = try #require(white.contrast(with: .rgb(0, 0, 0)))
    let grey = try #require(white.contrast(with: .rgb(0x77, 0x77, 0x77)))
    #expect(abs(black - 21) < 1e-9)
    #expect(abs(grey - 4.478) < 0.001)
    #expect(white.contrast(with: .terminal) == nil)
    #expect(Color.ansi(7).luminance == nil)
  }
}

@Suite struct GlyphsTests {
  @Test func asciiSpellsMathematics() {
    #expect(Glyphs.ascii.text("γ‖g_c‖ ± 0.1 → …") == "gamma|g_c| +- 0.1 -> ..")
    #expect(Glyphs.ascii.text("漢字 é 🚀") == "???? ? ??")
    #expect(Glyphs.ascii.text("plain") == "plain")
    #expect(Glyphs.unicode.text("γ → …") == "γ → …")
  }

  @Test func everyGlyphTakesOneColumn() {
    for glyphs in [Glyphs.unicode, .ascii] {
      let single =
        [
          glyphs.horizontal, glyphs.vertical, glyphs.verticalTick, glyphs.horizontalTick,
          glyphs.origin, glyphs.changeMark, glyphs.above, glyphs.track, glyphs.lampOn,
          glyphs.lampOff, glyphs.pointer, glyphs.cursor,
        ] + glyphs.corners + glyphs.leftBlocks + glyphs.lowerBlocks + glyphs.intervalEnds
      #expect(single.allSatisfy { $0.columns == 1 && $0.displayed == $0 })
      #expect(glyphs.isUnicode || single.allSatisfy(\.isASCII))
    }
  }
}
