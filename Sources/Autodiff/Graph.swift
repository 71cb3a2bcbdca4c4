import Kernels

/// A symbolic computation on one episode; shapes are static, nodes are in topological order.
///
/// Equal nodes are shared when they are appended, and what can be simplified is.
package final class Graph {
  package struct Node: Hashable, Sendable {
    package let primitive: Primitive
    package let operands: [Int]
    package let shape: Shape
  }

  package private(set) var nodes: [Node] = []
  private var known: [Node: Int] = [:]

  package init() {}

  /// A value bound at replay; the same address gives the same tensor.
  package func input(_ address: Address, _ shape: Shape) -> Tensor {
    append(.input(address), [], shape)
  }

  /// A value bound at replay at an offset of a space.
  package func input(_ space: Space, at offset: Int, _ shape: Shape) -> Tensor {
    input(Address(space, offset), shape)
  }

  package func constant(_ value: Double, _ shape: Shape = .scalar) -> Tensor {
    append(.constant(value), [], .scalar).broadcast(.scalar, to: shape)
  }

  /// Appends a node of a shape that is checked, or finds the node that already computes the same.
  func append(_ primitive: Primitive, _ operands: [Tensor], _ shape: Shape) -> Tensor {
    if let simpler = simplified(primitive, operands, shape) { return simpler }
    return appendExactly(primitive, operands, shape)
  }

  private func appendExactly(_ primitive: Primitive, _ operands: [Tensor], _ shape: Shape) -> Tensor
  {
    let node = Node(primitive: primitive, operands: operands.map(\.id), shape: shape)
    if let id = known[node] { return Tensor(graph: self, id: id) }
    checkShape(of: node)
    nodes.append(node)
    known[node] = nodes.count - 1
    return Tensor(graph: self, id: nodes.count - 1)
  }
}
