/// The commit that a binary was built from, which the Makefile hands to the linker as its build ID.
///
/// The linker writes it into the binary itself, so no copy, package or later commit can part the two; a
/// binary that was linked in another way has an ID that is no commit, or none.
package enum BuildCommit {
  /// How such an ID begins; a byte follows that is 1 when files had been changed since the commit.
  private static let mark = Array("metatop".utf8)
  private static let buildIDNote = 3
  private static let noteSegment = 4

  /// As `--version` says it: `0123abcd`, or `0123abcd with changes`.
  package static func found(in program: String = "/proc/self/exe") -> String? {
    buildID(in: program).flatMap(text)
  }

  static func text(_ identifier: [UInt8]) -> String? {
    guard identifier.starts(with: mark), identifier.count >= mark.count + 21 else { return nil }
    let digits = identifier[(mark.count + 1)...].map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }
    let short = digits.joined().prefix(10)
    return identifier[mark.count] == 0 ? String(short) : "\(short) with changes"
  }

  // MARK: The binary

  /// The build ID of a 64-bit ELF file.
  private static func buildID(in program: String) -> [UInt8]? {
    guard let head = try? SystemFile.read(program, from: 0, count: 4096),
      head.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
      let table = number(head, 32, bytes: 8), let size = number(head, 54, bytes: 2),
      let count = number(head, 56, bytes: 2), size >= 56
    else { return nil }
    for index in 0..<count {
      let entry = table + index * size
      guard let kind = number(head, entry, bytes: 4) else { return nil }
      guard kind == noteSegment, let offset = number(head, entry + 8, bytes: 8),
        let length = number(head, entry + 32, bytes: 8),
        let notes = try? SystemFile.read(program, from: offset, count: min(length, 65_536)),
        let identifier = identifier(in: notes)
      else { continue }
      return identifier
    }
    return nil
  }

  /// The build ID among a segment's notes: lengths of name and content, kind, name, content.
  private static func identifier(in notes: [UInt8]) -> [UInt8]? {
    var place = 0
    while let name = number(notes, place, bytes: 4), let size = number(notes, place + 4, bytes: 4),
      let kind = number(notes, place + 8, bytes: 4)
    {
      let content = place + 12 + rounded(name)
      guard content + size <= notes.count else { return nil }
      let isGNU = Array(notes[(place + 12)..<content]) == Array("GNU\0".utf8)
      if kind == buildIDNote, isGNU { return Array(notes[content..<(content + size)]) }
      place = content + rounded(size)
    }
    return nil
  }

  private static func rounded(_ length: Int) -> Int { (length + 3) / 4 * 4 }

  /// A little-endian number that no file's size comes near the end of.
  private static func number(_ bytes: [UInt8], _ place: Int, bytes count: Int) -> Int? {
    guard place >= 0, place <= bytes.count - count else { return nil }
    let value = bytes[place..<(place + count)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return value < 1 << 40 ? Int(value) : nil
  }
}
