import Experiments
import Files
import Foundation
import Kernels
import TestSupport

/// A folder a class with grey PNGs of 16×16, each class about a brightness of its own.
struct GreyPictures {
  let path: String
  private static let side = 16

  init(_ folder: TemporaryFolder, _ name: String, classes: Int, images: Int) throws {
    path = folder / name
    for label in 0..<classes {
      for number in 0..<images { try add(label, number, to: "class\(label)") }
    }
  }

  /// Writes one picture: the brightness of the label, and noise that the number names.
  func add(_ label: Int, _ number: Int, to name: String) throws {
    let count = Self.side * Self.side
    let noise = AlignedBuffer(count: count)
    var stream = RandomStream(seed: UInt64(100 * label + number))
    stream.fillUniform(noise, at: 0, count: count)
    let pixels = (0..<count).map { UInt8(4 * label + Int(noise[$0] * 50)) }
    let url = URL(fileURLWithPath: "\(path)/\(name)/\(number).png")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(Self.png(pixels)).write(to: url)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  // MARK: PNG, its pixels stored as they are

  private static func png(_ pixels: [UInt8]) -> [UInt8] {
    let rows = stride(from: 0, to: pixels.count, by: side).flatMap { [0] + pixels[$0..<$0 + side] }
    let length = UInt16(rows.count)
    let stored = [0x78, 0x01, 0x01] + bytes(length.littleEndian) + bytes((~length).littleEndian)
    let header = bytes(UInt32(side).bigEndian) + bytes(UInt32(side).bigEndian) + [8, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + chunk("IDAT", stored + rows + bytes(adler(rows).bigEndian)) + chunk("IEND", [])
  }

  private static func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(kind.utf8) + content
    return bytes(UInt32(content.count).bigEndian) + body + bytes(crc(body).bigEndian)
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number, Array.init)
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return high << 16 | low
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
