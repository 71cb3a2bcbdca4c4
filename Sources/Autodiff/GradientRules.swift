extension Graph {
  /// The upstream gradient's contribution to each operand of a node, nil where there is none.
  ///
  /// Right-hand sides are graph operations, so every rule serves all orders.
  func gradientRule(for id: Int, upstream g: Tensor) -> [Tensor?] {
    let y = Tensor(graph: self, id: id)
    let x = y.node.operands.map { Tensor(graph: self, id: $0) }
    switch y.node.primitive {
    case .input, .constant, .table, .cornerChoice, .stopGradient: return x.map { _ in nil }
    case .unary(let function): return [unaryRule(function, x[0], y, g)]
    case .binary(let function): return binaryRule(function, x[0], x[1], y, g)
    case .matmul(let isLeftTransposed):
      let left = isLeftTransposed ? x[1].matmul(g.transposed()) : g.matmul(x[1].transposed())
      let right = isLeftTransposed ? x[0].matmul(g) : x[0].transposedMatmul(g)
      // A product is a matrix; its operand may have had any number of axes.
      return [left.reshaped(to: x[0].shape), right.reshaped(to: x[1].shape)]
    case .transpose: return [g.transposed().reshaped(to: x[0].shape)]
    case .exchange(let exchange): return [g.exchanged(exchange.inverse, as: x[0].shape)]
    case .broadcast(let cover):
      switch cover {
      case .full: return [g]
      case .row: return [g.sumOverRows().reshaped(to: x[0].shape)]
      case .column: return [g.sumOverColumns().reshaped(to: x[0].shape)]
      case .scalar: return [g.sum().reshaped(to: x[0].shape)]
      }
    case .sum(let reduction):
      switch reduction {
      case .all: return [g.broadcast(.scalar, to: x[0].shape)]
      case .rows: return [g.broadcast(.row, to: x[0].shape)]
      case .columns: return [g.broadcast(.column, to: x[0].shape)]
      }
    case .reshape: return [g.reshaped(to: x[0].shape)]
    case .slice(let start): return [g.padded(from: start, to: x[0].shape)]
    case .convolution:
      return [
        g.convolutionInputGradient(x[1], input: x[0].shape),
        x[0].convolutionWeightGradient(g, weight: x[1].shape),
      ]
    case .convolutionInputGradient:
      return [g.convolution(x[1]), g.convolutionWeightGradient(x[0], weight: x[1].shape)]
    case .convolutionWeightGradient:
      return [x[1].convolutionInputGradient(g, input: x[0].shape), x[0].convolution(g)]
    case .poolingChoice: return [nil, nil]
    case .rowMaximum: return [nil]
    case .sparseProduct(let form, let isTransposed):
      let own = x[0].sparseProduct(form, g, isTransposed: !isTransposed)
      return [nil, own.reshaped(to: x[1].shape)]
    case .moments: return [momentsRule(x[0], y, g)]
    case .pool: return [g.unpooled(x[1], to: x[0].shape), nil]
    case .unpool: return [g.pooled(x[1]), nil]
    case .spatialSum: return [g.spatialBroadcast(to: x[0].shape)]
    case .spatialBroadcast: return [g.spatialSum()]
    case .fused(let fused): return fused.operation.gradient(x, upstream: g)
    case .pad(let start): return [g.slice(from: start, as: x[0].shape)]
    }
  }

  /// ∂mean/∂x = 1/n, ∂variance/∂x = 2 (x − mean)/n.
  private func momentsRule(_ x: Tensor, _ y: Tensor, _ g: Tensor) -> Tensor {
    let row: Shape = [x.shape.columns]
    let share = 1 / Double(x.shape.rows)
    let byMean = g.slice(from: 0, as: row) * share
    let byVariance = g.slice(from: row.count, as: row) * (2 * share)
    let mean = y.slice(from: 0, as: row).broadcast(.row, to: x.shape)
    return (x - mean) * byVariance.broadcast(.row, to: x.shape)
      + byMean.broadcast(.row, to: x.shape)
  }

  private func unaryRule(_ function: UnaryFunction, _ x: Tensor, _ y: Tensor, _ g: Tensor) -> Tensor
  {
    switch function {
    case .negate: -g
    case .exp: g * y
    case .log: g / x
    case .squareRoot: g / y * 0.5
    case .tanh: g * (1 - y * y)
    case .sigmoid: g * (y * (1 - y))
    case .softplus: g * x.sigmoid()
    }
  }

  private func binaryRule(
    _ function: BinaryFunction,
    _ a: Tensor,
    _ b: Tensor,
    _ y: Tensor,
    _ g: Tensor
  ) -> [Tensor?] {
    switch function {
    case .add: [g, g]
    case .subtract: [g, -g]
    case .multiply: [g * b, g * a]
    case .divide: [g / b, -(g * y / b)]
    // The rectifier is open where its result is positive: so the input need not be kept.
    case .gate: [g.gated(by: a.id == b.id ? y : b), nil]
    }
  }
}
