import CImageCodecs
import Kernels
import Tasks
import Testing

/// Pictures as cameras store them, and what a person saw.
@Suite("EXIF orientation")
struct OrientationTests {
  /// What the stored picture ABC above DEF looks like held upright, by orientation.
  private static let upright = [
    1: ["ABC", "DEF"], 2: ["CBA", "FED"], 3: ["FED", "CBA"], 4: ["DEF", "ABC"],
    5: ["AD", "BE", "CF"], 6: ["DA", "EB", "FC"], 7: ["FC", "EB", "DA"], 8: ["CF", "BE", "AD"],
  ]
  private static let greys: [Character: UInt8] = [
    "A": 10, "B": 55, "C": 100, "D": 145, "E": 190, "F": 235,
  ]

  private static func grey(_ letter: Character) -> UInt8 { greys[letter, default: 0] }

  /// The stored picture as a JPEG of blocks of 8×8, which its waves keep flat.
  private static let jpeg: [UInt8] = {
    let rows = ["ABC", "DEF"].flatMap { row in
      (0..<8).flatMap { _ in row.flatMap { [UInt8](repeating: grey($0), count: 8) } }
    }
    return TestImages.jpeg(width: 24, height: 16, channels: 1, rows)
  }()

  private static func png(_ exif: [UInt8]) -> [UInt8] {
    var png = TestPNG(0, 8, width: 3, "ABCDEF".map { Int(grey($0)) })
    png.extras = [("eXIf", exif)]
    return png.bytes
  }

  @Test("All eight, in both byte orders, of JPEG and PNG", arguments: 1...8, [true, false])
  func upright(orientation: Int, isLittle: Bool) throws {
    let rows = try #require(Self.upright[orientation])
    let exif = TestExif.data(orientation, isLittle: isLittle)
    let photo = try DecodedImage(
      encoded: TestExif.jpeg(Self.jpeg, 0xE1, Array("Exif\0\0".utf8) + exif)
    )
    #expect(photo.shape.height == 8 * rows.count && photo.shape.width == 8 * rows[0].count)
    for (row, letters) in rows.enumerated() {
      for (column, letter) in letters.enumerated() {
        let middle = photo.bytes[(8 * row + 4) * photo.shape.width + 8 * column + 4]
        #expect(abs(Int(middle) - Int(Self.grey(letter))) <= 3, "\(letter) of \(orientation)")
      }
    }
    let drawing = try DecodedImage(encoded: Self.png(exif))
    #expect(drawing.bytes == rows.joined().map(Self.grey))
    #expect(drawing.shape == ImageShape(height: rows.count, width: rows[0].count, channels: 1))
    for image in [photo, drawing] {
      #expect(image.conversions.contains(.turned) == (orientation != 1))
    }
  }

  @Test("Colours turn pixel by pixel; the tag may be a byte or a long; its prefix may be in a PNG")
  func variants() throws {
    var png = TestPNG(2, 8, width: 2, [1, 2, 3, 4, 5, 6])
    png.extras = [("eXIf", Array("Exif\0\0".utf8) + TestExif.data(3, type: 4))]
    #expect(try DecodedImage(encoded: png.bytes).bytes == [4, 5, 6, 1, 2, 3])
    png.extras = [("eXIf", TestExif.data(6, type: 1))]
    let turned = try DecodedImage(encoded: png.bytes)
    #expect(turned.bytes == [1, 2, 3, 4, 5, 6])
    #expect(turned.shape == ImageShape(height: 2, width: 1, channels: 3))
  }

  @Test("What is no orientation leaves the picture as it is stored")
  func nonsense() throws {
    let good = TestExif.data(6)
    var endless = good
    endless.replaceSubrange(8..<10, with: [0xFF, 0xFF])
    endless.replaceSubrange(22..<24, with: [0, 0])
    var outside = good
    outside.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
    var many = good
    many.replaceSubrange(26..<30, with: [2, 0, 0, 0])
    let nonsense: [[UInt8]] = [
      [], Array("II".utf8), TestExif.data(0), TestExif.data(9), TestExif.data(65_535),
      TestExif.data(6, type: 2), endless, outside, many, Array(good.prefix(25)),
      Array(good.prefix(31)), [0x49, 0x49, 43, 0] + good.dropFirst(4),
    ]
    let stored = try DecodedImage(encoded: Self.jpeg)
    for (number, exif) in nonsense.enumerated() {
      let jpeg = TestExif.jpeg(Self.jpeg, 0xE1, Array("Exif\0\0".utf8) + exif)
      #expect(try DecodedImage(encoded: jpeg) == stored, "\(number)")
      #expect(try DecodedImage(encoded: Self.png(exif)).bytes == "ABCDEF".map(Self.grey))
    }
    // Other programs' segments before the camera's, and a second one after it.
    let exif = Array("Exif\0\0".utf8)
    var jpeg = TestExif.jpeg(Self.jpeg, 0xE1, exif + TestExif.data(3))
    jpeg = TestExif.jpeg(jpeg, 0xE1, exif + TestExif.data(6))
    jpeg = TestExif.jpeg(jpeg, 0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x/>".utf8))
    let turned = try DecodedImage(encoded: jpeg)
    #expect(turned.shape == ImageShape(height: 24, width: 16, channels: 1))
  }
}

/// Every kind of JPEG that the library can write.
@Suite("Kinds of JPEG")
struct JPEGKindTests {
  @Test(
    "Colours keep their values in every subsampling, also progressive",
    arguments: [TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_440, TJSAMP_411, TJSAMP_GRAY],
    [false, true]
  )
  func subsampling(_ sampling: TJSAMP, isProgressive: Bool) throws {
    let red = (0..<32 * 32 * 3).map { [UInt8(200), 30, 40][$0 % 3] }
    let jpeg = TestImages.jpeg(
      width: 32,
      height: 32,
      channels: 3,
      red,
      sampling: sampling,
      isProgressive: isProgressive
    )
    let image = try DecodedImage(encoded: jpeg)
    let isGrey = sampling == TJSAMP_GRAY
    #expect(image.shape == ImageShape(height: 32, width: 32, channels: isGrey ? 1 : 3))
    // Brightness of the colour: 0.299 · 200 + 0.587 · 30 + 0.114 · 40 = 82.
    let expected = isGrey ? [UInt8](repeating: 82, count: 32 * 32) : red
    #expect(zip(image.bytes, expected).allSatisfy { abs(Int($0) - Int($1)) <= 4 })
    #expect(image.conversions == .init())
  }

  @Test("Printing inks become colours as Python loaders mix them; a profile is not applied")
  func inks() throws {
    // Stored is the ink that is missing: 200 - round(200 · 127 / 255) = 100 for the second.
    let stored = (0..<16 * 16 * 4).map { [UInt8(255), 128, 0, 200][$0 % 4] }
    let jpeg = TestImages.jpeg(width: 16, height: 16, channels: 4, stored)
    let image = try DecodedImage(encoded: jpeg)
    #expect(image.shape == ImageShape(height: 16, width: 16, channels: 3))
    #expect(image.conversions == .init(.inks))
    for (index, byte) in image.bytes.enumerated() {
      #expect(abs(Int(byte) - [200, 100, 0][index % 3]) <= 5)
    }
    let tagged = TestExif.jpeg(jpeg, 0xE2, Array("ICC_PROFILE\0\u{1}\u{1}abc".utf8))
    let profiled = try DecodedImage(encoded: tagged)
    #expect(profiled.bytes == image.bytes && profiled.conversions == .init(.inks, .profile))
  }
}
