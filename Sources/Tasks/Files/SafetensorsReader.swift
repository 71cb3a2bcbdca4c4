extension TensorFile {
  /// Limits that no sane file reaches, against damaged and hostile ones.
  private static let maximumHeader = 100_000_000
  private static let maximumRank = 16

  /// Reads a file and checks it wholly; nothing in a damaged file is believed.
  package init(reading path: String) throws(SafetensorsError) {
    let bytes: [UInt8]
    do {
      bytes = try SystemFile.read(path)
    } catch {
      throw SafetensorsError(path: path, reason: "cannot be read (\(error.reason))")
    }
    try self.init(bytes: bytes, path: path)
  }

  /// Reads the content of a file; messages call it `path`.
  package init(bytes: [UInt8], path: String) throws(SafetensorsError) {
    do {
      self = try Self.parse(bytes, path)
    } catch {
      throw SafetensorsError(path: path, reason: error.reason)
    }
  }

  /// What is wrong, without the file's name.
  private struct Refusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  /// One line of the header: the tensor's bytes lie at `begin..<end` behind the header.
  private struct Entry {
    let name: String
    var dtype: DataType?
    var shape: [Int]?
    var offsets: [Int]?
  }

  private static func parse(_ bytes: [UInt8], _ path: String) throws(Refusal) -> TensorFile {
    let header = try header(of: bytes)
    var (entries, metadata) = try parseHeader(header)
    // Ends break ties, so that an empty tensor comes before the one that begins where it lies.
    entries.sort { ($0.offsets ?? []).lexicographicallyPrecedes($1.offsets ?? []) }
    let data = bytes[header.endIndex...]
    var begin = 0
    var tensors: [Tensor] = []
    for entry in entries {
      let tensor = try tensor(entry, in: data, expectedBegin: begin)
      begin += tensor.bytes.count
      tensors.append(tensor)
    }
    guard begin == data.count else {
      throw Refusal(
        "the tensors take \(begin) bytes, but \(data.count) follow the header; the file is damaged"
      )
    }
    return TensorFile(path: path, tensors: tensors, metadata: metadata)
  }

  private static func header(of bytes: [UInt8]) throws(Refusal) -> ArraySlice<UInt8> {
    guard bytes.count >= 8 else {
      throw Refusal("is \(bytes.count) bytes long, too short for a safetensors file")
    }
    let length = bytes.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard length <= maximumHeader else {
      throw Refusal("claims a header of \(length) bytes; it is not a safetensors file")
    }
    guard Int(length) <= bytes.count - 8 else {
      throw Refusal("claims a header of \(length) bytes but ends before it; the file is cut short")
    }
    let header = bytes[8..<8 + Int(length)]
    guard header.first == UInt8(ascii: "{") else {
      throw Refusal("its header does not begin with {; it is not a safetensors file")
    }
    return header
  }

  private static func parseHeader(
    _ header: ArraySlice<UInt8>
  ) throws(Refusal) -> ([Entry], [String: String]) {
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    var reader = JSONReader(header)
    do {
      try reader.object { (name, reader) throws(JSONError) in
        if name == "__metadata__" {
          try reader.object { (key, reader) throws(JSONError) in
            metadata[key] = try reader.string()
          }
        } else {
          entries.append(try entry(name, &reader))
        }
      }
      try reader.end()
    } catch {
      throw Refusal("its header is damaged: \(error)")
    }
    return (entries, metadata)
  }

  private static func entry(
    _ name: String,
    _ reader: inout JSONReader
  ) throws(JSONError) -> Entry {
    var entry = Entry(name: name)
    try reader.object { (key, reader) throws(JSONError) in
      switch key {
      case "dtype": entry.dtype = try dataType(&reader)
      case "shape": entry.shape = try sizes(&reader)
      case "data_offsets": entry.offsets = try sizes(&reader)
      default: _ = try reader.value()
      }
    }
    guard entry.dtype != nil, entry.shape != nil, entry.offsets?.count == 2 else {
      throw reader.failure("\(name) needs a dtype, a shape and two data_offsets")
    }
    return entry
  }

  private static func dataType(_ reader: inout JSONReader) throws(JSONError) -> DataType {
    let name = try reader.string()
    guard let dtype = DataType(rawValue: name) else {
      let known = DataType.allCases.map(\.rawValue).joined(separator: ", ")
      throw reader.failure("dtype \(name) is not supported (use \(known))")
    }
    return dtype
  }

  private static func sizes(_ reader: inout JSONReader) throws(JSONError) -> [Int] {
    var sizes: [Int] = []
    try reader.array { (reader) throws(JSONError) in
      let size = try reader.integer()
      guard size >= 0 else { throw reader.failure("a negative size") }
      guard sizes.count < maximumRank else { throw reader.failure("too many dimensions") }
      sizes.append(size)
    }
    return sizes
  }

  private static func tensor(
    _ entry: Entry,
    in data: ArraySlice<UInt8>,
    expectedBegin: Int
  ) throws(Refusal) -> Tensor {
    guard let dtype = entry.dtype, let shape = entry.shape, let offsets = entry.offsets else {
      throw Refusal("\(entry.name) is not described")
    }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin == expectedBegin, end >= begin, end <= data.count else {
      throw Refusal(
        "\(entry.name) lies at bytes \(begin) to \(end), where \(expectedBegin) to at most "
          + "\(data.count) was expected; the file is cut short or damaged"
      )
    }
    guard dtype.byteCount(of: shape) == end - begin else {
      throw Refusal(
        "\(entry.name) is \(dtype.rawValue) \(shape) but has \(end - begin) bytes; the file is damaged"
      )
    }
    let bytes = data[data.startIndex + begin..<data.startIndex + end]
    return Tensor(name: entry.name, dtype: dtype, shape: shape, bytes: bytes)
  }
}
