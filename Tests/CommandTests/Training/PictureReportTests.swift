import Experiments
import Files
import Foundation
import TestSupport
import Testing

/// What `data check` and `train` say of pictures that were converted, or are there twice.
@Suite struct PictureReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Eight classes of six grey squares of floats in [0, 1], with two pictures copied: one within its
  /// class, one into another.
  private func write() throws {
    try FileManager.default.createDirectory(
      atPath: folder / "set",
      withIntermediateDirectories: true
    )
    let labels = (0..<48).map { UInt8($0 / 6) }
    var pictures = (0..<48).map { number in (0..<256).map { Float((number * 5 + $0) % 251) / 250 } }
    pictures[1] = pictures[0]
    pictures[47] = pictures[6]
    pictures[7][3] = 1.000_000_1
    let floats = pictures.flatMap { $0 }.flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init)
    }
    try array("<f4", "(48, 16, 16)", floats).write(to: URL(fileURLWithPath: folder / "set/x.npy"))
    try array("|u1", "(48,)", labels).write(to: URL(fileURLWithPath: folder / "set/y.npy"))
  }

  private func array(_ type: String, _ shape: String, _ bytes: [UInt8]) -> Data {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(header.utf8)
      + Data(bytes)
  }

  @Test func checkAndTrain() throws {
    try write()
    let episodes = ["--way", "2", "--shot", "1", "--query", "2"]
    let check = try Program.run(["data", "check", "folder:set"] + episodes, in: folder)
    #expect(check.status == 0, "\(check.errors)")
    let lines = check.output.split(separator: "\n").map(String.init)
    let copies =
      "1 picture is the same as another of the class and left out, so that no episode has it twice "
      + "(0/1 is 0/0)"
    for line in [
      "images           47 of 8 classes", "a class          5 to 6 images",
      "note             \(copies)",
      "conversion       48 pictures: numbers from 0 to 1 multiplied by 255",
      "conversion       1 picture: numbers just outside their range set to its end",
    ] {
      #expect(lines.contains(line), "\(line) is not in \(check.output)")
    }
    #expect(check.output.contains("note             1 picture stands in more than one class"))
    let train = try Program.run(
      ["train", "--task", "folder:set", "--methods", "maml", "--steps", "1", "--width", "8"]
        + ["--evaluate-every", "0"] + episodes,
      in: folder
    )
    #expect(train.status == 0, "\(train.errors)")
    #expect(train.complaints.contains { $0.contains(copies) }, "\(train.errors)")
    #expect(train.errors.contains("1 picture stands in more than one class"), "\(train.errors)")
  }
}
