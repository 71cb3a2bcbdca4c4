/// One step of a program; all sizes are known when it is planned.
package enum Instruction: Sendable {
  /// The fused elementwise chain with this index.
  case chain(Int)
  case matmul(MatrixProduct)
  /// `target[columns, rows]` = transpose of `source[rows, columns]`.
  case transpose(source: Address, target: Address, rows: Int32, columns: Int32)
  /// Two neighbouring axes of a tensor change places.
  case exchange(source: Address, target: Address, Exchange)
  /// A 3×3 convolution or one of its gradients, from its two operands; added to what the target
  /// holds when it accumulates.
  case convolution(Convolution, Address, Address, target: Address, accumulates: Bool)
  case pooling(Pooling)
  case stencil(Stencil)
  case spatialSum(SpatialSum)
  case sparse(SparseProduct)
  /// `target[2, columns]` = mean and biased variance of every column of `source[rows, columns]`.
  case moments(source: Address, target: Address, rows: Int32, columns: Int32)
  /// `target[i]` = the largest number of row `i` of `source[rows, columns]`.
  case rowMaximum(source: Address, target: Address, rows: Int32, columns: Int32)
  /// `target` = zeros, then `source` at `start`: the gradient of a slice.
  case pad(source: Address, target: Address, start: Int32, count: Int32, total: Int32)
}

/// `c[m, n] = start + a[m, k] · b[k, n]`, with `a` stored as `[k, m]` when it is transposed.
///
/// The start is what `c` holds, a repeated row, or zero; the rectifier may follow.
package struct MatrixProduct: Sendable, Equatable {
  package let a: Address
  package let b: Address
  package let c: Address
  package let m: Int32
  package let n: Int32
  package let k: Int32
  package let isLeftTransposed: Bool
  /// Adds to what `c` holds.
  package let accumulates: Bool
  /// A row added to every row.
  package let bias: Address?
  /// Negative results become 0.
  package let isRectified: Bool

  package init(
    a: Address,
    b: Address,
    c: Address,
    m: Int,
    n: Int,
    k: Int,
    isLeftTransposed: Bool,
    accumulates: Bool = false,
    bias: Address? = nil,
    isRectified: Bool = false
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.m = Int32(m)
    self.n = Int32(n)
    self.k = Int32(k)
    self.isLeftTransposed = isLeftTransposed
    self.accumulates = accumulates
    self.bias = bias
    self.isRectified = isRectified
  }

  /// Multiplications and additions.
  package var floatingPointOperations: Int { 2 * Int(m) * Int(n) * Int(k) }
}
