import CZlib

/// A zip file put together by hand, so that every field of it can be wrong.
package struct TestZip {
  package struct Entry {
    package var name: [UInt8]
    package var content: [UInt8]
    package var isDeflated = true
    package var method: UInt16?
    package var flags: UInt16 = 0
    package var claimedSize: UInt32?
    package var checksum: UInt32?
    /// As numpy does: no sizes in the local header, but a zip64 field.
    package var isZip64Style = false

    package init(_ name: String, _ content: [UInt8], isDeflated: Bool = true) {
      self.name = Array(name.utf8)
      self.content = content
      self.isDeflated = isDeflated
    }
  }

  package var entries: [Entry]

  package init(entries: [Entry]) { self.entries = entries }

  package var bytes: [UInt8] {
    var (body, directory): ([UInt8], [UInt8]) = ([], [])
    for entry in entries {
      let packed = entry.isDeflated ? Self.deflated(entry.content) : entry.content
      let method = entry.method ?? (entry.isDeflated ? 8 : 0)
      let size = entry.claimedSize ?? UInt32(entry.content.count)
      let checksum =
        entry.checksum ?? UInt32(CZlib.crc32(0, entry.content, UInt32(entry.content.count)))
      let offset = UInt32(body.count)
      let extra: [UInt8] = entry.isZip64Style ? [1, 0, 16, 0] + Array(repeating: 0, count: 16) : []
      let localSizes: [UInt32] =
        entry.isZip64Style ? [.max, .max] : [UInt32(packed.count), size]
      body +=
        le(UInt32(0x0403_4B50)) + le(UInt16(20)) + le(entry.flags) + le(method) + le(UInt32(0))
      body += le(checksum) + localSizes.flatMap { le($0) }
      body += le(UInt16(entry.name.count)) + le(UInt16(extra.count)) + entry.name + extra + packed
      directory += le(UInt32(0x0201_4B50)) + le(UInt16(20)) + le(UInt16(20)) + le(entry.flags)
      directory += le(method) + le(UInt32(0)) + le(checksum) + le(UInt32(packed.count)) + le(size)
      directory += le(UInt16(entry.name.count)) + Array(repeating: 0, count: 12) + le(offset)
      directory += entry.name
    }
    let end =
      le(UInt32(0x0605_4B50)) + le(UInt32(0)) + le(UInt16(entries.count))
      + le(UInt16(entries.count))
      + le(UInt32(directory.count)) + le(UInt32(body.count)) + le(UInt16(0))
    return body + directory + end
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    precondition(cz_deflate_init_raw(&stream) == Z_OK)
    defer { deflateEnd(&stream) }
    var input = bytes + [0]
    var output = [UInt8](repeating: 0, count: bytes.count + 1024)
    let count = output.count
    return input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(bytes.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(count)
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        return Array(target[..<(count - Int(stream.avail_out))])
      }
    }
  }
}

private func le<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian, Array.init)
}
