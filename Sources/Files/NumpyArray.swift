/// An array of a `.npy` file, or of a member of a `.npz` file, in row-major order whatever the
/// file's is.
package struct NumpyArray: Sendable {
  package let element: NumpyElement
  package let shape: [Int]
  private let content: [UInt8]
  private let start: Int

  /// Reads a file's content; messages call it `path`.
  package init(bytes: [UInt8], path: String) throws(DatasetError) {
    do throws(Refusal) {
      let header = try NumpyHeader(bytes)
      try Self.check(header, size: bytes.count - header.end)
      (element, shape) = (header.element, header.shape)
      if header.isColumnMajor, shape.count > 1 {
        content = Self.rowMajor(bytes, header)
        start = 0
      } else {
        content = bytes
        start = header.end
      }
    } catch {
      throw DatasetError(path: path, reason: error.reason)
    }
  }

  package var count: Int { shape.reduce(1, *) }

  private static func check(_ header: NumpyHeader, size: Int) throws(Refusal) {
    var needed = header.element.size
    for dimension in header.shape {
      let (product, overflows) = needed.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw Refusal("its shape \(header.shape) is beyond any memory") }
      needed = product
    }
    guard needed == size else {
      throw Refusal(
        "has \(size) bytes of numbers where its shape \(header.shape) of "
          + "\(header.element.name) needs \(needed); it is cut short or damaged"
      )
    }
  }

  /// The numbers of a file that runs down the columns first, in the order of rows.
  private static func rowMajor(_ bytes: [UInt8], _ header: NumpyHeader) -> [UInt8] {
    let (shape, size) = (header.shape, header.element.size)
    let count = shape.reduce(1, *)
    // How far apart neighbours along each axis are stored.
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var result: [UInt8] = []
    result.reserveCapacity(count * size)
    var place = [Int](repeating: 0, count: shape.count)
    var source = 0
    for _ in 0..<count {
      let offset = header.end + source * size
      for byte in offset..<offset + size { result.append(bytes[byte]) }
      var axis = shape.count - 1
      while axis >= 0 {
        place[axis] += 1
        source += strides[axis]
        if place[axis] < shape[axis] { break }
        source -= strides[axis] * shape[axis]
        place[axis] = 0
        axis -= 1
      }
    }
    return result
  }

  // MARK: Elements

  /// The bytes of an array of bytes.
  package func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
    precondition(element.size == 1, "\(element.name) is not of bytes")
    return content[start + range.lowerBound..<start + range.upperBound]
  }

  /// Numbers of any type; whole ones beyond 2⁵³ are rounded.
  package func numbers(_ range: Range<Int>) -> [Double] {
    switch (element.kind, element.size) {
    case (.bool, _): load(UInt8.self, range) { $0 == 0 ? 0 : 1 }
    case (.unsigned, 1): load(UInt8.self, range) { Double($0) }
    case (.unsigned, 2): load(UInt16.self, range) { Double($0) }
    case (.unsigned, 4): load(UInt32.self, range) { Double($0) }
    case (.unsigned, _): load(UInt64.self, range) { Double($0) }
    case (.signed, 1): load(Int8.self, range) { Double($0) }
    case (.signed, 2): load(Int16.self, range) { Double($0) }
    case (.signed, 4): load(Int32.self, range) { Double($0) }
    case (.signed, _): load(Int64.self, range) { Double($0) }
    case (.float, 2): load(UInt16.self, range) { Double(Float16(bitPattern: $0)) }
    case (.float, 4): load(UInt32.self, range) { Double(Float(bitPattern: $0)) }
    case (.float, _): load(UInt64.self, range) { Double(bitPattern: $0) }
    }
  }

  /// Numbers of any type in single precision, without those of double between.
  package func floats(_ range: Range<Int>) -> [Float] {
    guard element.kind == .float, element.size == 4 else { return numbers(range).map { Float($0) } }
    return load(UInt32.self, range) { Float(bitPattern: $0) }
  }

  /// Whole numbers, exactly; nil where one is not whole, or beyond 64 bits.
  package func integers(_ range: Range<Int>) -> [Int?] {
    switch (element.kind, element.size) {
    case (.unsigned, 8): load(UInt64.self, range) { Int(exactly: $0) }
    case (.signed, 8): load(Int64.self, range) { Int(exactly: $0) }
    default: numbers(range).map { Int(exactly: $0) }
    }
  }

  private func load<Number: FixedWidthInteger & BitwiseCopyable, Value>(
    _ type: Number.Type,
    _ range: Range<Int>,
    _ value: (Number) -> Value
  ) -> [Value] {
    content.withUnsafeBytes { buffer in
      range.map { index in
        let offset = start + index * MemoryLayout<Number>.size
        let number = buffer.loadUnaligned(fromByteOffset: offset, as: Number.self)
        return value(element.isBigEndian ? Number(bigEndian: number) : Number(littleEndian: number))
      }
    }
  }

  /// Where an element lies, as numpy writes it: `[3, 0, 14]`.
  package func place(of index: Int) -> [Int] {
    var (rest, place) = (index, [Int]())
    for size in shape.reversed() {
      place.append(rest % max(size, 1))
      rest /= max(size, 1)
    }
    return place.reversed()
  }
}
