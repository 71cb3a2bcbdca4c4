import Kernels

package enum UnaryFunction: Hashable, Sendable, CaseIterable {
  case negate
  case exp
  case log
  case squareRoot
  case tanh
  case sigmoid
  case softplus
}

package enum BinaryFunction: Hashable, Sendable, CaseIterable {
  case add
  case subtract
  case multiply
  case divide
  /// `b > 0 ? a : 0`: the rectifier is `gate(x, x)`, its derivative `gate(g, x)`.
  case gate
}

/// Everything a graph can compute.
///
/// The set is closed under differentiation.
///
/// A new case does not compile until its shape rule (`ShapeRules`), gradient rule
/// (`GradientRules`) and evaluation rule (`Lowering`) exist.
package enum Primitive: Hashable, Sendable {
  /// A value bound at replay.
  case input(Address)
  /// A number written in the graph, kept in double precision until it is lowered.
  case constant(Double)
  case unary(UnaryFunction)
  case binary(BinaryFunction)
  /// `a · b`, or `aᵀ · b` with `a` stored `[k, m]`.
  case matmul(isLeftTransposed: Bool)
  case transpose
  /// Repeats a number, a row or a column to the node's shape.
  case broadcast(Chain.Cover)
  case sum(Chain.Reduction)
  case reshape
  /// `count` consecutive numbers from `start` of the flattened operand, the node's count.
  case slice(start: Int)
  /// Zeros of the node's shape with the flattened operand at `start`: the gradient of a slice.
  case pad(start: Int)
  /// The operand as a constant: no gradient passes.
  case stopGradient
}
