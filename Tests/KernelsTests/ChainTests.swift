import Testing

@testable import Kernels

/// One step with operands of the given covers, its result stored and summed in all three ways.
private struct ChainCase {
  let operation: ChainOperation
  let space: IterationSpace
  let covers: [Chain.Cover?]
  let operands: [[Float]]
  let chain: Chain
  private let resultOffsets: [Int]
  private let resultCount: Int
  private static let reductions: [Chain.Reduction] = [.all, .rows, .columns]

  init(
    _ operation: ChainOperation,
    _ space: IterationSpace,
    vectorCovers: [Chain.Cover],
    _ generator: inout SeededGenerator
  ) {
    self.operation = operation
    self.space = space
    covers = zip(operation.operandsAreScalar, vectorCovers).map { isScalar, cover in
      isScalar.map { $0 ? .scalar : cover }
    }
    var operands: [[Float]] = []
    for (index, cover) in covers.enumerated() {
      let count = cover.map(space.storedCount) ?? 0
      let isPositive = index == 0 && operation.needsPositiveFirst
      operands.append(generator.floats(count, in: isPositive ? 0.01...4 : -4...4))
    }
    self.operands = operands
    var offsets = [0, paddedCount(space.count)]
    for reduction in Self.reductions {
      offsets.append(offsets[offsets.count - 1] + paddedCount(space.resultCount(reduction)))
    }
    resultCount = offsets.removeLast()
    resultOffsets = offsets
    chain = Self.chain(operation, space, covers, operands, offsets)
  }

  private static func chain(
    _ operation: ChainOperation,
    _ space: IterationSpace,
    _ covers: [Chain.Cover?],
    _ operands: [[Float]],
    _ offsets: [Int]
  ) -> Chain {
    var chain = Chain(rows: space.rows, columns: space.columns)
    var offset = 0
    for (slot, cover) in covers.enumerated() {
      guard let cover else { continue }
      let address = Address(.episode, offset)
      chain.loads.append(Chain.Load(address: address, slot: slot, cover: cover))
      offset += paddedCount(operands[slot].count)
    }
    chain.steps = [Chain.Step(operation, target: 3, a: 0, b: 1, c: 2)]
    chain.stores = [Chain.Store(address: Address(.results, offsets[0]), slot: 3)]
    chain.sinks = zip(reductions, offsets.dropFirst()).map {
      Chain.Sink(address: Address(.results, $1), slot: 3, reduction: $0)
    }
    chain.slotCount = 4
    return chain
  }

  private var inputs: [Float] {
    operands.flatMap { $0 + [Float](repeating: 0, count: paddedCount($0.count) - $0.count) }
  }

  private func exact() -> [(value: Double, scale: Double)] {
    (0..<space.count).map { index in
      let x = covers.indices.map { operand -> Double in
        guard let cover = covers[operand] else { return 0 }
        return Double(operands[operand][space.storedIndex(cover, at: index)])
      }
      return operation.exact(x[0], x[1], x[2])
    }
  }

  /// The largest error, in units of the tolerance, of every variant; infinite for a stray write.
  func worstError(_ tables: [KernelTable]) -> Double {
    let exact = exact()
    let values = exact.map(\.value)
    let scales = exact.map(\.scale)
    var worst = 0.0
    for table in tables {
      let run = KernelRun(table: table).results(
        .chain(0),
        chains: [chain],
        inputs: inputs,
        initial: [Float](repeating: 7, count: resultCount)
      )
      if !run.isGuardIntact { return .infinity }
      func compare(_ expected: [Double], _ scales: [Double], _ offset: Int, _ tolerance: Double) {
        for index in expected.indices {
          let error = abs(Double(run.values[offset + index]) - expected[index])
          worst = max(worst, error / (tolerance * scales[index] + 1e-30))
        }
      }
      compare(values, scales, resultOffsets[0], 4 * 1.2e-7)
      for (reduction, offset) in zip(Self.reductions, resultOffsets.dropFirst()) {
        // One rounding an addition, at worst.
        let terms = space.count / space.resultCount(reduction)
        let tolerance = 6e-8 * Double(terms + 10)
        compare(space.sums(values, reduction), space.sums(scales, reduction), offset, tolerance)
      }
    }
    return worst
  }
}

@Suite struct ChainTests {
  private static let spaces: [IterationSpace] =
    [1, 7, 16, 40, 400, 513, 2000].map { IterationSpace(rows: 1, columns: $0) }
    + [(10, 40), (1000, 1), (3, 700), (40, 1), (33, 5)].map {
      IterationSpace(rows: $0.0, columns: $0.1)
    }

  private static let covers: [[Chain.Cover]] = [
    [.full, .full, .full], [.row, .column, .full], [.column, .row, .row],
    [.full, .column, .column],
  ]

  @Test(arguments: ChainOperation.allCases)
  func computesWhatDoublePrecisionDoes(_ operation: ChainOperation) {
    let seed: UInt64 = 11
    var generator = SeededGenerator(seed: seed)
    for space in Self.spaces {
      for covers in Self.covers {
        let item = ChainCase(operation, space, vectorCovers: covers, &generator)
        let error = item.worstError(KernelTable.available)
        #expect(error < 1, "\(operation) \(space) \(covers), seed \(seed)")
      }
    }
  }

  /// Sums over many rows are made in blocks.
  @Test(arguments: [(2100, 64), (3000, 33), (100, 700), (70_000, 1)])
  func sumsOfBlocksAreThoseOfTheWhole(_ size: (Int, Int)) {
    var generator = SeededGenerator(seed: 12)
    let space = IterationSpace(rows: size.0, columns: size.1)
    for covers in Self.covers {
      let item = ChainCase(.multiply, space, vectorCovers: covers, &generator)
      #expect(item.worstError(KernelTable.available) < 1, "\(size) \(covers), seed 12")
    }
  }

  /// A value may be overwritten by the step that reads it, and scratch slots are used again.
  @Test(arguments: KernelTable.available)
  func stepsWorkInPlaceAndInOrder(_ table: KernelTable) {
    var chain = Chain(rows: 9, columns: 100)
    chain.loads = [Chain.Load(address: Address(.episode, 0), slot: 0, cover: .full)]
    chain.steps = [
      Chain.Step(.multiply, target: 1, a: 0, b: 0), Chain.Step(.add, target: 1, a: 1, b: 0),
      Chain.Step(.negate, target: 1, a: 1), Chain.Step(.subtract, target: 2, a: 1, b: 0),
    ]
    chain.stores = [Chain.Store(address: Address(.results, 0), slot: 2)]
    chain.slotCount = 3
    let inputs = (0..<900).map { Float($0 % 31) - 15 }
    let run = KernelRun(table: table).results(
      .chain(0),
      chains: [chain],
      inputs: inputs,
      initial: [Float](repeating: 0, count: 900)
    )
    #expect(run.values == inputs.map { -($0 * $0 + $0) - $0 })
    #expect(run.isGuardIntact)
  }
}
