/// A safetensors file that cannot be used; the sentence names the file and what is wrong.
package struct SafetensorsError: Error, Equatable, CustomStringConvertible {
  package let path: String
  package let reason: String
  /// Whether the operating system refused (disk full, no permission), not the content.
  package let isInputOutput: Bool

  package init(path: String, reason: String, isInputOutput: Bool = false) {
    self.path = path
    self.reason = reason
    self.isInputOutput = isInputOutput
  }

  package var description: String { "\(path): \(reason)".printable }
}

/// Named tensors and string metadata, as a safetensors file holds them.
package struct TensorFile: Sendable, Equatable {
  /// The element types that a file may have; metatop writes F32 and I64.
  package enum DataType: String, Sendable, CaseIterable {
    case f64 = "F64"
    case i64 = "I64"
    case f32 = "F32"
    case i32 = "I32"
    case f16 = "F16"
    case bf16 = "BF16"
    case u8 = "U8"
    case bool = "BOOL"
    case u64 = "U64"
    case u32 = "U32"
    case i16 = "I16"
    case u16 = "U16"
    case i8 = "I8"
    // Only passed over: nobody stores what a run starts from in them.
    case c64 = "C64"
    case f8e4m3 = "F8_E4M3"
    case f8e5m2 = "F8_E5M2"

    /// Bytes an element.
    package var size: Int {
      switch self {
      case .f64, .i64, .u64, .c64: 8
      case .f32, .i32, .u32: 4
      case .f16, .bf16, .i16, .u16: 2
      case .u8, .bool, .i8, .f8e4m3, .f8e5m2: 1
      }
    }

    /// Whether its numbers can be read as single floats.
    package var isFloat: Bool { [.f64, .f32, .f16, .bf16].contains(self) }

    /// Bytes of a tensor of `shape`; nil when the number does not fit.
    func byteCount(of shape: [Int]) -> Int? {
      if shape.contains(0) { return 0 }
      return shape.reduce(size) { (count: Int?, length) in
        guard let (product, overflow) = count?.multipliedReportingOverflow(by: length) else {
          return nil
        }
        return overflow ? nil : product
      }
    }
  }

  package struct Tensor: Sendable, Equatable {
    package let name: String
    package let dtype: DataType
    package let shape: [Int]
    /// Little-endian, row-major.
    package let bytes: ArraySlice<UInt8>

    package init(name: String, dtype: DataType, shape: [Int], bytes: ArraySlice<UInt8>) {
      precondition(
        bytes.count == dtype.byteCount(of: shape),
        "\(name): \(bytes.count) bytes do not fill \(shape) of \(dtype.rawValue)"
      )
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.bytes = bytes
    }

    /// How messages call it: `F32 [5, 1, 3, 3]`.
    package var summary: String { "\(dtype.rawValue) \(shape)" }
  }

  /// Where it was read from; messages begin with it.
  package let path: String
  package private(set) var tensors: [Tensor]
  /// What `__metadata__` holds.
  package var metadata: [String: String]

  package init(path: String = "", tensors: [Tensor] = [], metadata: [String: String] = [:]) {
    self.path = path
    self.tensors = tensors
    self.metadata = metadata
  }

  package var names: [String] { tensors.map(\.name) }

  /// The same file with other names; tensors that get none are left out.
  package func renamed(_ name: (String) -> String?) -> Self {
    let tensors = tensors.compactMap { tensor in
      name(tensor.name).map {
        Tensor(name: $0, dtype: tensor.dtype, shape: tensor.shape, bytes: tensor.bytes)
      }
    }
    return Self(path: path, tensors: tensors, metadata: metadata)
  }

  package func tensor(named name: String) -> Tensor? { tensors.first { $0.name == name } }

  package func shape(named name: String) -> [Int]? { tensor(named: name)?.shape }

  /// The tensor as single floats, whatever floating-point type the file has.
  package func floats(named name: String) throws(SafetensorsError) -> [Float] {
    let tensor = try existing(name)
    switch tensor.dtype {
    case .f32: return tensor.map { Float(bitPattern: UInt32(littleEndian: $0)) }
    case .f64: return tensor.map { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
    case .f16: return tensor.map { Float(Float16(bitPattern: UInt16(littleEndian: $0))) }
    case .bf16: return tensor.map { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
    default: throw wrongType(tensor, use: "F32, F64, F16 or BF16")
    }
  }

  /// The tensor as whole numbers, whatever integer type the file has.
  package func integers(named name: String) throws(SafetensorsError) -> [Int] {
    let tensor = try existing(name)
    switch tensor.dtype {
    case .i64: return tensor.map { Int(Int64(littleEndian: $0)) }
    case .i32: return tensor.map { Int(Int32(littleEndian: $0)) }
    case .i16: return tensor.map { Int(Int16(littleEndian: $0)) }
    case .u16: return tensor.map { Int(UInt16(littleEndian: $0)) }
    case .u32: return tensor.map { Int(UInt32(littleEndian: $0)) }
    case .i8: return tensor.map { Int($0 as Int8) }
    case .u8, .bool: return tensor.bytes.map { Int($0) }
    default: throw wrongType(tensor, use: "I64, I32, I16, I8, U32, U16, U8 or BOOL")
    }
  }

  /// Adds a tensor of F32.
  package mutating func append(_ name: String, shape: [Int], floats: some Sequence<Float>) {
    append(name, .f32, shape, floats.lazy.map(\.bitPattern.littleEndian))
  }

  /// Adds a tensor of I64.
  package mutating func append(_ name: String, shape: [Int], integers: some Sequence<Int>) {
    append(name, .i64, shape, integers.lazy.map { Int64($0).littleEndian })
  }

  private mutating func append(
    _ name: String,
    _ dtype: DataType,
    _ shape: [Int],
    _ words: some Sequence<some BitwiseCopyable>
  ) {
    precondition(tensor(named: name) == nil, "\(name) is in the file already")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(shape.reduce(dtype.size, *))
    for word in words { withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) } }
    tensors.append(Tensor(name: name, dtype: dtype, shape: shape, bytes: bytes[...]))
  }

  private func existing(_ name: String) throws(SafetensorsError) -> Tensor {
    guard let tensor = tensor(named: name) else {
      let found = tensors.isEmpty ? "none" : names.prefix(8).joined(separator: ", ")
      throw SafetensorsError(path: path, reason: "has no tensor \(name); it holds \(found)")
    }
    return tensor
  }

  private func wrongType(_ tensor: Tensor, use allowed: String) -> SafetensorsError {
    SafetensorsError(path: path, reason: "\(tensor.name) is \(tensor.summary); use \(allowed)")
  }
}

extension TensorFile.Tensor {
  /// Reads elements of `Word`, which need not be aligned.
  fileprivate func map<Word: BitwiseCopyable, Result>(_ transform: (Word) -> Result) -> [Result] {
    bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / MemoryLayout<Word>.size).map { index in
        let offset = index * MemoryLayout<Word>.size
        return transform(buffer.loadUnaligned(fromByteOffset: offset, as: Word.self))
      }
    }
  }
}
