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
  /// `b ≤ 0 ? 0 : a`: the rectifier is `gate(x, x)`, its derivative `gate(g, x)`.
  ///
  /// A gate that is not a number is open, as in PyTorch: a rectifier hands it on, and its gradient
  /// passes.
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
  /// Numbers written in the graph, in the order of the node's shape: an identity, a mask, weights.
  case table([Double])
  case unary(UnaryFunction)
  case binary(BinaryFunction)
  /// `a · b`, or `aᵀ · b` with `a` stored `[k, m]`.
  case matmul(isLeftTransposed: Bool)
  case transpose
  /// Two neighbouring axes exchanged: `[outer, rows, columns, inner]` becomes `[outer, columns, rows,
  /// inner]`, where each may be several axes taken together. Every permutation is made of these.
  case exchange(Exchange)
  /// Repeats a number, a row or a column to the node's shape.
  case broadcast(Chain.Cover)
  case sum(Chain.Reduction)
  case reshape
  /// `count` consecutive numbers from `start` of the flattened operand, the node's count.
  case slice(start: Int)
  /// Zeros of the node's shape with the flattened operand at `start`: the gradient of a slice.
  case pad(start: Int)
  /// 3×3 convolution with padding 1 of `[batch, height, width, in]` and `[3, 3, in, out]`.
  ///
  /// It is linear in each operand, and so are the two below: each is a derivative of the others.
  case convolution
  /// From a gradient `[batch, height, width, out]` and the weights, the input's gradient.
  case convolutionInputGradient
  /// From an input and a gradient, the gradient of the weights `[3, 3, in, out]`.
  case convolutionWeightGradient
  /// For each 2×2 window (stride 2, floor) which of its four numbers is largest: 0, 1, 2 or 3; in
  /// channels where the second operand, a row, is negative, which is smallest. What is not a number
  /// is chosen before all that are.
  ///
  /// Its value, like that of `cornerChoice`, lies in memory as bytes, so only `pool` and `unpool`
  /// can read it.
  case poolingChoice
  /// The choice that names the upper left number of every window: every second pixel of every
  /// second row, what a stride of two reads.
  case cornerChoice
  /// The number of each window that a choice names: `[batch, height/2, width/2, channels]`.
  case pool
  /// Each number at the place that a choice names, zeros elsewhere: the transpose of `pool`.
  case unpool
  /// Sums over the pixels of each image, `[batch, channels]`.
  case spatialSum
  /// An image's numbers `[batch, channels]` at each of its pixels: the transpose of `spatialSum`.
  case spatialBroadcast
  /// The product of a sparse matrix, which lies in memory in a form and counts as a constant, with a
  /// dense one; transposed, that of its transpose. Rows of a matrix are gathered by such a product,
  /// and scattered by its transpose.
  case sparseProduct(SparseForm, isTransposed: Bool)
  /// Mean, then biased variance, over all axes but the last: `[2, channels]`.
  case moments
  /// The largest number of each row, or what is not a number in it; counts as a constant, as shifting logits by it changes nothing.
  case rowMaximum
  /// The operand as a constant: no gradient passes.
  case stopGradient
  /// What a kernel computes that was written for one method.
  case fused(AnyFusedOperation)
}
