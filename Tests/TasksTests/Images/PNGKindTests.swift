import Kernels
import Tasks
import Testing

/// Every kind of PNG, against values worked out by hand.
@Suite("Kinds of PNG")
struct PNGKindTests {
  /// Decodes, also interlaced, also with gamma and profiles that are not to be applied; the
  /// pixels must be these each time.
  private func expect(
    _ png: TestPNG,
    _ expected: [UInt8],
    _ conversions: ImageConversions,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    for isInterlaced in [false, true] {
      var png = png
      png.isInterlaced = isInterlaced
      let image = try DecodedImage(encoded: png.bytes)
      #expect(image.bytes == expected, sourceLocation: location)
      #expect(image.conversions == conversions, sourceLocation: location)
      for (gamma, changes) in [(45_455, false), (100_000, true), (22_727, true), (1, true)] {
        var tagged = png
        tagged.extras.insert(("gAMA", be(gamma)), at: 0)
        let corners = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]
        tagged.extras.insert(("cHRM", corners.flatMap(be)), at: 0)
        let image = try DecodedImage(encoded: tagged.bytes)
        #expect(image.bytes == expected, "gamma \(gamma)", sourceLocation: location)
        #expect(image.conversions.contains(.profile) == changes, sourceLocation: location)
      }
    }
  }

  @Test("Greys of few bits are stretched, 16 bits divided by 257")
  func greys() throws {
    try expect(TestPNG(0, 1, width: 2, [0, 1, 1, 0]), [0, 255, 255, 0], .init(.shallow))
    try expect(TestPNG(0, 2, width: 4, [0, 1, 2, 3]), [0, 85, 170, 255], .init(.shallow))
    let sixteen = (0..<16).map { UInt8(17 * $0) }
    try expect(TestPNG(0, 4, width: 8, Array(0..<16)), sixteen, .init(.shallow))
    try expect(TestPNG(0, 8, width: 3, [0, 64, 136]), [0, 64, 136], .init())
    // 128 / 257 = 0.498, 129 / 257 = 0.502, 13000 / 257 = 50.58.
    let deep = [0, 257, 16_448, 128, 129, 13_000, 65_535, 65_406]
    try expect(TestPNG(0, 16, width: 4, deep), [0, 1, 64, 0, 1, 51, 255, 254], .init(.deep))
  }

  @Test("Colours of 8 and 16 bits")
  func colors() throws {
    let bytes: [UInt8] = [255, 0, 7, 64, 128, 200]
    try expect(TestPNG(2, 8, width: 2, bytes.map(Int.init)), bytes, .init())
    try expect(TestPNG(2, 16, width: 2, bytes.map { 257 * Int($0) }), bytes, .init(.deep))
  }

  @Test("Palettes of 1 to 8 bits, also with transparency")
  func palettes() throws {
    for depth in [UInt8(1), 2, 4, 8] {
      var png = TestPNG(3, depth, width: 2, [1, 0, 0, 1])
      png.extras = [("PLTE", [10, 20, 30, 200, 100, 50])]
      let (first, second): ([UInt8], [UInt8]) = ([10, 20, 30], [200, 100, 50])
      try expect(png, second + first + first + second, .init(.palette))
      // (200 · 128 + 255 · 127) / 255 = 227.4, and 177.2, and 152.1.
      png.extras.append(("tRNS", [255, 128]))
      let mixed: [UInt8] = [227, 177, 152]
      try expect(png, mixed + first + first + mixed, .init(.palette, .transparency))
      // The first colour is wholly transparent, the second has no entry and is opaque.
      png.extras[1] = ("tRNS", [0])
      let white: [UInt8] = [255, 255, 255]
      try expect(png, second + white + white + second, .init(.palette, .transparency))
    }
  }

  @Test("One colour that is transparent is compared in all its bits")
  func transparentColors() throws {
    for (depth, top) in [(UInt8(1), 1), (2, 3), (4, 15)] {
      var png = TestPNG(0, depth, width: 2, [0, top])
      png.extras = [("tRNS", [0, 0])]
      // Black that is transparent on white leaves nothing to be seen.
      try expect(png, [255, 255], .init(.shallow, .transparency, .vanished))
      png.extras = [("tRNS", [0, UInt8(top)])]
      try expect(png, [0, 255], .init(.shallow, .transparency))
    }
    var grey = TestPNG(0, 8, width: 3, [7, 8, 200])
    grey.extras = [("tRNS", [0, 8])]
    try expect(grey, [7, 255, 200], .init(.transparency))
    var deep = TestPNG(0, 16, width: 3, [0x1234, 0x1235, 0])
    deep.extras = [("tRNS", [0x12, 0x34])]
    // 0x1235 / 257 = 18.1.
    try expect(deep, [255, 18, 0], .init(.deep, .transparency))
    var color = TestPNG(2, 8, width: 2, [1, 2, 3, 1, 2, 4])
    color.extras = [("tRNS", [0, 1, 0, 2, 0, 3])]
    try expect(color, [255, 255, 255, 1, 2, 4], .init(.transparency))
    var deepColor = TestPNG(2, 16, width: 2, [257, 514, 771, 257, 514, 772])
    deepColor.extras = [("tRNS", [1, 1, 2, 2, 3, 3])]
    try expect(deepColor, [255, 255, 255, 1, 2, 3], .init(.deep, .transparency))
  }

  @Test("Alpha of 8 and 16 bits is laid on white in stored numbers")
  func alpha() throws {
    // (100 · 128 + 255 · 127) / 255 = 177.2; in amounts of light it would be 195.
    let grey = [100, 255, 100, 0, 100, 128, 0, 64]
    try expect(TestPNG(4, 8, width: 4, grey), [100, 255, 177, 191], .init(.transparency))
    let deep = grey.map { 257 * $0 }
    try expect(TestPNG(4, 16, width: 4, deep), [100, 255, 177, 191], .init(.deep, .transparency))
    let color = [200, 100, 50, 255, 200, 100, 50, 128, 200, 100, 50, 0]
    let mixed: [UInt8] = [200, 100, 50, 227, 177, 152, 255, 255, 255]
    try expect(TestPNG(6, 8, width: 3, color), mixed, .init(.transparency))
    try expect(TestPNG(6, 16, width: 3, color.map { 257 * $0 }), mixed, .init(.deep, .transparency))
    try expect(TestPNG(4, 8, width: 2, [9, 255, 8, 255]), [9, 8], .init())
  }

  @Test("A picture that the white ground swallows is noticed, another is not")
  func vanished() throws {
    let strokes = (0..<64).flatMap { [255, $0 % 5 == 0 ? 255 : 0] }
    let white = try DecodedImage(encoded: TestPNG(4, 8, width: 8, strokes).bytes)
    #expect(white.conversions.contains(.vanished) && Set(white.bytes) == [255])
    let dark = (0..<64).flatMap { [20, $0 % 5 == 0 ? 255 : 0] }
    let black = try DecodedImage(encoded: TestPNG(4, 8, width: 8, dark).bytes)
    #expect(!black.conversions.contains(.vanished) && Set(black.bytes) == [20, 255])
    // Nothing was there to vanish.
    let flat = try DecodedImage(encoded: TestPNG(4, 8, width: 1, [250, 255, 250, 230]).bytes)
    #expect(!flat.conversions.contains(.vanished))
  }

  @Test("An sRGB mark and an embedded profile change no number")
  func profiles() throws {
    let numbers = [0, 16_448, 40_000, 65_535]
    let plain = try DecodedImage(encoded: TestPNG(0, 16, width: 2, numbers).bytes)
    var png = TestPNG(0, 16, width: 2, numbers)
    png.extras = [("sRGB", [0])]
    #expect(try DecodedImage(encoded: png.bytes) == plain)
    let profile = TestPNG.compressed([UInt8](repeating: 7, count: 200))
    png.extras = [("iCCP", Array("mine\0\0".utf8) + profile)]
    let tagged = try DecodedImage(encoded: png.bytes)
    #expect(tagged.bytes == plain.bytes && tagged.conversions == .init(.deep, .profile))
  }
}
