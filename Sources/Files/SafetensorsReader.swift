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

  private static func parse(_ bytes: [UInt8], _ path: String) throws(Refusal) -> TensorFile {
    let header = try header(of: bytes)
    let data = bytes[header.endIndex...]
    var (tensors, metadata) = try parseHeader(header, data)
    // Ends break ties, so that an empty tensor comes before the one that begins where it lies.
    tensors.sort {
      ($0.bytes.startIndex, $0.bytes.endIndex) < ($1.bytes.startIndex, $1.bytes.endIndex)
    }
    var begin = data.startIndex
    for tensor in tensors {
      guard tensor.bytes.startIndex == begin else {
        let start = tensor.bytes.startIndex - data.startIndex
        throw misplaced(tensor.name, start, start + tensor.bytes.count, data)
      }
      begin = tensor.bytes.endIndex
    }
    guard begin == data.endIndex else {
      throw Refusal(
        "the tensors take \(begin - data.startIndex) bytes, but \(data.count) follow the header; the "
          + "file is damaged"
      )
    }
    return TensorFile(path: path, tensors: tensors, metadata: metadata)
  }

  private static func misplaced(
    _ name: String,
    _ begin: Int,
    _ end: Int,
    _ data: ArraySlice<UInt8>
  ) -> Refusal {
    Refusal(
      "\(name) lies at bytes \(begin) to \(end), which is not behind the tensor before it and within "
        + "the \(data.count) bytes there are; the file is cut short or damaged"
    )
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

  /// The tensors in the header's order, and what `__metadata__` holds.
  private static func parseHeader(
    _ header: ArraySlice<UInt8>,
    _ data: ArraySlice<UInt8>
  ) throws(Refusal) -> ([Tensor], [String: String]) {
    let document: JSONView
    do {
      document = try JSONView(header)
    } catch {
      throw Refusal("its header is damaged: \(error)")
    }
    var tensors: [Tensor] = []
    var metadata: [String: String] = [:]
    for (name, value) in document.fields {
      guard name == "__metadata__" else {
        tensors.append(try tensor(name, value, data))
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
    return (tensors, metadata)
  }

  /// One line of the header: the tensor's bytes lie at two offsets behind it.
  private static func tensor(
    _ name: String,
    _ value: JSONView,
    _ data: ArraySlice<UInt8>
  ) throws(Refusal) -> Tensor {
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
    let (begin, end) = (ends[0], ends[1])
    guard end >= begin, end <= data.count else { throw misplaced(name, begin, end, data) }
    let sizes = try sizes(shape, of: name)
    guard dtype.byteCount(of: sizes) == end - begin else {
      throw Refusal(
        "\(name) is \(dtype.rawValue) \(sizes) but has \(end - begin) bytes; the file is damaged"
      )
    }
    let bytes = data[data.startIndex + begin..<data.startIndex + end]
    return Tensor(name: name, dtype: dtype, shape: sizes, bytes: bytes)
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
}
