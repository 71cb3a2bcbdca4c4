extension Graph {
  /// Stops when a node's shape does not follow from its operands'; the mistake is the caller's.
  func checkShape(of node: Node) {
    let shapes = node.operands.map { nodes[$0].shape }
    let shape = node.shape
    func require(_ condition: Bool) {
      precondition(condition, "\(node.primitive) of \(shapes) cannot have shape \(shape)")
    }
    switch node.primitive {
    case .input: require(shapes.isEmpty)
    case .constant: require(shape == .scalar)
    case .table(let numbers): require(shapes.isEmpty && numbers.count == shape.count)
    case .unary, .stopGradient: require(shapes == [shape])
    case .binary: require(shapes == [shape, shape])
    case .matmul(let isLeftTransposed):
      let (a, b) = (shapes[0], shapes[1])
      let (m, k) = isLeftTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
      require(k == b.rows && shape.rows == m && shape.columns == b.columns)
    case .transpose: require(shape == [shapes[0].columns, shapes[0].rows])
    case .exchange(let exchange):
      require(shapes[0].count == exchange.count && shape.count == exchange.count)
    case .broadcast(let cover):
      switch cover {
      case .full: require(shapes[0] == shape)
      case .row: require(shapes[0].count == shape.columns)
      case .column: require(shapes[0].count == shape.rows)
      case .scalar: require(shapes[0].count == 1)
      }
    case .sum(let reduction):
      switch reduction {
      case .all: require(shape == .scalar)
      case .rows: require(shape == [shapes[0].columns])
      case .columns: require(shape == [shapes[0].rows])
      }
    case .reshape: require(shape.count == shapes[0].count)
    case .slice(let start): require(start >= 0 && start + shape.count <= shapes[0].count)
    case .convolution:
      require(isConvolution(input: shapes[0], weight: shapes[1], output: shape))
    case .convolutionInputGradient:
      require(isConvolution(input: shape, weight: shapes[1], output: shapes[0]))
    case .convolutionWeightGradient:
      require(isConvolution(input: shapes[0], weight: shape, output: shapes[1]))
    case .poolingChoice:
      require(shape == shapes[0].pooled && shapes[1] == [shapes[0].columns])
    case .cornerChoice: require(shapes.isEmpty && shape.isImages)
    case .spatialSum: require(isSpatialSum(of: shapes[0], shape))
    case .spatialBroadcast: require(isSpatialSum(of: shape, shapes[0]))
    case .fused(let fused): require(fused.operation.accepts(shapes, as: shape))
    case .sparseProduct(let form, let isTransposed):
      let (from, to) = isTransposed ? (form.rows, form.columns) : (form.columns, form.rows)
      require(
        shapes[0].count == form.count && shapes[1].rows == from
          && shape == [to, shapes[1].columns]
      )
    case .moments: require(shape == [2, shapes[0].columns])
    case .pool: require(shape == shapes[0].pooled && shape == shapes[1])
    case .unpool: require(shape.pooled == shapes[0] && shapes[0] == shapes[1])
    case .rowMaximum: require(shape == [shapes[0].rows])
    case .pad(let start): require(start >= 0 && start + shapes[0].count <= shape.count)
    }
  }

  private func isSpatialSum(of images: Shape, _ sums: Shape) -> Bool {
    images.isImages && sums == [images.dimensions[0], images.columns]
  }

  private func isConvolution(input: Shape, weight: Shape, output: Shape) -> Bool {
    let (x, w, y) = (input.dimensions, weight.dimensions, output.dimensions)
    guard x.count == 4, w.count == 4, y.count == 4 else { return false }
    return Array(x[..<3]) == Array(y[..<3]) && w == [3, 3, x[3], y[3]]
  }
}

extension Shape {
  var isImages: Bool { dimensions.count == 4 }

  /// What 2×2 pooling leaves of images `[batch, height, width, channels]`.
  package var pooled: Shape? {
    guard dimensions.count == 4, dimensions[1] > 1, dimensions[2] > 1 else { return nil }
    return [dimensions[0], dimensions[1] / 2, dimensions[2] / 2, dimensions[3]]
  }
}
