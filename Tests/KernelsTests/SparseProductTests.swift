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
    for accumulates in [false, true] {
      compare(rows, form, width: size.3, accumulates: accumulates, table, &random)
    }
  }

  /// Rows that have all columns are multiplied as dense ones, and rows that are not there are zero.
  @Test(arguments: KernelTable.available, 0..<sizes.count)
  func fullRowsAreThoseOfPlainLoops(_ table: KernelTable, _ index: Int) {
    let size = Self.sizes[index]
    var random = SeededGenerator(seed: Self.seed)
    let rows = SparseRows(
      starts: (0...Int32(size.0)).map { $0 * Int32(size.1) },
      columns: (0..<size.0 * size.1).map { Int32($0 % size.1) },
      values: random.floats(size.0 * size.1, in: -1...1)
    )
    let form = SparseForm(
      rows: size.0 + 3,
      columns: size.1,
      capacity: (size.0 + 5) * size.1,
      rowCapacity: size.0 + 5,
      isFull: true
    )
    for accumulates in [false, true] {
      compare(rows, form, width: size.3, accumulates: accumulates, table, &random)
    }
    let buffer = AlignedBuffer(count: form.count)
    buffer.write(Array(0..<size.0), of: rows.values, as: form, at: 0)
    #expect(buffer.values(0..<form.count) == form.numbers(rows))
  }

  /// Both products against loops in double precision; the transposed one added to what is there, or not.
  private func compare(
    _ rows: SparseRows,
    _ form: SparseForm,
    width: Int,
    accumulates: Bool,
    _ table: KernelTable,
    _ random: inout SeededGenerator
  ) {
    for isTransposed in [false, true] where isTransposed || !accumulates {
      let (from, to) = isTransposed ? (form.rows, form.columns) : (form.columns, form.rows)
      let other = random.floats(from * width, in: -1...1)
      let before =
        accumulates
        ? random.floats(to * width, in: -1...1) : [Float](repeating: .nan, count: to * width)
      let run = KernelRun(table: table).results(
        .sparse(
          SparseProduct(
            form,
            isTransposed: isTransposed,
            matrix: Address(.episode, 0),
            other: Address(.episode, form.count),
            target: Address(.results, 0),
            width: width,
            accumulates: accumulates
          )
        ),
        inputs: form.numbers(rows) + other,
        initial: before
      )
      var expected = before.map { accumulates ? Double($0) : 0 }
      for row in 0..<rows.rowCount {
        for entry in rows.range(row) {
          let column = Int(rows.columns[entry])
          let (source, target) = isTransposed ? (row, column) : (column, row)
          for place in 0..<width {
            expected[target * width + place] +=
              Double(rows.values[entry]) * Double(other[source * width + place])
          }
        }
      }
      #expect(run.isGuardIntact)
      for (own, wanted) in zip(run.values, expected) {
        #expect(abs(Double(own) - wanted) < 2e-5, "\(form), \(isTransposed), seed \(Self.seed)")
      }
    }
  }
}
