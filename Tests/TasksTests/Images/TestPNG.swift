import CImageCodecs
import CZlib

/// A PNG of any kind, put together by hand from its stored numbers.
struct TestPNG {
  var width: Int
  var height: Int
  /// 0 grey, 2 colours, 3 palette, 4 grey and alpha, 6 colours and alpha.
  var color: UInt8
  var depth: UInt8
  /// Row by row, a pixel's numbers beside each other.
  var samples: [Int]
  /// Chunks between header and pixels.
  var extras: [(name: String, content: [UInt8])] = []
  var isInterlaced = false

  init(_ color: UInt8, _ depth: UInt8, width: Int, _ samples: [Int]) {
    (self.color, self.depth, self.width, self.samples) = (color, depth, width, samples)
    height = samples.count / (width * [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][color, default: 1])
  }

  private var channels: Int { samples.count / (width * height) }

  var bytes: [UInt8] {
    let header = be(width) + be(height) + [depth, color, 0, 0, isInterlaced ? 1 : 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
      + extras.flatMap { Self.chunk($0.name, $0.content) }
      + Self.chunk("IDAT", Self.compressed(rows)) + Self.chunk("IEND", [])
  }

  /// Filter 0 before each row; interlaced pictures come in Adam7's seven passes.
  private var rows: [UInt8] {
    guard isInterlaced else { return pass(Array(0..<height), Array(0..<width)) }
    let passes = [
      (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
      (1, 0, 2, 1),
    ]
    return passes.flatMap { top, left, down, right in
      pass(
        Array(stride(from: top, to: height, by: down)),
        Array(stride(from: left, to: width, by: right))
      )
    }
  }

  private func pass(_ rows: [Int], _ columns: [Int]) -> [UInt8] {
    guard !columns.isEmpty else { return [] }
    return rows.flatMap { row in
      let numbers = columns.flatMap { column in
        (0..<channels).map { samples[(row * width + column) * channels + $0] }
      }
      return [0] + packed(numbers)
    }
  }

  private func packed(_ numbers: [Int]) -> [UInt8] {
    if depth == 16 { return numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
    let perByte = 8 / Int(depth)
    return stride(from: 0, to: numbers.count, by: perByte).map { start in
      (0..<perByte).reduce(UInt8(0)) { byte, index in
        let number = start + index < numbers.count ? numbers[start + index] : 0
        return byte | UInt8(number) << UInt8(8 - Int(depth) * (index + 1))
      }
    }
  }

  static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return be(content.count) + body + TestImages.checksum(body)
  }

  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(UInt(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(size))
    precondition(compress(&result, &size, bytes, UInt(bytes.count)) == Z_OK)
    return Array(result[..<Int(size)])
  }
}

/// Exif data that says how a picture was held, and tests' ways to put it into files.
enum TestExif {
  /// The first directory has a description first, as cameras write one.
  static func data(_ orientation: Int, isLittle: Bool = true, type: Int = 3) -> [UInt8] {
    func number(_ value: Int, _ size: Int) -> [UInt8] {
      let bytes = (0..<size).map { UInt8(value >> (8 * $0) & 255) }
      return isLittle ? bytes : bytes.reversed()
    }
    let size = [1: 1, 3: 2, 4: 4][type, default: 4]
    let value = number(orientation, size) + [UInt8](repeating: 0, count: 4 - size)
    return (isLittle ? [0x49, 0x49] : [0x4D, 0x4D]) + number(42, 2) + number(8, 4) + number(2, 2)
      + number(0x010E, 2) + number(2, 2) + number(3, 4) + Array("ab\0\0".utf8)
      + number(0x0112, 2) + number(type, 2) + number(1, 4) + value + number(0, 4)
  }

  /// A JPEG with one more segment behind its first two bytes.
  static func jpeg(_ jpeg: [UInt8], _ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
    let length = content.count + 2
    return Array(jpeg[..<2]) + [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + content
      + Array(jpeg[2...])
  }
}

func be(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) } }
