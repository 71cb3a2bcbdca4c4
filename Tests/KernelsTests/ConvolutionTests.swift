import Testing

@testable import Kernels

@Suite struct ConvolutionTests {
  /// Beside the size of what is summed.
  private func tolerance(_ algorithm: ConvolutionAlgorithm) -> Double {
    switch algorithm {
    case .direct, .winograd: 2e-6
    case .winograd4: 1e-5
    case .bfloat16: 6e-3
    case .bfloat16x2: 2e-5
    case .bfloat16x3: 2e-6
    }
  }

  /// Every map, algorithm, instruction set, start and bias of one shape.
  private func check(
    _ shape: ConvolutionShape,
    _ maps: [ConvolutionMap] = ConvolutionMap.allCases,
    seed: UInt64 = 5
  ) {
    let reference = ConvolutionReference(shape, seed: seed)
    for algorithm in ConvolutionAlgorithm.allCases {
      for map in maps {
        for accumulates in [false, true] {
          for hasBias in map == .convolution ? [false, true] : [false] {
            for table in KernelTable.available {
              let error = reference.worstError(
                of: map,
                by: algorithm,
                on: table,
                accumulates: accumulates,
                hasBias: hasBias
              )
              #expect(
                error < tolerance(algorithm),
                """
                \(table) \(shape) \(map) \(algorithm), accumulates \(accumulates), \
                bias \(hasBias), seed \(seed)
                """
              )
            }
          }
        }
      }
    }
  }

  /// Every split of a row of pixels into strips, and images lower or narrower than the weights.
  @Test(arguments: [
    (1, 1), (1, 6), (2, 1), (2, 3), (3, 3), (4, 4), (5, 7), (7, 7), (6, 15), (2, 29),
  ])
  func everySizeIsExact(_ height: Int, _ width: Int) {
    for batch in [1, 3] {
      for (inputs, outputs) in [(1, 16), (3, 8), (16, 16), (6, 5)] {
        check(
          ConvolutionShape(
            batch: batch,
            height: height,
            width: width,
            inputs: inputs,
            outputs: outputs
          )
        )
      }
    }
  }

  /// Every split of the channels into vectors and a rest, on both sides.
  @Test(arguments: [1, 2, 3, 7, 8, 15, 16, 20, 32, 33, 48, 64])
  func everyNumberOfChannelsIsExact(channels: Int) {
    for other in [1, 3, 8, 16, 31, 48] {
      check(ConvolutionShape(batch: 2, height: 3, width: 4, inputs: channels, outputs: other))
    }
  }

  /// Larger than a block of the weight gradient, in images and in rows of one image.
  @Test(arguments: [(40, 14, 16, 1), (1, 84, 48, 1), (3, 42, 24, 3)])
  func blocksOfPixelsJoin(_ batch: Int, _ size: Int, _ inputs: Int, _ outputs: Int) {
    check(
      ConvolutionShape(
        batch: batch,
        height: size,
        width: size,
        inputs: inputs,
        outputs: outputs
      ),
      [.weightGradient]
    )
  }

  /// More tiles than Winograd's algorithms work on together, and neighbours of several images.
  @Test func blocksOfTilesJoin() {
    check(ConvolutionShape(batch: 5, height: 13, width: 14, inputs: 16, outputs: 16))
  }

  @Test(arguments: ConvolutionMap.allCases)
  func theSameBitsEveryTime(_ map: ConvolutionMap) {
    let shape = ConvolutionShape(batch: 2, height: 7, width: 7, inputs: 16, outputs: 32)
    let reference = ConvolutionReference(shape, seed: 6)
    for algorithm in ConvolutionAlgorithm.allCases {
      let convolution = Convolution(map, shape, by: algorithm)
      let results = (0..<2).map { _ in
        let result = AlignedBuffer(count: convolution.counts.result)
        KernelTable.forThisMachine.run(
          convolution,
          AlignedBuffer(map == .imageGradient ? reference.gradient : reference.image),
          AlignedBuffer(map == .weightGradient ? reference.gradient : reference.weights),
          into: result,
          scratch: AlignedBuffer(count: convolution.scratchCount)
        )
        return result.values(0..<result.count)
      }
      #expect(results[0] == results[1])
    }
  }

  /// The blocks of Conv4 on 28×28 and 84×84 pixels, and what only direct can do.
  @Test(arguments: [
    (28, 1, ConvolutionAlgorithm.direct, ConvolutionAlgorithm.direct),
    (14, 64, .winograd, .winograd4), (7, 64, .winograd, .winograd4), (3, 64, .direct, .direct),
    (84, 3, .direct, .direct), (42, 64, .winograd, .winograd4), (10, 64, .winograd, .winograd4),
    (5, 64, .winograd, .winograd), (7, 16, .winograd, .winograd4), (3, 16, .direct, .direct),
    (28, 8, .direct, .direct),
  ])
  func fastestDependsOnTheShape(
    _ size: Int,
    _ inputs: Int,
    _ exact: ConvolutionAlgorithm,
    _ any: ConvolutionAlgorithm
  ) {
    let shape = ConvolutionShape(
      batch: 5,
      height: size,
      width: size,
      inputs: inputs,
      outputs: inputs < 16 ? 64 : inputs
    )
    #expect(ConvolutionAlgorithm.fastest(for: shape, upTo: .winograd) == exact)
    #expect(ConvolutionAlgorithm.fastest(for: shape, upTo: .winograd4) == any)
    #expect(ConvolutionAlgorithm.fastest(for: shape, upTo: .direct) == .direct)
  }

  @Test func manyTinyImagesRepayTheWeightsTransform() {
    let shape = ConvolutionShape(batch: 75, height: 3, width: 3, inputs: 64, outputs: 64)
    #expect(ConvolutionAlgorithm.fastest(for: shape, upTo: .winograd4) == .winograd4)
    #expect(ConvolutionAlgorithm.fastest(for: shape, upTo: .winograd) == .direct)
  }
}
