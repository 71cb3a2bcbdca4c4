import CZlib

/// The checksum of zip and PNG.
func crc32(_ bytes: [UInt8]) -> UInt32 {
  bytes.withUnsafeBufferPointer { buffer in
    UInt32(CZlib.crc32_z(0, buffer.baseAddress, buffer.count))
  }
}

/// Unpacks a raw deflate stream that has `size` bytes once unpacked, and not one more.
func inflate(_ packed: ArraySlice<UInt8>, size: Int) throws(Refusal) -> [UInt8] {
  var isComplete = false
  let content = [UInt8](unsafeUninitializedCapacity: size) { output, filled in
    packed.withUnsafeBufferPointer { input in
      isComplete = inflate(input, output, &filled)
    }
  }
  guard isComplete else { throw Refusal("cannot be unpacked; the file is damaged, fetch it again") }
  return content
}

private func inflate(
  _ input: UnsafeBufferPointer<UInt8>,
  _ output: UnsafeMutableBufferPointer<UInt8>,
  _ filled: inout Int
) -> Bool {
  var stream = z_stream()
  guard cz_inflate_init_raw(&stream) == Z_OK else { return false }
  defer { inflateEnd(&stream) }
  // zlib asks for a place to write even where nothing is to be written.
  var nowhere: UInt8 = 0
  return withUnsafeMutablePointer(to: &nowhere) { spare in
    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.next_out = output.baseAddress ?? spare
    stream.avail_in = UInt32(truncatingIfNeeded: input.count)
    stream.avail_out = UInt32(truncatingIfNeeded: output.count)
    let status = CZlib.inflate(&stream, Z_FINISH)
    filled = output.count - Int(stream.avail_out)
    return status == Z_STREAM_END && filled == output.count
  }
}
