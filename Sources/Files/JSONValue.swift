/// A JSON document to be written; objects keep the order of their keys.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([JSONField])
  /// What was read, to be written again as it stands.
  case view(JSONView)

  /// A document in memory as a whole, many times the size of its text.
  package init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
    self.init(try JSONView(Array(bytes)))
  }

  private init(_ view: JSONView) {
    if view.isObject {
      self = .object(view.fields.map { JSONField($0.key, JSONValue($0.value)) })
    } else if view.isArray {
      self = .array(view.elements.map { JSONValue($0) })
    } else if let string = view.string {
      self = .string(string)
    } else if let integer = view.integer {
      self = .integer(integer)
    } else if let number = view.double {
      self = .number(number)
    } else {
      self = view.bool.map { .bool($0) } ?? .null
    }
  }

  /// The value of an object's key; nil when there is none, or this is no object.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.key == key }?.value
  }

  package var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  package var integer: Int? {
    if case .integer(let integer) = self { integer } else { nil }
  }

  package var double: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  package var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}

/// One `"key": value` of an object.
package struct JSONField: Sendable, Equatable {
  package var key: String
  package var value: JSONValue

  package init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONField($0.0, $0.1) })
  }
}
