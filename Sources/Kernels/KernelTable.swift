import CKernels
import COpenBLAS

/// The kernels compiled for one instruction set.
///
/// `@unchecked Sendable`: it points at a constant table in the program's image.
package struct KernelTable: @unchecked Sendable {
  let table: UnsafePointer<ck_table>
  /// Products of this many multiply-adds and more go to OpenBLAS: the smallest shapes where its
  /// kernels for the same instruction set are faster than ours (`make bench ARGS=products`).
  var blasThreshold: Int
  /// Off, the products of bfloat16 tiles are made in ordinary arithmetic: for tests, the bits are the
  /// same.
  var usesMatrixEngine = true

  private init(_ table: UnsafePointer<ck_table>) {
    self.table = table
    blasThreshold = Int(table.pointee.blas_threshold)
  }

  /// The widest instruction set this machine has.
  package static let forThisMachine = Self(ck_table_for_machine())

  /// The variants this machine can run, for tests and benchmarks: `x86-64-v4`, `x86-64-v3`,
  /// `baseline`.
  package static var available: [Self] {
    ["x86-64-v4", "x86-64-v3", "baseline"].compactMap { (name: String) -> Self? in
      ck_table_named(name).map { Self($0) }
    }
  }

  package var name: String { String(cString: table.pointee.name) }

  /// Whether OpenBLAS makes a product, which is then one worker's.
  func usesBLAS(_ product: MatrixProduct) -> Bool {
    Int(product.m) * Int(product.n) * Int(product.k) >= blasThreshold
  }

  /// A product, or some of its rows.
  @inline(__always)
  func multiply(_ product: MatrixProduct, _ bases: Bases, _ part: Part = .whole) {
    let (n, k) = (product.n, product.k)
    if usesBLAS(product) {
      if part.index == 0 { multiplyWithBLAS(product, bases) }
      return
    }
    let rows = part.range(of: Int(product.m), by: 5)
    let rowStride = product.isLeftTransposed ? 1 : Int(k)
    let columnStride = product.isLeftTransposed ? Int(product.m) : 1
    table.pointee.matmul(
      bases[product.a] + rows.lowerBound * rowStride,
      rowStride,
      columnStride,
      bases[product.b],
      bases[product.c] + rows.lowerBound * Int(n),
      Int32(truncatingIfNeeded: rows.count),
      n,
      k,
      product.accumulates ? 1 : 0,
      product.bias.map { UnsafePointer(bases[$0]) },
      product.isRectified ? 1 : 0
    )
  }

  @inline(never)
  private func multiplyWithBLAS(_ product: MatrixProduct, _ bases: Bases) {
    Self.useOneThreadInBLAS
    cblas_sgemm(
      CblasRowMajor,
      product.isLeftTransposed ? CblasTrans : CblasNoTrans,
      CblasNoTrans,
      product.m,
      product.n,
      product.k,
      1,
      bases[product.a],
      product.isLeftTransposed ? product.m : product.k,
      bases[product.b],
      product.n,
      product.accumulates ? 1 : 0,
      bases[product.c],
      product.n
    )
    guard product.bias != nil || product.isRectified else { return }
    table.pointee.finish(
      bases[product.c],
      product.m,
      product.n,
      product.bias.map { UnsafePointer(bases[$0]) },
      product.isRectified ? 1 : 0
    )
  }

  /// Workers are ours alone: OpenBLAS must not start threads.
  private static let useOneThreadInBLAS: Void = openblas_set_num_threads(1)
}
