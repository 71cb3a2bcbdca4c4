import CKernels
import COpenBLAS

/// The kernels compiled for one instruction set.
///
/// `@unchecked Sendable`: it points at a constant table in the program's image.
package struct KernelTable: @unchecked Sendable {
  let table: UnsafePointer<ck_table>

  /// The widest instruction set this machine has.
  package static let forThisMachine = Self(table: ck_table_for_machine())

  /// The variants this machine can run, for tests and benchmarks: `x86-64-v4`, `x86-64-v3`,
  /// `baseline`.
  package static var available: [Self] {
    ["x86-64-v4", "x86-64-v3", "baseline"].compactMap { (name: String) -> Self? in
      ck_table_named(name).map { Self(table: $0) }
    }
  }

  package var name: String { String(cString: table.pointee.name) }

  /// Products beyond this many multiply-adds go to OpenBLAS.
  ///
  /// Measured on Zen 4: our kernel takes
  /// 0.31 µs at 10×40×40 (16,000) where a call to OpenBLAS takes 0.62 µs; they meet near 64×64×64.
  static let blasThreshold = 262_144

  @inline(__always)
  func multiply(_ product: MatrixProduct, _ bases: Bases) {
    let (m, n, k) = (product.m, product.n, product.k)
    if Int(m) * Int(n) * Int(k) >= Self.blasThreshold {
      multiplyWithBLAS(product, bases)
      return
    }
    let rowStride = product.isLeftTransposed ? 1 : Int(k)
    let columnStride = product.isLeftTransposed ? Int(m) : 1
    table.pointee.matmul(
      bases[product.a],
      rowStride,
      columnStride,
      bases[product.b],
      bases[product.c],
      m,
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

  /// Parallelism lives at one level only, the episodes: OpenBLAS must not start threads.
  private static let useOneThreadInBLAS: Void = openblas_set_num_threads(1)
}
