import Testing

@testable import Kernels

/// Sums over the pixels of images, and their transpose, against plain loops.
@Suite struct SpatialSumTests {
  private static let maps = [
    (1, 1, 1, 1), (2, 3, 5, 7), (3, 8, 8, 64), (2, 5, 3, 20), (1, 7, 9, 33), (4, 2, 2, 16),
  ]
  .map { ImageMap(batch: $0.0, height: $0.1, width: $0.2, channels: $0.3) }

  private func run(
    _ table: KernelTable,
    _ map: ImageMap,
    isTransposed: Bool,
    _ inputs: [Float]
  ) -> [Float] {
    let sums = map.batch * map.channels
    let run = KernelRun(table: table).results(
      .spatialSum(
        SpatialSum(
          isTransposed: isTransposed,
          source: Address(.episode, 0),
          target: Address(.results, 0),
          map: map
        )
      ),
      inputs: inputs,
      initial: [Float](repeating: .nan, count: isTransposed ? map.count : sums)
    )
    #expect(run.isGuardIntact)
    return run.values
  }

  @Test(arguments: KernelTable.available, maps)
  func sumsAreThoseOfTheirPixels(_ table: KernelTable, _ map: ImageMap) {
    var generator = SeededGenerator(seed: 31)
    let images = generator.floats(map.count, in: -1...1)
    let sums = run(table, map, isTransposed: false, images)
    let pixels = map.height * map.width
    for (index, sum) in sums.enumerated() {
      let (image, channel) = (index / map.channels, index % map.channels)
      let terms = (0..<pixels).map {
        Double(images[(image * pixels + $0) * map.channels + channel])
      }
      let bound = 1e-7 * Double(pixels) * (terms.map { abs($0) }.max() ?? 0)
      #expect(abs(Double(sum) - terms.reduce(0, +)) <= bound, "\(map), \(index), seed 31")
    }
  }

  @Test(arguments: KernelTable.available, maps)
  func numbersAreRepeatedAtEachPixel(_ table: KernelTable, _ map: ImageMap) {
    var generator = SeededGenerator(seed: 32)
    let numbers = generator.floats(map.batch * map.channels, in: -1...1)
    let pixels = map.height * map.width
    let expected = (0..<map.count).map { place in
      numbers[place / (pixels * map.channels) * map.channels + place % map.channels]
    }
    #expect(run(table, map, isTransposed: true, numbers) == expected, "\(map), seed 32")
  }
}
