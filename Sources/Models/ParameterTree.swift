/// Values by parameter name (`body.layer1.weight`), in a fixed order.
package struct ParameterTree<Value> {
  package private(set) var names: [String]
  package private(set) var values: [Value]

  package init(_ pairs: [(name: String, value: Value)]) {
    names = pairs.map(\.name)
    values = pairs.map(\.value)
    precondition(Set(names).count == names.count, "parameter names repeat: \(names)")
  }

  package subscript(name: String) -> Value {
    guard let index = names.firstIndex(of: name) else {
      preconditionFailure("no parameter \(name) among \(names)")
    }
    return values[index]
  }

  /// The same names with other values, given in order.
  package func replacing<Other>(values: [Other]) -> ParameterTree<Other> {
    precondition(values.count == names.count, "\(values.count) values for \(names.count) names")
    return ParameterTree<Other>(Array(zip(names, values)))
  }

  /// The part whose names satisfy a condition, in order.
  package func filter(_ isIncluded: (String) -> Bool) -> Self {
    Self(zip(names, values).filter { isIncluded($0.0) }.map { ($0.0, $0.1) })
  }
}

extension ParameterTree: Sendable where Value: Sendable {}
