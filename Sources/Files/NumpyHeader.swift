/// The type of an array's numbers.
package struct NumpyElement: Sendable, Equatable {
  package enum Kind: Character {
    case bool = "b"
    case unsigned = "u"
    case signed = "i"
    case float = "f"
  }

  /// What is read, for messages.
  static let readable =
    "bool, int8 to int64, uint8 to uint64, float16, float32 or float64"

  /// As numpy writes it: `<f4`.
  package let name: String
  package let kind: Kind
  /// Bytes a number.
  package let size: Int
  let isBigEndian: Bool

  /// A type's name, for example `|u1` or `>f8`; nil for what is no plain number.
  init?(_ name: String) {
    guard name.utf8.count == 3, let order = name.first, "<>|=".contains(order),
      let kind = name.dropFirst().first.flatMap(Kind.init(rawValue:)),
      let size = name.last?.wholeNumberValue
    else { return nil }
    let sizes: [Int]
    switch kind {
    case .bool: sizes = [1]
    case .unsigned, .signed: sizes = [1, 2, 4, 8]
    case .float: sizes = [2, 4, 8]
    }
    guard sizes.contains(size) else { return nil }
    (self.name, self.kind, self.size, isBigEndian) = (name, kind, size, order == ">")
  }

  package var isWhole: Bool { kind != .float }
}

/// What a `.npy` file begins with: magic, version, length, then a dictionary as Python writes it.
struct NumpyHeader {
  let element: NumpyElement
  let shape: [Int]
  let isColumnMajor: Bool
  /// Where the numbers begin.
  let end: Int

  init(_ bytes: [UInt8]) throws(Refusal) {
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
    end = begin + length
    let text = String(decoding: bytes[begin..<end], as: UTF8.self)
    guard let type = Self.value("'descr':", in: text), let shape = Self.shape(in: text),
      let order = Self.value("'fortran_order':", in: text)
    else {
      throw Refusal("its header names no type, order and shape; write it again with numpy.save")
    }
    guard order.hasPrefix("False") || order.hasPrefix("True") else {
      throw Refusal("its header does not say in which order it is; write it again with numpy.save")
    }
    element = try Self.element(type)
    isColumnMajor = order.hasPrefix("True")
    self.shape = shape
  }

  private static func element(_ text: Substring) throws(Refusal) -> NumpyElement {
    guard text.first == "'" || text.first == "\"" else {
      throw Refusal(
        "is of records with several fields; save one field of it, of \(NumpyElement.readable)"
      )
    }
    let name = text.dropFirst().prefix { $0 != text.first }
    guard let element = NumpyElement(String(name)) else {
      let kind = name.dropFirst().first
      let advice =
        switch kind {
        case "U", "S":
          "for labels as numbers save numpy.unique(labels, return_inverse=True)[1]"
        case "O": "save an array of numbers, all pictures of one shape"
        default: "convert it to \(NumpyElement.readable)"
        }
      throw Refusal("is of type '\(name.prefix(20))', which is not read; \(advice)")
    }
    return element
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
