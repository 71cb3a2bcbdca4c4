import Experiments
import Files
import Foundation
import Kernels
import TestSupport

/// `images.npy` and `labels.npy`: grey squares of noise around a brightness of their class.
struct ImageArrayFolder {
  let classes: Int
  let imagesOfClass: Int
  let side: Int

  /// Writes both below a folder of this name; returns its path.
  func write(to folder: TemporaryFolder, named name: String) throws -> String {
    let path = folder / name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let labels = (0..<classes * imagesOfClass).map { UInt8($0 / imagesOfClass) }
    var stream = RandomStream(seed: 5)
    let noise = AlignedBuffer(count: labels.count * side * side)
    stream.fillUniform(noise, at: 0, count: noise.count)
    let pixels = (0..<noise.count).map { index in
      UInt8(Int(labels[index / (side * side)]) * 200 / classes + Int(noise[index] * 50))
    }
    try array([labels.count, side, side], pixels).write(
      to: URL(fileURLWithPath: path + "/images.npy")
    )
    try array([labels.count], labels).write(to: URL(fileURLWithPath: path + "/labels.npy"))
    return path
  }

  /// A numpy array of bytes, version 1.0.
  private func array(_ shape: [Int], _ bytes: [UInt8]) -> Data {
    let sizes = shape.map { "\($0)," }.joined()
    var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(header.utf8)
      + Data(bytes)
  }
}
