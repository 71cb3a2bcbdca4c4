import Testing

@testable import Kernels

/// One map with random numbers; every kernel is compared with loops in double precision.
private struct PoolingCase {
  let map: ImageMap
  let table: KernelTable
  var generator = SeededGenerator(seed: 7)

  init(_ map: ImageMap, _ table: KernelTable) { (self.map, self.table) = (map, table) }

  mutating func numbers(_ count: Int) -> AlignedBuffer {
    AlignedBuffer(generator.floats(count, in: -1...1))
  }

  mutating func row() -> AlignedBuffer { numbers(map.channels) }

  func choices() -> (memory: AlignedBuffer, choices: Choices) {
    let memory = AlignedBuffer(count: map.choiceCount)
    return (memory, Choices(in: memory.start, of: map))
  }

  /// Calls `body` with each maximum's place, its channel, and its window's four places.
  func forEachMaximum(_ body: (Int, Int, [Int]) -> Void) {
    var place = 0
    for image in 0..<map.batch {
      for row in 0..<map.height / 2 {
        for column in 0..<map.width / 2 {
          for channel in 0..<map.channels {
            let window = (0..<4).map { k in
              let pixel = (image * map.height + 2 * row + k / 2) * map.width + 2 * column + k % 2
              return pixel * map.channels + channel
            }
            body(place, channel, window)
            place += 1
          }
        }
      }
    }
  }
}

@Suite struct PoolingTests {
  private static let maps = [
    (1, 2, 2, 1), (2, 3, 5, 7), (1, 1, 4, 3), (3, 7, 7, 16), (2, 8, 6, 20), (2, 5, 4, 65),
    (1, 4, 5, 130),
  ]
  .map { ImageMap(batch: $0.0, height: $0.1, width: $0.2, channels: $0.3) }

  private func isClose(_ actual: Float, _ expected: Double, size: Double) -> Bool {
    abs(Double(actual) - expected) <= 1e-6 * max(size, 1e-30)
  }

  @Test(arguments: KernelTable.available, maps)
  func maximaGatherAndScatter(_ table: KernelTable, _ map: ImageMap) {
    var item = PoolingCase(map, table)
    let (x, y) = (item.numbers(map.count), AlignedBuffer(count: map.pooledCount))
    let (memory, choices) = item.choices()
    defer { withExtendedLifetime(memory) {} }
    table.pool(map, x.start, into: y.start, choices: choices)
    let gathered = item.numbers(map.pooledCount)
    table.gather(map, x.start, choices, into: gathered.start, accumulates: false)
    let slopes = item.numbers(map.pooledCount)
    let scattered = item.numbers(map.count)
    table.scatter(map, slopes.start, choices, into: scattered.start, accumulates: false)
    var expected = [Float](repeating: 0, count: map.count)
    item.forEachMaximum { place, _, window in
      let best = window.map { x[$0] }.max() ?? 0
      #expect(y[place] == best && gathered[place] == best)
      #expect(x[window[Int(choices.start[place])]] == best)
      expected[window[Int(choices.start[place])]] = slopes[place]
    }
    #expect(scattered.values(0..<map.count) == expected)
    table.scatter(map, slopes.start, choices, into: scattered.start, accumulates: true)
    #expect(scattered.values(0..<map.count) == expected.map { $0 + $0 })
    table.gather(map, x.start, choices, into: gathered.start, accumulates: true)
    #expect(gathered.values(0..<gathered.count) == y.values(0..<y.count).map { $0 + $0 })
  }

  @Test(arguments: KernelTable.available, maps)
  func normalisedMaximaAndTheirSums(_ table: KernelTable, _ map: ImageMap) {
    var item = PoolingCase(map, table)
    let (x, y) = (item.numbers(map.count), AlignedBuffer(count: map.pooledCount))
    let (mean, scale, shift) = (item.row(), item.row(), item.row())
    let (memory, choices) = item.choices()
    defer { withExtendedLifetime(memory) {} }
    table.normalisePool(
      map,
      x.start,
      mean: mean.start,
      scale: scale.start,
      shift: shift.start,
      into: y.start,
      choices: choices
    )
    let slopes = item.numbers(map.pooledCount)
    let (sum, product) = (item.row(), item.row())
    table.chosenSums(
      map,
      slopes.start,
      choices,
      x.start,
      mean: mean.start,
      sum: sum.start,
      product: product.start
    )
    var (sums, products) = (
      [Double](repeating: 0, count: map.channels), [Double](repeating: 0, count: map.channels)
    )
    item.forEachMaximum { place, c, window in
      let z = window.map { (Double(x[$0]) - Double(mean[c])) * Double(scale[c]) + Double(shift[c]) }
      #expect(isClose(y[place], max(z.max() ?? 0, 0), size: 3))
      let choice = Int(choices.start[place])
      #expect((choice == 4) == (y[place] == 0))
      guard choice < 4 else { return }
      #expect(isClose(y[place], z[choice], size: 3))
      sums[c] += Double(slopes[place])
      products[c] += Double(slopes[place]) * (Double(x[window[choice]]) - Double(mean[c]))
    }
    for c in 0..<map.channels {
      #expect(isClose(sum[c], sums[c], size: Double(map.pixels)))
      #expect(isClose(product[c], products[c], size: Double(map.pixels)))
    }
  }

  @Test(arguments: KernelTable.available, maps)
  func spreadCombinesImages(_ table: KernelTable, _ map: ImageMap) {
    var item = PoolingCase(map, table)
    let (x, u, p) = (
      item.numbers(map.count), item.numbers(map.count), item.numbers(map.pooledCount)
    )
    let rows = (0..<5).map { _ in item.row() }
    let (memory, choices) = item.choices()
    defer { withExtendedLifetime(memory) {} }
    for place in 0..<map.pooledCount { choices.start[place] = UInt8(place % 5) }
    for hasOther in [false, true] {
      // In place over the other image.
      let out = AlignedBuffer(u.values(0..<map.count))
      let operands = SpreadOperands(
        pooled: p.start,
        choices: choices,
        image: x.start,
        mean: rows[0].start,
        other: hasOther ? Numbers(out.start) : nil,
        byPooled: rows[1].start,
        byImage: rows[2].start,
        byOther: rows[3].start,
        constant: rows[4].start
      )
      table.spread(map, operands, into: out.start)
      var expected = (0..<map.count).map { index in
        let c = index % map.channels
        let other = hasOther ? Double(rows[3][c]) * Double(u[index]) : 0
        return Double(rows[2][c]) * (Double(x[index]) - Double(rows[0][c])) + other
          + Double(rows[4][c])
      }
      item.forEachMaximum { place, c, window in
        guard place % 5 < 4 else { return }
        expected[window[place % 5]] += Double(rows[1][c]) * Double(p[place])
      }
      for index in 0..<map.count { #expect(isClose(out[index], expected[index], size: 4)) }
    }
  }

  /// Exact also when the mean is a thousand times the deviation.
  @Test(
    arguments: KernelTable.available,
    [(1, 3), (5, 1), (63, 16), (64, 20), (1_000, 65), (3_920, 130)]
  )
  func momentsAreSafe(_ table: KernelTable, _ size: (Int, Int)) {
    let (rows, channels) = size
    var generator = SeededGenerator(seed: 8)
    let x = AlignedBuffer(generator.floats(rows * channels, in: 999...1001))
    let u = AlignedBuffer(generator.floats(rows * channels, in: -1...1))
    let outputs = (0..<4).map { _ in AlignedBuffer(count: channels) }
    table.moments(
      x.start,
      rows: rows,
      channels: channels,
      mean: outputs[0].start,
      variance: outputs[1].start
    )
    table.pairSums(
      u.start,
      x.start,
      mean: outputs[0].start,
      rows: rows,
      channels: channels,
      sum: outputs[2].start,
      product: outputs[3].start
    )
    for c in 0..<channels {
      let column = (0..<rows).map { Double(x[$0 * channels + c]) }
      let other = (0..<rows).map { Double(u[$0 * channels + c]) }
      let mean = column.reduce(0, +) / Double(rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      #expect(isClose(outputs[0][c], mean, size: mean))
      #expect(isClose(outputs[1][c], variance, size: variance))
      #expect(isClose(outputs[2][c], other.reduce(0, +), size: Double(rows)))
      let shift = Double(outputs[0][c])
      let product = zip(other, column).reduce(0) { $0 + $1.0 * ($1.1 - shift) }
      #expect(isClose(outputs[3][c], product, size: Double(rows)))
    }
  }

  /// What diverged stays visible behind maximum and rectifier.
  @Test(arguments: KernelTable.available)
  func notANumberWins(_ table: KernelTable) {
    let map = ImageMap(batch: 1, height: 2, width: 2, channels: 16)
    for place in 0..<4 {
      var values = [Float](repeating: 1, count: 64)
      for c in 0..<16 { values[place * 16 + c] = .nan }
      let (x, y) = (AlignedBuffer(values), AlignedBuffer(count: 16))
      let memory = AlignedBuffer(count: map.choiceCount)
      let ones = AlignedBuffer([Float](repeating: 1, count: 16))
      defer { withExtendedLifetime((x, memory, ones)) {} }
      let choices = Choices(in: memory.start, of: map)
      table.pool(map, x.start, into: y.start, choices: choices)
      #expect(y.values(0..<16).allSatisfy { $0.isNaN } && choices.start[0] == UInt8(place))
      table.normalisePool(
        map,
        x.start,
        mean: ones.start,
        scale: ones.start,
        shift: ones.start,
        into: y.start,
        choices: choices
      )
      #expect(y.values(0..<16).allSatisfy { $0.isNaN } && choices.start[0] == UInt8(place))
    }
  }
}
