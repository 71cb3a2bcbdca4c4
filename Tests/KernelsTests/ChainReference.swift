import Foundation

@testable import Kernels

/// What every chain operation computes, in double precision.
extension ChainOperation {
  /// Which of the operands a, b, c are one number for the whole chain; nil when not read.
  var operandsAreScalar: [Bool?] {
    switch self {
    case .copy, .negate, .exp, .log, .squareRoot, .tanh, .sigmoid, .softplus: [false, nil, nil]
    case .fill: [true, nil, nil]
    case .add, .subtract, .multiply, .divide, .gate: [false, false, nil]
    case .addScalar, .subtractScalar, .multiplyScalar, .divideScalar: [false, true, nil]
    case .subtractFromScalar, .divideScalarBy, .gateScalar: [true, false, nil]
    case .addScaled, .subtractScaled: [false, false, true]
    case .multiplyAdd: [false, false, false]
    }
  }

  /// Whether the operation has no value for negative numbers.
  var needsPositiveFirst: Bool { self == .log || self == .squareRoot }

  /// The exact value and the size that rounding errors are measured against.
  func exact(_ a: Double, _ b: Double, _ c: Double) -> (value: Double, scale: Double) {
    func same(_ value: Double) -> (Double, Double) { (value, abs(value)) }
    return switch self {
    case .copy, .fill: same(a)
    case .negate: same(-a)
    case .exp: same(Foundation.exp(a))
    case .log: same(Foundation.log(a))
    case .squareRoot: same(a.squareRoot())
    case .tanh: same(Foundation.tanh(a))
    case .sigmoid: same(1 / (1 + Foundation.exp(-a)))
    case .softplus: same(max(a, 0) + log1p(Foundation.exp(-abs(a))))
    case .add, .addScalar: same(a + b)
    case .subtract, .subtractScalar, .subtractFromScalar: same(a - b)
    case .multiply, .multiplyScalar: same(a * b)
    case .divide, .divideScalar, .divideScalarBy: same(a / b)
    case .gate, .gateScalar: same(b <= 0 ? 0 : a)
    case .addScaled, .multiplyAdd: (a + b * c, abs(a) + abs(b * c))
    case .subtractScaled: (a - c * b, abs(a) + abs(b * c))
    }
  }
}

/// A matrix to which operands of smaller covers are repeated.
struct IterationSpace: Hashable, CustomStringConvertible {
  let rows: Int
  let columns: Int
  var description: String { "\(rows)x\(columns)" }
  var count: Int { rows * columns }

  func storedCount(_ cover: Chain.Cover) -> Int {
    switch cover {
    case .full: count
    case .row: columns
    case .column: rows
    case .scalar: 1
    }
  }

  func storedIndex(_ cover: Chain.Cover, at index: Int) -> Int {
    switch cover {
    case .full: index
    case .row: index % columns
    case .column: index / columns
    case .scalar: 0
    }
  }

  func sums(_ values: [Double], _ reduction: Chain.Reduction) -> [Double] {
    var sums = [Double](repeating: 0, count: resultCount(reduction))
    for (index, value) in values.enumerated() {
      switch reduction {
      case .all: sums[0] += value
      case .rows: sums[index % columns] += value
      case .columns: sums[index / columns] += value
      }
    }
    return sums
  }

  func resultCount(_ reduction: Chain.Reduction) -> Int {
    switch reduction {
    case .all: 1
    case .rows: columns
    case .columns: rows
    }
  }
}
