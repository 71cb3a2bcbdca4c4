import Kernels
import Tasks
import TestSupport
import Testing

@Suite("Image files")
struct DecodedImageTests {
  @Test("Grey and colour PNGs read back exactly")
  func png() throws {
    let grey = try DecodedImage(
      encoded: TestImages.png(width: 3, height: 2, channels: 1, [0, 1, 2, 128, 254, 255])
    )
    #expect(grey.shape == ImageShape(height: 2, width: 3, channels: 1))
    #expect(grey.bytes == [0, 1, 2, 128, 254, 255])
    let colors: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 7, 8, 9]
    let color = try DecodedImage(encoded: TestImages.png(width: 2, height: 2, channels: 3, colors))
    #expect(color.shape == ImageShape(height: 2, width: 2, channels: 3) && color.bytes == colors)
  }

  @Test("What libpng itself writes is read: palettes, and 16 bits by their numbers")
  func otherPNGs() throws {
    let palette = try DecodedImage(
      encoded: TestImages.pngPalette(width: 2, height: 1, [1, 0], [10, 20, 30, 200, 100, 50])
    )
    #expect(palette.bytes == [200, 100, 50, 10, 20, 30])
    let deep = try DecodedImage(encoded: TestImages.png16(width: 3, height: 1, [0, 65535, 13_000]))
    #expect(deep.shape.channels == 1 && deep.bytes == [0, 255, 51])
  }

  @Test("Grey and colour JPEGs are close to what was written")
  func jpeg() throws {
    let flat = [UInt8](repeating: 100, count: 16 * 16)
    let grey = try DecodedImage(encoded: TestImages.jpeg(width: 16, height: 16, channels: 1, flat))
    #expect(grey.shape == ImageShape(height: 16, width: 16, channels: 1))
    #expect(grey.bytes.allSatisfy { abs(Int($0) - 100) <= 2 })
    let red = (0..<768).map { [UInt8(200), 30, 40][$0 % 3] }
    let color = try DecodedImage(encoded: TestImages.jpeg(width: 16, height: 16, channels: 3, red))
    #expect(zip(color.bytes, red).allSatisfy { abs(Int($0) - Int($1)) <= 4 })
  }

  @Test("Empty, foreign, cut-short and giant files are refused with a sentence")
  func damage() {
    let pixels = [UInt8](repeating: 9, count: 64 * 64)
    let png = TestImages.png(width: 64, height: 64, channels: 1, pixels)
    let jpeg = TestImages.jpeg(
      width: 64,
      height: 64,
      channels: 1,
      (0..<4096).map { UInt8($0 % 251) }
    )
    for (bytes, words) in [
      ([], "is empty"), (Array("GIF89a".utf8), "neither PNG nor JPEG"),
      (Array(png.dropLast(30)), "no whole PNG"), (Array(png.prefix(20)), "no whole PNG"),
      (Array(jpeg.prefix(jpeg.count / 2)), "no whole JPEG"),
      (Array(jpeg.prefix(4)), "has no pixels"),
      (bomb(png), "more than 64 million"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: ImageError.self) { try DecodedImage(encoded: bytes) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "none")")
    }
  }

  /// The header of `png` with 60,000 × 60,000 pixels and a checksum that agrees.
  private func bomb(_ png: [UInt8]) -> [UInt8] {
    var header = Array(png[12..<29])
    header.replaceSubrange(4..<12, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
    return Array(png[..<12]) + header + TestImages.checksum(header) + Array(png[33...])
  }

  @Test("Nearest takes the middle pixel, area the mean, of any size")
  func resize() {
    let four = DecodedImage(
      shape: ImageShape(height: 2, width: 4, channels: 1),
      bytes: [0, 100, 200, 255, 0, 100, 200, 255]
    )
    #expect(four.resized(height: 1, width: 2, .area).bytes == [50, 228])
    #expect(four.resized(height: 1, width: 2, .nearest).bytes == [100, 255])
    #expect(four.resized(height: 4, width: 4, .nearest).bytes.prefix(8) == four.bytes[...])
    let thirds = DecodedImage(
      shape: ImageShape(height: 1, width: 3, channels: 1),
      bytes: [0, 90, 240]
    )
    #expect(thirds.resized(height: 1, width: 2, .area).bytes == [30, 190])
    let flat = DecodedImage(
      shape: ImageShape(height: 5, width: 7, channels: 3),
      bytes: (0..<105).map { [UInt8(3), 77, 255][$0 % 3] }
    )
    for resize in Resize.allCases {
      for (height, width) in [(1, 1), (3, 2), (28, 28), (84, 3)] {
        let bytes = flat.resized(height: height, width: width, resize).bytes
        #expect(bytes == (0..<3 * height * width).map { [UInt8(3), 77, 255][$0 % 3] })
      }
    }
  }

  @Test("Channels change by luma and by repetition; a negative is its own inverse")
  func channels() {
    let color = DecodedImage(
      shape: ImageShape(height: 1, width: 2, channels: 3),
      bytes: [255, 255, 255, 0, 255, 0]
    )
    #expect(color.with(channels: 1).bytes == [255, 150])
    #expect(color.with(channels: 1).with(channels: 3).bytes == [255, 255, 255, 150, 150, 150])
    #expect(color.inverted.inverted == color)
  }

  @Test("Five thousand damaged images are an error or a picture, never a crash")
  func mutations() {
    let seed: UInt64 = 97
    print("damaged images: seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let pixels = (0..<20 * 20 * 3).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let samples = [
      TestImages.png(width: 20, height: 20, channels: 3, pixels),
      TestImages.png(width: 30, height: 40, channels: 1, pixels),
      TestImages.pngPalette(
        width: 20,
        height: 20,
        pixels.prefix(400).map { $0 % 2 },
        [0, 1, 2, 3, 4, 5]
      ),
      TestImages.jpeg(width: 20, height: 20, channels: 3, pixels),
      TestImages.jpeg(width: 30, height: 40, channels: 1, pixels),
      transparentPNG,
      TestExif.jpeg(
        TestImages.jpeg(width: 10, height: 20, channels: 4, pixels),
        0xE1,
        Array("Exif\0\0".utf8) + TestExif.data(6)
      ),
    ]
    var (valid, refused) = (0, 0)
    for number in 0..<5_000 {
      let bytes = mutated(samples[number % samples.count], &random)
      do throws(ImageError) {
        let image = try DecodedImage(encoded: bytes)
        #expect(image.bytes.count == image.shape.count)
        valid += 1
      } catch {
        #expect(!error.description.isEmpty)
        refused += 1
      }
    }
    #expect(refused > 1_000 && valid > 10, "\(refused) refused, \(valid) valid")
  }

  /// 16 bits, interlaced, transparent, turned, with a gamma.
  private var transparentPNG: [UInt8] {
    var png = TestPNG(6, 16, width: 9, (0..<9 * 7 * 4).map { 997 * $0 & 0xFFFF })
    png.extras = [("gAMA", be(100_000)), ("eXIf", TestExif.data(5))]
    png.isInterlaced = true
    return png.bytes
  }
}
