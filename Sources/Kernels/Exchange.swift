import CKernels

/// Two neighbouring axes that change places: `[outer, rows, columns, inner]` to `[outer, columns, rows,
/// inner]`.
package struct Exchange: Sendable, Hashable {
  package let outer: Int
  package let rows: Int
  package let columns: Int
  package let inner: Int

  package init(outer: Int, rows: Int, columns: Int, inner: Int) {
    (self.outer, self.rows, self.columns, self.inner) = (outer, rows, columns, inner)
  }

  package var count: Int { outer * rows * columns * inner }

  /// The one that undoes it.
  package var inverse: Self { Self(outer: outer, rows: columns, columns: rows, inner: inner) }
}

extension KernelTable {
  /// What stays together is copied in one piece.
  func run(
    _ exchange: Exchange,
    _ source: UnsafeMutablePointer<Float>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns, inner) = (exchange.rows, exchange.columns, exchange.inner)
    for block in 0..<exchange.outer {
      let (from, to) = (
        source + block * rows * columns * inner, target + block * rows * columns * inner
      )
      if inner == 1 {
        table.pointee.transpose(from, to, Int32(rows), Int32(columns))
        continue
      }
      for column in 0..<columns {
        for row in 0..<rows {
          (to + (column * rows + row) * inner)
            .update(from: from + (row * columns + column) * inner, count: inner)
        }
      }
    }
  }
}
