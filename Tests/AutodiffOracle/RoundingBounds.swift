import Autodiff
import Kernels

/// How far a single-precision evaluation of a graph may be from the exact one, node by node.
///
/// A running error analysis: without it a test could not tell a wrong kernel from a difference of
/// two nearly equal numbers, or from a rectifier whose input is rounded across zero.
package struct RoundingBounds {
  private let graph: Graph
  private let values: [[Double]]
  private var bounds: [[Double]] = []
  /// Four units in the last place for one operation.
  private static let unit = 4 * 1.2e-7

  /// `values` are the exact ones of every node of the graph.
  package init(_ graph: Graph, values: [[Double]]) {
    self.graph = graph
    self.values = values
    for node in graph.nodes.indices { bounds.append(bound(node)) }
  }

  package subscript(tensor: Tensor) -> [Double] { bounds[tensor.id] }

  private func bound(_ id: Int) -> [Double] {
    let node = graph.nodes[id]
    let x = node.operands.map { values[$0] }
    let e = node.operands.map { bounds[$0] }
    let y = values[id]
    switch node.primitive {
    case .input, .constant, .table: return y.map { abs($0) * Self.unit }
    case .unary(let function):
      return y.indices.map { unary(function, x[0][$0], e[0][$0], y[$0]) }
    case .binary(let function):
      return y.indices.map { index in
        let (a, b) = (x[0][index], x[1][index])
        return binary(function, (a, e[0][index]), (b, e[1][index]), y[index])
      }
    case .matmul, .sum, .spatialSum, .convolution, .convolutionInputGradient,
      .convolutionWeightGradient:
      return accumulated(node, x, e)
    // The matrix is exact.
    case .sparseProduct(let form, _):
      let shapes = node.operands.map { graph.nodes[$0].shape }
      func apply(_ other: [Double]) -> [Double] {
        let matrix = x[0].map { abs($0) }
        return ReferenceInterpreter(inputs: [:])
          .evaluate(node.primitive, [matrix, other], shapes, node.shape)
      }
      let rounding = apply(x[1].map { abs($0) })
        .map { $0 * Self.unit * Double(form.capacity + 4) / 4 }
      return zip(apply(e[1]), rounding).map { $0 + $1 }
    // Taken for linear in its operands.
    case .fused(let fused):
      return fused.operation.isChoice ? y.map { _ in 0 } : accumulated(node, x, e)
    case .poolingChoice, .cornerChoice: return y.map { _ in 0 }
    // The choice is exact wherever windows have no near ties; random values have none.
    case .pool, .unpool:
      return ReferenceInterpreter(inputs: [:]).evaluate(
        node.primitive,
        [e[0], x[1]],
        node.operands.map { graph.nodes[$0].shape },
        node.shape
      )
    case .moments: return moments(graph.nodes[node.operands[0]].shape, x[0], e[0], y)
    case .rowMaximum: return y.map { _ in e[0].max() ?? 0 }
    case .transpose, .exchange, .broadcast, .spatialBroadcast, .reshape, .slice, .pad,
      .stopGradient:
      return ReferenceInterpreter(inputs: [:]).evaluate(
        node.primitive,
        e,
        node.operands.map { graph.nodes[$0].shape },
        node.shape
      )
    }
  }

  private func moments(_ shape: Shape, _ x: [Double], _ e: [Double], _ y: [Double]) -> [Double] {
    let (rows, columns) = (shape.rows, shape.columns)
    var bounds = [Double](repeating: 0, count: 2 * columns)
    for column in 0..<columns {
      let places = (0..<rows).map { $0 * columns + column }
      func average(_ term: (Int) -> Double) -> Double {
        places.reduce(0) { $0 + term($1) } / Double(rows)
      }
      let (rounding, mean) = (Self.unit * Double(rows + 4) / 4, y[column])
      bounds[column] = average { e[$0] + abs(x[$0]) * rounding }
      let own = bounds[column]
      bounds[columns + column] = average { place in
        let (distance, error) = (abs(x[place] - mean), e[place] + own)
        return (2 * distance + error) * error + distance * distance * rounding
      }
    }
    return bounds
  }

  /// Sums of terms: their bounds' sum, and one rounding of the terms' sizes an addition.
  ///
  /// A third operand is a choice, and exact.
  private func accumulated(_ node: Graph.Node, _ x: [[Double]], _ e: [[Double]]) -> [Double] {
    let shapes = node.operands.map { graph.nodes[$0].shape }
    func apply(_ operands: [[Double]]) -> [Double] {
      ReferenceInterpreter(inputs: [:]).evaluate(node.primitive, operands, shapes, node.shape)
    }
    let sizes = x.map { $0.map { abs($0) } }
    let terms =
      node.operands.count > 1
      ? shapes[0].count / node.shape.rows + fusedTerms(node, shapes)
      : shapes[0].count / node.shape.count
    let rounding = apply(sizes).map { $0 * Self.unit * Double(terms + 4) / 4 }
    let choice = Array(x.dropFirst(2))
    guard node.operands.count > 1 else { return zip(apply(e), rounding).map { $0 + $1 } }
    let left = apply([e[0], sizes[1]] + choice)
    let right = apply([zip(sizes[0], e[0]).map { $0 + $1 }, e[1]] + choice)
    return left.indices.map { left[$0] + right[$0] + rounding[$0] }
  }

  private func unary(_ function: UnaryFunction, _ x: Double, _ e: Double, _ y: Double) -> Double {
    // The function is monotone, so its ends bound it.
    let low = ReferenceInterpreter.unary(function, x - e)
    let high = ReferenceInterpreter.unary(function, x + e)
    let spread = max(abs(low - y), abs(high - y))
    return spread.isNaN ? .infinity : spread + abs(y) * Self.unit
  }

  private func binary(
    _ function: BinaryFunction,
    _ a: (x: Double, e: Double),
    _ b: (x: Double, e: Double),
    _ y: Double
  ) -> Double {
    let spread: Double
    switch function {
    case .add, .subtract: spread = a.e + b.e + Self.unit * (abs(a.x) + abs(b.x))
    case .multiply: spread = abs(a.x) * b.e + abs(b.x) * a.e + a.e * b.e
    case .divide:
      guard abs(b.x) > b.e else { return .infinity }
      spread = (a.e + abs(y) * b.e) / (abs(b.x) - b.e)
    case .gate:
      // Rounded across zero, the gate may be wrong.
      spread = abs(b.x) > b.e || (b.x == 0 && b.e == 0) ? (b.x > 0 ? a.e : 0) : abs(a.x) + a.e
    }
    return spread + abs(y) * Self.unit
  }

  /// Products that a fused operation adds up for each of its numbers.
  private func fusedTerms(_ node: Graph.Node, _ shapes: [Shape]) -> Int {
    guard case .fused(let fused) = node.primitive else { return 0 }
    return fused.operation.operationCount(shapes, as: node.shape) / node.shape.count
  }
}
