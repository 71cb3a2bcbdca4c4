import Files
import Kernels
import TestSupport
import Testing
import VirtualTerminal

@testable import Experiments
@testable import metatop

/// The version's line, and the commit in it, from binaries made by hand.
@Suite("Version")
struct VersionTests {
  private let commit = (0..<20).map { UInt8($0 * 12 + 1) }

  /// A 64-bit ELF file of a header, two segments' entries and the second one's notes.
  private func binary(_ notes: [[UInt8]]) -> [UInt8] {
    let content = notes.flatMap { $0 }
    var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += bytes(UInt64(0x3E_0002)) + bytes(UInt64(0)) + bytes(UInt64(64)) + bytes(UInt64(0))
    file += bytes(UInt32(0)) + bytes(UInt16(64)) + bytes(UInt16(56)) + bytes(UInt16(2))
    file += [UInt8](repeating: 0, count: 64 - file.count)
    for (kind, offset, length) in [(UInt32(1), 0, 64), (4, 176, content.count)] {
      file += bytes(kind) + bytes(UInt32(4)) + bytes(UInt64(offset)) + bytes(UInt64(0))
      file += bytes(UInt64(0)) + bytes(UInt64(length)) + bytes(UInt64(length)) + bytes(UInt64(4))
    }
    return file + content
  }

  private func note(_ name: String, _ kind: UInt32, _ content: [UInt8]) -> [UInt8] {
    let name = Array(name.utf8) + [0]
    func padded(_ text: [UInt8]) -> [UInt8] {
      text + [UInt8](repeating: 0, count: (4 - text.count % 4) % 4)
    }
    return bytes(UInt32(name.count)) + bytes(UInt32(content.count)) + bytes(kind) + padded(name)
      + padded(content)
  }

  private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian, Array.init)
  }

  private func found(_ file: [UInt8]) throws -> String? {
    let folder = try TemporaryFolder()
    try SystemFile.append(file, to: folder / "program")
    return BuildCommit.found(in: folder / "program")
  }

  @Test("A commit is read from the binary's notes, wherever it stands among them")
  func marked() throws {
    let mark = Array("metatop".utf8)
    let own = note("GNU", 3, mark + [0] + commit)
    #expect(try found(binary([own])) == "010d192531")
    #expect(
      try found(binary([note("GNU", 1, [1, 2, 3]), note("Swift", 3, [9]), own])) == "010d192531"
    )
    #expect(
      try found(binary([note("GNU", 3, mark + [1] + commit)])) == "010d192531 with changes"
    )
    #expect(
      try found(binary([note("GNU", 3, mark + [0] + commit + commit.prefix(12))])) == "010d192531",
      "repositories of SHA-256"
    )
  }

  @Test("Any other build ID, a short one, a damaged file and none are no commit")
  func unmarked() throws {
    let mark = Array("metatop".utf8)
    #expect(try found(binary([note("GNU", 3, commit)])) == nil)
    #expect(try found(binary([note("GNU", 3, mark + [0, 1, 2])])) == nil)
    #expect(try found(binary([note("Other", 3, mark + [0] + commit)])) == nil)
    #expect(
      try found(binary([])) == nil && found([]) == nil && found(Array("#!/bin/sh".utf8)) == nil
    )
    #expect(BuildCommit.found(in: "/nothing/here") == nil)
    let whole = binary([note("GNU", 3, mark + [0] + commit)])
    for length in 0..<whole.count {
      #expect(try found(Array(whole.prefix(length))) == nil, "\(length)")
    }
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for round in 0..<2_000 {
      var damaged = whole
      for _ in 0..<4 {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = .random(
          in: 0...255,
          using: &random
        )
      }
      let text = try found(damaged)
      #expect(text == nil || text?.count ?? 0 <= 23, "seed \(seed), round \(round)")
    }
  }

  @Test("The line has version, commit and instruction sets")
  func line() throws {
    let sets = KernelTable.available.map(\.name).joined(separator: ", ")
    let engine = MatrixEngine.isAvailable ? ", with AMX for bfloat16" : ""
    let kernels = "\(KernelTable.forThisMachine.name) of \(sets)\(engine)"
    #expect(versionLine(commit: "0123abcdef") == "metatop 0.1.0 (commit 0123abcdef, \(kernels))")
    let program = try Program.run(["--version"], in: TemporaryFolder())
    #expect(program.status == 0)
    #expect(program.output == "metatop \(version) (commit unknown, \(kernels))\n")
  }
}
