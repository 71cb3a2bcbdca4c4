extension [UInt8] {
  /// A little-endian number at `offset`; nil when the bytes end before it does.
  package func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type,
    at offset: Int
  ) -> Number? {
    guard offset >= 0, offset <= count - MemoryLayout<Number>.size else { return nil }
    return withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }

  /// A big-endian number at `offset`; nil when the bytes end before it does.
  package func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type,
    at offset: Int
  ) -> Number? {
    littleEndian(type, at: offset)?.byteSwapped
  }
}
