import CellGrid
import Testing

@testable import NCursesTerminal

@Suite struct ColorMappingTests {
  @Test(arguments: [8, 16, 256])
  func theTerminalsOwnColorStaysItsOwn(_ colors: Int) {
    #expect(ColorMapping(colors: colors).number(of: .terminal) == -1)
  }

  /// A colour of the palette is its own nearest neighbour.
  @Test func paletteColorsMapToThemselves() {
    let mapping = ColorMapping(colors: 256)
    for index in 16...255 {
      let color = palette(index)
      let rgb = Color.rgb(UInt8(color.red), UInt8(color.green), UInt8(color.blue))
      #expect(palette(mapping.number(of: rgb)) == color)
      #expect(mapping.number(of: .indexed(UInt8(index))) == index)
    }
  }

  /// The shortcut through cube and ramp is never worse than looking at all 240 colours, by eye.
  @Test func nearestIsAboutAsNearAsPossible() {
    let mapping = ColorMapping(colors: 256)
    for value in stride(from: 0, to: 1 << 24, by: 65_521) {
      let color = RGB(value >> 16, value >> 8 & 255, value & 255)
      let number = mapping.number(of: .rgb(UInt8(color.red), UInt8(color.green), UInt8(color.blue)))
      let best = (16...255).map { color.distance(palette($0)) }.min() ?? 0
      #expect(color.distance(palette(number)) <= best + best / 2 + 600, "\(color) became \(number)")
    }
  }

  @Test(arguments: [
    (Color.rgb(255, 0, 0), 9, 1), (.rgb(10, 10, 10), 0, 0), (.rgb(250, 250, 250), 15, 7),
    (.rgb(0, 190, 0), 2, 2), (.ansi(12), 12, 4), (.indexed(196), 9, 1), (.indexed(3), 3, 3),
  ])
  func fewColors(_ color: Color, _ ofSixteen: Int, _ ofEight: Int) {
    #expect(ColorMapping(colors: 16).number(of: color) == ofSixteen)
    #expect(ColorMapping(colors: 8).number(of: color) == ofEight)
  }

  @Test func brightColorsAreBoldAmongEight() {
    #expect(ColorMapping(colors: 8).needsBold(.ansi(9)))
    #expect(!ColorMapping(colors: 8).needsBold(.ansi(1)))
    #expect(!ColorMapping(colors: 16).needsBold(.ansi(9)))
  }

  @Test(arguments: [8, 16])
  func textNeverVanishesInItsBackground(_ colors: Int) {
    let mapping = ColorMapping(colors: colors)
    let dark = mapping.numbers(of: Style(.rgb(30, 30, 30), on: .rgb(5, 5, 5)))
    #expect(dark == (7, 0))
    let light = mapping.numbers(of: Style(.rgb(250, 250, 250), on: .rgb(255, 255, 255)))
    #expect(light.foreground != light.background)
  }

  @Test func directColorsAreToldFromPaletteNumbers() {
    let mapping = ColorMapping(colors: DirectColorEntry.colors)
    #expect(mapping.number(of: .rgb(1, 2, 3)) == 0x010203)
    #expect(mapping.number(of: .rgb(0, 0, 9)) == 0x000109)
    #expect(mapping.number(of: .indexed(200)) == 200)
  }
}
