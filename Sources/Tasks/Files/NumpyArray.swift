/// An array of a `.npy` file, or of a member of a `.npz` file: row-major, little-endian.
package struct NumpyArray: Sendable {
  /// The element types that are read; the raw value is numpy's.
  package enum Element: String, Sendable, CaseIterable {
    case bool = "|b1"
    case uint8 = "|u1"
    case int32 = "<i4"
    case int64 = "<i8"
    case float32 = "<f4"
    case float64 = "<f8"

    var isWhole: Bool { self != .float32 && self != .float64 }

    var size: Int {
      switch self {
      case .bool, .uint8: 1
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  package let element: Element
  package let shape: [Int]
  private let content: [UInt8]
  private let start: Int

  /// Reads a file's content; messages call it `path`.
  package init(bytes: [UInt8], path: String) throws(DatasetError) {
    do throws(Refusal) {
      let header = try Self.header(bytes)
      element = header.element
      shape = header.shape
      start = header.end
      content = bytes
      try checkSize()
    } catch {
      throw DatasetError(path: path, reason: error.reason)
    }
  }

  package var count: Int { shape.reduce(1, *) }

  private func checkSize() throws(Refusal) {
    var size = element.size
    for dimension in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw Refusal("its shape \(shape) is beyond any memory") }
      size = product
    }
    guard size == content.count - start else {
      throw Refusal(
        "has \(content.count - start) bytes of numbers where its shape \(shape) of "
          + "\(element.rawValue) needs \(size); it is cut short or damaged"
      )
    }
  }

  // MARK: Elements

  /// The bytes of an array of bytes or truth values.
  func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
    precondition(element.size == 1, "\(element) is not of bytes")
    return content[start + range.lowerBound..<start + range.upperBound]
  }

  func number(at index: Int) -> Double {
    let offset = start + index * element.size
    return content.withUnsafeBytes { buffer in
      switch element {
      case .bool, .uint8: Double(buffer[offset])
      case .int32: Double(buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self))
      case .int64: Double(buffer.loadUnaligned(fromByteOffset: offset, as: Int64.self))
      case .float32: Double(buffer.loadUnaligned(fromByteOffset: offset, as: Float.self))
      case .float64: buffer.loadUnaligned(fromByteOffset: offset, as: Double.self)
      }
    }
  }

  func integer(at index: Int) -> Int {
    let offset = start + index * element.size
    return content.withUnsafeBytes { buffer in
      switch element {
      case .bool, .uint8: Int(buffer[offset])
      case .int32: Int(buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self))
      case .int64: Int(buffer.loadUnaligned(fromByteOffset: offset, as: Int64.self))
      case .float32, .float64: preconditionFailure("\(element) is not of whole numbers")
      }
    }
  }

  // MARK: Header

  private struct Header {
    let element: Element
    let shape: [Int]
    let end: Int
  }

  /// Magic, version, length, then a dictionary as Python writes it.
  private static func header(_ bytes: [UInt8]) throws(Refusal) -> Header {
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 10 else {
      throw Refusal("is no .npy file; write it with numpy.save")
    }
    let isShort = bytes[6] == 1
    let length =
      isShort
      ? bytes.littleEndian(UInt16.self, at: 8).map(Int.init)
      : bytes.littleEndian(UInt32.self, at: 8).map(Int.init)
    let begin = isShort ? 10 : 12
    guard (1...3).contains(bytes[6]), let length, length <= min(bytes.count - begin, 1 << 20) else {
      throw Refusal("its header is damaged; write it again with numpy.save")
    }
    let text = String(decoding: bytes[begin..<begin + length], as: UTF8.self)
    guard let type = value("'descr':", in: text), let shape = shape(in: text) else {
      throw Refusal("its header names no type and shape; write it again with numpy.save")
    }
    guard value("'fortran_order':", in: text)?.hasPrefix("False") == true else {
      throw Refusal("is stored column by column; save numpy.ascontiguousarray of it")
    }
    let name = type.dropFirst().prefix { $0 != "'" }
    guard let element = Element(rawValue: String(name)) else {
      let known = Element.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal("is of type \(type.prefix(20)); convert it to one of \(known)")
    }
    return Header(element: element, shape: shape, end: begin + length)
  }

  /// What follows a key, up to the end of the text.
  private static func value(_ key: String, in text: String) -> Substring? {
    text.firstRange(of: key).map { text[$0.upperBound...].drop { $0 == " " } }
  }

  private static func shape(in text: String) -> [Int]? {
    guard let value = value("'shape':", in: text), value.first == "(",
      let end = value.firstIndex(of: ")")
    else { return nil }
    let numbers = value[..<end].dropFirst().split(separator: ",")
      .map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let shape = numbers.compactMap { Int($0) }
    guard shape.count == numbers.count, shape.count <= 8, shape.allSatisfy({ $0 >= 0 }) else {
      return nil
    }
    return shape
  }
}
