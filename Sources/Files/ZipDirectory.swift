/// The list of a zip file's entries, which lies at its end; nothing in it is believed.
struct ZipDirectory {
  /// Deflate makes at most 1032 bytes of one; an entry that claims more is a lie or a bomb.
  private static let largestRatio = 1032

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func entries() throws(Refusal) -> [ZipArchive.Entry] {
    let (count, start) = try end()
    var entries: [ZipArchive.Entry] = []
    var packed = 0
    var offset = start
    for _ in 0..<count {
      let (entry, length) = try entry(at: offset)
      // Entries that share their bytes are how a small file hides a huge one.
      packed += entry.compressedSize
      guard packed <= bytes.count else {
        throw Refusal("its entries take more bytes than it has; it is damaged, or a zip bomb")
      }
      entries.append(entry)
      offset += length
    }
    return entries
  }

  /// How many entries there are, and where their list begins.
  private func end() throws(Refusal) -> (count: Int, start: Int) {
    // A comment of up to 65,535 bytes may follow the end record of 22 bytes.
    var offset = bytes.count - 22
    while offset >= max(bytes.count - 22 - 65_535, 0) {
      if bytes.littleEndian(UInt32.self, at: offset) == 0x0605_4B50 { break }
      offset -= 1
    }
    guard offset >= 0, bytes.littleEndian(UInt32.self, at: offset) == 0x0605_4B50,
      let count = bytes.littleEndian(UInt16.self, at: offset + 10),
      let start = bytes.littleEndian(UInt32.self, at: offset + 16)
    else {
      throw Refusal("has no zip directory at its end; it is no zip file or cut short")
    }
    guard count != 0xFFFF, start != 0xFFFF_FFFF else {
      throw Refusal("is a zip64 archive, which is not supported; pack fewer than 65535 entries")
    }
    guard Int(start) <= offset else { throw Refusal("its zip directory lies behind its end") }
    return (Int(count), Int(start))
  }

  private func entry(at offset: Int) throws(Refusal) -> (ZipArchive.Entry, length: Int) {
    guard bytes.littleEndian(UInt32.self, at: offset) == 0x0201_4B50,
      let flags = bytes.littleEndian(UInt16.self, at: offset + 8),
      let method = bytes.littleEndian(UInt16.self, at: offset + 10),
      let checksum = bytes.littleEndian(UInt32.self, at: offset + 16),
      let compressedSize = bytes.littleEndian(UInt32.self, at: offset + 20),
      let size = bytes.littleEndian(UInt32.self, at: offset + 24),
      let nameLength = bytes.littleEndian(UInt16.self, at: offset + 28),
      let extraLength = bytes.littleEndian(UInt16.self, at: offset + 30),
      let commentLength = bytes.littleEndian(UInt16.self, at: offset + 32),
      let start = bytes.littleEndian(UInt32.self, at: offset + 42),
      offset + 46 + Int(nameLength) <= bytes.count
    else { throw Refusal("its zip directory is cut short or damaged") }
    let name = try name(bytes[offset + 46..<offset + 46 + Int(nameLength)])
    let entry = ZipArchive.Entry(
      name: name,
      size: Int(size),
      method: method,
      checksum: checksum,
      compressedSize: Int(compressedSize),
      offset: Int(start)
    )
    guard flags & 1 == 0 else { throw Refusal("\(name) is encrypted; pack it without a password") }
    try check(entry)
    return (entry, 46 + Int(nameLength) + Int(extraLength) + Int(commentLength))
  }

  private func check(_ entry: ZipArchive.Entry) throws(Refusal) {
    guard entry.method == 0 || entry.method == 8 else {
      throw Refusal(
        "\(entry.name) is packed with method \(entry.method); use zip's deflate or store"
      )
    }
    guard entry.size != 0xFFFF_FFFF, entry.compressedSize != 0xFFFF_FFFF else {
      throw Refusal("\(entry.name) is a zip64 entry of over 4 GiB, which is not supported")
    }
    let limit =
      entry.method == 0 ? entry.compressedSize : (entry.compressedSize + 1) * Self.largestRatio
    guard entry.size <= limit else {
      throw Refusal(
        "\(entry.name) claims to unpack \(entry.compressedSize) bytes to \(entry.size), which "
          + "cannot be; the file is damaged"
      )
    }
  }

  private func name(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> String {
    let name = String(decoding: bytes, as: UTF8.self)
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.first?.isEmpty == false || bytes.isEmpty, !bytes.contains(0),
      !bytes.contains(UInt8(ascii: "\\")), !parts.contains(where: { $0.elementsEqual("..".utf8) })
    else {
      throw Refusal("its entry \(name) climbs out of the archive's folder; pack it anew without it")
    }
    return name
  }
}
