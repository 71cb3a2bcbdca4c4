import Files
import Foundation
import Kernels
import Tasks
import TestSupport
import Testing

/// Pictures and arrays, damaged like other files.
extension DamagedFilesTests {
  @Test("Damaged pictures: 16 bits with transparency, gamma and orientation; a palette; a photo")
  func pictures() throws {
    for (name, text) in [
      ("PNG of 16 bits", Originals.deep), ("PNG with a palette", Originals.palette),
      ("JPEG", Originals.photo),
    ] {
      let original = try #require(Data(base64Encoded: text))
      let upright = try DecodedImage(encoded: Array(original))
      #expect(upright.bytes.count == upright.shape.count)
      damage(Array(original), name) { bytes in
        let image = try DecodedImage(encoded: bytes)
        #expect(image.bytes.count == image.shape.count)
      }
    }
  }

  @Test("Damaged arrays: every type, both orders, their labels, and whole archives")
  func arrays() throws {
    let folder = try TemporaryFolder()
    let paths = (images: folder / "images.npy", labels: folder / "labels.npy")
    let labels = Self.array("<i8", [12], (0..<12).flatMap { [UInt8($0 / 2), 0, 0, 0, 0, 0, 0, 0] })
    try SystemFile.replace(paths.labels, with: [labels[...]], isDurable: false)
    var images: [UInt8] = []
    for (type, order) in [("|u1", "False"), (">u2", "True"), ("<f2", "False"), ("<f8", "True")] {
      let size = type.last?.wholeNumberValue ?? 1
      let last = type.hasPrefix("<") ? size - 1 : 1
      let pixels = (0..<12 * 6 * size).map { UInt8($0 % size == last % size ? $0 / size % 60 : 0) }
      images = Self.array(type, [12, 2, 3], pixels, isColumnMajor: order)
      try SystemFile.replace(paths.images, with: [images[...]], isDurable: false)
      try Self.load(folder.path)
      damage(images, "\(type) images.npy") { bytes in
        try SystemFile.replace(paths.images, with: [bytes[...]], isDurable: false)
        try Self.load(folder.path)
      }
    }
    try SystemFile.replace(paths.images, with: [images[...]], isDurable: false)
    damage(labels, "labels.npy") { bytes in
      try SystemFile.replace(paths.labels, with: [bytes[...]], isDurable: false)
      try Self.load(folder.path)
    }
    let archive = Array(try #require(Data(base64Encoded: Originals.archive)))
    let path = folder / "set.npz"
    try SystemFile.replace(path, with: [archive[...]], isDurable: false)
    try Self.load(path)
    damage(archive, "npz") { bytes in
      try SystemFile.replace(path, with: [bytes[...]], isDurable: false)
      try Self.load(path)
    }
  }

  private static func load(_ path: String) throws {
    let task = try ImageTask(folder: path, way: 2)
    let counts = task.collection.classes.map(\.imageCount)
    #expect(counts.allSatisfy { $0 >= 0 } && counts.reduce(0, +) <= task.report.imageCount)
  }

  private static func array(
    _ type: String,
    _ shape: [Int],
    _ bytes: [UInt8],
    isColumnMajor order: String = "False"
  ) -> [UInt8] {
    let sizes = shape.map { "\($0)," }.joined()
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + bytes
  }
}

private enum Originals {
  static let deep =
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEEAYAAAAWoykDAAAABGdBTUEAAYagMeiWXwAAABplWElmSUkqAAgA"
    + "AAABABIBAwABAAAABgAAAAAAAAC3SBEpAAAAr0lEQVR4nAGkAFv/AAAAA+UHyguvD5QTeRdeG0MfKCMNJvIq"
    + "1y68MqE2hjprPlBCNUYaSf8ATeRRyVWuWZNdeGFdZUJpJ20McPF01ni7fKCAhYRqiE+MNJAZk/6X4wCbyJ+t"
    + "o5Knd6tcr0GzJrcLuvC+1cK6xp/KhM5p0k7WM9oY3f3h4uXHAOms7ZHxdvVb+UD9JQEKBO8I1Ay5EJ4Ugxho"
    + "HE0gMiQXJ/wr4S/GM6uTX0uiwzZvEwAAAABJRU5ErkJggg=="
  static let palette =
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAEAgMAAADOo5ZjAAAADFBMVEUAAQIDBAUGBwgJCgvcTDicAAAAA3RS"
    + "TlP/gAB/bWh4AAAADUlEQVR4nGOQlmaAIQAFHADZ9Ug44QAAAABJRU5ErkJggg=="
  static let photo =
    "/9j/4QAiRXhpZgAASUkqAAgAAAABABIBAwABAAAABgAAAAAAAAD/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0J"
    + "CgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
    + "2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P"
    + "T09PT0//wAARCAAQABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABQb/xAAUEAEAAAAAAAAAAAAA"
    + "AAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABwX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEA"
    + "PwCfRiSCMQqOh0qgjEKn/9k="
  /// x_train, y_train, x_test and y_test, of sixteen classes.
  static let archive =
    "UEsDBBQAAAAAAGJ2fF3pArMY4AAAAOAAAAALAAAAeF90cmFpbi5ucHmTTlVNUFkBAHYAeydkZXNjcic6ICd8"
    + "dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMjQsIDIsIDIpfSAgICAgICAgICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgABAgMEBQYHCAkKCwwNDg8QERIT"
    + "FBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFS"
    + "U1RVVldYWVpbXF1eX1BLAwQUAAAAAABidnxdgaDp1JgAAACYAAAACwAAAHlfdHJhaW4ubnB5k05VTVBZAQB2"
    + "AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDI0LCl9ICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAEBAgID"
    + "AwQEBQUGBgcHCAgJCQoKCwtQSwMEFAAAAAAAYnZ8XViNtWegAAAAoAAAAAoAAAB4X3Rlc3QubnB5k05VTVBZ"
    + "AQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDgsIDIsIDIp"
    + "fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIApkZWZn"
    + "aGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCg1BLAwQUAAAAAABidnxdqJpMoYgAAACIAAAACgAAAHlfdGVz"
    + "dC5ucHmTTlVNUFkBAHYAeydkZXNjcic6ICd8dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUn"
    + "OiAoOCwpfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
    + "ICAgICAgCgwMDQ0ODg8PUEsBAhQDFAAAAAAAYnZ8XekCsxjgAAAA4AAAAAsAAAAAAAAAAAAAAIABAAAAAHhf"
    + "dHJhaW4ubnB5UEsBAhQDFAAAAAAAYnZ8XYGg6dSYAAAAmAAAAAsAAAAAAAAAAAAAAIABCQEAAHlfdHJhaW4u"
    + "bnB5UEsBAhQDFAAAAAAAYnZ8XViNtWegAAAAoAAAAAoAAAAAAAAAAAAAAIABygEAAHhfdGVzdC5ucHlQSwEC"
    + "FAMUAAAAAABidnxdqJpMoYgAAACIAAAACgAAAAAAAAAAAAAAgAGSAgAAeV90ZXN0Lm5weVBLBQYAAAAABAAE"
    + "AOIAAABCAwAAAAA="
}
