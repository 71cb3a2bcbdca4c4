import Kernels

/// What one kernel computes that was written for a single method: the seam beside the primitives that
/// all share.
///
/// Everything the graph, the planner and the tests ask of a primitive is answered here, so one file
/// that belongs to the method holds it. Equal operations on equal operands are one node.
package protocol FusedOperation: Hashable, Sendable {
  /// Whether a value of `shape` follows from operands of these shapes.
  func accepts(_ operands: [Shape], as shape: Shape) -> Bool

  /// The upstream gradient's contribution to each operand, nil where there is none; made of graph
  /// operations, so that it serves all orders.
  func gradient(_ operands: [Tensor], upstream: Tensor) -> [Tensor?]

  /// Floating-point operations by the mathematical definition, as `Plan.operationCount` counts.
  func operationCount(_ operands: [Shape], as shape: Shape) -> Int

  /// The kernel's call.
  func kernel(_ memory: FusedMemory) -> FusedKernel

  /// The value in double precision, element by element: what kernel and gradient are tested against.
  func reference(_ operands: [[Double]], _ shapes: [Shape], as shape: Shape) -> [Double]

  /// Whether the value lies in memory as bytes, so that only operations which expect that can read
  /// it; it is a choice then, which no gradient passes and rounding does not blur.
  var isChoice: Bool { get }

  /// Whether the pass that makes this choice finds the value of `other` too, whose operands are the
  /// choice's own and then the choice.
  func finds(_ other: any FusedOperation) -> Bool
}

extension FusedOperation {
  package var isChoice: Bool { false }
  package func finds(_ other: any FusedOperation) -> Bool { false }
}

/// A step of a program, as an operation returns it without knowing Kernels.
package typealias FusedKernel = Instruction

/// Where an operation's operands and value lie.
package struct FusedMemory {
  package let operands: [Address]
  package let target: Address
  /// Where what the pass finds too is wanted.
  package let companion: Address?
  package let shapes: [Shape]
  package let shape: Shape

  /// Stencils that the kernels below take at once.
  package static var stencilCount: Int { Stencil.responseCount }

  /// A call of the stencil kernels, on the first two operands.
  package func stencil(_ operation: Stencil.Operation, on images: Shape) -> FusedKernel {
    .stencil(
      Stencil(operation, operands[0], operands[1], target: target, map: ImageMap(images))
    )
  }
}

/// An operation as a primitive holds it.
package struct AnyFusedOperation: Hashable, Sendable, CustomStringConvertible {
  package let operation: any FusedOperation

  package static func == (a: Self, b: Self) -> Bool {
    AnyHashable(a.operation) == AnyHashable(b.operation)
  }

  package func hash(into hasher: inout Hasher) { AnyHashable(operation).hash(into: &hasher) }

  package var description: String { "\(operation)" }
}

extension Tensor {
  /// A method's own operation on this tensor and `others`.
  package func fused(
    _ operation: some FusedOperation,
    _ others: [Tensor],
    as shape: Shape
  ) -> Tensor {
    graph.append(.fused(AnyFusedOperation(operation: operation)), [self] + others, shape)
  }
}
