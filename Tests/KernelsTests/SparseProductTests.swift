import Testing

@testable import Kernels

/// Products with sparse matrices against plain loops, on every instruction set.
@Suite struct SparseProductTests {
  private static let seed: UInt64 = 41

  /// Rows, columns, entries a row at most, width of the other matrix.
  private static let sizes = [
    (1, 1, 1, 1), (5, 7, 3, 16), (9, 40, 12, 33), (64, 100, 9, 5), (3, 8, 0, 16),
  ]

  private func matrix(_ size: (Int, Int, Int, Int), _ random: inout SeededGenerator) -> SparseRows {
    var rows = SparseRows()
    for _ in 0..<size.0 {
      let count = size.2 == 0 ? 0 : Int.random(in: 0...size.2, using: &random)
      rows.columns += (0..<size.1).shuffled(using: &random).prefix(count).sorted().map(Int32.init)
      rows.values += random.floats(min(count, size.1), in: -1...1)
      rows.starts.append(Int32(rows.columns.count))
    }
    return rows
  }

  @Test(arguments: KernelTable.available, 0..<sizes.count)
  func productsAreThoseOfPlainLoops(_ table: KernelTable, _ index: Int) {
    let size = Self.sizes[index]
    var random = SeededGenerator(seed: Self.seed)
    let rows = matrix(size, &random)
    // More room than there are entries and rows, as in an episode.
    let form = SparseForm(
      rows: size.0 + 1,
      columns: size.1,
      capacity: rows.values.count + 3,
      rowCapacity: size.0 + 5
    )
    for isTransposed in [false, true] {
      let (from, to) = isTransposed ? (form.rows, form.columns) : (form.columns, form.rows)
      let other = random.floats(from * size.3, in: -1...1)
      let run = KernelRun(table: table).results(
        .sparse(
          SparseProduct(
            form,
            isTransposed: isTransposed,
            matrix: Address(.episode, 0),
            other: Address(.episode, form.count),
            target: Address(.results, 0),
            width: size.3
          )
        ),
        inputs: form.numbers(rows) + other,
        initial: [Float](repeating: .nan, count: to * size.3)
      )
      var expected = [Double](repeating: 0, count: to * size.3)
      for row in 0..<rows.rowCount {
        for entry in rows.range(row) {
          let column = Int(rows.columns[entry])
          let (source, target) = isTransposed ? (row, column) : (column, row)
          for place in 0..<size.3 {
            expected[target * size.3 + place] +=
              Double(rows.values[entry]) * Double(other[source * size.3 + place])
          }
        }
      }
      #expect(run.isGuardIntact)
      for (own, wanted) in zip(run.values, expected) {
        #expect(abs(Double(own) - wanted) < 1e-5, "\(size), \(isTransposed), seed \(Self.seed)")
      }
    }
  }
}
