import Autodiff
import Foundation
import Kernels

/// Evaluates a graph node by node in double precision: slow, obvious, and independent of the
/// planner and the kernels, so that both can be compared with it.
package struct ReferenceInterpreter {
  /// Values of input nodes by address.
  package var inputs: [Address: [Double]]

  package init(inputs: [Address: [Double]]) { self.inputs = inputs }

  package func values(of tensors: [Tensor]) -> [[Double]] {
    guard let graph = tensors.first?.graph else { return [] }
    var values: [[Double]] = []
    for node in graph.nodes {
      values.append(
        evaluate(
          node.primitive,
          node.operands.map { values[$0] },
          node.operands.map { graph.nodes[$0].shape },
          node.shape
        )
      )
    }
    return tensors.map { values[$0.id] }
  }

  /// One primitive's value from its operands' values and shapes.
  package func evaluate(
    _ primitive: Primitive,
    _ x: [[Double]],
    _ shapes: [Shape],
    _ shape: Shape
  ) -> [Double] {
    let (rows, columns) = (shape.rows, shape.columns)
    switch primitive {
    case .input(let address): return inputs[address] ?? []
    case .constant(let value): return [value]
    case .table(let numbers): return numbers
    case .unary(let function): return x[0].map { Self.unary(function, $0) }
    case .binary(let function): return zip(x[0], x[1]).map { Self.binary(function, $0, $1) }
    case .matmul(let isLeftTransposed):
      return product(x[0], x[1], shapes[0], columns, isLeftTransposed)
    case .transpose:
      return (0..<rows * columns).map { x[0][$0 % columns * rows + $0 / columns] }
    case .exchange(let exchange):
      let (rows, columns, inner) = (exchange.rows, exchange.columns, exchange.inner)
      return (0..<shape.count).map { place in
        let (index, within) = place.quotientAndRemainder(dividingBy: inner)
        let (column, row) = (index / rows % columns, index % rows)
        return x[0][((index / (rows * columns) * rows + row) * columns + column) * inner + within]
      }
    case .broadcast(let cover):
      return (0..<rows * columns).map { index in
        switch cover {
        case .full: x[0][index]
        case .row: x[0][index % columns]
        case .column: x[0][index / columns]
        case .scalar: x[0][0]
        }
      }
    case .sum(let reduction): return sum(x[0], shapes[0], reduction)
    case .reshape, .stopGradient: return x[0]
    case .slice(let start): return Array(x[0][start..<start + shape.count])
    case .pad(let start):
      var result = [Double](repeating: 0, count: shape.count)
      result.replaceSubrange(start..<start + x[0].count, with: x[0])
      return result
    case .convolution, .convolutionInputGradient, .convolutionWeightGradient, .poolingChoice,
      .cornerChoice, .pool, .unpool, .spatialSum, .spatialBroadcast, .moments, .rowMaximum:
      return evaluateImages(primitive, x, shapes, shape)
    case .sparseProduct(let form, let isTransposed):
      return sparse(form, x[0], x[1], isTransposed, shape)
    case .fused(let fused): return fused.operation.reference(x, shapes, as: shape)
    }
  }

  private func product(
    _ a: [Double],
    _ b: [Double],
    _ left: Shape,
    _ columns: Int,
    _ isLeftTransposed: Bool
  ) -> [Double] {
    let rows = isLeftTransposed ? left.columns : left.rows
    let inner = isLeftTransposed ? left.rows : left.columns
    var result = [Double](repeating: 0, count: rows * columns)
    for i in 0..<rows {
      for p in 0..<inner {
        let factor = a[isLeftTransposed ? p * rows + i : i * inner + p]
        for j in 0..<columns { result[i * columns + j] += factor * b[p * columns + j] }
      }
    }
    return result
  }

  private func sparse(
    _ form: SparseForm,
    _ matrix: [Double],
    _ b: [Double],
    _ isTransposed: Bool,
    _ shape: Shape
  ) -> [Double] {
    var result = [Double](repeating: 0, count: shape.count)
    let columns = shape.columns
    func entries(_ row: Int) -> Range<Int> {
      guard form.isFull else {
        return Int(matrix[form.starts + row])..<Int(matrix[form.starts + row + 1])
      }
      return row * form.columns..<(row < Int(matrix[form.starts]) ? row + 1 : row) * form.columns
    }
    for row in 0..<form.rows {
      for entry in entries(row) {
        let column =
          form.isFull ? entry % form.columns : Int(matrix[form.entryColumns + entry])
        let (to, from) = isTransposed ? (column, row) : (row, column)
        for j in 0..<columns { result[to * columns + j] += matrix[entry] * b[from * columns + j] }
      }
    }
    return result
  }

  private func sum(_ x: [Double], _ shape: Shape, _ reduction: Chain.Reduction) -> [Double] {
    switch reduction {
    case .all: [x.reduce(0, +)]
    case .rows:
      (0..<shape.columns).map { column in
        (0..<shape.rows).reduce(0) { $0 + x[$1 * shape.columns + column] }
      }
    case .columns:
      (0..<shape.rows).map { row in
        (0..<shape.columns).reduce(0) { $0 + x[row * shape.columns + $1] }
      }
    }
  }

  package static func unary(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .negate: -x
    case .exp: Foundation.exp(x)
    case .log: Foundation.log(x)
    case .squareRoot: x.squareRoot()
    case .tanh: Foundation.tanh(x)
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .softplus: max(x, 0) + log1p(Foundation.exp(-abs(x)))
    }
  }

  package static func binary(_ function: BinaryFunction, _ a: Double, _ b: Double) -> Double {
    switch function {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .gate: b <= 0 ? 0 : a
    }
  }
}
