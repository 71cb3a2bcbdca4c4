import Kernels

extension UnaryFunction {
  var operation: ChainOperation {
    switch self {
    case .negate: .negate
    case .exp: .exp
    case .log: .log
    case .squareRoot: .squareRoot
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .softplus: .softplus
    }
  }
}

extension BinaryFunction {
  func operation(isScalarLeft: Bool, isScalarRight: Bool) -> ChainOperation {
    switch self {
    case .add: isScalarRight ? .addScalar : .add
    case .subtract:
      isScalarLeft ? .subtractFromScalar : (isScalarRight ? .subtractScalar : .subtract)
    case .multiply: isScalarRight ? .multiplyScalar : .multiply
    case .divide: isScalarLeft ? .divideScalarBy : (isScalarRight ? .divideScalar : .divide)
    case .gate: isScalarLeft ? .gateScalar : .gate
    }
  }
}

extension ChainOperation {
  /// The first operand must hold a number for each element.
  var needsFullFirst: Bool {
    switch self {
    case .fill, .subtractFromScalar, .divideScalarBy, .gateScalar: false
    default: true
    }
  }

  /// The second operand exists and must hold a number for each element.
  var needsFullSecond: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .gate, .gateScalar, .subtractFromScalar,
      .divideScalarBy, .addScaled, .subtractScaled, .multiplyAdd:
      true
    default: false
    }
  }
}
