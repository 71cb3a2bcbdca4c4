import Testing

@testable import Kernels

/// Instructions that several workers share: cut in any way, they give the same bits. (`KernelRun` tries
/// parts of its own.)
@Suite struct PartTests {
  private static let shapes = [
    (5, 14, 14, 16, 32), (3, 7, 7, 1, 20), (2, 9, 5, 32, 64), (8, 6, 6, 16, 16), (1, 3, 2, 48, 33),
  ].map {
    ConvolutionShape(batch: $0.0, height: $0.1, width: $0.2, inputs: $0.3, outputs: $0.4)
  }

  @Test(arguments: ConvolutionAlgorithm.allCases, shapes)
  func convolutions(_ algorithm: ConvolutionAlgorithm, _ shape: ConvolutionShape) {
    var random = SeededGenerator(seed: 17)
    for map in ConvolutionMap.allCases {
      let convolution = Convolution(map, shape, by: algorithm)
      let counts = convolution.counts
      let second = paddedCount(counts.first)
      let inputs = random.floats(second + counts.second, in: -1...1)
      let initial = random.floats(counts.result, in: -1...1)
      for accumulates in [false, true] {
        for table in KernelTable.available {
          let run = KernelRun(table: table).results(
            .convolution(
              convolution,
              Address(.episode, 0),
              Address(.episode, second),
              target: Address(.results, 0),
              accumulates: accumulates
            ),
            inputs: inputs,
            initial: initial
          )
          #expect(run.isGuardIntact && run.values != initial)
        }
      }
    }
  }

  /// Every unit belongs to one part.
  @Test func partsAreTheWhole() {
    for (total, unit) in [(1, 1), (7, 1), (100, 8), (33, 16), (5, 64)] {
      for count in 1...9 {
        let ranges = (0..<count).map { Part(index: $0, count: count).range(of: total, by: unit) }
        #expect(ranges.flatMap { Array($0) } == Array(0..<total), "\(total) in \(count)")
        #expect(ranges.dropLast().allSatisfy { $0.upperBound % unit == 0 || count == 1 })
      }
    }
  }

  @Test func smallInstructionsAreOneWorkers() {
    let pool = ChainPool()
    func product(_ m: Int) -> MatrixProduct {
      let a = Address(.arena, 0)
      return MatrixProduct(a: a, b: a, c: a, m: m, n: 64, k: 64, isLeftTransposed: false)
    }
    func parts(_ m: Int, workers: Int) -> Int {
      Sharing(.matmul(product(m)), pool, .forThisMachine).parts(workers: workers)
    }
    #expect(parts(10, workers: 64) == 1)
    #expect(parts(1000, workers: 1) == 1)
    // What BLAS multiplies, it multiplies whole: which sizes these are differs between processors.
    let isWhole = KernelTable.forThisMachine.usesBLAS(product(1000))
    #expect(parts(1000, workers: 2) == (isWhole ? 1 : 4))
    // No part is too short to be worth while.
    #expect(parts(200, workers: 64) < 20)
  }
}
