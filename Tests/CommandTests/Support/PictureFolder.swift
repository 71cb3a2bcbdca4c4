import Experiments
import Files
import Foundation
import TestSupport

/// Folders of small PNG files, each with a colour of its class and a place of its own.
struct PictureFolder {
  var side = 16
  var images = 8

  /// Writes classes below a folder of this name; returns its path.
  @discardableResult
  func write(_ classes: [String], to folder: TemporaryFolder, named name: String) throws -> String {
    for (label, kind) in classes.enumerated() {
      let path = folder / "\(name)/\(kind)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for number in 0..<images {
        try Data(picture(label, number)).write(to: URL(fileURLWithPath: "\(path)/\(number).png"))
      }
    }
    return folder / name
  }

  /// A grey PNG: bright in a stripe that moves with the picture, as high as its class says.
  private func picture(_ label: Int, _ number: Int) -> [UInt8] {
    let rows = (0..<side).flatMap { row -> [UInt8] in
      [0]
        + (0..<side).map { column in
          column == (number * 3) % side
            ? 255 : row <= label % side ? UInt8(60 + 8 * (label % 24)) : 10
        }
    }
    let size = UInt32(side)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", bytes(size) + bytes(size) + [8, 0, 0, 0, 0]) + chunk("IDAT", stored(rows))
      + chunk("IEND", [])
  }

  private func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    var sum = UInt32.max
    for byte in body {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
    }
    return bytes(UInt32(content.count)) + body + bytes(~sum)
  }

  /// A zlib stream of one block that is not compressed.
  private func stored(_ content: [UInt8]) -> [UInt8] {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in content {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    let count = UInt16(content.count)
    let sizes = [count, ~count].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    return [0x78, 1, 1] + sizes + content + bytes(high << 16 | low)
  }

  private func bytes(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian, Array.init)
  }
}
