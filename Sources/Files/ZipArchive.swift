/// A zip file in memory, with its entries stored or deflated.
///
/// Sizes come from the central directory at the end: writers that stream leave them out of the
/// headers before the entries, and numpy writes a zip64 mark there. Nothing is ever unpacked to the
/// disk.
package struct ZipArchive: Sendable {
  package struct Entry: Sendable, Equatable {
    package let name: String
    /// Bytes once unpacked.
    package let size: Int
    let method: UInt16
    let checksum: UInt32
    let compressedSize: Int
    let offset: Int
  }

  package let path: String
  package let entries: [Entry]
  private let bytes: [UInt8]

  package init(reading path: String) throws(DatasetError) {
    try self.init(bytes: try SystemFile.content(path), path: path)
  }

  /// Reads the directory of a zip file's content; messages call it `path`.
  package init(bytes: [UInt8], path: String) throws(DatasetError) {
    self.path = path
    self.bytes = bytes
    do {
      entries = try ZipDirectory(bytes).entries()
    } catch {
      throw DatasetError(path: path, reason: error.reason)
    }
  }

  /// Unpacks one entry of at most `limit` bytes and checks it.
  package func content(of entry: Entry, limit: Int = 4 << 30) throws(DatasetError) -> [UInt8] {
    do throws(Refusal) {
      guard entry.size <= limit else {
        throw Refusal("unpacks to \(entry.size) bytes, more than the \(limit) it may have")
      }
      let packed = try packedBytes(of: entry)
      let content = entry.method == 0 ? Array(packed) : try inflate(packed, size: entry.size)
      guard content.count == entry.size, crc32(content) == entry.checksum else {
        throw Refusal("does not match its checksum; the file is damaged, fetch it again")
      }
      return content
    } catch {
      throw DatasetError(path: "\(path)/\(entry.name)", reason: error.reason)
    }
  }

  /// The bytes behind the entry's own header, which repeats the name and may be longer than it.
  private func packedBytes(of entry: Entry) throws(Refusal) -> ArraySlice<UInt8> {
    guard bytes.littleEndian(UInt32.self, at: entry.offset) == 0x0403_4B50,
      let name = bytes.littleEndian(UInt16.self, at: entry.offset + 26),
      let extra = bytes.littleEndian(UInt16.self, at: entry.offset + 28)
    else { throw Refusal("is not where the archive's directory says; the file is damaged") }
    let start = entry.offset + 30 + Int(name) + Int(extra)
    guard start <= bytes.count - entry.compressedSize else {
      throw Refusal("ends behind the archive's end; the file is cut short, fetch it again")
    }
    return bytes[start..<start + entry.compressedSize]
  }
}

/// What is wrong, without the file's name.
struct Refusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
