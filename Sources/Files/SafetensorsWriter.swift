extension TensorFile {
  /// Replaces `path` in one step: whoever reads it, or whatever kills us, it is old or new, never
  /// half.
  package func write(to path: String) throws(SafetensorsError) {
    do {
      try SystemFile.replace(path, with: chunks(), isDurable: true)
    } catch {
      throw SafetensorsError(
        path: path,
        reason: "cannot be written (\(error.reason))",
        isInputOutput: true
      )
    }
  }

  /// The whole file in memory.
  package func encoded() -> [UInt8] { Array(chunks().joined()) }

  /// The header, then each tensor.
  private func chunks() -> [ArraySlice<UInt8>] {
    // Widest element first keeps every tensor aligned to its element.
    let ordered = tensors.sorted { ($1.dtype.size, $0.name) < ($0.dtype.size, $1.name) }
    return [header(for: ordered)[...]] + ordered.map(\.bytes)
  }

  private func header(for ordered: [Tensor]) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    if !metadata.isEmpty { writeMetadata(&writer) }
    var begin = 0
    for tensor in ordered {
      writeEntry(tensor, begin: begin, &writer)
      begin += tensor.bytes.count
    }
    writer.endObject()
    let padding = (8 - writer.bytes.count % 8) % 8
    let json = writer.bytes + Array(repeating: UInt8(ascii: " "), count: padding)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }

  private func writeMetadata(_ writer: inout JSONWriter) {
    writer.key("__metadata__")
    writer.beginObject()
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      writer.key(key)
      writer.string(value)
    }
    writer.endObject()
  }

  private func writeEntry(_ tensor: Tensor, begin: Int, _ writer: inout JSONWriter) {
    writer.key(tensor.name)
    let offsets = [begin, begin + tensor.bytes.count]
    writer.value([
      "dtype": .string(tensor.dtype.rawValue),
      "shape": .array(tensor.shape.map { .integer($0) }),
      "data_offsets": .array(offsets.map { .integer($0) }),
    ])
  }
}
