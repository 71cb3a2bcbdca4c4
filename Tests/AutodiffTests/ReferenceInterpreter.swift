import Foundation
import Kernels

@testable import Autodiff

/// Evaluates a graph node by node in double precision: slow, obvious, and independent of the
/// planner and the kernels, so that both can be compared with it.
struct ReferenceInterpreter {
  /// Values of input nodes by address.
  var inputs: [Address: [Double]]

  func values(of tensors: [Tensor]) -> [[Double]] {
    guard let graph = tensors.first?.graph else { return [] }
    var values: [[Double]] = []
    for node in graph.nodes {
      values.append(evaluate(node, node.operands.map { values[$0] }, graph))
    }
    return tensors.map { values[$0.id] }
  }

  private func evaluate(_ node: Graph.Node, _ x: [[Double]], _ graph: Graph) -> [Double] {
    let shapes = node.operands.map { graph.nodes[$0].shape }
    let (rows, columns) = (node.shape.rows, node.shape.columns)
    switch node.primitive {
    case .input(let address): return inputs[address] ?? []
    case .constant(let value): return [value]
    case .unary(let function): return x[0].map { unary(function, $0) }
    case .binary(let function): return zip(x[0], x[1]).map { binary(function, $0, $1) }
    case .matmul(let isLeftTransposed):
      let inner = isLeftTransposed ? shapes[0].rows : shapes[0].columns
      return (0..<rows * columns).map { index in
        let (i, j) = (index / columns, index % columns)
        return (0..<inner).reduce(0) { sum, p in
          sum + x[0][isLeftTransposed ? p * rows + i : i * inner + p] * x[1][p * columns + j]
        }
      }
    case .transpose:
      return (0..<rows * columns).map { x[0][$0 % columns * rows + $0 / columns] }
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
    case .slice(let start): return Array(x[0][start..<start + node.shape.count])
    case .pad(let start):
      var result = [Double](repeating: 0, count: node.shape.count)
      result.replaceSubrange(start..<start + x[0].count, with: x[0])
      return result
    }
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

  private func unary(_ function: UnaryFunction, _ x: Double) -> Double {
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

  private func binary(_ function: BinaryFunction, _ a: Double, _ b: Double) -> Double {
    switch function {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .gate: b > 0 ? a : 0
    }
  }
}

/// Replays a plan in single precision on the given inputs.
func replay(_ tensors: [Tensor], inputs: [Address: [Double]]) -> [[Float]] {
  guard let graph = tensors.first?.graph else { return [] }
  let plan = Plan(graph, outputs: tensors.map { Plan.Output($0) })
  let workspace = Workspace()
  var buffers: [Space: AlignedBuffer] = [:]
  for space in [Space.parameters, .episode, .settings, .noise] {
    buffers[space] = AlignedBuffer(count: 1 << 16)
  }
  for (address, values) in inputs {
    guard let space = Space(rawValue: address.bits >> 28) else { continue }
    buffers[space]?.write(values.map { Float($0) }, at: Int(address.bits & 0x0fff_ffff))
  }
  for (space, buffer) in buffers { workspace.bind(space, to: buffer) }
  let results = AlignedBuffer(count: max(plan.program.resultCount, 1))
  workspace.bind(.results, to: results)
  plan.program.replay(in: workspace)
  return zip(tensors, plan.resultOffsets).map { tensor, offset in
    results.values(offset..<offset + tensor.shape.count)
  }
}
