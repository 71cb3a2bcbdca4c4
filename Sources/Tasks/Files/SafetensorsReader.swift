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
    let dtype: DataType
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  private static func parse(_ bytes: [UInt8], _ path: String) throws(Refusal) -> TensorFile {
    let header = try header(of: bytes)
    var (entries, metadata) = try parseHeader(header)
    // Ends break ties, so that an empty tensor comes before the one that begins where it lies.
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
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
    let document: JSONView
    do {
      document = try JSONView(header)
    } catch {
      throw Refusal("its header is damaged: \(error)")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in document.fields {
      guard name == "__metadata__" else {
        entries.append(try entry(name, value))
        continue
      }
      guard value.isObject else {
        throw Refusal("its header is damaged: __metadata__ does not hold names with their texts")
      }
      for (key, value) in value.fields {
        guard let string = value.string else {
          throw Refusal("its header is damaged: the metadata \(key) is not a string")
        }
        metadata[key] = string
      }
    }
    return (entries, metadata)
  }

  private static func entry(_ name: String, _ value: JSONView) throws(Refusal) -> Entry {
    guard let type = value["dtype"]?.string, let shape = value["shape"], shape.isArray,
      let offsets = value["data_offsets"], offsets.isArray
    else { throw Refusal("\(name) needs a dtype, a shape and two data_offsets") }
    guard let dtype = DataType(rawValue: type) else {
      let known = DataType.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal("\(name): dtype \(type) is not supported (use \(known))")
    }
    let ends = try sizes(offsets, of: name)
    guard ends.count == 2 else {
      throw Refusal("\(name) needs a dtype, a shape and two data_offsets")
    }
    return Entry(
      name: name,
      dtype: dtype,
      shape: try sizes(shape, of: name),
      begin: ends[0],
      end: ends[1]
    )
  }

  private static func sizes(_ array: JSONView, of name: String) throws(Refusal) -> [Int] {
    var sizes: [Int] = []
    for element in array.elements {
      guard let size = element.integer else {
        throw Refusal("\(name): a size is not a whole number")
      }
      guard size >= 0 else { throw Refusal("\(name): a negative size") }
      guard sizes.count < maximumRank else { throw Refusal("\(name): too many dimensions") }
      sizes.append(size)
    }
    return sizes
  }

  private static func tensor(
    _ entry: Entry,
    in data: ArraySlice<UInt8>,
    expectedBegin: Int
  ) throws(Refusal) -> Tensor {
    let (begin, end) = (entry.begin, entry.end)
    guard begin == expectedBegin, end >= begin, end <= data.count else {
      throw Refusal(
        "\(entry.name) lies at bytes \(begin) to \(end), where \(expectedBegin) to at most "
          + "\(data.count) was expected; the file is cut short or damaged"
      )
    }
    guard entry.dtype.byteCount(of: entry.shape) == end - begin else {
      throw Refusal(
        "\(entry.name) is \(entry.dtype.rawValue) \(entry.shape) but has \(end - begin) bytes; the "
          + "file is damaged"
      )
    }
    let bytes = data[data.startIndex + begin..<data.startIndex + end]
    return Tensor(name: entry.name, dtype: entry.dtype, shape: entry.shape, bytes: bytes)
  }
}
