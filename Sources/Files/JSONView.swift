/// A JSON value that stays where it stands in its bytes: checked once, read where somebody asks.
///
/// A tree of it would take many times the bytes; whoever sends us a file does not decide that.
package struct JSONView: Sendable, Equatable {
  /// The value, without space around it.
  private let bytes: ArraySlice<UInt8>

  /// Checks a whole document, or a line of a log where it stands.
  package init(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
    let range = try bytes.withJSONText { (text) throws(JSONError) in try JSONChecker.check(text) }
    let start = bytes.startIndex
    self.bytes = bytes[start + range.lowerBound..<start + range.upperBound]
  }

  package init(_ bytes: [UInt8]) throws(JSONError) { try self.init(bytes[...]) }

  fileprivate init(checked bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// What it was read from, as it can be written again.
  package var text: ArraySlice<UInt8> { bytes }

  package var isObject: Bool { bytes.first == UInt8(ascii: "{") }
  package var isArray: Bool { bytes.first == UInt8(ascii: "[") }
  package var isNull: Bool { bytes.first == UInt8(ascii: "n") }

  package var bool: Bool? {
    switch bytes.first {
    case UInt8(ascii: "t"): true
    case UInt8(ascii: "f"): false
    default: nil
    }
  }

  package var string: String? {
    guard bytes.first == UInt8(ascii: "\"") else { return nil }
    return bytes.withJSONText { $0.string($0.content(at: 0)) }
  }

  package var double: Double? {
    guard isNumber else { return nil }
    return bytes.withJSONText { $0.double(0..<$0.count) }
  }

  /// A whole number, written as one, that an `Int` holds.
  package var integer: Int? {
    guard isNumber else { return nil }
    return bytes.withJSONText { $0.integer(0..<$0.count) }
  }

  private var isNumber: Bool {
    guard let first = bytes.first else { return false }
    return first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
  }

  /// The value of an object's key; nil when there is none, or this is no object.
  package subscript(key: String) -> JSONView? {
    guard isObject else { return nil }
    let range: Range<Int>? = bytes.withJSONText { text in
      var members = JSONMembers()
      while let (name, value) = members.nextField(in: text) {
        if text.isEqual(name, key) { return value }
      }
      return nil
    }
    return range.map { part($0) }
  }

  /// The values of several of an object's keys, in the order of the keys, found on one way through it.
  package func values(_ keys: [String]) -> [JSONView?] {
    var found = [JSONView?](repeating: nil, count: keys.count)
    guard isObject else { return found }
    bytes.withJSONText { text in
      var members = JSONMembers()
      while let (name, value) = members.nextField(in: text) {
        for (index, key) in keys.enumerated() where text.isEqual(name, key) {
          found[index] = part(value)
        }
      }
    }
    return found
  }

  /// The elements of an array; none when this is no array.
  package var elements: JSONElements { JSONElements(self) }

  /// The keys and values of an object, in order; none when this is no object.
  package var fields: JSONFields { JSONFields(self) }

  /// The elements of the array under a key; none when there is no array.
  package func elements(_ key: String) -> JSONElements { JSONElements(self[key]) }

  /// The keys and values of the object under a key; none when there is no object.
  package func fields(_ key: String) -> JSONFields { JSONFields(self[key]) }

  fileprivate func part(_ range: Range<Int>) -> JSONView {
    let start = bytes.startIndex
    return JSONView(checked: bytes[start + range.lowerBound..<start + range.upperBound])
  }

  fileprivate func withText<Result>(_ body: (JSONText) -> Result) -> Result {
    bytes.withJSONText(body)
  }
}

/// An array's elements, one after the other.
package struct JSONElements: Sequence, IteratorProtocol {
  private let view: JSONView?
  private var members = JSONMembers()

  fileprivate init(_ view: JSONView?) { self.view = view }

  package mutating func next() -> JSONView? {
    guard let view, view.isArray else { return nil }
    return view.withText { members.nextElement(in: $0) }.map { view.part($0) }
  }
}

/// An object's fields, one after the other.
package struct JSONFields: Sequence, IteratorProtocol {
  private let view: JSONView?
  private var members = JSONMembers()

  fileprivate init(_ view: JSONView?) { self.view = view }

  package mutating func next() -> (key: String, value: JSONView)? {
    guard let view, view.isObject else { return nil }
    let found: (String, Range<Int>)? = view.withText { text in
      members.nextField(in: text).map { (text.string($0.name), $0.value) }
    }
    return found.map { ($0.0, view.part($0.1)) }
  }
}

/// A place among the members of an array or object.
private struct JSONMembers {
  private var place = 1

  mutating func nextElement(in text: JSONText) -> Range<Int>? {
    let start = text.endOfSpace(from: place)
    guard start < text.count - 1 else { return nil }
    let end = text.endOfValue(at: start)
    // Behind the comma, or behind the end.
    place = text.endOfSpace(from: end) + 1
    return start..<end
  }

  mutating func nextField(in text: JSONText) -> (name: JSONText.Content, value: Range<Int>)? {
    let quote = text.endOfSpace(from: place)
    guard quote < text.count - 1 else { return nil }
    let name = text.content(at: quote)
    place = text.endOfSpace(from: name.end + 1) + 1
    return nextElement(in: text).map { (name, $0) }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func withJSONText<Result, Failure: Error>(
    _ body: (JSONText) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in try body(JSONText(buffer)) }
  }
}
