import Kernels

/// A value in a graph: a handle, to be combined with others into new nodes.
package struct Tensor {
  package unowned let graph: Graph
  package let id: Int

  var node: Graph.Node { graph.nodes[id] }
  package var shape: Shape { node.shape }

  // MARK: Elementwise. A single number combines with any shape.

  package static func + (a: Tensor, b: Tensor) -> Tensor { a.combined(.add, b) }
  package static func - (a: Tensor, b: Tensor) -> Tensor { a.combined(.subtract, b) }
  package static func * (a: Tensor, b: Tensor) -> Tensor { a.combined(.multiply, b) }
  package static func / (a: Tensor, b: Tensor) -> Tensor { a.combined(.divide, b) }
  package static func + (a: Tensor, b: Double) -> Tensor { a + a.graph.constant(b) }
  package static func - (a: Tensor, b: Double) -> Tensor { a - a.graph.constant(b) }
  package static func * (a: Tensor, b: Double) -> Tensor { a * a.graph.constant(b) }
  package static func / (a: Tensor, b: Double) -> Tensor { a / a.graph.constant(b) }
  package static func * (a: Double, b: Tensor) -> Tensor { b * a }
  package static func - (a: Double, b: Tensor) -> Tensor { b.graph.constant(a) - b }
  package static prefix func - (a: Tensor) -> Tensor { a.mapped(.negate) }

  package func exp() -> Tensor { mapped(.exp) }
  package func log() -> Tensor { mapped(.log) }
  package func squareRoot() -> Tensor { mapped(.squareRoot) }
  package func tanh() -> Tensor { mapped(.tanh) }
  package func sigmoid() -> Tensor { mapped(.sigmoid) }
  package func softplus() -> Tensor { mapped(.softplus) }
  /// The value where `other` is positive, 0 elsewhere.
  package func gated(by other: Tensor) -> Tensor { combined(.gate, other) }
  package func relu() -> Tensor { gated(by: self) }
  /// The smaller of the value and `bound`; not a number where the value is not one.
  ///
  /// Infinity minus infinity is not a number either: an overflow shows, where PyTorch would give the bound.
  package func clamped(to bound: Double) -> Tensor { self - (self - bound).relu() }

  // MARK: Products and axes

  /// The product of `[m, k]` and `[k, n]`.
  package func matmul(_ other: Tensor) -> Tensor {
    graph.append(
      .matmul(isLeftTransposed: false),
      [self, other],
      [shape.rows, other.shape.columns]
    )
  }

  /// `selfᵀ · other` of `[k, m]` and `[k, n]`.
  package func transposedMatmul(_ other: Tensor) -> Tensor {
    graph.append(
      .matmul(isLeftTransposed: true),
      [self, other],
      [shape.columns, other.shape.columns]
    )
  }

  package func transposed() -> Tensor {
    graph.append(.transpose, [self], [shape.columns, shape.rows])
  }

  package func sum() -> Tensor { graph.append(.sum(.all), [self], .scalar) }
  package func mean() -> Tensor { sum() * (1 / Double(shape.count)) }
  /// Sum over all axes but the last.
  package func sumOverRows() -> Tensor { graph.append(.sum(.rows), [self], [shape.columns]) }
  /// Sum over the last axis.
  package func sumOverColumns() -> Tensor { graph.append(.sum(.columns), [self], [shape.rows]) }

  package func broadcast(_ cover: Chain.Cover, to shape: Shape) -> Tensor {
    graph.append(.broadcast(cover), [self], shape)
  }

  package func reshaped(to shape: Shape) -> Tensor { graph.append(.reshape, [self], shape) }

  /// Consecutive numbers of the flattened tensor, as `shape`.
  package func slice(from start: Int, as shape: Shape) -> Tensor {
    graph.append(.slice(start: start), [self], shape)
  }

  /// Zeros of `shape` with this tensor's numbers at `start` of the flattened result.
  package func padded(from start: Int, to shape: Shape) -> Tensor {
    graph.append(.pad(start: start), [self], shape)
  }

  /// The value without its history: no gradient passes.
  package func stoppingGradient() -> Tensor { graph.append(.stopGradient, [self], shape) }

  private func mapped(_ function: UnaryFunction) -> Tensor {
    graph.append(.unary(function), [self], shape)
  }

  private func combined(_ function: BinaryFunction, _ other: Tensor) -> Tensor {
    var (a, b) = (self, other)
    if a.shape != b.shape {
      if a.shape == .scalar { a = a.broadcast(.scalar, to: b.shape) }
      if b.shape == .scalar { b = b.broadcast(.scalar, to: a.shape) }
    }
    return graph.append(.binary(function), [a, b], a.shape)
  }
}
