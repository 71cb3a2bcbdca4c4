import Testing

@testable import Kernels

/// A product in double precision, with the sum of the terms' sizes to measure errors against.
private struct ProductCase {
  let m: Int
  let n: Int
  let k: Int
  let isLeftTransposed: Bool
  let a: [Float]
  let b: [Float]
  let bias: [Float]
  let start: [Float]
  private var products: [Double] = []
  private var sizes: [Double] = []

  init(_ m: Int, _ n: Int, _ k: Int, isLeftTransposed: Bool, _ generator: inout SeededGenerator) {
    (self.m, self.n, self.k, self.isLeftTransposed) = (m, n, k, isLeftTransposed)
    a = generator.floats(m * k, in: -1...1)
    b = generator.floats(k * n, in: -1...1)
    bias = generator.floats(n, in: -1...1)
    start = generator.floats(m * n, in: -1...1)
    let (left, right) = (a.map(Double.init), b.map(Double.init))
    products = [Double](repeating: 0, count: m * n)
    sizes = products
    for i in 0..<m {
      for p in 0..<k {
        let x = left[isLeftTransposed ? p * m + i : i * k + p]
        for j in 0..<n {
          let term = x * right[p * n + j]
          products[i * n + j] += term
          sizes[i * n + j] += abs(term)
        }
      }
    }
  }

  enum Start: CaseIterable { case zero, accumulated, bias }

  func worstError(_ table: KernelTable, _ begin: Start, isRectified: Bool) -> Double {
    let offsets = [0, paddedCount(a.count), paddedCount(a.count) + paddedCount(b.count)]
    var inputs = [Float](repeating: 0, count: offsets[2] + n)
    inputs.replaceSubrange(0..<a.count, with: a)
    inputs.replaceSubrange(offsets[1]..<offsets[1] + b.count, with: b)
    inputs.replaceSubrange(offsets[2]..<offsets[2] + n, with: bias)
    let product = MatrixProduct(
      a: Address(.episode, offsets[0]),
      b: Address(.episode, offsets[1]),
      c: Address(.results, 0),
      m: m,
      n: n,
      k: k,
      isLeftTransposed: isLeftTransposed,
      accumulates: begin == .accumulated,
      bias: begin == .bias ? Address(.episode, offsets[2]) : nil,
      isRectified: isRectified
    )
    let run = KernelRun(table: table).results(.matmul(product), inputs: inputs, initial: start)
    guard run.isGuardIntact else { return .infinity }
    var worst = 0.0
    for index in products.indices {
      let first: Float =
        switch begin {
        case .zero: 0
        case .accumulated: start[index]
        case .bias: bias[index % n]
        }
      let sum = Double(first) + products[index]
      let expected = isRectified ? max(sum, 0) : sum
      let size = abs(Double(first)) + sizes[index]
      worst = max(worst, abs(Double(run.values[index]) - expected) / size)
    }
    return worst
  }
}

@Suite struct MatrixProductTests {
  private func check(_ shapes: [(Int, Int, Int)], seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for (m, n, k) in shapes {
      for isLeftTransposed in [false, true] {
        let item = ProductCase(m, n, k, isLeftTransposed: isLeftTransposed, &generator)
        for table in KernelTable.available {
          for start in ProductCase.Start.allCases {
            for isRectified in [false, true] {
              let error = item.worstError(table, start, isRectified: isRectified)
              #expect(
                error < 2e-6,
                """
                \(table) \(m)x\(n)x\(k), transposed \(isLeftTransposed), \(start), \
                rectified \(isRectified), seed \(seed)
                """
              )
            }
          }
        }
      }
    }
  }

  /// Every split of the columns into vectors and a rest, every split of the rows into tiles.
  @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 24, 33, 40, 41, 48, 56, 64, 72, 87])
  func productIsExact(columns: Int) {
    let shapes = [1, 2, 3, 5, 8, 11].flatMap { m in [1, 2, 7, 8, 40].map { (m, columns, $0) } }
    check(shapes, seed: 3)
  }

  @Test func productBeyondTheThresholdIsExact() {
    #expect(64 * 64 * 64 >= KernelTable.blasThreshold)
    check([(64, 64, 64), (2, 1, 131_072), (100, 60, 50), (5, 263, 210)], seed: 4)
  }
}

@Suite struct RearrangementTests {
  @Test(arguments: KernelTable.available)
  func transposeMovesEveryNumber(_ table: KernelTable) {
    for rows in [1, 3, 7, 8, 9, 16, 17, 40] {
      for columns in [1, 2, 7, 8, 9, 16, 19, 40] {
        let values = (0..<rows * columns).map { Float($0) }
        let run = KernelRun(table: table).results(
          .transpose(
            source: Address(.episode, 0),
            target: Address(.results, 0),
            rows: Int32(rows),
            columns: Int32(columns)
          ),
          inputs: values,
          initial: values.map { _ in 0 }
        )
        let expected = values.indices.map { values[$0 % rows * columns + $0 / rows] }
        #expect(run.values == expected, "\(rows)x\(columns)")
        #expect(run.isGuardIntact)
      }
    }
  }

  @Test(arguments: [(0, 5, 5), (0, 3, 8), (4, 4, 8), (7, 1, 100), (1, 17, 40)])
  func padPutsZerosAround(_ start: Int, _ count: Int, _ total: Int) {
    let values = (1...count).map { Float($0) }
    let run = KernelRun(table: .forThisMachine).results(
      .pad(
        source: Address(.episode, 0),
        target: Address(.results, 0),
        start: Int32(start),
        count: Int32(count),
        total: Int32(total)
      ),
      inputs: values,
      initial: [Float](repeating: 9, count: total)
    )
    var expected = [Float](repeating: 0, count: total)
    expected.replaceSubrange(start..<start + count, with: values)
    #expect(run.values == expected)
    #expect(run.isGuardIntact)
  }
}
