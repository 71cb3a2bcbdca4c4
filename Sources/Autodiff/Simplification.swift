import Kernels

extension Graph {
  /// A node that computes the same with less, or nil.
  ///
  /// Only rules that are exact, or that reorder factors written in the graph, are used.
  func simplified(_ primitive: Primitive, _ x: [Tensor], _ shape: Shape) -> Tensor? {
    switch primitive {
    case .unary(let function): return simplifiedUnary(function, x[0], shape)
    case .binary(let function): return simplifiedBinary(function, x[0], x[1], shape)
    case .transpose:
      if case .transpose = x[0].node.primitive { return operand(x[0]).reshaped(to: shape) }
      if x[0].shape.rows == 1 || x[0].shape.columns == 1 { return x[0].reshaped(to: shape) }
      return nil
    case .exchange(let exchange):
      if exchange.rows == 1 || exchange.columns == 1 { return x[0].reshaped(to: shape) }
      if case .exchange(exchange.inverse) = x[0].node.primitive {
        return operand(x[0]).reshaped(to: shape)
      }
      return nil
    case .broadcast: return x[0].shape == shape ? x[0] : nil
    case .reshape:
      if x[0].shape == shape { return x[0] }
      if case .reshape = x[0].node.primitive { return operand(x[0]).reshaped(to: shape) }
      if let value = constantValue(x[0]) { return constant(value, shape) }
      return nil
    case .sum(let reduction): return simplifiedSum(reduction, x[0], shape)
    case .slice(let start): return simplifiedSlice(start, x[0], shape)
    case .input, .constant, .table, .matmul, .pad, .stopGradient, .convolution,
      .convolutionInputGradient, .convolutionWeightGradient, .poolingChoice, .cornerChoice, .pool,
      .unpool, .spatialSum, .spatialBroadcast, .sparseProduct, .moments, .rowMaximum, .fused:
      return nil
    }
  }

  private func operand(_ tensor: Tensor, _ index: Int = 0) -> Tensor {
    Tensor(graph: self, id: tensor.node.operands[index])
  }

  /// The number a tensor repeats when it is written in the graph.
  func constantValue(_ tensor: Tensor) -> Double? {
    switch tensor.node.primitive {
    case .constant(let value): value
    case .broadcast: constantValue(operand(tensor))
    default: nil
    }
  }

  private func simplifiedUnary(_ function: UnaryFunction, _ x: Tensor, _ shape: Shape) -> Tensor? {
    if function == .negate {
      if let value = constantValue(x) { return constant(-value, shape) }
      if case .unary(.negate) = x.node.primitive { return operand(x) }
    }
    // A function of a repeated value is the repeated function of the value.
    if case .broadcast(let cover) = x.node.primitive {
      let small = operand(x)
      return append(.unary(function), [small], small.shape).broadcast(cover, to: shape)
    }
    return nil
  }

  private func simplifiedBinary(
    _ function: BinaryFunction,
    _ a: Tensor,
    _ b: Tensor,
    _ shape: Shape
  ) -> Tensor? {
    if case .broadcast(let left) = a.node.primitive, case .broadcast(let right) = b.node.primitive,
      left == right, operand(a).shape == operand(b).shape
    {
      let small = operand(a)
      return append(.binary(function), [small, operand(b)], small.shape).broadcast(left, to: shape)
    }
    switch function {
    case .add, .multiply:
      if shouldSwap(a, b) { return append(.binary(function), [b, a], shape) }
      return function == .add ? simplifiedSum(a, b) : simplifiedProduct(a, b)
    case .subtract:
      if constantValue(b) == 0 { return a }
      if constantValue(a) == 0 { return -b }
      if case .unary(.negate) = b.node.primitive { return a + operand(b) }
      // A product can be added in place.
      return product(b) { -$0 }.map { a + $0 }
    case .divide:
      guard let divisor = constantValue(b), divisor != 0 else { return nil }
      return a * (1 / divisor)
    case .gate:
      if constantValue(a) == 0 { return a }
      if case .binary(.gate) = a.node.primitive, operand(a, 1).id == b.id { return a }
      return nil
    }
  }

  /// Commutative operands in one order: repeated values last, then by age.
  private func shouldSwap(_ a: Tensor, _ b: Tensor) -> Bool {
    func rank(_ tensor: Tensor) -> (Int, Int) {
      let isConstant = constantValue(tensor) != nil
      if case .broadcast = tensor.node.primitive { return (isConstant ? 2 : 1, tensor.id) }
      return (isConstant ? 2 : 0, tensor.id)
    }
    return rank(a) > rank(b)
  }

  private func simplifiedSum(_ a: Tensor, _ b: Tensor) -> Tensor? {
    if constantValue(b) == 0 { return a }
    if let x = constantValue(a), let y = constantValue(b) { return constant(x + y, a.shape) }
    if case .unary(.negate) = b.node.primitive { return a - operand(b) }
    if case .unary(.negate) = a.node.primitive { return b - operand(a) }
    return nil
  }

  private func simplifiedProduct(_ a: Tensor, _ b: Tensor) -> Tensor? {
    if case .unary(.negate) = a.node.primitive, case .broadcast(let cover) = b.node.primitive {
      return operand(a) * (-operand(b)).broadcast(cover, to: b.shape)
    }
    if case .broadcast(.scalar) = b.node.primitive,
      let scaled = product(a, { $0 * operand(b).reshaped(to: .scalar) })
    {
      return scaled
    }
    guard let factor = constantValue(b) else { return nil }
    if let other = constantValue(a) { return constant(factor * other, a.shape) }
    if factor == 1 { return a }
    if factor == 0, isSetting(a) { return b }
    if factor == -1 { return -a }
    if case .binary(.multiply) = a.node.primitive, let inner = constantValue(operand(a, 1)) {
      return operand(a) * (inner * factor)
    }
    return nil
  }

  /// A transposed sparse product of what a linear `change` makes of its operand.
  ///
  /// Nil for anything else, and where the operand has as many numbers as the product.
  private func product(_ tensor: Tensor, _ change: (Tensor) -> Tensor) -> Tensor? {
    // That no derivative reaches it remains so.
    if case .stopGradient = tensor.node.primitive {
      let whole = operand(tensor)
      return product(whole) { change($0.stoppingGradient()) }
    }
    guard case .sparseProduct(let form, isTransposed: true) = tensor.node.primitive,
      operand(tensor, 1).shape.count < tensor.shape.count
    else { return nil }
    return operand(tensor).sparseProduct(form, change(operand(tensor, 1)), isTransposed: true)
  }

  /// Whether a tensor is a hyperparameter, which is always a finite number.
  ///
  /// Zero times anything else may be none, and 0 would hide what went wrong.
  private func isSetting(_ tensor: Tensor) -> Bool {
    guard case .input(let address) = tensor.node.primitive else { return false }
    return address.space == .settings
  }

  /// A part of what was padded is the operand or zero; of a sum with such a term, the parts' sum.
  private func simplifiedSlice(_ start: Int, _ x: Tensor, _ shape: Shape) -> Tensor? {
    switch x.node.primitive {
    case .pad(let place):
      let whole = operand(x)
      if place == start, whole.shape.count == shape.count { return whole.reshaped(to: shape) }
      let isOutside = start + shape.count <= place || start >= place + whole.shape.count
      return isOutside ? constant(0, shape) : nil
    case .binary(.add):
      let terms = [operand(x), operand(x, 1)]
      let isPadded = terms.contains {
        if case .pad = $0.node.primitive { return true }
        return false
      }
      guard isPadded else { return nil }
      return terms[0].slice(from: start, as: shape) + terms[1].slice(from: start, as: shape)
    default: return nil
    }
  }

  private func simplifiedSum(_ reduction: Chain.Reduction, _ x: Tensor, _ shape: Shape) -> Tensor? {
    if x.shape.count == 1 { return x.reshaped(to: shape) }
    // A sum's sign is exact, and the sum has fewer numbers to turn.
    if case .unary(.negate) = x.node.primitive {
      return -append(.sum(reduction), [operand(x)], shape)
    }
    guard let value = constantValue(x) else { return nil }
    return constant(value * Double(x.shape.count / shape.count), shape)
  }
}
