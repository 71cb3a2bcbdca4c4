import Testing

@testable import Kernels

/// Convolutions on tiles of bfloat16: the engine and ordinary arithmetic are one.
@Suite struct MatrixEngineTests {
  private static let algorithms: [ConvolutionAlgorithm] = [.bfloat16, .bfloat16x2, .bfloat16x3]

  private func result(
    _ convolution: Convolution,
    _ first: [Float],
    _ second: [Float],
    on table: KernelTable
  ) -> [Float] {
    let result = AlignedBuffer(count: convolution.counts.result)
    table.run(
      convolution,
      AlignedBuffer(first),
      AlignedBuffer(second),
      into: result,
      scratch: AlignedBuffer(count: convolution.scratchCount)
    )
    return result.values(0..<result.count)
  }

  private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  /// Whole tiles and rests, several strips and several blocks of a weight gradient.
  @Test(arguments: [(2, 5, 16, 48), (3, 9, 33, 17), (1, 30, 64, 32)], ConvolutionMap.allCases)
  func everyMachineGivesTheSameBits(_ size: (Int, Int, Int, Int), _ map: ConvolutionMap) {
    let shape = ConvolutionShape(
      batch: size.0,
      height: size.1,
      width: size.1 + 1,
      inputs: size.2,
      outputs: size.3
    )
    let reference = ConvolutionReference(shape, seed: 7)
    let first = map == .imageGradient ? reference.gradient : reference.image
    let second = map == .weightGradient ? reference.gradient : reference.weights
    for algorithm in Self.algorithms {
      let convolution = Convolution(map, shape, by: algorithm)
      // On a machine that has the engine this is its result.
      let own = result(convolution, first, second, on: .forThisMachine)
      for var table in KernelTable.available {
        table.usesMatrixEngine = false
        let other = result(convolution, first, second, on: table)
        #expect(bits(other) == bits(own), "\(table.name) \(algorithm)")
      }
    }
  }

  /// Three parts count as float32: they err no more than the sums as they are written.
  @Test(arguments: ConvolutionMap.allCases)
  func threePartsAreAsExactAsDirect(_ map: ConvolutionMap) {
    let shape = ConvolutionShape(batch: 3, height: 14, width: 14, inputs: 64, outputs: 64)
    let reference = ConvolutionReference(shape, seed: 8)
    func error(_ algorithm: ConvolutionAlgorithm) -> Double {
      reference.worstError(
        of: map,
        by: algorithm,
        on: .forThisMachine,
        accumulates: false,
        hasBias: false
      )
    }
    #expect(error(.bfloat16x3) <= error(.direct))
    #expect(error(.bfloat16x2) < 1e-5)
    #expect(error(.bfloat16) > error(.bfloat16x2))
  }

  /// Not-a-number and what its neighbours reach; infinities do not become ordinary numbers.
  @Test(arguments: [Float.nan, Float(bitPattern: 0x7fff_ffff), Float(bitPattern: 0x7f80_0001)])
  func notANumberIsHandedOn(_ none: Float) {
    let shape = ConvolutionShape(batch: 1, height: 5, width: 5, inputs: 16, outputs: 16)
    var image = [Float](repeating: 1, count: shape.imageCount)
    image[(2 * 5 + 2) * 16 + 3] = none
    let weights = [Float](repeating: 0.5, count: shape.weightCount)
    for algorithm in Self.algorithms {
      let values = result(
        Convolution(.convolution, shape, by: algorithm),
        image,
        weights,
        on: .forThisMachine
      )
      for pixel in 0..<25 {
        let isNear = (1...3).contains(pixel / 5) && (1...3).contains(pixel % 5)
        #expect(values[pixel * 16].isNaN == isNear, "\(algorithm), pixel \(pixel)")
      }
    }
  }

  @Test func subnormalNumbersAreZeroEverywhere() {
    let shape = ConvolutionShape(batch: 1, height: 3, width: 3, inputs: 16, outputs: 16)
    let image = [Float](repeating: .leastNonzeroMagnitude * 64, count: shape.imageCount)
    let weights = [Float](repeating: 1, count: shape.weightCount)
    for algorithm in Self.algorithms {
      let convolution = Convolution(.convolution, shape, by: algorithm)
      let values = result(convolution, image, weights, on: .forThisMachine)
      #expect(values.allSatisfy { $0 == 0 }, "\(algorithm)")
    }
    // The thread's own arithmetic keeps them.
    #expect(Float.leastNonzeroMagnitude * 2 > 0)
  }
}
