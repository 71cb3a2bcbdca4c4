import Testing

@testable import Kernels

/// What is not a number goes through every kernel that compares, as it does in PyTorch.
@Suite struct NotANumberTests {
  /// A rectifier's inputs, and what it makes of them: not a number stays, of zeros the positive.
  private static let numbers: [(Float, Float)] = [
    (.nan, .nan), (-1, 0), (0, 0), (-0.0, 0), (2, 2), (-.infinity, 0), (.infinity, .infinity),
    (-.nan, .nan),
  ]

  private func same(_ a: Float, _ b: Float) -> Bool {
    a.isNaN ? b.isNaN : a.bitPattern == b.bitPattern
  }

  /// Whole tiles, parts of them, and what is left over of vectors.
  @Test(arguments: KernelTable.available, [1, 7, 40, 400, 512, 1_029])
  func theGateOfAChain(_ table: KernelTable, _ count: Int) {
    let x = (0..<count).map { Self.numbers[$0 % Self.numbers.count].0 }
    var chain = Chain(rows: 1, columns: count)
    let slopes = [Float](repeating: 3, count: count)
    let padding = [Float](repeating: 0, count: paddedCount(count) - count)
    let second = Address(.episode, paddedCount(count))
    chain.loads = [
      Chain.Load(address: Address(.episode, 0), slot: 0, cover: .full),
      Chain.Load(address: second, slot: 1, cover: .full),
      Chain.Load(address: second, slot: 2, cover: .scalar),
    ]
    chain.steps = [
      Chain.Step(.gate, target: 3, a: 0, b: 0), Chain.Step(.gate, target: 4, a: 1, b: 0),
      Chain.Step(.gateScalar, target: 5, a: 2, b: 0),
    ]
    chain.stores = (0..<3).map {
      Chain.Store(address: Address(.results, $0 * paddedCount(count)), slot: 3 + $0)
    }
    chain.slotCount = 6
    let run = KernelRun(table: table).results(
      .chain(0),
      chains: [chain],
      inputs: x + padding + slopes + padding,
      initial: [Float](repeating: 7, count: 3 * paddedCount(count))
    )
    #expect(run.isGuardIntact)
    for index in 0..<count {
      let (_, expected) = Self.numbers[index % Self.numbers.count]
      #expect(same(run.values[index], expected), "number \(index)")
      // The gradient passes where the input is positive, or none.
      let slope: Float = expected.isNaN || expected > 0 ? 3 : 0
      #expect(run.values[paddedCount(count) + index] == slope)
      #expect(run.values[2 * paddedCount(count) + index] == slope)
    }
  }

  /// One row of a is not a number: its results are none, the others are rectified as ever.
  @Test(arguments: KernelTable.available, [1, 3, 8, 20, 37, 43])
  func theRectifierOfAProduct(_ table: KernelTable, _ n: Int) {
    let (m, k) = (7, 9)
    for isLeftTransposed in [false, true] {
      var a = [Float](repeating: -1, count: m * k)
      for p in 0..<k { a[isLeftTransposed ? p * m + 4 : 4 * k + p] = p == 5 ? .nan : 1 }
      for p in 0..<k { a[isLeftTransposed ? p * m + 6 : 6 * k + p] = 1 }
      let padding = [Float](repeating: 0, count: paddedCount(a.count) - a.count)
      let product = MatrixProduct(
        a: Address(.episode, 0),
        b: Address(.episode, paddedCount(a.count)),
        c: Address(.results, 0),
        m: m,
        n: n,
        k: k,
        isLeftTransposed: isLeftTransposed,
        isRectified: true
      )
      let run = KernelRun(table: table).results(
        .matmul(product),
        inputs: a + padding + [Float](repeating: 1, count: k * n),
        initial: [Float](repeating: 7, count: m * n)
      )
      #expect(run.isGuardIntact)
      for index in 0..<m * n {
        let expected: Float = index / n == 4 ? .nan : (index / n == 6 ? Float(k) : 0)
        #expect(same(run.values[index], expected), "row \(index / n), column \(index % n)")
      }
    }
  }

  /// A stencil's response to what is not a number is none, and counts.
  @Test(arguments: KernelTable.available, [1, 16, 21])
  func responses(_ table: KernelTable, _ channels: Int) {
    let map = ImageMap(batch: 2, height: 3, width: 4, channels: channels)
    var images = [Float](repeating: 1, count: map.count)
    // The second image's last pixel, in its first channel.
    images[map.count - channels] = .nan
    let padding = [Float](repeating: 0, count: paddedCount(map.count) - map.count)
    let kernels = Address(.episode, paddedCount(map.count))
    let operation = Stencil.Operation.choose(sums: Address(.results, 0))
    let choices = Address(.results, paddedCount(8 * channels))
    let run = KernelRun(table: table).results(
      .stencil(Stencil(operation, Address(.episode, 0), kernels, target: choices, map: map)),
      inputs: images + padding + [Float](repeating: -1, count: 36),
      initial: [Float](repeating: 0, count: paddedCount(8 * channels) + map.count)
    )
    for index in 0..<8 * channels {
      let (channel, image) = (index % channels, index / channels % 2)
      let isNone = image == 1 && channel == 0
      #expect(run.values[index].isNaN == isNone && (isNone || run.values[index] == 0))
    }
  }

  @Test(arguments: KernelTable.available, [0, 3, 6])
  func theLargestOfARow(_ table: KernelTable, _ place: Int) {
    var rows: [Float] = [1, 5, -2, 7, 0, 3, 4, -1, -5, -2, -7, -3, -3, -4]
    rows[7 + place] = .nan
    let run = KernelRun(table: table).results(
      .rowMaximum(
        source: Address(.episode, 0),
        target: Address(.results, 0),
        rows: 2,
        columns: 7
      ),
      inputs: rows,
      initial: [0, 0]
    )
    #expect(run.values[0] == 7 && run.values[1].isNaN)
  }

  @Test(arguments: [1, 15, 16, 700])
  func aRangeIsSearchedToItsEnds(_ count: Int) {
    let buffer = AlignedBuffer([Float](repeating: .greatestFiniteMagnitude, count: count + 2))
    let range = 1..<count + 1
    #expect(buffer.isFinite(range) && buffer.isFinite(0..<0))
    for bad in [Float.nan, .infinity, -.infinity] {
      for place in [range.lowerBound, range.upperBound - 1] {
        buffer[place] = bad
        #expect(!buffer.isFinite(range))
        buffer[place] = -.leastNonzeroMagnitude
      }
      for place in [0, count + 1] { buffer[place] = bad }
      #expect(buffer.isFinite(range), "what lies outside does not count")
    }
  }
}
