/// Writes the arrays that the product only reads.
package enum TestArray {
  /// Numbers as an array of a type like `<f4` or `>u2` stores them.
  package static func numbers(_ type: String, _ values: [Double]) -> [UInt8] {
    values.flatMap { value -> [UInt8] in
      let bits: UInt64 =
        switch type.dropFirst() {
        case "f2": UInt64(Float16(value).bitPattern)
        case "f4": UInt64(Float(value).bitPattern)
        case "f8": value.bitPattern
        default: UInt64(bitPattern: Int64(value))
        }
      let bytes = (0..<(type.last?.wholeNumberValue ?? 1)).map { UInt8(bits >> (8 * $0) & 255) }
      return type.hasPrefix(">") ? bytes.reversed() : bytes
    }
  }

  /// A `.npy` file.
  package static func npy(
    _ type: String,
    _ shape: [Int],
    _ bytes: [UInt8],
    isColumnMajor: Bool = false
  ) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let order = isColumnMajor ? "True" : "False"
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
      + Array(header.utf8) + bytes
  }
}
