import Files
import TestSupport
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  @Test("What is written reads back, from memory and from disk")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    var file = TensorFile(metadata: ["step": "12", "random": "00ff"])
    file.append("head.weight", shape: [2, 3], floats: [1, -2, 0.5, .infinity, 1e-38, 0])
    file.append("targets", shape: [2], integers: [.max, -1])
    file.append("empty", shape: [4, 0], floats: [])
    file.append("scalar", shape: [], floats: [7])
    try file.write(to: folder / "a.safetensors")
    let read = try TensorFile(reading: folder / "a.safetensors")
    #expect(read.metadata == file.metadata)
    #expect(try read.floats(named: "head.weight") == [1, -2, 0.5, .infinity, 1e-38, 0])
    #expect(try read.integers(named: "targets") == [.max, -1])
    #expect(try read.floats(named: "empty") == [])
    #expect(try read.floats(named: "scalar") == [7])
    #expect(read.shape(named: "head.weight") == [2, 3])
    #expect(read.names == ["targets", "empty", "head.weight", "scalar"])
    #expect(try folder.names() == ["a.safetensors"])
  }

  @Test("The bytes are the format's own: padded header, widest first, then by name")
  func layout() {
    var file = TensorFile()
    file.append("b", shape: [1], floats: [1])
    file.append("a", shape: [1], floats: [2])
    file.append("i", shape: [1], integers: [3])
    let header = """
      {"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
      "a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},\
      "b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}
      """
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(
      file.encoded()
        == bytes(header: padded, [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0x80, 0x3F])
    )
  }

  @Test("Every element type is read", arguments: samples)
  func elementTypes(dtype: String, content: [UInt8], value: Double) throws {
    let header = #"{"x":{"dtype":"\#(dtype)","shape":[1],"data_offsets":[0,\#(content.count)]}}"#
    let file = try TensorFile(bytes: bytes(header: header, content), path: "x")
    if "FB".contains(dtype.prefix(1)), dtype != "BOOL" {
      #expect(try file.floats(named: "x") == [Float(value)])
      #expect(throws: SafetensorsError.self) { try file.integers(named: "x") }
    } else {
      #expect(try file.integers(named: "x") == [Int(value)])
      #expect(throws: SafetensorsError.self) { try file.floats(named: "x") }
    }
  }

  @Test("Damage is refused with a sentence that names the file", arguments: damages)
  func damage(header: String, data: Int, message: String) {
    let content = bytes(header: header, Array(repeating: 0, count: data))
    let error = #expect(throws: SafetensorsError.self) {
      try TensorFile(bytes: content, path: "bad.safetensors")
    }
    #expect(error?.description.hasPrefix("bad.safetensors: ") == true)
    #expect(error?.reason.contains(message) == true, "\(error?.description ?? "no error")")
  }

  @Test("A length that the file does not have is refused", arguments: [0, 7, 8, 20])
  func lengths(size: Int) {
    let content = [UInt8]([200, 0, 0, 0, 0, 0, 0, 0]) + Array(repeating: 0x7B, count: 12)
    #expect(throws: SafetensorsError.self) {
      try TensorFile(bytes: Array(content.prefix(size)), path: "short")
    }
    #expect(throws: SafetensorsError.self) {
      try TensorFile(bytes: Array(repeating: 0xFF, count: max(size, 8)), path: "huge")
    }
  }

  @Test("What cannot be opened, and a missing tensor, is said in one sentence")
  func sentences() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: SafetensorsError.self) {
      try TensorFile(reading: folder / "none.safetensors")
    }
    #expect(missing?.reason == "cannot be read (No such file or directory)")
    let directory = #expect(throws: SafetensorsError.self) { try TensorFile(reading: folder.path) }
    #expect(directory?.reason == "cannot be read (Is a directory)")
    let device = #expect(throws: SafetensorsError.self) { try TensorFile(reading: "/dev/zero") }
    #expect(device?.reason == "cannot be read (Illegal seek)")
    let unwritable = #expect(throws: SafetensorsError.self) {
      try TensorFile().write(to: folder / "no/such/a.safetensors")
    }
    #expect(unwritable?.isInputOutput == true)
    let absent = #expect(throws: SafetensorsError.self) {
      try TensorFile(path: "a.safetensors").floats(named: "head.weight")
    }
    #expect(absent?.description == "a.safetensors: has no tensor head.weight; it holds none")
  }

  @Test("A name from a file never reaches the terminal as an escape")
  func hostileNames() {
    let content = bytes(header: #"{"\u001b[2J":{}}"#, [])
    let error = #expect(throws: SafetensorsError.self) {
      try TensorFile(bytes: content, path: "\u{1B}]0;evil\u{07}")
    }
    #expect(error?.description.unicodeScalars.contains { $0.value < 0x20 } == false)
  }

  @Test("20,000 damaged files give an error or a valid file, never a crash")
  func mutations() {
    let seed = UInt64.random(in: .min ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var file = TensorFile(metadata: ["step": "12"])
    file.append("body.layer1.weight", shape: [3, 2], floats: [1, 2, 3, 4, 5, 6])
    file.append("targets", shape: [2], integers: [1, 2])
    let original = file.encoded()
    var refused = 0
    for _ in 0..<20_000 {
      let mutated = mutate(original, &random)
      guard let read = try? TensorFile(bytes: mutated, path: "m") else {
        refused += 1
        continue
      }
      let size = read.tensors.reduce(0) { $0 + $1.bytes.count }
      #expect(size <= mutated.count && (try? TensorFile(bytes: read.encoded(), path: "m")) != nil)
    }
    print("refused \(refused) of 20000")
    #expect(refused > 5_000)
  }

  @Test("A file written by PyTorch's own writer is read", .enabled(if: SharedFiles.exist))
  func fixture() throws {
    let file = try TensorFile(reading: SharedFiles.path("fixtures/conv4-initial.safetensors"))
    #expect(file.shape(named: "body.block2.conv.weight") == [6, 6, 3, 3])
    let weights = try file.floats(named: "body.block2.conv.weight")
    #expect(weights.count == 324 && weights.allSatisfy { $0.isFinite && abs($0) < 1 })
    #expect(weights.contains { $0 != 0 })
    let episodes = try TensorFile(reading: SharedFiles.path("fixtures/conv4-episodes.safetensors"))
    #expect(try Set(episodes.integers(named: "support.targets")) == [0, 1, 2])
  }
}

private let samples: [(String, [UInt8], Double)] = [
  ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], 1.5),
  ("F32", [0, 0, 0xC0, 0x3F], 1.5),
  ("F16", [0, 0x3E], 1.5),
  ("BF16", [0xC0, 0x3F], 1.5),
  ("I64", [0xFE, 255, 255, 255, 255, 255, 255, 255], -2),
  ("I32", [0xFE, 255, 255, 255], -2),
  ("U8", [200], 200),
  ("BOOL", [1], 1),
]

private let damages: [(String, Int, String)] = [
  (entry("[2]", "[0,4]"), 4, "is F32 [2] but has 4 bytes"),
  (entry("[2]", "[0,8]"), 7, "cut short or damaged"),
  (entry("[2]", "[0,8]"), 9, "take 8 bytes, but 9 follow"),
  (entry("[2]", "[4,12]"), 12, "lies at bytes 4 to 12"),
  (entry("[2]", "[8,0]"), 8, "lies at bytes 8 to 0"),
  (entry("[-2]", "[0,8]"), 8, "a negative size"),
  (entry("[2.0]", "[0,8]"), 8, "not a whole number"),
  (entry("[4611686018427387904,4]", "[0,8]"), 8, "but has 8 bytes"),
  (entry("[9223372036854775807]", "[0,9223372036854775807]"), 8, "cut short or damaged"),
  (entry("[99999999999999999999]", "[0,8]"), 8, "not a whole number"),
  (entry("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2]", "[0,8]"), 8, "too many dimensions"),
  (entry("[2]", "[0,8,8]"), 8, "needs a dtype, a shape and two data_offsets"),
  (#"{"x":{"dtype":"F32","shape":[2]}}"#, 8, "needs a dtype"),
  (#"{"x":{"dtype":"F4","shape":[1],"data_offsets":[0,8]}}"#, 8, "dtype F4 is not supported"),
  (#"{"x":3}"#, 0, "x needs a dtype, a shape"),
  (#"{"__metadata__":3}"#, 0, "__metadata__ does not hold names with their texts"),
  (#"{"__metadata__":["a"]}"#, 0, "__metadata__ does not hold names with their texts"),
  (#"{"__metadata__":{"a":1}}"#, 0, "the metadata a is not a string"),
  (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "appears twice"),
  (
    #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
    2, "\"x\" appears twice"
  ),
  (
    #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
      + #""y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
    3, "lies at bytes 1 to 3"
  ),
  ("[1]", 0, "does not begin with {"),
  ("{\"x\":" + String(repeating: "[", count: 100), 0, "its header is damaged"),
  (
    "{\"x\":{\"y\":" + String(repeating: "[", count: 100), 0, "nested too deeply"
  ),
]

private func entry(_ shape: String, _ offsets: String) -> String {
  #"{"x":{"dtype":"F32","shape":\#(shape),"data_offsets":\#(offsets)}}"#
}

private func bytes(header: String, _ data: [UInt8]) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + header.utf8 + data
}

/// Flips, cuts, doubles and replaces bytes; digits more often, since sizes and offsets matter most.
private func mutate(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
  var bytes = original
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    let index = Int.random(in: 0..<max(bytes.count, 1), using: &random)
    guard index < bytes.count else { continue }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(index...)
    case 3: bytes.insert(bytes[index], at: index)
    case 4: bytes.remove(at: index)
    default:
      let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
      guard let digit = digits.randomElement(using: &random) else { continue }
      bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random)
    }
  }
  return bytes
}
